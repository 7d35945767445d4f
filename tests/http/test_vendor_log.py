"""A log on a vendor's own host: read with the connection's credentials, from nowhere else, secrets masked."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest

from jobwatch.domain.connection import Connection, read_connection
from jobwatch.domain.submission import Submission
from jobwatch.domain.words import Operation
from jobwatch.http.asking import VendorApis
from jobwatch.http.transport import Transport
from jobwatch.logs import LogChanged, LogSource, LogUnreadable, summarise
from tests.fakes import FakeSecrets
from tests.unit.rest_examples import NOW

LINES = b"".join(b"2024-03-01 10:00:%02d ERROR row %d: no such product\n" % (n % 60, n) for n in range(5000))
ECHO = b"ERROR refused with token s3cret-token-of-x\nERROR again\n"


class Files(BaseHTTPRequestHandler):
    """A vendor's files: by Range at /log, without parts at /whole."""

    asked: ClassVar[list[tuple[str, str | None]]] = []
    etag: ClassVar[str] = '"1"'

    def do_GET(self) -> None:
        Files.asked.append((self.path, self.headers["Authorization"]))
        if self.path == "/away":
            self.answer(302, b"", Location="http://other.example.com/log")
        elif self.path == "/near":
            self.answer(302, b"", Location="/log")
        elif self.path == "/page":
            self.answer(200, b"<html>", **{"Content-Type": "text/html"})
        elif self.path == "/echo":
            self.answer(200, ECHO)
        elif self.path == "/log" and (ranged := self.headers["Range"]):
            first, _, last = ranged.removeprefix("bytes=").partition("-")
            part = LINES[int(first) : int(last) + 1 if last else None]
            whole = f"bytes {first}-{int(first) + len(part) - 1}/{len(LINES)}"
            self.answer(206 if part else 416, part, ETag=Files.etag, **{"Content-Range": whole})
        elif self.path in ("/log", "/whole"):
            self.answer(200, LINES, ETag=Files.etag)
        else:
            self.answer(404, b"")

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing on stderr."""


@pytest.fixture
def host() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Files.asked.clear()
    Files.etag = '"1"'
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def opened(host: str, location: str) -> LogSource:
    rest = {
        "request": {"path": "/jobs/{job_id}"},
        "auth": {"type": "bearer", "token": "{secret.token}"},
        "snapshot": {"state": "body.s"},
        "outcomes": {"succeeded": ["done"]},
    }
    document = {"vendor": "rest", "base_url": f"{host}/v1", "secret": "jobwatch/x", "rest": rest}
    connection: Connection = read_connection("x", document, "jobwatch/", frozenset({"rest"}))
    apis = VendorApis(FakeSecrets({"jobwatch/x": {"token": "s3cret-token-of-x"}}), Transport(5.0))
    return apis.open_log(Submission("x", "7", Operation.IMPORT, NOW), connection, location)


@pytest.mark.parametrize("path", ["/log", "/whole", "/near"])
def test_it_is_summarised_as_any_log(host: str, path: str) -> None:
    summary = summarise(opened(host, host + path))
    assert (summary.levels["error"], summary.size_bytes) == (5000, len(LINES))
    assert {auth for _, auth in Files.asked} == {"Bearer s3cret-token-of-x"}


def test_parts_of_it(host: str) -> None:
    source = opened(host, host + "/log")
    assert b"".join(source.read(10, 30)) == LINES[10:30]
    assert b"".join(source.read(len(LINES), None)) == b""
    assert b"".join(source.read(5, 5)) == b""


def test_a_host_that_gives_no_parts(host: str) -> None:
    source = opened(host, host + "/whole")
    assert b"".join(source.read(0, 30)) == LINES[:30]
    with pytest.raises(LogUnreadable, match="gives no parts"):
        b"".join(source.read(10, 30))


def test_a_file_that_was_replaced(host: str) -> None:
    source = opened(host, host + "/log")
    list(source.read(0, 30))
    Files.etag = '"2"'
    with pytest.raises(LogChanged):
        list(source.read(30, 60))


def test_secrets_that_it_echoes_are_masked(host: str) -> None:
    assert b"".join(opened(host, host + "/echo").read(0, None)) == ECHO.replace(b"s3cret-token-of-x", b"*" * 17)


@pytest.mark.parametrize(
    ("path", "said"), [("/none", "HTTP 404"), ("/page", "a page for people"), ("/away", "redirects to another host")]
)
def test_what_cannot_be_read(host: str, path: str, said: str) -> None:
    with pytest.raises(LogUnreadable, match=said):
        list(opened(host, host + path).read(0, None))


@pytest.mark.parametrize("location", ["https://other.example.com/log", "http://127.0.0.1:1/log", "s3://b/k", "log"])
def test_nothing_is_read_on_another_host(host: str, location: str) -> None:
    with pytest.raises(LogUnreadable, match="log_location"):
        opened(host, location)
    assert Files.asked == []
