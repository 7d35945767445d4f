"""What every adapter needs to read an answer that may be anything."""

import json
import math
import re
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from jobwatch.domain.snapshot import FailureKind, NotFound, PollFailure
from jobwatch.domain.text import clean, clean_or_none
from jobwatch.vendors.vendor import Response, SecretWrongError

DETAIL_LIMIT = 300
ASK_FOR_LESS = "where the API can leave lists out or give them in pages, ask for that in the connection (rest.request)"
# 4 MiB of empty objects are 1.4 million Python objects: seconds of a processor, and half of the function's memory.
_MOST_VALUES = 500_000
# An X-RateLimit-Reset above this is a point in time (epoch seconds), below it a number of seconds from now.
_EPOCH_FROM = 1_000_000_000
_EPOCH_MILLISECONDS_FROM = 1_000_000_000_000
# X-RateLimit-* is a custom that nobody has fixed; the last one is of the IETF's draft (RateLimit header fields).
_LIMITS = ("x-ratelimit", "x-rate-limit", "ratelimit")
# Codes in a body that say more than an HTTP 400 does: APIs that answer every error with it.
_SAYS_MORE = frozenset({401, 403, 404, 410, 429})
_CREDENTIALS_REFUSED = re.compile(
    r"\b(?:token|api ?key|session|credentials?)\b[^.]{0,60}\b(?:illegal|invalid|expired|revoked|missing)\b"
    r"|\b(?:illegal|invalid|expired|revoked|missing)\b[^.]{0,30}\b(?:token|api ?key|session|credentials?)\b"
    r"|authenticat|\bunauthori[sz]ed\b",
    re.IGNORECASE,
)


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


def unreadable(response: Response) -> PollFailure:
    """The failure for a 2xx answer that is not what the vendor's document shows."""
    large = too_large(response)
    shape = f"{large}; {ASK_FOR_LESS}" if large else _shape(response)
    return PollFailure(
        FailureKind.UNREADABLE,
        f"HTTP {response.status_code} with a body that is no status: {shape}",
        retry_after_seconds(response),
    )


def failed_answer(
    response: Response, detail: str | None, *, named: int | None = None, stated: int | None = None
) -> NotFound | PollFailure:
    """What an answer means that is not a status, judged by its HTTP status code.

    `detail`: the vendor's own words if it gave any. `named`: the HTTP status that its body names. It counts under a
    2xx, and under a 400 that it makes clearer; 401 and 403 count under every code, for a token's end comes in any.
    `stated`: the HTTP status that somebody said is meant; it counts before all.
    """
    status = stated or response.status_code
    if stated is None and named is not None and _counts(named, under=status):
        status = named
    said = f"HTTP {response.status_code}: {clean(detail or _shape(response), DETAIL_LIMIT)}"
    if status in (404, 410):
        return NotFound(said, retry_after_seconds(response))
    if status == 429 or (status == 403 and _is_throttled(response)):
        kind = FailureKind.THROTTLED
    elif status in (401, 403):
        kind = FailureKind.UNAUTHORISED
    elif status >= 500:
        kind = FailureKind.VENDOR_ERROR
    else:
        kind = FailureKind.REFUSED
    return PollFailure(kind, said, retry_after_seconds(response))


def _counts(named: int, *, under: int) -> bool:
    return 200 <= under < 300 or named in (401, 403) or (under == 400 and named in _SAYS_MORE)


def refuses_credentials(text: str | None) -> bool:
    """Whether a vendor's words say that it does not accept the token or key, whatever code came with them."""
    return text is not None and _CREDENTIALS_REFUSED.search(text[:2000]) is not None


def plain_text(response: Response) -> str | None:
    """The body where it is a short text that is no JSON and no page: how some gateways answer."""
    text = response.body[:2000].decode("utf-8", "replace").strip()
    return clean_or_none(text, DETAIL_LIMIT) if text[:1] not in ("", "<", "{", "[") else None


def _is_throttled(response: Response) -> bool:
    """Whether a 403 asks for patience: GitHub sends it for a spent limit, and with Retry-After for too many at once.

    https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
    """
    return _is_spent(response) or _asked_to_wait(response) is not None


def retry_after_seconds(response: Response) -> float | None:
    """How long the vendor asks to be left alone, in whatever answer: Retry-After, else the end of a spent rate limit.

    X-RateLimit-Reset, which some vendors send as seconds from now and some as epoch seconds or milliseconds, stands in
    every answer of some: it counts on a 429, and where X-RateLimit-Remaining is 0.
    """
    asked = _asked_to_wait(response)
    if asked is not None:
        return asked
    if response.status_code != 429 and not _is_spent(response):
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


def _asked_to_wait(response: Response) -> float | None:
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


def _is_spent(response: Response) -> bool:
    """Whether the answer says that no request is left of the rate limit."""
    return any(response.headers.get(f"{limit}-remaining", "").strip() == "0" for limit in _LIMITS)


def status_key(value: object) -> str | None:
    """A status word for look-up: without case, spaces, underscores and hyphens; None for no word."""
    if not isinstance(value, str):
        return None
    return re.sub(r"[\s_-]+", "", value[:200]).lower() or None


def number(value: object) -> float | None:
    """A finite, non-negative number, also from digits in a string; None for anything else."""
    if isinstance(value, str) and re.fullmatch(r"\d{1,15}(\.\d{1,15})?", value.strip(), re.ASCII):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        size = float(value)
    except OverflowError:
        return None
    return size if math.isfinite(size) and 0 <= size <= 1e15 else None


def count(value: object) -> int | None:
    """A whole, non-negative number of things; None for anything else."""
    size = number(value)
    return int(size) if size is not None and size == int(size) else None


def percentage(value: object) -> float | None:
    """Per cent from 0 to 100; None where it is missing or out of range."""
    size = number(value)
    return size if size is not None and size <= 100 else None


def boolean(value: object) -> bool | None:
    """true or false, also as a word; None for anything else."""
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value.strip().lower()) if isinstance(value, str) else None


def mapping(value: object) -> dict[str, Any]:
    """`value` if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items_of(value: object) -> list[Any]:
    """`value` if it is a JSON array, else an empty one."""
    return value if isinstance(value, list) else []


def secret_text(secret: Any, field: str) -> str:
    """A text field of a secret. Raises SecretWrongError, without the value, when it is missing or cannot be sent."""
    value = secret.get(field)
    if not isinstance(value, str) or not value.strip():
        raise SecretWrongError(f"the secret has no field {field!r}, or it is empty")
    if not value.strip().isprintable() or not value.isascii():
        raise SecretWrongError(f"the secret's field {field!r} holds characters that no header can carry")
    return value.strip()


def _shape(response: Response) -> str:
    body = response.body[:2000]
    if not body.strip():
        return "an empty body"
    content_type = response.headers.get("content-type", "").split(";")[0].strip().lower()
    text = body.decode("utf-8", "replace")
    if "html" in content_type or text.lstrip()[:1] == "<":
        title = re.search(r"<title[^>]{0,200}>([^<]{1,200})", text, re.IGNORECASE)
        return f"an HTML page ({clean(title.group(1), 80)})" if title else "an HTML page"
    return clean_or_none(text, 160) or "a body without text"
