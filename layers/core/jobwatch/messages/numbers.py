"""Numbers, shares, durations and sizes as people read them."""

import math
from datetime import datetime

from jobwatch.domain.snapshot import Progress


def counted(count: float, singular: str, plural: str | None = None) -> str:
    """`1 error`, `4,985 errors`."""
    return f"{count:,.0f} {singular if count == 1 else plural or singular + 's'}"


def share(progress: Progress) -> str | None:
    """How far a job is, `25%`: by its counts, else by the vendor's per cent; whole per cent, 100 only for the whole."""
    processed, total = progress.processed, progress.total
    if processed is not None and total:
        if processed > total:
            return None
        return f"{math.floor(100 * processed / total + 1e-9) if processed < total else 100}%"
    return None if progress.percentage is None else f"{math.floor(progress.percentage)}%"


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
