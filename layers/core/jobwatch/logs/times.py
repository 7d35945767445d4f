"""The time of a log line, as far as the line tells it: a zone or a year that is not written is not invented."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
YEARLESS = 1904
"""Stands for the year of a time without one: a leap year in which nobody logged."""

_CLOCK = (
    r"(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d))?(?:[.,:](?P<fraction>\d{1,9}))?"
    r"(?: ?(?P<half>[AaPp])\.?[Mm]\b\.?)?"
)
_ZONE = r"(?: ?(?P<zone>Z\b|UTC\b|GMT\b|[+-]\d\d:?\d\d\b)|(?P<hours>[+-]\d\d)\b)?"
_MONTH = r"(?P<name>[A-Z][a-z]{2})[a-z]{0,6}"
_FORMATS = tuple(
    re.compile(form)
    for form in (
        rf"(?<!\d)(?P<year>\d{{4}})[-/.](?P<month>\d\d?)[-/.](?P<day>\d\d?)[T_ -]{{1,3}}{_CLOCK}{_ZONE}",
        rf"(?<!\d)(?P<year>20\d\d)(?P<month>\d\d)(?P<day>\d\d)[T ](?P<hour>\d\d):?(?P<minute>\d\d):?(?P<second>\d\d)"
        rf"(?:[.,](?P<fraction>\d{{1,9}}))?{_ZONE}(?!\d)",
        rf"(?<!\d)(?P<day>\d\d?)[-/ ]{_MONTH}[-/ ,]{{1,2}}(?P<year>\d{{4}})[: T]{{1,2}}{_CLOCK}{_ZONE}",
        rf"{_MONTH} +(?P<day>\d\d?),? +(?P<year>\d{{4}}),? +(?:at )?{_CLOCK}{_ZONE}",
        rf"[A-Z][a-z]{{2}} {_MONTH} +(?P<day>\d\d?) {_CLOCK}(?: (?P<zone>UTC|GMT|[+-]\d{{4}})| [A-Z]{{3,5}})?"
        rf" (?P<year>\d{{4}})",
        rf"(?<!\d)(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{{4}}),? {{1,2}}{_CLOCK}{_ZONE}",
        rf"(?<!\d)(?P<either>\d\d?)[/-](?P<other>\d\d?)[/-](?P<year>\d{{4}}),? {{1,2}}{_CLOCK}{_ZONE}",
        rf"(?<![\w])(?:[IWEFDC](?P<year>20\d\d)?(?P<month>\d\d)(?P<day>\d\d)) +{_CLOCK}",
        rf"^(?:<\d{{1,3}}>)?{_MONTH} +(?P<day>\d\d?) {_CLOCK}",
        rf"^(?P<month>\d\d)-(?P<day>\d\d) {_CLOCK}",
    )
)
_EPOCH = re.compile(r"(?:^|[\s\[\":=(])(1\d{9})(?:(\d{3})(?:\d{3}){0,2}|(\.\d+))?(?=[\s\],:})\"]|$)")
_SEARCHED_CHARACTERS = 200
_KEYED = re.compile(
    r"(?i)(?:time\w*|ts|date\w*|at|when|t|asctime)\\?[\"']?\s?[=:]\s?(?:\{\s*\"\$date\"\s*:\s*)?\\?[\"']?$"
)
_WORD = re.compile(r"[^\W\d_]{2,}")
_WORDS_BEFORE = 2


@dataclass(frozen=True)
class LogTime:
    """A time as a log tells it."""

    moment: datetime
    """In UTC where the zone is known, else naive: by the log's clock. Its year is YEARLESS where none is written."""

    @property
    def zoned(self) -> bool:
        """Whether the log says in which zone its clock runs."""
        return self.moment.tzinfo is not None

    @property
    def dated(self) -> bool:
        """Whether the log says the year."""
        return self.moment.year != YEARLESS

    @property
    def clock(self) -> datetime:
        """What orders the times of one log, whether or not each has a zone: naive."""
        return self.moment.replace(tzinfo=None)

    def written(self) -> str | None:
        """RFC 3339 for the document: with Z only where the zone is known; None without a year."""
        if not self.dated:
            return None
        return self.clock.isoformat(timespec="seconds") + ("Z" if self.zoned else "")

    def text(self) -> str:
        """For people: says whose clock it is, where that is all that is known."""
        clock = self.clock.strftime("%Y-%m-%d %H:%M:%S" if self.dated else "%b %d %H:%M:%S")
        return f"{clock} UTC" if self.zoned else f"{clock} by the log's clock"


def log_time_of(line: str) -> LogTime | None:
    """The time that a line begins with, or has in a field for it.

    None where there is none, where only the message speaks of one, and where day and month could be either.
    """
    head = line[:_SEARCHED_CHARACTERS]
    for form in _FORMATS:
        if (found := form.search(head)) and _is_of_the_line(head[: found.start()]):
            return _read(found.groupdict())
    found = _EPOCH.search(head)
    if found and (not head[: found.start(1)].strip('[("') or _KEYED.search(head[: found.start(1)])):
        seconds = int(found[1]) + (int(found[2]) / 1000 if found[2] else float(found[3] or 0))
        return LogTime(datetime.fromtimestamp(seconds, UTC))
    return None


def _is_of_the_line(before: str) -> bool:
    """Whether what stands before a time is a beginning, not a sentence that mentions it."""
    return len(_WORD.findall(before)) <= _WORDS_BEFORE or _KEYED.search(before) is not None


def _read(part: dict[str, str | None]) -> LogTime | None:
    try:
        month, day = _month_and_day(part)
        hour = int(part["hour"] or 0)
        if part.get("half"):
            hour = hour % 12 + (12 if part["half"] in ("p", "P") else 0)
        moment = datetime(  # noqa: DTZ001 - a log that tells no zone has none
            int(part.get("year") or YEARLESS),
            month,
            day,
            hour,
            int(part["minute"] or 0),
            min(int(part.get("second") or 0), 59),
            int((part.get("fraction") or "0")[:6].ljust(6, "0")),
        )
    except (ValueError, KeyError):
        return None
    zone = part.get("zone") or part.get("hours")
    if not zone or moment.year == YEARLESS:
        return LogTime(moment)
    return LogTime((moment - _offset(zone)).replace(tzinfo=UTC))


def _month_and_day(part: dict[str, str | None]) -> tuple[int, int]:
    """Raises ValueError where either number could be the month."""
    if part.get("name"):
        return _MONTHS[str(part["name"]).lower()], int(part["day"] or 0)
    if part.get("month"):
        return int(part["month"] or 0), int(part["day"] or 0)
    either, other = int(part["either"] or 0), int(part["other"] or 0)
    if either > 12 or either == other:
        return other, either
    if other > 12:
        return either, other
    raise ValueError("day or month")


def _offset(zone: str) -> timedelta:
    if zone[0] not in "+-":
        return timedelta(0)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if zone[0] == "-" else offset
