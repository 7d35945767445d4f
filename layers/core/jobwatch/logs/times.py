"""The time a log line begins with."""

import re
from datetime import UTC, datetime, timedelta, timezone

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"], 1
    )
}
_ISO = re.compile(
    r"(\d{4})[-/.](\d\d)[-/.](\d\d)[T_ -]+(\d\d):(\d\d):(\d\d)(?:[.,:](\d{1,9}))?(?: ?(Z\b|UTC\b|[+-]\d\d:?\d\d))?"
)
_APACHE = re.compile(r"(\d\d)/([A-Z][a-z]{2})/(\d{4}):(\d\d):(\d\d):(\d\d)(?: ([+-]\d{4}))?")
_CTIME = re.compile(r"[A-Z][a-z]{2} ([A-Z][a-z]{2}) +(\d\d?) (\d\d):(\d\d):(\d\d)(?:\.\d+)? (\d{4})")
_EPOCH = re.compile(r"(?:^|[\s\[\":=])(1\d{9})(?:(\d{3})|\.\d+)?(?=[\s\],:}]|$)")
_SEARCHED_CHARACTERS = 160


def time_of(line: str) -> datetime | None:
    """The first full time near the beginning of a line, in UTC (a time without a zone is taken as UTC).

    None where there is no time, or none with its year: a guessed year would be an invention.
    """
    head = line[:_SEARCHED_CHARACTERS]
    try:
        if found := _ISO.search(head):
            year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
            fraction = int((found[7] or "0")[:6].ljust(6, "0"))
            return _utc(datetime(year, month, day, hour, minute, min(second, 59), fraction, UTC), found[8])
        if found := _APACHE.search(head):
            day, year, hour, minute, second = (int(found[n]) for n in (1, 3, 4, 5, 6))
            return _utc(datetime(year, _MONTHS[found[2]], day, hour, minute, second, tzinfo=UTC), found[7])
        if found := _CTIME.search(head):
            day, hour, minute, second, year = (int(found[n]) for n in (2, 3, 4, 5, 6))
            return datetime(year, _MONTHS[found[1]], day, hour, minute, second, tzinfo=UTC)
        if found := _EPOCH.search(head):
            return datetime.fromtimestamp(int(found[1]) + int(found[2] or 0) / 1000, UTC)
    except (ValueError, KeyError, OverflowError):
        return None
    return None


def _utc(moment: datetime, zone: str | None) -> datetime:
    if not zone or zone[0] not in "+-":
        return moment
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    offset = timedelta(minutes=-minutes if zone[0] == "-" else minutes)
    return moment.replace(tzinfo=timezone(offset)).astimezone(UTC)
