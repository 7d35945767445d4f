"""Numbers, durations and sizes as people read them."""

from datetime import datetime, timedelta

# How the remark begins that goes with a duration of jobwatch's own.
DURATION_REMARK = "The duration runs from submission to detection"


def counted(count: float, singular: str, plural: str | None = None) -> str:
    """`1 error`, `4,985 errors`."""
    return f"{count:,.0f} {singular if count == 1 else plural or singular + 's'}"


def duration(seconds: float) -> str:
    """`45 s`, `12 min`, `1 h 15 min`, `3 d 4 h`: two units at most."""
    seconds = max(round(seconds), 0)
    if seconds < 120:
        return f"{seconds} s"
    minutes = round(seconds / 60)
    if minutes < 120:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(round(seconds / 3600), 24)
    return f"{days} d {hours} h" if hours else f"{days} d"


def size(size_bytes: int) -> str:
    """`812 bytes`, `1.2 MB`: decimal units, as S3's console shows them."""
    if size_bytes < 1000:
        return counted(size_bytes, "byte")
    amount = float(size_bytes)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.95:
            return f"{amount:.1f} {unit}"
    return f"{amount / 1000:.1f} TB"


def span(start: datetime, end: datetime) -> str:
    """`1 Mar 2024, 10:00–11:15 UTC`; the time once where both lie in one minute."""
    first = f"{start.day} {start:%b %Y, %H:%M}"
    if f"{start:%Y%m%d%H%M}" == f"{end:%Y%m%d%H%M}":
        return f"{first} UTC"
    if start.date() == end.date():
        return f"{first}–{end:%H:%M} UTC"
    return f"{first} – {end.day} {end:%b %Y, %H:%M} UTC"


def clock_time(moment: datetime, at: datetime) -> str:
    """`10:00 UTC` within a day of `at`, the time of the message; `1 Mar 2024, 10:00 UTC` further away."""
    return f"{moment:%H:%M} UTC" if abs(at - moment) < timedelta(days=1) else span(moment, moment)
