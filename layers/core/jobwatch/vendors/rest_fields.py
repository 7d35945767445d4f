"""The values that a description's expressions give for one answer, as jobwatch's own types."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

from jobwatch.domain.rest_description import Description, Failure, State, state_key
from jobwatch.domain.snapshot import Item, Message, Results
from jobwatch.domain.text import clean_or_none
from jobwatch.domain.times import read_vendor_time
from jobwatch.vendors.counting import Counting
from jobwatch.vendors.reading import boolean, items_of, number, percentage
from jobwatch.vendors.telling import worst_items, worst_messages

if TYPE_CHECKING:
    from jobwatch.domain.expression import Expression

_HTTP_STATUS_OF = {
    Failure.NOT_FOUND: 404,
    Failure.UNAUTHORISED: 401,
    Failure.THROTTLED: 429,
    Failure.VENDOR_ERROR: 503,
}
_COUNTS = ("successful", "warnings", "errors")
_LEVELS = {**dict.fromkeys(("error", "fatal", "critical", "severe"), "error"), "warn": "warning", "warning": "warning"}
# Epoch numbers of the years 1973 to 2286; seconds and milliseconds do not overlap. Zero is "none" at several vendors.
_EPOCH_UNITS = ((1e8, 1e10, 1), (1e11, 1e13, 1000))
_DURATION = re.compile(
    r"P(?=.*\d)(?:(\d{1,3})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?"
    r"|(?:(\d{1,5}):)?(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)",
    re.ASCII,
)
LONGEST_SECONDS = timedelta(days=366).total_seconds()
# Year 1 and year 9999 are how some languages write "none".
_EARLIEST, _LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2286, 1, 1, tzinfo=UTC)


class Fields:
    """The values that expressions of a description give for one answer; None where one is not described."""

    def __init__(
        self, description: Description, expressions: Mapping[str, "Expression"], context: Mapping[str, Any]
    ) -> None:
        """`expressions`: those for this answer, by their place: of the status, or of the details."""
        # JMESPath is imported where there is a description that needs it (`rest_description`), and nowhere else.
        from jobwatch.domain.evaluation import Budget, TooCostlyError

        self._description = description
        self._expressions = expressions
        self._context = context
        self._budget, self._too_costly = Budget(), TooCostlyError
        self._known: dict[str, Any] = {}
        self.unread: list[str] = []

    @property
    def state_reads_body(self) -> bool:
        return self._expressions["state"].reads_body

    def value(self, place: str) -> Any:
        """What stands at a place; None, with the place in `unread`, where that takes more work than is left."""
        if place not in self._known:
            expression = self._expressions.get(place)
            try:
                self._known[place] = expression.value(self._context, self._budget) if expression else None
            except self._too_costly:
                self._known[place] = None
                self.unread.append(place)
        return self._known[place]

    def text(self, place: str, limit: int) -> str | None:
        return _text(self.value(place), limit)

    def time(self, place: str) -> datetime | None:
        return read_time(self.value(place))

    def start_and_end(self, received_at: datetime, *, has_ended: bool) -> tuple[datetime | None, datetime | None]:
        """The times that the API gives, or the one that is missing by the time that the job has taken."""
        started_at = self.time("started_at")
        # What some APIs fill while a job runs is the time of their last look at it.
        finished_at = self.time("finished_at") if has_ended else None
        elapsed = read_duration(self.value("elapsed"))
        if elapsed is None:
            return started_at, finished_at
        if started_at is None and (finished_at is not None or not has_ended):
            started_at = (finished_at or received_at) - elapsed
        if finished_at is None and started_at is not None and has_ended:
            finished_at = started_at + elapsed
        return started_at, finished_at

    def percentage(self) -> float | None:
        value = self.value("progress.percentage")
        said = percentage(value.rstrip(" %") if isinstance(value, str) else value)
        fraction = number(self.value("progress.fraction"))
        return said if said is not None or fraction is None else percentage(round(fraction * 100, 4))

    def failure(self) -> tuple[bool, object, str | None]:
        """Whether the answer is the API's own error; its code, and its words."""
        value = self.value("failure")
        if not _is_error(value):
            return False, None, None
        # An object built by the expression itself has these two names; any other is shown as it came.
        if isinstance(value, dict) and value.keys() <= {"code", "text"}:
            code, words = value.get("code"), value.get("text")
            said = [_text(part, limit) for part, limit in ((code, 80), (words, 300)) if _is_said(part)]
            if _is_fine(code) and self.has_state:
                # {code: 0, text: "OK"} beside a status: how many APIs say that all is well.
                return False, None, None
            return _is_error(code) or _is_said(words), code, " ".join(part for part in said if part) or None
        return True, self._code(value), _text(value, 300)

    def _code(self, value: object) -> object:
        """The code in an error as it came: itself, or a member; of several, the first that the description names."""
        entries = value if isinstance(value, list) else [value]
        codes = [entry.get("code", entry) if isinstance(entry, dict) else entry for entry in entries[:20]]
        return next((code for code in codes if stated_status(self._description, code)), codes[0] if codes else None)

    def state_key(self) -> str | None:
        """The state as the description's tables know it. Raises ValueError for what can be none.

        A condition that does not hold gives false, which is a state only where the description names true or false.
        """
        value = self.value("state")
        is_unmet = value is False and self._description.states.keys().isdisjoint({"true", "false"})
        return None if is_unmet else state_key(value)

    @property
    def has_state(self) -> bool:
        try:
            return self.state_key() is not None
        except ValueError:
            return False

    def details_address(self) -> str | None:
        """Where the answer says that more can be asked."""
        address = self._description.details.address if self._description.details else None
        try:
            value = address.value(self._context, self._budget) if address else None
        except self._too_costly:
            return None
        return value if isinstance(value, str) and value else None

    def results(self, counts: Counting) -> Results:
        """The counts of a job that ended, with what could not be read of them in `counts`."""
        named = {name: counts.whole(f"results.{name}", self.value(f"results.{name}")) for name in _COUNTS}
        return Results(**named)

    def items(self) -> tuple[tuple[Item, ...], tuple[str, ...]]:
        """The items, failed ones first, and a remark where there are more than are kept."""
        entries = [entry if isinstance(entry, dict) else {"name": entry} for entry in items_of(self.value("items"))]
        told = [entry for entry in entries if any(_is_said(entry.get(name)) for name in ("name", "state", "error"))]
        return worst_items(told, has_failed=self._has_failed, read=self._item)

    def _has_failed(self, entry: Mapping[str, Any]) -> bool:
        failed = boolean(entry.get("failed"))
        if failed is not None:
            return failed
        try:
            state = self._description.states.get(state_key(entry.get("state")))
        except ValueError:
            state = None
        return state is State.FAILED or _is_error(entry.get("error"))

    def _item(self, entry: Mapping[str, Any]) -> Item:
        return Item(
            name=_text(entry.get("name"), 200) or "(no name)",
            state=_text(entry.get("state"), 80),
            progress=percentage(entry.get("progress")),
            error=_text(entry.get("error"), 500),
            failed=self._has_failed(entry),
        )

    def messages(self) -> tuple[tuple[Message, ...], tuple[str, ...]]:
        """The messages, and a remark where there are more than are kept."""
        found = self.value("messages")
        entries = [found] if isinstance(found, str) else items_of(found)
        return worst_messages(_message(entry) for entry in entries)


