"""The closed vocabularies of the public contract, and what goes with each word of them."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Operation(StrEnum):
    """Which of a vendor's job APIs."""

    IMPORT = "import"
    VALIDATION = "validation"
    EXPORT = "export"


class Outcome(StrEnum):
    """How a watch ended."""

    SUCCEEDED = "succeeded"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_FOUND = "not_found"
    GAVE_UP = "gave_up"
    STOPPED = "stopped"


class Notice(StrEnum):
    """Why people are told."""

    FINISHED = "finished"
    STALLED = "stalled"
    OVERDUE = "overdue"
    UNREACHABLE = "unreachable"
    RECOVERED = "recovered"
    STARTED = "started"
    PROGRESS = "progress"


class Severity(StrEnum):
    """How much a notification wants of its reader."""

    BAD = "bad"
    DOUBT = "doubt"
    GOOD = "good"


@dataclass(frozen=True)
class Traits:
    """What goes with a notice, or with the outcome of a finished one."""

    sign: str
    """The sign before its headline."""
    severity: Severity
    """Where nothing makes it doubtful."""
    lasts: bool = True
    """Whether its cause lasts, so that it is told once until that is over."""
    default: bool = True
    """Whether a connection that names no notices is told it."""


def of_notice(notice: Notice) -> Traits:
    """The traits of a notice; those of `finished` are its outcome's (`of_outcome`)."""
    match notice:
        case Notice.FINISHED:
            return Traits("✅", Severity.GOOD)
        case Notice.STALLED:
            return Traits("🐢", Severity.DOUBT)
        case Notice.OVERDUE:
            return Traits("⏰", Severity.DOUBT)
        case Notice.UNREACHABLE:
            return Traits("🔌", Severity.BAD)
        case Notice.RECOVERED:
            return Traits("👍", Severity.GOOD, lasts=False)
        case Notice.STARTED:
            return Traits("▶️", Severity.GOOD, default=False)
        case Notice.PROGRESS:
            return Traits("▶️", Severity.GOOD, lasts=False, default=False)
    assert_never(notice)


def of_outcome(outcome: Outcome) -> Traits:
    """The traits of a finished job's notice."""
    match outcome:
        case Outcome.SUCCEEDED:
            return Traits("✅", Severity.GOOD)
        case Outcome.COMPLETED_WITH_ERRORS:
            return Traits("⚠️", Severity.BAD)
        case Outcome.FAILED:
            return Traits("❌", Severity.BAD)
        case Outcome.CANCELLED:
            return Traits("⏹️", Severity.DOUBT)
        case Outcome.NOT_FOUND | Outcome.GAVE_UP:
            return Traits("❓", Severity.BAD)
        case Outcome.STOPPED:
            # Nobody is told of it; lists show it.
            return Traits("⏹️", Severity.GOOD)
    assert_never(outcome)


IN_DOUBT = "🟡"
"""The sign of a success that is in doubt."""

DEFAULT_NOTICES = tuple(notice for notice in Notice if of_notice(notice).default)
