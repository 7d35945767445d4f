"""Times in the zone that the readers live in, beside UTC."""

from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo

from jobwatch.domain.times import parse_rfc3339


def zone_of(name: str | None) -> tzinfo | None:
    """The zone of an IANA name; None for UTC, for none, and for one that this machine does not know."""
    if name in (None, "UTC", "Etc/UTC", "Etc/UCT", "UCT", "Zulu"):
        return None
    import zoneinfo

    try:
        return zoneinfo.ZoneInfo(str(name))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def split_at_times(text: str, times: Mapping[str, str]) -> Iterator[tuple[str, datetime | None]]:
    """`text` in pieces: what is between the times that were written into it, and the times, each with its moment.

    `times`: the moments by how they are written (`Clock.written`).
    """
    found = [(text.find(written), written) for written in times if written in text]
    if not found:
        if text:
            yield text, None
        return
    # A time with its day holds the same time without it.
    at, written = min(found, key=lambda each: (each[0], -len(each[1])))
    if at:
        yield text[:at], None
    yield written, parse_rfc3339(times[written])
    yield from split_at_times(text[at + len(written) :], times)


def with_local_times(text: str, times: Mapping[str, str], zone: tzinfo | None) -> str:
    """`text` with the readers' time before each time in UTC: `12:01 CET (11:01 UTC)`."""
    if zone is None:
        return text
    pieces = (
        piece if moment is None else f"{_local(moment, zone, with_day=',' in piece)} ({piece})"
        for piece, moment in split_at_times(text, times)
    )
    return "".join(pieces)


def local_span(start: datetime, end: datetime, zone: tzinfo) -> str:
    """`1 Mar 2024, 11:00–12:15 CET`."""
    first, last = start.astimezone(zone), end.astimezone(zone)
    if first.date() == last.date():
        return f"{first.day} {first:%b %Y, %H:%M}–{last:%H:%M} {_name(last)}"
    return f"{_local(start, zone, with_day=True)} – {_local(end, zone, with_day=True)}"


def _local(moment: datetime, zone: tzinfo, *, with_day: bool) -> str:
    there = moment.astimezone(zone)
    day = f"{there.day} {there:%b %Y, }" if with_day or there.date() != moment.date() else ""
    return f"{day}{there:%H:%M} {_name(there)}"


def _name(there: datetime) -> str:
    """`CET`, or `UTC+05:30` where the zone has no letters of its own."""
    name = there.tzname() or ""
    offset = f"{there:%z}"
    return name if name.isalpha() else f"UTC{offset[:3]}:{offset[3:5]}"
