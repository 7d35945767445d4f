"""The lines that email and Slack share: who and what, how bad, the problems, how long. Read from the document."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from jobwatch.domain.times import parse_rfc3339
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.phrases import DURATION_REMARK, counted, duration, size, span

Notification = Mapping[str, Any]

_MOST_NAMES = 5


@dataclass(frozen=True)
class Problem:
    """One group of log lines or vendor messages: how often, how bad, one of them, and its line in the log."""

    count: int
    level: str
    text: str
    line: int | None = None


@dataclass(frozen=True)
class Told:
    """What went wrong, each failure once: the job's error, other problems, and items whose errors neither says.

    `repeats`: the items, messages or log lines that say the same as the error are in its line. `repeated_line`: where
    the log has the error.
    """

    error: str | None
    repeats: bool
    repeated_line: int | None
    problems: list[Problem]
    more_problems: int
    items: list[str]
    more_items: int


def origin_line(note: Notification) -> str:
    """Which API of which account, and who started it."""
    line = f"{note['vendor_title']} {note['operation']}, connection {note['connection']}"
    return f"{line}, submitted by {note['submitted_by']}" if note["submitted_by"] else line


def situation_line(note: Notification) -> str | None:
    """How the job stands, in time. A document that waited for Slack since an older version has none."""
    return note.get("situation")


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
    line = ", ".join(parts)
    if line and (note["notice"] == Notice.UNREACHABLE or note["outcome"] in (Outcome.GAVE_UP, Outcome.NOT_FOUND)):
        return f"{line} when last seen"
    return line or None


def told(note: Notification, most_problems: int = 8, most_items: int = 8) -> Told:
    """The failures of a notification, at most so many problems and lines of items, and how many more there are."""
    error = note["error"]
    found, hidden = _problems(note)
    repeated = [each for each in found if error and _repeats(each, error)]
    problems = [each for each in found if each not in repeated]
    hit: dict[str, list[str]] = {}
    for item in note["items"]:
        if item["error"]:
            hit.setdefault(item["error"], []).append(item["name"])
    in_error = [name for text in hit if error and text in error for name in hit[text]]
    hit = {text: names for text, names in hit.items() if not (error and text in error)}
    lines: list[str] = []
    shown = problems[:most_problems]
    for text, names in hit.items():
        place = next((place for place, problem in enumerate(shown) if text in problem.text), None)
        if place is None:
            lines.append(f"{names[0]}: {text}" if len(names) == 1 else f"{text} ({_in_items(names)})")
        else:
            shown[place] = replace(shown[place], text=f"{shown[place].text} ({_in_items(names)})")
    line = next((each.line for each in repeated if each.line), None)
    beside = [f"log line\u00a0{line:,}"] if line else []
    beside += [_in_items(in_error)] if in_error else []
    return Told(
        error=f"{error} ({'; '.join(beside)})" if beside else error,
        repeats=bool(repeated or in_error),
        repeated_line=line,
        problems=[_with_line(each) for each in shown],
        more_problems=hidden + len(problems[most_problems:]),
        items=lines[:most_items],
        more_items=max(len(lines) - most_items, 0),
    )


def remarks(note: Notification) -> list[str]:
    """The remarks, without the one on a duration that is not shown."""
    return [each for each in note["remarks"] if _ended(note) or not each.startswith(DURATION_REMARK)]


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
    """How long it took and when; None where no end was seen."""
    if note["duration_seconds"] is None or not _ended(note):
        return None
    line = duration(note["duration_seconds"])
    if note["started_at"] and note["finished_at"]:
        line += f" ({span(parse_rfc3339(note['started_at']), parse_rfc3339(note['finished_at']))})"
    return line


def _ended(note: Notification) -> bool:
    """Whether the vendor said the end: a watch that was given up, or whose job is gone, took no time to tell."""
    return note["outcome"] not in (None, Outcome.GAVE_UP, Outcome.NOT_FOUND)


def _problems(note: Notification) -> tuple[list[Problem], int]:
    """The problems in the log or else in the vendor's own messages, and how many more the log has."""
    log = note["log"] or {}
    found = [
        Problem(entry["count"], entry["level"], _example(entry), entry.get("first_line"))
        for entry in log.get("problems", [])
    ]
    hidden = max((log.get("kinds") or 0) - len(found), 0)
    if not found:
        found = [Problem(1, each["level"], each["text"]) for each in note["messages"] if each["level"] != "info"]
    return found, hidden


def _repeats(problem: Problem, error: str) -> bool:
    """Whether a problem says no more than the job's error. How often the log has it is worth a line of its own."""
    return problem.count == 1 and error in problem.text


def _in_items(names: list[str]) -> str:
    shown = ", ".join(names[:_MOST_NAMES])
    return f"in {counted(len(names), 'item')}: {shown}{', …' if len(names) > _MOST_NAMES else ''}"


def _with_line(problem: Problem) -> Problem:
    return replace(problem, text=f"{problem.text} (line\u00a0{problem.line:,})") if problem.line else problem


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
    return str(example[max(start, 0) :])