def read_time(value: object) -> datetime | None:
    """A time as APIs write it, in UTC: ISO 8601, an HTTP date, or seconds or milliseconds since 1970."""
    moment = None
    size = number(value)
    if size is not None:
        unit = next((unit for low, high, unit in _EPOCH_UNITS if low <= size < high), None)
        moment = datetime.fromtimestamp(size / unit, UTC) if unit else None
    elif isinstance(value, str) and len(value) <= 60:
        # Python reads no blank before an offset, such as Ruby writes: 2024-03-01 10:00:00 +0000.
        text = value.strip().replace(" UTC", "Z").replace(" +", "+").replace(" -", "-")
        moment = read_vendor_time(text) or _http_date(value)
    return moment if moment is not None and _EARLIEST <= moment < _LATEST else None


def read_duration(value: object) -> timedelta | None:
    """A time span as APIs write it: seconds, `[H:]MM:SS`, or ISO 8601 up to days; None above a year."""
    seconds = number(value)
    if seconds is None and isinstance(value, str) and (found := _DURATION.fullmatch(value.strip().upper())):
        # Both forms together have seven groups, of which one form's are set.
        days, hours, minutes, rest, clock_hours, clock_minutes, clock_seconds = (
            float(part or 0) for part in found.groups()
        )
        seconds = days * 86400 + (hours + clock_hours) * 3600 + (minutes + clock_minutes) * 60 + rest + clock_seconds
    return timedelta(seconds=seconds) if seconds is not None and seconds < LONGEST_SECONDS else None


def _http_date(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _text(value: object, limit: int) -> str | None:
    """Text for a value that may be a list of texts, or an object, which is shown as JSON."""
    if isinstance(value, list) and value and all(isinstance(entry, str) for entry in value):
        value = "; ".join(value[:20])
    elif isinstance(value, list | dict) and value:
        try:
            value = json.dumps(value, ensure_ascii=False)
        except (TypeError, ValueError, RecursionError):
            return None
    try:
        return clean_or_none(value, limit)
    except ValueError:  # a whole number of more digits than Python turns into text
        return None


def _message(entry: object) -> tuple[str, str | None]:
    if not isinstance(entry, dict):
        return "info", _text(entry, 500)
    level = entry.get("level")
    known = _LEVELS.get(level.strip().lower(), "info") if isinstance(level, str) else "info"
    return known, _text(entry.get("text"), 500)


def _is_said(value: object) -> bool:
    """Whether an expression gave something: a condition that does not hold gives false or null."""
    return value is not None and value is not False and value not in ("", [], {})


def _is_error(value: object) -> bool:
    """Whether an expression gave an error: 0 is how many APIs write that there is none."""
    return _is_said(value) and value not in (0, "0")


def _is_fine(code: object) -> bool:
    """Whether a code itself says that there is no error: 0, an HTTP success, or a word for it."""
    if isinstance(code, str):
        return re.fullmatch(r"0+|2\d\d|ok|success", code.strip().lower(), re.ASCII) is not None
    return isinstance(code, int) and not isinstance(code, bool) and (code == 0 or 200 <= code < 300)


def stated_status(description: Description, code: object) -> int | None:
    """The HTTP status that an error's code stands for, where the description says so."""
    try:
        key = state_key(code)
    except ValueError:
        return None
    meaning = description.failures.get(key) if key else None
    return _HTTP_STATUS_OF[meaning] if meaning else None
