"""HTTP exchanges: what comes back, why nothing does, and what every reader of an answer needs."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

# 4 MiB of empty objects are 1.4 million Python objects: seconds of a processor, and half of the function's memory.
_MOST_VALUES = 500_000
# An X-RateLimit-Reset above this is a point in time (epoch seconds), below it a number of seconds from now.
_EPOCH_FROM = 1_000_000_000
_EPOCH_MILLISECONDS_FROM = 1_000_000_000_000
# X-RateLimit-* is a custom that nobody has fixed; the last one is of the IETF's draft (RateLimit header fields).
_LIMITS = ("x-ratelimit", "x-rate-limit", "ratelimit")


class NotAskableError(Exception):
    """Whoever is to be asked cannot be, as configured (a field of the secret or a parameter is missing or wrong).

    `str()` says what and where, never a secret's content.
    """


class SecretWrongError(NotAskableError):
    """It is the secret that lacks a field, or holds one that cannot be used."""


class NoResponseError(Exception):
    """No HTTP answer came; `str()` says why without address parameters or credentials."""


@dataclass(frozen=True)
class Response:
    """An HTTP answer. Header names in lower case; `body` decoded, cut at the transport's limit (`cut`)."""

    status_code: int
    headers: Mapping[str, str]
    body: bytes
    received_at: datetime
    cut: bool = False


def parsed(response: Response) -> Any:
    """The JSON in a body; None where it is anything else (HTML, text, empty, truncated, too deep), or too large."""
    if too_large(response):
        return None
    try:
        return json.loads(response.body)
    except (ValueError, RecursionError):
        return None


def json_object(response: Response) -> dict[str, Any] | None:
    """The body as a JSON object; None when it is anything else."""
    body = parsed(response)
    return body if isinstance(body, dict) else None


def too_large(response: Response) -> str | None:
    """What stands in the way of reading a large body; None where nothing does."""
    if response.cut:
        return f"it is longer than the {len(response.body) // 2**20} MiB that jobwatch reads"
    marks = sum(map(response.body.count, (b",", b"[", b"{")))
    return f"it holds more than {_MOST_VALUES:,} values" if marks > _MOST_VALUES else None


def retry_after_seconds(response: Response) -> float | None:
    """How long the vendor asks to be left alone, in whatever answer: Retry-After, else the end of a spent rate limit.

    X-RateLimit-Reset, which some vendors send as seconds from now and some as epoch seconds or milliseconds, stands in
    every answer of some: it counts on a 429, and where X-RateLimit-Remaining is 0.
    """
    asked = asked_to_wait(response)
    if asked is not None:
        return asked
    if response.status_code != 429 and not is_spent(response):
        return None
    resets = (response.headers.get(f"{limit}-reset", "").strip() for limit in _LIMITS)
    reset = next((each for each in resets if re.fullmatch(r"\d{1,13}(\.\d{1,9})?", each, re.ASCII)), None)
    if reset is None:
        return None
    seconds = float(reset)
    if seconds < _EPOCH_FROM:
        return seconds
    moment = seconds / 1000 if seconds >= _EPOCH_MILLISECONDS_FROM else seconds
    return max(moment - response.received_at.timestamp(), 0.0)


def asked_to_wait(response: Response) -> float | None:
    """Retry-After: seconds or HTTP date (RFC 9110, 10.2.3); None where it is neither."""
    value = response.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", value, re.ASCII):
        return float(value)
    try:
        moment = parsedate_to_datetime(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        return max((moment - response.received_at).total_seconds(), 0.0)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None  # neither form: as if it were not there


def is_spent(response: Response) -> bool:
    """Whether the answer says that no request is left of the rate limit."""
    return any(response.headers.get(f"{limit}-remaining", "").strip() == "0" for limit in _LIMITS)


def secret_text(secret: Any, field: str) -> str:
    """A text field of a secret. Raises SecretWrongError, without the value, when it is missing or cannot be sent."""
    value = secret.get(field)
    if not isinstance(value, str) or not value.strip():
        raise SecretWrongError(f"the secret has no field {field!r}, or it is empty")
    if not value.strip().isprintable() or not value.isascii():
        raise SecretWrongError(f"the secret's field {field!r} holds characters that no header can carry")
    return value.strip()
