"""Times: aware UTC datetimes inside, RFC 3339 with `Z` at the edges."""

import re
from datetime import UTC, datetime

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def parse_rfc3339(text: str) -> datetime:
    """An RFC 3339 time with its zone, in UTC. Raises ValueError for any other text."""
    if not _RFC3339.fullmatch(text):
        raise ValueError(f"{text[:40]!r} is not an RFC 3339 time such as 2026-01-31T09:30:00Z")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{text[:40]!r} is not a time on the calendar") from error


def read_vendor_time(value: object) -> datetime | None:
    """What a vendor wrote as a time, in UTC; None for anything that is no ISO 8601 time.

    Vendors write `.000Z`, no fraction, `+0000`, no zone (taken as UTC), "", or null for the same thing.
    """
    if not isinstance(value, str) or not 10 <= len(value.strip()) <= 40:
        return None
    try:
        moment = datetime.fromisoformat(value.strip().upper())
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def key_time(moment: datetime) -> str:
    """A time in a key: always of one width, to the millisecond, so that keys sort as the moments do."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def write_time(moment: datetime) -> str:
    """RFC 3339 in UTC with `Z`, to the second, or to the millisecond where there are any."""
    moment = moment.astimezone(UTC)
    spec = "milliseconds" if moment.microsecond >= 1000 else "seconds"
    return moment.isoformat(timespec=spec).replace("+00:00", "Z")
