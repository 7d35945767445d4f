"""HTTP with an end: bounded in time and bytes, never following a redirect to another host."""

import queue
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

from urllib3.util import parse_url

from jobwatch.domain.exchange import NoResponseError, Response
from jobwatch.domain.text import clean

if TYPE_CHECKING:
    import requests

# A status answer is some kilobytes; one with ten thousand files in it about two megabytes.
LARGEST_BODY_BYTES = 4 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_CONNECT_SECONDS = 5.0
_SILENCE_SECONDS = 10.0
_MOST_REDIRECTS = 3
_USER_AGENT = "jobwatch/0.1"


class Transport:
    """Sends requests. One session for the life of the process, so that warm functions reuse connections."""

    def __init__(self, total_seconds: float = 15.0) -> None:
        """`total_seconds`: the longest that one `send` takes, whatever the other side does."""
        self._total_seconds = total_seconds

    @cached_property
    def _session(self) -> "requests.Session":
        # A fifth of a cold start, that a poll which finds no free slot does without, and others need after it.
        from http.cookiejar import DefaultCookiePolicy

        import requests

        session = requests.Session()
        # No proxies, netrc credentials or CA bundles from the environment: what is sent is what the adapter built.
        session.trust_env = False
        # Nor cookies: one that answers to a connection's token must not go along with another connection's.
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        return session

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        json_body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Response:
        """The answer to one request. Raises NoResponseError.

        Runs beside the caller: name resolution has no time-out of its own, and a server that drips a byte now and
        then resets the socket's. A thread that is given up on ends with its socket.
        """
        outcome: queue.SimpleQueue[Response | NoResponseError] = queue.SimpleQueue()
        deadline = time.monotonic() + self._total_seconds

        def run() -> None:
            try:
                outcome.put(self._follow(method, url, headers, json_body, form, deadline))
            except NoResponseError as error:
                outcome.put(error)
            except (OSError, ValueError) as error:  # the first is also the base of what requests raises
                outcome.put(NoResponseError(_reason(error)))

        threading.Thread(target=run, daemon=True).start()
        try:
            result = outcome.get(timeout=self._total_seconds + 1)
        except queue.Empty:
            raise NoResponseError(f"no complete answer within {self._total_seconds:.0f} s") from None
        if isinstance(result, NoResponseError):
            raise result
        return result

    @contextmanager
    def stream(self, url: str, headers: Mapping[str, str]) -> Iterator[tuple[int, Mapping[str, str], Iterator[bytes]]]:
        """Status, headers and the bytes as they come, of whatever length. Raises NoResponseError, also while reading.

        Redirects are followed on the same host only. Whoever reads decides when it is enough: there is a time-out for
        silence, and none for the whole.
        """
        try:
            home = _origin(url)
            for _ in range(_MOST_REDIRECTS + 1):
                with self._session.request(
                    "GET",
                    url,
                    headers={"User-Agent": _USER_AGENT, **headers},
                    timeout=(_CONNECT_SECONDS, _SILENCE_SECONDS),
                    allow_redirects=False,
                    stream=True,
                ) as answer:
                    named = {name.lower(): value for name, value in answer.headers.items()}
                    target = named.get("location")
                    if answer.status_code not in (301, 302, 303, 307, 308) or not target:
                        yield answer.status_code, named, answer.iter_content(_CHUNK_BYTES)
                        return
                    url = urljoin(url, target)
                    if _origin(url) != home:
                        raise NoResponseError("it redirects to another host, which is not followed")
            raise NoResponseError(f"redirected more than {_MOST_REDIRECTS} times")
        except (OSError, ValueError) as error:  # the first is also the base of what requests raises
            raise NoResponseError(_reason(error)) from error

    def _follow(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        json_body: Mapping[str, Any] | None,
        form: Mapping[str, str] | None,
        deadline: float,
    ) -> Response:
        home = _origin(url)
        for _ in range(_MOST_REDIRECTS + 1):
            response = self._send_once(method, url, headers, json_body, form, deadline)
            target = response.headers.get("location")
            # 301 to 303 would turn a POST into a GET, so only 307 and 308 are followed for one.
            codes = (301, 302, 303, 307, 308) if method == "GET" else (307, 308)
            if response.status_code not in codes or not target:
                return response
            url = urljoin(url, target)
            if _origin(url) != home:
                # Credentials stay at their host.
                raise NoResponseError(f"HTTP {response.status_code} redirects to another host, which is not followed")
        raise NoResponseError(f"redirected more than {_MOST_REDIRECTS} times")

    def _send_once(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        json_body: Mapping[str, Any] | None,
        form: Mapping[str, str] | None,
        deadline: float,
    ) -> Response:
        with self._session.request(
            method,
            url,
            headers={"User-Agent": _USER_AGENT, **headers},
            json=json_body,
            data=form,
            timeout=(_CONNECT_SECONDS, _SILENCE_SECONDS),
            allow_redirects=False,
            stream=True,
        ) as answer:
            body = bytearray()
            cut = False
            for chunk in answer.iter_content(_CHUNK_BYTES):
                body += chunk
                if len(body) > LARGEST_BODY_BYTES:
                    cut = True
                    break
                if time.monotonic() > deadline:
                    raise NoResponseError(f"no complete answer within {self._total_seconds:.0f} s")
            return Response(
                status_code=answer.status_code,
                headers={name.lower(): value for name, value in answer.headers.items()},
                body=bytes(body[:LARGEST_BODY_BYTES]),
                received_at=datetime.now(UTC),
                cut=cut,
            )


def _origin(url: str) -> tuple[str | None, str | None, int | None]:
    """Scheme, host and port, read by the parser that also connects: another one may see another host in the same text.

    Raises LocationParseError, a ValueError.
    """
    parts = parse_url(url)
    return parts.scheme, parts.host, parts.port or (443 if parts.scheme == "https" else 80)


def _reason(error: Exception) -> str:
    """The kind of failure in words; an exception's text can hold the address with its parameters, so only its kind."""
    import requests

    if isinstance(error, requests.exceptions.SSLError):
        return "the TLS certificate or handshake was not accepted"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"no connection within {_CONNECT_SECONDS:.0f} s"
    if isinstance(error, requests.exceptions.Timeout):
        return f"no answer within {_SILENCE_SECONDS:.0f} s"
    if isinstance(error, requests.exceptions.ConnectionError):
        return "the connection was refused, reset, or the host was not found"
    return f"the answer could not be read ({clean(type(error).__name__, 60)})"
