"""The lines that email and Slack share: who and what, how bad, the problems, how long. Read from the document."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobwatch.domain.times import parse_rfc3339
from jobwatch.messages.phrases import counted, duration, size, span
from jobwatch.vendors.registry import VENDORS

Notification = Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """One group of log lines or vendor messages: how often, how bad, what, and an example if it says more."""

    count: int
    level: str
    text: str
    example: str | None


def job_line(note: Notification) -> str:
    """The job by name and id."""
    return f"{note['name']} ({note['job_id']})" if note["name"] else str(note["job_id"])


def origin_line(note: Notification) -> str:
    """Which API of which account, and who started it."""
    line = f"{VENDORS[note['vendor']].title} {note['operation']}, connection {note['connection']}"
    return f"{line}, submitted by {note['submitted_by']}" if note["submitted_by"] else line


def counts_line(note: Notification) -> str | None:
    """How bad: the vendor's counts, and how far it came; None where it gave neither."""
    results, parts = note["results"], []
    if results["errors"] is not None:
        parts.append(counted(results["errors"], "error"))
    if results["warnings"] is not None:
        parts.append(counted(results["warnings"], "warning"))
    if results["successful"] is not None:
        parts.append(f"{results['successful']:,} successful")
    far = _progress(note["progress"])
    if far and (note["outcome"] != "succeeded" or not parts):
        parts.append(far)
    return ", ".join(parts) or None


def problems(note: Notification, most: int) -> tuple[list[Problem], int]:
    """The worst problems, from the log or else from the vendor's own messages, and how many more there are."""
    log = note["log"] or {}
    found = [
        Problem(entry["count"], entry["level"], entry["template"], _example(entry)) for entry in log.get("problems", [])
    ]
    kinds = max(log.get("kinds") or 0, len(found))
    if not found:
        found = [Problem(1, each["level"], each["text"], None) for each in note["messages"] if each["level"] != "info"]
        kinds = len(found)
    return found[:most], kinds - len(found[:most])


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
    line = span(parse_rfc3339(first["time"]), parse_rfc3339(last["time"]))
    burst = log.get("burst")
    if burst:
        seconds = (parse_rfc3339(burst["end"]) - parse_rfc3339(burst["start"])).total_seconds()
        line += f"; {burst['share_of_errors'] * 100:.0f} % of them within {duration(seconds)}"
    return line


def log_line(note: Notification) -> str | None:
    """Where the log is, how large, and what kept jobwatch from reading all of it."""
    log = note["log"]
    if log is None:
        return None
    facts = []
    if log.get("lines"):
        facts.append(counted(log["lines"], "line"))
    if log.get("bytes"):
        facts.append(size(log["bytes"]))
    return f"{log['location']} ({', '.join(facts)})" if facts else str(log["location"])


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
        return f"{percentage:.0f} % done"
    return f"{processed:,.0f} processed" if processed else None


def _example(problem: Mapping[str, Any]) -> str | None:
    """The example from where the message begins, with its line: time, level and logger are told already, or noise."""
    example, template = problem["example"], problem["template"]
    if not example:
        return None
    opening = template.partition("<*>")[0]
    start = example.find(opening) if len(opening) >= 4 else -1
    message = example[start:] if start >= 0 else example
    if message == template:
        return None
    return f"line {problem['first_line']:,}: {message}" if problem.get("first_line") else str(message)
