"""A running sandbox on a clock that the test moves by hand."""

from collections.abc import Iterator

import pytest

from sandbox.jobs import HandClock
from sandbox.server import Sandbox


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def sandbox(clock: HandClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running
