"""The closed vocabularies of the public contract."""

from enum import StrEnum


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


class Notice(StrEnum):
    """Why people are told."""

    FINISHED = "finished"
    STALLED = "stalled"
    OVERDUE = "overdue"
    UNREACHABLE = "unreachable"
    RECOVERED = "recovered"
    STARTED = "started"
    PROGRESS = "progress"


DEFAULT_NOTICES = (Notice.FINISHED, Notice.STALLED, Notice.OVERDUE, Notice.UNREACHABLE, Notice.RECOVERED)
