"""What a log says, in a form to show: the result of summarising it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jobwatch.logs.failed import FailedThings
from jobwatch.logs.times import LogTime

UNKNOWN = "unknown"
"""The level of lines that state none."""

DOCUMENT_LIMIT_BYTES = 60_000


@dataclass(frozen=True)
class Problem:
    """Messages of one level and one template."""

    level: str
    template: str
    count: int
    share: float
    """Of all problem messages (of all lines where none states a level), 0 to 1."""
    first_line: int | None
    """Counted from 1; None where lines before it were not read."""
    last_line: int | None
    first_time: LogTime | None
    last_time: LogTime | None
    examples: tuple[str, ...]
    """One or two, redacted."""


@dataclass(frozen=True)
class Occurrence:
    """One entry of a log."""

    level: str
    line: int | None
    time: LogTime | None
    text: str


@dataclass(frozen=True)
class FailedItems:
    """The distinct things (files, ids) that error messages name."""

    count: int
    at_least: bool
    """Whether there may be more than `count`."""
    names: tuple[str, ...]
    """The first few."""


@dataclass(frozen=True)
class Burst:
    """The shortest stretch that holds most errors, where it is short against the whole log."""

    share_of_errors: float
    start: LogTime
    end: LogTime


@dataclass(frozen=True)
class LogSummary:
    """The summary of one log. All text in it is redacted and free of control characters."""

    size_bytes: int
    """As stored (compressed, where it is)."""
    lines: int
    """Lines read: all of them, or those of the parts that were read (see `share_read`)."""
    levels: Mapping[str, int] = field(default_factory=dict)
    """Entries by level; what spans several lines counts once. `unknown`: lines whose level nothing told."""
    problems: tuple[Problem, ...] = ()
    """Worst first: by level, then by count."""
    kinds: int = 0
    """How many kinds of problems there are, those not in `problems` included."""
    first_error: Occurrence | None = None
    last_error: Occurrence | None = None
    failed_items: FailedItems | None = None
    failures: FailedThings = field(default_factory=FailedThings)
    """Everything that failed, with its reason: at least 20,000 things, where there are as many."""
    burst: Burst | None = None
    first_time: LogTime | None = None
    """Of the log's entries, the first that says a time, and the last."""
    last_time: LogTime | None = None
    share_read: float = 1.0
    complete: bool = True
    note: str | None = None
    """What was cut, sampled, left out or not understood; None where nothing was."""

    @property
    def has_levels(self) -> bool:
        """Whether any line states a level."""
        return any(count for level, count in self.levels.items() if level != UNKNOWN)

    @property
    def understood(self) -> bool:
        """Whether every entry's level is known: only then do counts of zero say that there were none."""
        return not self.levels.get(UNKNOWN)

    @property
    def errors(self) -> int:
        """Entries of the levels error and fatal."""
        return self.levels.get("error", 0) + self.levels.get("fatal", 0)

    @property
    def warnings(self) -> int:
        """Entries of the level warning."""
        return self.levels.get("warning", 0)

    def as_document(self, location: str) -> dict[str, Any]:
        """The contract's `log` object for a log at `location`, at most 60,000 bytes as UTF-8 JSON."""
        document: dict[str, Any] = {
            "location": location,
            "bytes": self.size_bytes,
            "lines": self.lines,
            "levels": dict(self.levels),
            "problems": [],
            "kinds": self.kinds,
            "first_error": _occurrence(self.first_error),
            "last_error": _occurrence(self.last_error),
            "failed_items": self.failed_items
            and {
                "count": self.failed_items.count,
                "at_least": self.failed_items.at_least,
                "names": list(self.failed_items.names),
            },
            "burst": self.burst
            and {
                "share_of_errors": round(self.burst.share_of_errors, 4),
                "start": self.burst.start.written(),
                "end": self.burst.end.written(),
            },
            "share_read": round(self.share_read, 6),
            "complete": self.complete,
            "understood": self.understood,
            "note": self.note,
        }
        left = DOCUMENT_LIMIT_BYTES - _size(document)
        for problem in self.problems:
            entry = _problem(problem)
            left -= _size(entry) + 2
            if left < 0:
                break
            document["problems"].append(entry)
        return document


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "level": problem.level,
        "template": problem.template,
        "count": problem.count,
        "share": round(problem.share, 4),
        "first_line": problem.first_line,
        "last_line": problem.last_line,
        "first_time": problem.first_time and problem.first_time.written(),
        "last_time": problem.last_time and problem.last_time.written(),
        "example": problem.examples[0] if problem.examples else None,
        "examples": list(problem.examples),
    }


def _occurrence(occurrence: Occurrence | None) -> dict[str, Any] | None:
    if occurrence is None:
        return None
    return {
        "level": occurrence.level,
        "line": occurrence.line,
        "time": occurrence.time and occurrence.time.written(),
        "text": occurrence.text,
    }


def _size(value: object) -> int:
    return len(json.dumps(value, ensure_ascii=True))
