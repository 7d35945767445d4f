"""The sandbox on loopback, on a clock that a test moves."""

from collections.abc import Iterator

import pytest

from sandbox.jobs import HandClock
from sandbox.server import Sandbox


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(clock=HandClock()) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: Sandbox) -> Iterator[Sandbox]:
    yield running
    for server in running.servers:
        server.faults.clear()
        server.requests.clear()
    running.slack.messages.clear()
