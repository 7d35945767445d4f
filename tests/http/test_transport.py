"""One request has an end: in time, in bytes, and at its host."""

import socket
import time
from urllib.parse import urlsplit

import pytest

from jobwatch.domain.exchange import NoResponseError
from jobwatch.http.transport import LARGEST_BODY_BYTES, Transport
from sandbox import misbehaviour
from sandbox.server import Sandbox
from tests.http.raw import Serve

TOKEN = {"Authorization": "Bearer token-that-stays"}


def test_an_answer_comes_whole(sandbox: Sandbox, transport: Transport) -> None:
    response = transport.send("POST", f"{sandbox.stranger.url}/a?b=c", headers={"X-A": "1"}, json_body={"k": "ü"})
    assert (response.status_code, response.cut) == (200, False)
    assert b'"path":"a"' in response.body.replace(b" ", b"")
    assert response.headers["content-type"] == "application/json"
    assert response.received_at.tzinfo is not None
    [request] = sandbox.stranger.requests
    assert (request.method, request.query, request.json()) == ("POST", "b=c", {"k": "ü"})
    assert request.headers["User-Agent"].startswith("jobwatch/")


def test_forms_are_form_encoded(sandbox: Sandbox, transport: Transport) -> None:
    transport.send("POST", sandbox.stranger.url, headers={}, form={"a": "b c&d"})
    assert sandbox.stranger.requests[0].body == b"a=b+c%26d"


@pytest.mark.parametrize("status", [204, 301, 400, 401, 404, 429, 500, 503])
def test_every_status_is_an_answer(sandbox: Sandbox, transport: Transport, status: int) -> None:
    sandbox.stranger.faults.set(misbehaviour.plain(status, "said"))
    assert transport.send("GET", sandbox.stranger.url, headers={}).status_code == status


def test_a_huge_body_is_cut(sandbox: Sandbox) -> None:
    sandbox.stranger.faults.set(misbehaviour.huge())
    response = Transport(10.0).send("GET", sandbox.stranger.url, headers={})
    assert response.cut
    assert len(response.body) == LARGEST_BODY_BYTES


