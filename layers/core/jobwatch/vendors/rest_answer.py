"""Reading the answer of a described API: its expressions give the fields, its tables say what they mean."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from jobwatch.domain.exchange import Response, parsed, retry_after_seconds
from jobwatch.domain.rest_description import Description, Details, State
from jobwatch.domain.snapshot import (
    Answer,
    FailureKind,
    Message,
    NotFound,
    Phase,
    PollFailure,
    Progress,
    Snapshot,
)
from jobwatch.domain.text import clean
from jobwatch.domain.words import Outcome
from jobwatch.vendors.counting import Counting
from jobwatch.vendors.reading import ASK_FOR_LESS, boolean, failed_answer, number, unreadable
from jobwatch.vendors.rest_fields import LONGEST_SECONDS, Fields, stated_status

if TYPE_CHECKING:
    from jobwatch.domain.expression import Expression

_ENDS = {
    State.SUCCEEDED: Outcome.SUCCEEDED,
    State.COMPLETED_WITH_ERRORS: Outcome.SUCCEEDED,
    State.FAILED: Outcome.FAILED,
    State.CANCELLED: Outcome.CANCELLED,
}
_TOO_COSTLY = "takes more work than jobwatch spends on one answer"


def read_answer(description: Description, watch: Mapping[str, Any], response: Response, connection: str) -> Answer:
    """What the response says of the job. Never raises.

    `watch`: what the expressions can ask of it. `connection`: the name of the one that has the description. An answer
    with a code outside 200 to 299 that the description does not list is judged by that code; so is one whose body is no
    JSON where the state is read from the body.
    """
    body, is_json = _body(response)
    fields = Fields(description, description.expressions, _context(watch, response, body))
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


def read_details(
    description: Description, details: Details, watch: Mapping[str, Any], ended: Snapshot, response: Response
) -> Snapshot | NotFound | PollFailure:
    """The end with what the answer to the second request adds to it; a failure where that brought nothing."""
    if not 200 <= response.status_code < 300:
        return failed_answer(response, None)
    body, is_json = _body(response)
    if not is_json and response.body.strip():
        return unreadable(response)
    fields = Fields(description, details.expressions, _context(watch, response, body))
    counts = Counting()
    results = fields.results(counts)
    items, items_left_out = fields.items()
    messages, messages_left_out = fields.messages()
    known = {name: value for name, value in asdict(results).items() if value is not None}
    unread = (f"Not read: details.snapshot.{place} {_TOO_COSTLY}." for place in fields.unread)
    return replace(
        ended,
        details=None,
        results=replace(ended.results, **known),
        error=fields.text("error", 1000) or ended.error,
        items=items or ended.items,
        messages=(*messages, *ended.messages),
        remarks=(*ended.remarks, *items_left_out, *messages_left_out),
        doubts=(*ended.doubts, *counts.doubts, *unread),
    )


def look(
    description: Description, expressions: Mapping[str, "Expression"], watch: Mapping[str, Any], response: Response
) -> dict[str, tuple[str, Any]]:
    """Each of `expressions` and what it gives for an answer, by its place: for people who write a description."""
    fields = Fields(description, expressions, _context(watch, response, _body(response)[0]))
    return {place: (expression.text, fields.value(place)) for place, expression in expressions.items()}


def _context(watch: Mapping[str, Any], response: Response, body: object) -> dict[str, Any]:
    return {"status_code": response.status_code, "headers": dict(response.headers), "body": body, "watch": watch}


def _failed(description: Description, response: Response, code: object, said: str | None) -> NotFound | PollFailure:
    """The API's own error: by what the description says of its code, or by a code that is an HTTP status itself."""
    named = _code_as_status(code)
    if named is None and 200 <= response.status_code < 300:
        named = 500
    return failed_answer(response, said, named=named, stated=stated_status(description, code))


def _snapshot(description: Description, fields: Fields, key: str | None, response: Response, connection: str) -> Answer:
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
    results = fields.results(counts)
    error, log_location = fields.text("error", 1000), fields.text("log_location", 1200)
    items, items_left_out = fields.items()
    messages, messages_left_out = fields.messages()
    if state is State.COMPLETED_WITH_ERRORS:
        messages = (Message("error", f"{description.title} ended the job as {vendor_status!r}."), *messages)
    verdict = _ENDS.get(state)
    scheduled = Phase.SCHEDULED if state is State.SCHEDULED else Phase.RUNNING
    remaining_seconds = number(fields.value("remaining_seconds"))
    predicted_end = fields.time("predicted_end")
    if predicted_end is None and remaining_seconds is not None and remaining_seconds < LONGEST_SECONDS:
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
        details=fields.details_address() if verdict else None,
        remarks=(*items_left_out, *messages_left_out),
        doubts=(*counts.doubts, *(f"Not read: snapshot.{place} {_TOO_COSTLY}." for place in fields.unread)),
        retry_after_seconds=retry_after_seconds(response),
    )


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


def _code_as_status(code: object) -> int | None:
    """An error's code that is an HTTP status of its own: APIs that send errors with a 200."""
    status = int(code) if isinstance(code, str) and re.fullmatch(r"\d{3}", code.strip(), re.ASCII) else code
    if isinstance(status, bool) or not isinstance(status, int):
        return None
    return status if 400 <= status <= 599 else None
