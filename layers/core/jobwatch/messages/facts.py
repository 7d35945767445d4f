"""The lines that email and Slack share: who and what, how bad, the problems, how long. Read from the document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jobwatch.domain.times import parse_rfc3339
from jobwatch.messages.phrases import counted, duration, size, span

Notification = Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """One group of log lines or vendor messages: how often, how bad, and one of them, with its line in the log."""

    count: int
    level: str
    text: str


def origin_line(note: Notification) -> str:
    """Which API of which account, and who started it."""
    line = f"{note['vendor_title']} {note['operation']}, connection {note['connection']}"
    return f"{line}, submitted by {note['submitted_by']}" if note["submitted_by"] else line


def counts_line(note: Notification) -> str | None:
    """How bad: the vendor's counts, and how far it came; None where it gave neither."""
    results, parts = note["results"], []
    if results["errors"] is not None:
        parts.append(counted(results["errors"], "error"))
    if results["warnings"] is not None:
        parts.append(counted(results["warnings"], "warning"))
    if results["successful"] is not None:
        # The worst comes first; where there is nothing bad, the good does.
        parts.insert(0 if note["outcome"] == "succeeded" else len(parts), f"{results['successful']:,} successful")
    progress = note["progress"]
    far = _progress(progress)
    if far and not (parts and progress["processed"] == progress["total"]):
        parts.append(far)
    return ", ".join(parts) or None


def problems(note: Notification, most: int) -> tuple[list[Problem], int]:
    """The worst problems, from the log or else from the vendor's own messages, and how many more there are.

    One that only repeats the job's error is left out: it is told already.
    """
    log = note["log"] or {}
    found = [Problem(entry["count"], entry["level"], _example(entry)) for entry in log.get("problems", [])]
    hidden = max((log.get("kinds") or 0) - len(found), 0)
    if not found:
        found = [Problem(1, each["level"], each["text"]) for each in note["messages"] if each["level"] != "info"]
    told = [each for each in found if not (each.count == 1 and note["error"] and note["error"] in each.text)]
    return told[:most], hidden + len(told[most:])


def failed_items(note: Notification, most: int) -> tuple[list[str], int]:
    """The items that have an error, each in a line, and how many more there are."""
    lines = [f"{item['name']}: {item['error']}" for item in note["items"] if item["error"]]
    return lines[:most], max(len(lines) - most, 0)


def named_items_line(note: Notification) -> str | None:
    """Which items failed, as far as the log names them."""
    failed = (note["log"] or {}).get("failed_items")
    if not failed or not failed["names"]:
        return None
    at_least = "at least " if failed["at_least"] else ""
    more = ", …" if failed["count"] > len(failed["names"]) else ""
    return f"{at_least}{failed['count']:,} ({', '.join(failed['names'])}{more})"


def when_line(note: Notification) -> str | None:
    """When the errors came: from the first to the last, and whether most came in a burst."""
    log = note["log"] or {}
    first, last = (log.get(name) for name in ("first_error", "last_error"))
    if not first or not last or not first["time"] or not last["time"]:
        return None
    start, end = parse_rfc3339(first["time"]), parse_rfc3339(last["time"])
    if end - start < timedelta(minutes=1):
        return None
    line = span(start, end)
    burst = log.get("burst")
    if burst:
        seconds = (parse_rfc3339(burst["end"]) - parse_rfc3339(burst["start"])).total_seconds()
        line += f"; {burst['share_of_errors'] * 100:.0f}% of them within {duration(seconds)}"
    return line


def log_location(note: Notification) -> str | None:
    """Where the log is."""
    return str(note["log"]["location"]) if note["log"] else None


def log_size(note: Notification) -> str | None:
    """How long the log is, as far as it was read."""
    log = note["log"] or {}
    facts = [counted(log["lines"], "line")] if log.get("lines") else []
    facts += [size(log["bytes"])] if log.get("bytes") else []
    return ", ".join(facts) or None


def log_note(note: Notification) -> str | None:
    """What the reader must know of the log summary: why it is missing or partial."""
    return note["log"]["note"] if note["log"] else None


def time_line(note: Notification) -> str | None:
    """How long it took and when; None before the end."""
    if note["duration_seconds"] is None:
        return None
    line = duration(note["duration_seconds"])
    if note["started_at"] and note["finished_at"]:
        line += f" ({span(parse_rfc3339(note['started_at']), parse_rfc3339(note['finished_at']))})"
    return line


def _progress(progress: Mapping[str, Any]) -> str | None:
    processed, total, percentage = progress["processed"], progress["total"], progress["percentage"]
    if processed is not None and total:
        return f"{processed:,.0f} of {total:,.0f} processed"
    if percentage is not None:
        return f"{percentage:.0f}% done"
    return f"{processed:,.0f} processed" if processed else None


def _example(problem: Mapping[str, Any]) -> str:
    """One of the messages, from where its own text begins: time, level and logger are noise in a message."""
    example, template = problem["example"], problem["template"]
    if not example:
        return str(template)
    opening = template.partition("<*>")[0]
    start = example.find(opening) if len(opening) >= 4 else -1
    message = example[max(start, 0) :]
    return f"{message} (line\u00a0{problem['first_line']:,})" if problem.get("first_line") else str(message)
