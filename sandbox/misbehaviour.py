"""Faults on demand: what a gateway, a network or an overloaded vendor would answer instead of the API.

A `Fault` says what happens, to which requests, and how often; `Faults` picks the one that a request meets.
"""

import json
import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any


@dataclass
class Fault:
    """One misbehaviour.

    `times` is how many requests it still hits (None: all), `probability` how likely each of them is to be hit, and
    `matching` restricts it to requests whose path or body contains that text (a job id, "oauth2").
    `hang_seconds` of real time pass first. Then: `reset` tears the connection down; a `status` answers in the API's
    place; with neither, the API answers after the hang. `cut_after_bytes` announces the whole body and breaks off.
    """

    status: int | None = None
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    hang_seconds: float = 0.0
    reset: bool = False
    cut_after_bytes: int | None = None
    stream_bytes: int = 0
    times: int | None = 1
    probability: float = 1.0
    matching: str = ""

    def chunks(self) -> Iterator[bytes]:
        """The body in pieces: the body itself, then filler up to `stream_bytes`."""
        yield self.body
        left = self.stream_bytes - len(self.body)
        piece = b"x" * 65536
        while left > 0:
            yield piece[:left]
            left -= len(piece)


def json_error(status: int, document: Any, **more: Any) -> Fault:
    """An answer with a JSON body."""
    return Fault(status, json.dumps(document).encode(), **more)


def html(status: int = 502, **more: Any) -> Fault:
    """What a gateway in front of the API shows."""
    page = f"<html><head><title>{status}</title></head><body><h1>{status} Bad Gateway</h1></body></html>"
    return Fault(status, page.encode(), "text/html", **more)


def plain(status: int, text: str, **more: Any) -> Fault:
    """An answer in plain text."""
    return Fault(status, text.encode(), "text/plain; charset=utf-8", **more)


def empty(status: int = 200, **more: Any) -> Fault:
    """An answer without a body."""
    return Fault(status, b"", **more)


def truncated_json(status: int = 200, **more: Any) -> Fault:
    """A body that stops within the JSON, its length announced as what is sent."""
    return Fault(status, b'{"status": "In Prog', **more)


def broken_off(status: int = 200, **more: Any) -> Fault:
    """A body that is announced whole and breaks off with the connection."""
    return Fault(status, b'{"status": "Successful", "progress": {}}', cut_after_bytes=19, **more)


def huge(status: int = 200, size_bytes: int = 50 * 1024 * 1024, **more: Any) -> Fault:
    """A body of 50 MB that begins like JSON, streamed."""
    return Fault(status, b'{"status": "', stream_bytes=size_bytes, **more)


def hang(seconds: float, **more: Any) -> Fault:
    """Nothing for so many seconds, then the API's own answer."""
    return Fault(hang_seconds=seconds, **more)


def reset(**more: Any) -> Fault:
    """The connection is reset before any answer."""
    return Fault(reset=True, **more)


def redirect(location: str, status: int = 302, **more: Any) -> Fault:
    """A redirect, to the same host or to another."""
    return Fault(status, b"", "text/html", {"Location": location}, **more)


def too_many(
    retry_after_seconds: int | None = None, *, as_date_from: datetime | None = None, status: int = 429, **more: Any
) -> Fault:
    """Too many requests (or 503), with Retry-After as seconds, or as an HTTP date counted from `as_date_from` (UTC)."""
    headers = {}
    if retry_after_seconds is not None:
        headers["Retry-After"] = str(retry_after_seconds)
        if as_date_from is not None:
            headers["Retry-After"] = format_datetime(as_date_from + timedelta(seconds=retry_after_seconds), usegmt=True)
    return Fault(status, b'{"message": "Too many requests"}', headers=headers, **more)


def rate_headers(limit: int, remaining: int, reset_value: int, status: int = 429, **more: Any) -> Fault:
    """X-RateLimit-* headers; `reset_value` is seconds until the reset or epoch seconds, as vendors differ."""
    headers = {
        "X-RateLimit-Limit": str(limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(reset_value),
    }
    return Fault(status, b"", headers=headers, **more)


BY_NAME: dict[str, Callable[[], Fault]] = {
    "html-502": html,
    "plain-503": lambda: plain(503, "Service Unavailable"),
    "empty-200": empty,
    "truncated": truncated_json,
    "broken-off": broken_off,
    "huge": huge,
    "reset": reset,
    "429": lambda: too_many(30),
    "500-json": lambda: json_error(500, {"code": "500-100", "developerMessage": "Internal error"}),
}


class Faults:
    """The faults of one server, tried in the order in which they were set; chance is seeded."""

    def __init__(self, seed: int = 0) -> None:
        self._faults: list[Fault] = []
        self._chance = random.Random(seed)
        self._lock = threading.Lock()

    def set(self, *faults: Fault) -> None:
        """Add faults behind those that are still to come."""
        with self._lock:
            self._faults.extend(faults)

    def clear(self) -> None:
        """Behave again."""
        with self._lock:
            self._faults.clear()

    def pick(self, path: str, body: bytes) -> Fault | None:
        """The fault that a request meets, None for none; counts it."""
        with self._lock:
            for fault in self._faults:
                wanted = fault.matching.lower()
                if wanted and wanted not in path.lower() and wanted.encode() not in body.lower():
                    continue
                if fault.times == 0 or self._chance.random() >= fault.probability:
                    continue
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None
