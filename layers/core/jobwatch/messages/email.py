"""The notification as email: a subject and plain text."""

import textwrap
from collections.abc import Mapping
from typing import Any

from jobwatch.messages import facts

_WIDTH = 76
_MOST_PROBLEMS = 8
_MOST_ITEMS = 8


def email_text(notification: Mapping[str, Any]) -> str:
    """The message as plain text: what happened, how bad, the worst problems, what to do, where the log is, how long."""
    lines = [notification["headline"], ""]
    lines += _field("Job", notification["job_id"])
    lines += _field("", facts.origin_line(notification))
    lines += _field("State", facts.situation_line(notification))
    lines += _field("Result", facts.counts_line(notification))
    told = facts.told(notification, _MOST_PROBLEMS, _MOST_ITEMS)
    lines += _field("Error", told.error)
    lines += _problems(notification, told)
    lines += ["", "WHAT TO DO NEXT", *_wrapped(notification["next_step"], "  "), ""]
    if notification["log"]:
        # On one line however long, so that it can be copied.
        lines.append(f"{'Log':<9}{facts.log_location(notification)}")
        lines += _field("", facts.log_size(notification)) + _field("", facts.log_note(notification))
    lines += _field("Took", facts.time_line(notification))
    for number, (key, value) in enumerate(notification["labels"].items()):
        lines += _field("" if number else "Labels", f"{key}: {value}")
    remarks = facts.remarks(notification)
    if remarks:
        lines += ["", "REMARKS"]
        for remark in remarks:
            lines += _wrapped(remark, "    ", first="  - ")
    polls = notification["polls"]
    lines += ["", f"-- jobwatch, watch {notification['watch_id']}, {polls} poll{'' if polls == 1 else 's'}"]
    return "\n".join(lines) + "\n"


def _problems(notification: Mapping[str, Any], told: facts.Told) -> list[str]:
    lines: list[str] = []
    if told.problems:
        unknown = all(problem.level == "unknown" for problem in told.problems)
        heading = "LINES THAT STATE NO LEVEL" if unknown else "WHAT WENT WRONG"
        lines += ["", f"{heading} (how often, and one example each)"]
        for problem in told.problems:
            start = f"  {problem.count:>3,} x {problem.level.upper():<7} "
            lines += _wrapped(problem.text, " " * len(start), first=start)
        lines += [f"      and {told.more_problems:,} more kinds of problem"] if told.more_problems else []
        lines += _after("Failed items: ", facts.named_items_line(notification))
        lines += _after("Errors came: ", facts.when_line(notification))
    if told.items:
        lines += ["", "ITEMS WITH ERRORS"]
        for item in told.items:
            lines += _wrapped(item, "    ", first="  - ")
        lines += [f"    and {told.more_items:,} more"] if told.more_items else []
    return lines


def _after(label: str, value: str | None) -> list[str]:
    return _wrapped(f"{label}{value}", "    ", first="  ") if value else []


def _field(label: str, value: str | None) -> list[str]:
    return _wrapped(value, " " * 9, first=f"{label:<9}") if value else []


def _wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    # Long words (locations, ids) stay whole, so that they can be copied.
    lines = textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return lines or [indent.rstrip()]
