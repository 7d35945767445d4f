"""The sandbox on loopback, on a clock that a test moves; and a raw server for what no framework would send."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from jobwatch.http.transport import Transport
from sandbox.jobs import HandClock
from sandbox.server import Sandbox
from tests.http.raw import Serve


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


@pytest.fixture
def transport() -> Transport:
    return Transport(total_seconds=2.0)


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Serves connections one by one with a function that writes to the socket; gives the address."""
    stops: list[Callable[[], None]] = []

    def start(answer: Callable[[socket.socket], None]) -> str:
        listener = socket.create_server(("127.0.0.1", 0))

        def loop() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(65536)
                        answer(connection)
                    except OSError:
                        pass  # the client has gone, as some tests mean it to

        threading.Thread(target=loop, daemon=True).start()
        stops.append(listener.close)
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield start
    for stop in stops:
        stop()
