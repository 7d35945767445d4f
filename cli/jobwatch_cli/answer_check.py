"""Checking an answer against its connection: what was read in it, what was not found, and what that would hide."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from jobwatch.domain.address import AddressRefusedError, address_on_host
from jobwatch.domain.connection import Connection
from jobwatch.domain.exchange import Response
from jobwatch.domain.log_location import LogRefusedError, read_log_location
from jobwatch.domain.outcome import settle
from jobwatch.domain.snapshot import Answer, Phase, Progress, Results, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.text import clean
from jobwatch.domain.times import write_time
from jobwatch.vendors.rest import look_at, look_at_details
from jobwatch_cli.finding import Finding, Mark

# Longer answers are cut where they are shown: what is looked for is mostly near the top.
_SHOWN_LINES = 200

LogArns = Callable[[], Sequence[str] | str]
"""The stack's LogObjectArns, or why they are not known."""


def judge_status(
    snapshot: Snapshot, connection: Connection, submission: Submission, response: Response | None, log_arns: LogArns
) -> Iterator[Finding]:
    """What a status says, and what of the connection's description it leaves unseen."""
    unseen = snapshot.unnamed is not None
    step = "Add the state to the connection's outcomes, under what it means." if connection.rest else None
    text = _status(snapshot)
    if unseen:
        text += f"\nthe state {snapshot.vendor_status} is not named in {snapshot.unnamed}, so its end would not be seen"
    if snapshot.waits_for is not None:
        text += f"\nit waits for a person at the vendor: {snapshot.waits_for}"
        step = "Do what it waits for; people would be told of it as stalled."
    is_wrong = unseen or snapshot.waits_for is not None
    yield Finding("job", Mark.BAD if is_wrong else Mark.GOOD, text, step if is_wrong else None)
    if connection.rest is not None and response is not None:
        yield _what_was_found("description", look_at(connection, submission, response))
    yield from _of_the_end(snapshot)
    if snapshot.log_location is not None:
        yield _log(snapshot.log_location, connection, log_arns)


def judge_details(answer: Answer, connection: Connection, submission: Submission, response: Response | None) -> Finding:
    """What the second request brought, and which of its expressions found nothing."""
    if not isinstance(answer, Snapshot):
        step = "Correct rest.details, or give the account behind the secret the right to read what it asks for."
        return Finding("details", Mark.BAD, f"the second request failed: {answer.detail}", step)
    found = look_at_details(connection, submission, response) if response is not None else {}
    return _what_was_found("details", found)


def shown_answer(response: Response) -> Finding:
    """The answer as it came, indented where it is JSON; secrets in it were masked before."""
    try:
        text = json.dumps(json.loads(response.body), indent=2, ensure_ascii=False)
    except (ValueError, RecursionError):
        text = response.body[:20_000].decode("utf-8", "replace")
    lines = [clean_indented(line) for line in text.splitlines()]
    more = [f"… and {len(lines) - _SHOWN_LINES:,} lines more"] if len(lines) > _SHOWN_LINES else []
    return Finding("answer", Mark.GOOD, "\n".join([f"HTTP {response.status_code}", *lines[:_SHOWN_LINES], *more]))


def clean_indented(line: str) -> str:
    """A line fit to show, with the blanks that it begins with."""
    return " " * (len(line) - len(line.lstrip(" "))) + clean(line, 300)


def _what_was_found(subject: str, found: Mapping[str, tuple[str, Any]]) -> Finding:
    lines = []
    for place, (text, value) in found.items():
        shown = f"nothing at {clean(text, 160)}" if _is_nothing(value) else clean(_as_json(value), 160)
        lines.append(f"{place}: {shown}")
    empty = [line for line in lines if ": nothing at " in line]
    text = "\n".join([f"{len(lines) - len(empty)} of {len(lines)} expressions found something", *lines])
    step = "What found nothing may be misspelt, or not in this answer: --show-answer puts it beside."
    return Finding(subject, Mark.WARNING if empty else Mark.GOOD, text, step if empty else None)


def _is_nothing(value: object) -> bool:
    """What a path gives where there is nothing, and a condition that does not hold; 0 and "" were found."""
    return value is None or value is False


def _as_json(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        return "something that cannot be shown"


def _of_the_end(snapshot: Snapshot) -> Iterator[Finding]:
    if snapshot.phase is not Phase.ENDED:
        return
    has_counts = snapshot.progress != Progress() or snapshot.results != Results()
    says = (snapshot.error, snapshot.starts_at, snapshot.finished_at, snapshot.items, snapshot.messages)
    if not has_counts and not any(says):
        yield Finding(
            "end",
            Mark.WARNING,
            "the job has ended, and neither progress, counts, error nor times were found in its answer",
            "People would be told that it ended and nothing else. If the answer says more, describe where.",
        )


def _log(location: str, connection: Connection, log_arns: LogArns) -> Finding:
    if connection.rest is not None and not location.lower().startswith("s3://"):
        try:
            address_on_host(connection.base_url, location)
        except AddressRefusedError:
            text = f"{location}: neither on the connection's host nor in S3, so it is not read"
            return Finding("log", Mark.WARNING, text, "Notifications come without a summary of it.")
        return Finding("log", Mark.GOOD, f"{location} lies on the connection's host, so it is read from there")
    arns = log_arns()
    if isinstance(arns, str):
        text = f"{location}: whether it may be read is not known: {arns}"
        return Finding("log", Mark.WARNING, text, "Name the stack with --stack-name, or look at its LogObjectArns.")
    try:
        read_log_location(location, arns)
    except LogRefusedError as error:
        step = "Deploy with the log's place in LogObjectArns; else notifications come without a summary of it."
        return Finding("log", Mark.WARNING, f"{location}: {error}", step)
    return Finding("log", Mark.GOOD, f"{location} lies inside LogObjectArns, so the notifier may read it")


def _status(snapshot: Snapshot) -> str:
    """What the snapshot says, in a line for each field that has a value."""
    progress, results = snapshot.progress, snapshot.results
    state = settle(snapshot).value if snapshot.phase is Phase.ENDED else snapshot.phase.value
    times = ("starts_at", "finished_at", "predicted_end")
    failed = sum(item.failed for item in snapshot.items)
    fields = {
        "progress": ", ".join(f"{name} {value:g}" for name, value in vars(progress).items() if value is not None),
        "results": ", ".join(f"{name} {value}" for name, value in vars(results).items() if value is not None),
        "error": snapshot.error,
        "retryable": {True: "yes", False: "no", None: None}[snapshot.retryable],
        **{name: write_time(moment) for name in times if (moment := getattr(snapshot, name))},
        "current operation": snapshot.current_operation,
        "log": snapshot.log_location,
        "items": f"{len(snapshot.items)}, {failed} failed" if snapshot.items else "",
        "messages": str(len(snapshot.messages)) if snapshot.messages else "",
    }
    lines = [f"{name.replace('_', ' ')}: {value}" for name, value in fields.items() if value]
    lines += [f"remark: {remark}" for remark in (*snapshot.remarks, *snapshot.doubts)]
    return "\n".join([f"{state} ({snapshot.vendor_status})", *lines])
