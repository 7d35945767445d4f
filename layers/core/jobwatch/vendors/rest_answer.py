"""Reading the answer of a described API: its expressions give the fields, its tables say what they mean."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from jobwatch.domain.rest_description import Description, Failure, State, state_key
from jobwatch.domain.snapshot import (
    Answer,
    FailureKind,
    Item,
    Message,
    NotFound,
    Phase,
    PollFailure,
    Progress,
    Results,
    Snapshot,
)
from jobwatch.domain.text import clean, clean_or_none
from jobwatch.domain.times import read_vendor_time
from jobwatch.domain.words import Outcome
from jobwatch.vendors.counting import Counting
from jobwatch.vendors.reading import (
    ASK_FOR_LESS,
    boolean,
    failed_answer,
    items_of,
    number,
    parsed,
    percentage,
    retry_after_seconds,
    unreadable,
)
from jobwatch.vendors.telling import worst_items, worst_messages
from jobwatch.vendors.vendor import Response

_HTTP_STATUS_OF = {
    Failure.NOT_FOUND: 404,
    Failure.UNAUTHORISED: 401,
    Failure.THROTTLED: 429,
    Failure.VENDOR_ERROR: 503,
}
_ENDS = {
    State.SUCCEEDED: Outcome.SUCCEEDED,
    State.COMPLETED_WITH_ERRORS: Outcome.SUCCEEDED,
    State.FAILED: Outcome.FAILED,
    State.CANCELLED: Outcome.CANCELLED,
}
_TOO_COSTLY = "takes more work than jobwatch spends on one answer"
_LEVELS = {**dict.fromkeys(("error", "fatal", "critical", "severe"), "error"), "warn": "warning", "warning": "warning"}
# Epoch numbers of the years 1973 to 2286; seconds and milliseconds do not overlap. Zero is "none" at several vendors.
_EPOCH_UNITS = ((1e8, 1e10, 1), (1e11, 1e13, 1000))
_DURATION = re.compile(
    r"P(?=.*\d)(?:(\d{1,3})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,6})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?"
    r"|(?:(\d{1,5}):)?(\d{1,2}):(\d{1,2}(?:\.\d{1,9})?)",
    re.ASCII,
)
_LONGEST_SECONDS = timedelta(days=366).total_seconds()
# Year 1 and year 9999 are how some languages write "none".
_EARLIEST, _LATEST = datetime(1971, 1, 1, tzinfo=UTC), datetime(2286, 1, 1, tzinfo=UTC)


def read_answer(description: Description, watch: Mapping[str, Any], response: Response, connection: str) -> Answer:
    """What the response says of the job. Never raises.

    `watch`: what the expressions can ask of it. `connection`: the name of the one that has the description. An answer
    with a code outside 200 to 299 that the description does not list is judged by that code; so is one whose body is no
    JSON where the state is read from the body.
    """
    body, is_json = _body(response)
    fields = _Fields(description, _context(watch, response, body))
    is_success = 200 <= response.status_code < 300
    failed, code, said = fields.failure()
    fields.value("state")
    if fields.unread:
        places = ", ".join(f"snapshot.{place}" for place in fields.unread)
        seen = f"HTTP {response.status_code} with {len(response.body):,} bytes"
        return PollFailure(FailureKind.UNREADABLE, f"{seen}: {places} {_TOO_COSTLY}; {ASK_FOR_LESS}")
    if not is_success and response.status_code not in description.status_codes:
        return _failed(description, response, code, said)
    if failed and is_json:
        return _failed(description, response, code, said)
    is_error_document = is_success and "problem+json" in response.headers.get("content-type", "").lower()
    if (
        is_error_document
        or _is_html(response)
        or (not is_json and fields.state_reads_body and not _may_be_empty(response))
    ):
        return unreadable(response) if is_success else failed_answer(response, None)
    if failed:
        return _failed(description, response, code, said)
    try:
        key = fields.state_key()
    except ValueError as error:
        return PollFailure(FailureKind.UNREADABLE, f"HTTP {response.status_code}: the state in it {error}")
    if key is None and None not in description.states:
        expression = clean(description.expressions["state"].text, 80)
        seen = unreadable(response).detail
        return PollFailure(FailureKind.UNREADABLE, f"{seen} (no state at {expression})")
    return _snapshot(description, fields, key, response, connection)


def look(description: Description, watch: Mapping[str, Any], response: Response) -> dict[str, Any]:
    """What each expression gives for an answer, by its place below `snapshot`: for people who write a description."""
    fields = _Fields(description, _context(watch, response, _body(response)[0]))
    return {place: fields.value(place) for place in description.expressions}


def _context(watch: Mapping[str, Any], response: Response, body: object) -> dict[str, Any]:
    return {"status_code": response.status_code, "headers": dict(response.headers), "body": body, "watch": watch}


def _failed(description: Description, response: Response, code: object, said: str | None) -> NotFound | PollFailure:
    """The API's own error: by what the description says of its code, or by a code that is an HTTP status itself."""
    named = _code_as_status(code)
    if named is None and 200 <= response.status_code < 300:
        named = 500
    return failed_answer(response, said, named=named, stated=_stated_status(description, code))


