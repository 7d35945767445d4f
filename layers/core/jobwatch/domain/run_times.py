"""Whose entries a log holds: those of the job that is told, or another run's, by the times alone."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

_WEST, _EAST = timedelta(hours=-12), timedelta(hours=14)
"""The zones there are; a clock without one may stand in any of them."""
_CLOCKS_DIFFER = timedelta(minutes=10)
_START_UNKNOWN = timedelta(hours=1)
"""A job whose start nobody told may have begun that long before it was submitted."""


class Whose(StrEnum):
    """Whether entries are of this run."""

    THIS_RUN = "this run"
    ANOTHER_RUN = "another run"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class JobTime:
    """When a job ran, aware. `began`: None where the vendor does not say; `ended`: the later of told and seen."""

    submitted: datetime
    began: datetime | None
    ended: datetime


def whose(first: datetime, last: datetime, job: JobTime) -> Whose:
    """Whether entries from `first` to `last` are of the job.

    Aware times are compared as they are. Naive ones are by a clock whose zone nobody told: ANOTHER_RUN only where they
    lie outside in every zone there is, else UNKNOWN.
    """
    start = min(job.began, job.submitted) if job.began else job.submitted - _START_UNKNOWN
    earliest, latest = start - _CLOCKS_DIFFER, job.ended + _CLOCKS_DIFFER
    zoned = first.tzinfo is not None and last.tzinfo is not None
    if zoned:
        outside = last < earliest or first > latest
    else:
        outside = _utc(last) - _WEST < earliest or _utc(first) - _EAST > latest
    if outside:
        return Whose.ANOTHER_RUN
    return Whose.THIS_RUN if zoned else Whose.UNKNOWN


def _utc(clock: datetime) -> datetime:
    return clock if clock.tzinfo is not None else clock.replace(tzinfo=UTC)
