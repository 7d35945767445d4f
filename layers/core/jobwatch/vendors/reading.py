"""What every adapter needs to read an answer that may be anything."""

import math
import re
from typing import Any

from jobwatch.domain.exchange import Response, asked_to_wait, is_spent, retry_after_seconds, too_large
from jobwatch.domain.snapshot import FailureKind, NotFound, PollFailure
from jobwatch.domain.text import clean, clean_or_none

DETAIL_LIMIT = 300
ASK_FOR_LESS = "where the API can leave lists out or give them in pages, ask for that in the connection (rest.request)"
# Codes in a body that say more than an HTTP 400 does: APIs that answer every error with it.
_SAYS_MORE = frozenset({401, 403, 404, 410, 429})
_CREDENTIALS_REFUSED = re.compile(
    r"\b(?:token|api ?key|session|credentials?)\b[^.]{0,60}\b(?:illegal|invalid|expired|revoked|missing)\b"
    r"|\b(?:illegal|invalid|expired|revoked|missing)\b[^.]{0,30}\b(?:token|api ?key|session|credentials?)\b"
    r"|authenticat|\bunauthori[sz]ed\b",
    re.IGNORECASE,
)


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
    return is_spent(response) or asked_to_wait(response) is not None


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
