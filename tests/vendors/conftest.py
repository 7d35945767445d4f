"""The sandbox on a clock that the test moves by hand, and each of its APIs with a connection that reaches it."""

from collections.abc import Iterator

import pytest

from jobwatch.domain.connection import Connection
from jobwatch.http.asking import VendorApis
from jobwatch.http.transport import Transport
from sandbox.jobs import HandClock
from sandbox.server import Sandbox
from tests.vendors.held_secrets import HeldSecrets
from tests.vendors.sandbox_apis import APIS, SENDS_WITHIN_SECONDS, Api, VendorServer


@pytest.fixture(scope="module")
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(scope="module")
def sandbox(clock: HandClock) -> Iterator[Sandbox]:
    with Sandbox(clock=clock) as running:
        yield running


@pytest.fixture(params=APIS)
def api(request: pytest.FixtureRequest, sandbox: Sandbox, clock: HandClock) -> Iterator[Api]:
    server_name, vendor, operation, parameters = APIS[request.param]
    server: VendorServer = getattr(sandbox, server_name)
    clock.advance(60)  # another window of Document360's rate limit
    connection = Connection("test", vendor, server.url, "jobwatch/test", parameters)
    secrets = HeldSecrets(server.secret)
    yield Api(
        sandbox, clock, server, connection, operation, secrets, VendorApis(secrets, Transport(SENDS_WITHIN_SECONDS))
    )
    server.faults.clear()