class TestNoAnswer:
    @pytest.mark.parametrize(
        ("fault", "reason"),
        [(misbehaviour.reset(times=3), "refused, reset"), (misbehaviour.broken_off(), "could not be read")],
    )
    def test_a_broken_connection_says_so(
        self, sandbox: Sandbox, transport: Transport, fault: misbehaviour.Fault, reason: str
    ) -> None:
        sandbox.stranger.faults.set(fault)
        with pytest.raises(NoResponseError, match=reason):
            transport.send("GET", f"{sandbox.stranger.url}/secret-path?key=secret", headers=TOKEN)

    def test_nobody_there(self, transport: Transport) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
        with pytest.raises(NoResponseError, match="refused") as failed:
            transport.send("GET", f"http://127.0.0.1:{port}/secret-path", headers=TOKEN)
        assert "secret" not in str(failed.value)

    def test_no_such_host(self, transport: Transport) -> None:
        with pytest.raises(NoResponseError):
            transport.send("GET", "https://host.invalid/secret", headers={})

    def test_silence_ends(self, sandbox: Sandbox, transport: Transport) -> None:
        sandbox.stranger.faults.set(misbehaviour.hang(20))
        began = time.monotonic()
        with pytest.raises(NoResponseError, match="no complete answer within 2 s"):
            transport.send("GET", sandbox.stranger.url, headers={})
        assert time.monotonic() - began < 4

    @pytest.mark.parametrize(
        "opening", [b"", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"]
    )
    def test_a_drip_ends_wherever_it_drips(self, transport: Transport, serve: Serve, opening: bytes) -> None:
        """Each byte resets the socket's time-out: only a limit on the whole ends it."""

        def drip(connection: socket.socket) -> None:
            connection.sendall(opening)
            for _ in range(100):
                connection.sendall(b"x")
                time.sleep(0.1)

        began = time.monotonic()
        with pytest.raises(NoResponseError, match="no complete answer"):
            transport.send("GET", serve(drip), headers={})
        assert time.monotonic() - began < 4

    @pytest.mark.parametrize(
        "garbage",
        [
            b"",
            b"garbage\r\n\r\n",
            b"\x16\x03\x01\x00\x05hello",
            b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nxxxxx",
            b"HTTP/1.1 200 OK\r\n" + b"X-Many: y\r\n" * 200 + b"\r\n",
            b"HTTP/1.1 200 OK\r\nX-Long: " + b"y" * 100_000 + b"\r\n\r\n",
        ],
    )
    def test_what_is_no_http_is_no_answer(self, transport: Transport, serve: Serve, garbage: bytes) -> None:
        with pytest.raises(NoResponseError):
            transport.send("GET", serve(lambda connection: connection.sendall(garbage)), headers={})


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_stay_on_their_host(self, sandbox: Sandbox, transport: Transport, status: int) -> None:
        sandbox.egain.faults.set(misbehaviour.redirect("/elsewhere", status))
        response = transport.send("GET", f"{sandbox.egain.url}/start", headers=TOKEN)
        assert response.status_code == 404
        assert [request.path for request in sandbox.egain.requests] == ["/start", "/elsewhere"]

    @pytest.mark.parametrize(("status", "followed"), [(301, 1), (302, 1), (303, 1), (307, 2), (308, 2)])
    def test_of_a_post_are_followed_only_where_it_stays_one(
        self, sandbox: Sandbox, transport: Transport, status: int, followed: int
    ) -> None:
        sandbox.stranger.faults.set(misbehaviour.redirect("/elsewhere", status))
        transport.send("POST", sandbox.stranger.url, headers=TOKEN, json_body={"a": 1})
        assert [request.method for request in sandbox.stranger.requests] == ["POST"] * followed

    @pytest.mark.parametrize(
        "target",
        [
            "http://{there}/x",
            "//{there}/x",
            "https://{there}/x",
            "http://{here}@{there}/x",
            "http://{there}#@{here}/x",
            "http://{there}?@{here}/x",
            # Parsers differ on these: one sees this host, the one that connects sees the other.
            "http://{there}\\@{here}/x",
            "http://{there}\\.{here}/x",
            "http://{there}\t@{here}/x",
            # Another scheme is another host too.
            "https://{here}/x",
            "ftp://{here}/x",
            "file:///etc/passwd",
            "http://[::1",
        ],
    )
    def test_never_take_credentials_to_another_host(
        self, sandbox: Sandbox, transport: Transport, serve: Serve, target: str
    ) -> None:
        there, here = urlsplit(sandbox.stranger.url).netloc, ""

        def redirect(connection: socket.socket) -> None:
            location = target.format(here=here, there=there)
            connection.sendall(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())

        url = serve(redirect)
        here = urlsplit(url).netloc
        with pytest.raises(NoResponseError):
            transport.send("GET", f"{url}/start", headers=TOKEN)
        assert sandbox.stranger.requests == []

    def test_end(self, sandbox: Sandbox, transport: Transport) -> None:
        sandbox.egain.faults.set(misbehaviour.redirect("/again", times=None))
        with pytest.raises(NoResponseError, match="redirected more than 3 times"):
            transport.send("GET", f"{sandbox.egain.url}/start", headers={})
        assert len(sandbox.egain.requests) == 4


def test_cookies_are_not_kept(sandbox: Sandbox, transport: Transport) -> None:
    """A session of one connection's account must not go along with another connection's token."""
    fault = misbehaviour.plain(200, "hello")
    fault.headers["Set-Cookie"] = "session=of-account-a; Path=/"
    sandbox.stranger.faults.set(fault)
    for _ in range(2):
        transport.send("GET", sandbox.stranger.url, headers={})
    assert sandbox.requests_with("of-account-a") == []


def test_the_environment_adds_nothing(sandbox: Sandbox, transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", sandbox.stranger.url)
    monkeypatch.setenv("NO_PROXY", "")
    transport.send("GET", f"{sandbox.egain.url}/start", headers={})
    assert sandbox.stranger.requests == []
