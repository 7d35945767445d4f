"""What every server of the sandbox shares: a port of its own, a record of each request, faults, and a clean stop."""

import contextlib
import json
import logging
import socket
import struct
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Request, Response

from sandbox.jobs import Clock
from sandbox.misbehaviour import Fault, Faults

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


HEADERS = "sandbox.headers"
"""Where in the WSGI environment the headers stand as they came: werkzeug drops names with an underscore."""


@dataclass(frozen=True)
class SeenRequest:
    """A request as it came, secrets and all: tests ask it which host saw which secret."""

    server: str
    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    at: datetime
    fault: Fault | None

    def json(self) -> Any:
        """The body as JSON; ValueError where it is none."""
        return json.loads(self.body)

    def contains(self, text: str) -> bool:
        """Whether the text stands anywhere in the request."""
        places = [self.path, self.query, *self.headers.values(), self.body.decode("utf-8", "replace")]
        return any(text in place for place in places)


class _Handler(WSGIRequestHandler):
    """Quiet; ends the connection after a dropped one; lets the server close what is open when it stops."""

    server: "_HttpServer"

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say nothing of requests, which are on record; an error in the sandbox itself must be seen."""
        if type == "error":
            logging.getLogger("sandbox").error(message, *args)

    def setup(self) -> None:
        super().setup()
        self.server.open_connections.add(self.connection)

    def finish(self) -> None:
        with contextlib.suppress(OSError):
            super().finish()
        self.server.open_connections.discard(self.connection)

    def make_environ(self) -> "WSGIEnvironment":
        environ = super().make_environ()
        environ[HEADERS] = Headers(list(self.headers.items()))
        return environ

    def connection_dropped(self, _error: BaseException, _environ: "WSGIEnvironment | None" = None) -> None:
        self.close_connection = True


class _HttpServer(ThreadedWSGIServer):
    """One port on the loopback interface; threads that end with it."""

    def __init__(self, app: Any) -> None:
        self.open_connections: set[socket.socket] = set()
        self.to_reset: set[socket.socket] = set()
        self.stopping = threading.Event()
        super().__init__("127.0.0.1", 0, app, handler=_Handler)

    def shutdown_request(self, request: Any) -> None:
        # A closing handshake first would make it an orderly end; a reset is a close with the linger time at zero.
        if request in self.to_reset:
            self.to_reset.discard(request)
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def serve_until_stopped(self) -> None:
        # serve_forever looks up ten times a second to see whether to stop; this sleeps until a connection comes.
        while not self.stopping.is_set():
            self.handle_request()

    def stop(self, thread: threading.Thread) -> None:
        self.stopping.set()
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        thread.join(5)
        self.server_close()
        for connection in list(self.open_connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Server:
    """A Flask application behind the record of requests and the faults; subclasses add the routes.

    `url` has no trailing slash. `requests` are all that came since the start, in order of arrival.
    """

    name = "server"

    def __init__(self, clock: Clock, seed: int = 0) -> None:
        self.clock = clock
        self.faults = Faults(seed)
        self.requests: list[SeenRequest] = []
        self.url = ""
        self.app = Flask(f"sandbox.{self.name}")
        self.app.json.sort_keys = False  # type: ignore[attr-defined]  # vendors answer in the order of their documents
        self._http: _HttpServer | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def start(self) -> None:
        """Serve on a port that the system chooses."""
        self._stopping.clear()
        self._http = _HttpServer(self._answer)
        self.url = f"http://127.0.0.1:{self._http.port}"
        self._thread = threading.Thread(target=self._http.serve_until_stopped, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every connection."""
        self._stopping.set()
        if self._http is not None and self._thread is not None:
            self._http.stop(self._thread)
            self._http = self._thread = None

    def seen(self, path_contains: str = "") -> list[SeenRequest]:
        """The requests whose path contains the text."""
        return [request for request in self.requests if path_contains in request.path]

    def _answer(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        request = Request(environ)
        body = request.get_data(cache=False)
        environ["wsgi.input"] = BytesIO(body)
        fault = self.faults.pick(request.path, body)
        self.requests.append(
            SeenRequest(
                self.name,
                request.method,
                request.path,
                request.query_string.decode("latin-1"),
                environ[HEADERS],
                body,
                self.clock.now(),
                fault,
            )
        )
        if fault is None:
            return self.app(environ, start_response)
        if fault.hang_seconds:
            self._stopping.wait(fault.hang_seconds)
        if fault.reset:
            self._reset(environ["werkzeug.socket"])
        if fault.status is None:
            return self.app(environ, start_response)
        return _faulty(fault)(environ, start_response)

    def _reset(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self._http is not None:
            self._http.to_reset.add(connection)
        raise ConnectionResetError("a scripted reset")


def _faulty(fault: Fault) -> Response:
    headers = {"Content-Type": fault.content_type, **fault.headers}
    if fault.cut_after_bytes is not None:
        headers["Content-Length"] = str(len(fault.body))
        return Response(iter([fault.body[: fault.cut_after_bytes]]), fault.status, headers)
    if fault.stream_bytes:
        return Response(fault.chunks(), fault.status, headers)
    return Response(fault.body, fault.status, headers)