def _snapshot(
    description: Description, fields: "_Fields", key: str | None, response: Response, connection: str
) -> Answer:
    shown = fields.value("state")
    vendor_status = "none" if key is None else clean(json.dumps(shown) if isinstance(shown, bool) else str(shown), 80)
    state = description.states.get(key, State.RUNNING)
    if state is State.NOT_FOUND:
        return NotFound(f"{description.title} answered {vendor_status!r}", retry_after_seconds(response))
    counts = Counting()
    # Before the lists, which may leave no work for anything behind them.
    progress = Progress(
        processed=counts.amount("progress.processed", fields.value("progress.processed")),
        total=counts.amount("progress.total", fields.value("progress.total")),
        percentage=fields.percentage(),
    )
    results = Results(
        successful=counts.whole("results.successful", fields.value("results.successful")),
        warnings=counts.whole("results.warnings", fields.value("results.warnings")),
        errors=counts.whole("results.errors", fields.value("results.errors")),
    )
    error, log_location = fields.text("error", 1000), fields.text("log_location", 1200)
    items, items_left_out = fields.items()
    messages, messages_left_out = fields.messages()
    if state is State.COMPLETED_WITH_ERRORS:
        messages = (Message("error", f"{description.title} ended the job as {vendor_status!r}."), *messages)
    verdict = _ENDS.get(state)
    scheduled = Phase.SCHEDULED if state is State.SCHEDULED else Phase.RUNNING
    remaining_seconds = number(fields.value("remaining_seconds"))
    predicted_end = fields.time("predicted_end")
    if predicted_end is None and remaining_seconds is not None and remaining_seconds < _LONGEST_SECONDS:
        predicted_end = response.received_at + timedelta(seconds=remaining_seconds)
    started_at, finished_at = fields.start_and_end(response.received_at, has_ended=verdict is not None)
    return Snapshot(
        phase=Phase.ENDED if verdict else scheduled,
        verdict=verdict,
        vendor_status=vendor_status,
        progress=progress,
        results=results,
        error=error,
        retryable=boolean(fields.value("retryable")),
        starts_at=started_at,
        finished_at=finished_at,
        predicted_end=None if verdict else predicted_end,
        current_operation=fields.text("current_operation", 200),
        log_location=log_location,
        items=items,
        messages=messages,
        unnamed=None if key in description.states else f"connection {connection}",
        waits_for=None if verdict else fields.text("waits_for", 200),
        remarks=(*items_left_out, *messages_left_out),
        doubts=(*counts.doubts, *(f"Not read: snapshot.{place} {_TOO_COSTLY}." for place in fields.unread)),
        retry_after_seconds=retry_after_seconds(response),
    )


class _Fields:
    """The values that the expressions give for one answer; None where one is not described."""

    def __init__(self, description: Description, context: Mapping[str, Any]) -> None:
        # JMESPath is imported where there is a description that needs it (`rest_description`), and nowhere else.
        from jobwatch.domain.evaluation import Budget, TooCostlyError

        self._description = description
        self._context = context
        self._budget, self._too_costly = Budget(), TooCostlyError
        self._known: dict[str, Any] = {}
        self.unread: list[str] = []

    @property
    def state_reads_body(self) -> bool:
        return self._description.expressions["state"].reads_body

    def value(self, place: str) -> Any:
        """What stands at a place; None, with the place in `unread`, where that takes more work than is left."""
        if place not in self._known:
            expression = self._description.expressions.get(place)
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
        return next((code for code in codes if _stated_status(self._description, code)), codes[0] if codes else None)

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
    return timedelta(seconds=seconds) if seconds is not None and seconds < _LONGEST_SECONDS else None


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


def _body(response: Response) -> tuple[Any, bool]:
    """The JSON in a body, and whether there was any."""
    body = parsed(response)
    return body, body is not None


def _is_html(response: Response) -> bool:
    """A page for people, from a gateway or a login: never a status, whatever code came with it."""
    content_type = response.headers.get("content-type", "").lower()
    return "html" in content_type or response.body[:200].lstrip()[:5].lower() in (b"<html", b"<!doc")


def _may_be_empty(response: Response) -> bool:
    """APIs that answer by HTTP code alone send no body with 202, 204 or 303; a 200 without one is a broken answer."""
    return response.status_code != 200 and not response.body.strip()


def _stated_status(description: Description, code: object) -> int | None:
    """The HTTP status that an error's code stands for, where the description says so."""
    try:
        key = state_key(code)
    except ValueError:
        return None
    meaning = description.failures.get(key) if key else None
    return _HTTP_STATUS_OF[meaning] if meaning else None


def _code_as_status(code: object) -> int | None:
    """An error's code that is an HTTP status of its own: APIs that send errors with a 200."""
    status = int(code) if isinstance(code, str) and re.fullmatch(r"\d{3}", code.strip(), re.ASCII) else code
    if isinstance(status, bool) or not isinstance(status, int):
        return None
    return status if 400 <= status <= 599 else None
