"""What of a vendor's answer contradicts itself or may be another run's: remarks that make an end doubtful.

One rule for all vendors. `Snapshot.doubts` holds what only its adapter can see; all that its fields show is found here.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from jobwatch.domain.outcome import settle
from jobwatch.domain.snapshot import Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.words import Outcome

# Clocks of servers differ by seconds, and a submission may be sent some seconds behind a short job's end; minutes
# are another run, or a submission that came late.
_CLOCKS_DIFFER_BY = timedelta(minutes=2)
# Where the vendor counts nothing, per cent are all there is to see; some round them down, none by more than this.
_ROUNDED_PERCENTAGE = 99.0
_MOST_NAMES = 3


def doubts(submission: Submission, snapshot: Snapshot) -> tuple[str, ...]:
    """The remarks on a snapshot that make what it says doubtful, each a sentence or two; none where it is sound.

    What an adapter saw comes first. Of a job that has not ended, there is no more than that, and an unnamed state.
    """
    found = [*_unnamed(snapshot), *snapshot.doubts]
    if snapshot.verdict is Outcome.SUCCEEDED:
        found += _contradictions(snapshot)
    if snapshot.verdict is not None:
        found += _of_another_time(submission, snapshot)
    return tuple(found)


def _unnamed(snapshot: Snapshot) -> Iterator[str]:
    if snapshot.unnamed:
        yield (
            f'The state "{snapshot.vendor_status}" is not named in {snapshot.unnamed}, so jobwatch cannot see an end.'
        )


def _contradictions(snapshot: Snapshot) -> Iterator[str]:
    """What a job that is said to have succeeded shows against it."""
    said = f'Ended as "{snapshot.vendor_status}", yet'
    done = _little_done(snapshot)
    if done:
        yield f"{said} {done}."
    if _claims_too_much(snapshot):
        yield f"{said} its counts disagree: {_counts(snapshot)}."
    empty = [item for item in snapshot.items if item.size_bytes and item.count == 0 and not item.failed]
    if empty:
        names = ", ".join(f"{item.name} ({item.size_bytes:,} bytes)" for item in empty[:_MOST_NAMES])
        more = f" and {len(empty) - _MOST_NAMES:,} more" if len(empty) > _MOST_NAMES else ""
        yield f"{said} it took nothing from {names}{more}."
    if snapshot.error and settle(snapshot) is Outcome.SUCCEEDED:
        yield f"{said} it gives an error: {snapshot.error[:300]}"


def _little_done(snapshot: Snapshot) -> str | None:
    """How much less was done than there was to do; None where all was, or nobody counted."""
    progress, results = snapshot.progress, snapshot.results
    errors = results.errors or 0
    bad = errors + (results.warnings or 0)
    done = [value for value in (progress.processed, results.successful) if value is not None]
    if (done or progress.total == 0) and not any(done) and not bad:
        of = f" of {progress.total:,.0f}" if progress.total is not None else ""
        given = f" from the {snapshot.size_bytes:,} bytes that it was given" if snapshot.size_bytes else ""
        return f"0{of} were processed{given}: nothing was done"
    whole = progress.total if progress.total is not None else progress.processed
    # What failed is told by its own count, so it is not missing; what has a warning may count as successful or not.
    for value, name, told in (
        (progress.processed, "processed", errors),
        (results.successful, "counted as successful", bad),
    ):
        if value is not None and whole is not None and value + told < whole:
            return f"only {value:,.0f} of {whole:,.0f} were {name}"
    if not done and progress.percentage is not None and progress.percentage < _ROUNDED_PERCENTAGE:
        return f"its progress stands at {progress.percentage:.0f}%"
    return None


def _claims_too_much(snapshot: Snapshot) -> bool:
    """Whether more was done than there was to do."""
    progress, results = snapshot.progress, snapshot.results
    known = [value for value in (progress.processed, results.successful) if value is not None]
    too_much = progress.total is not None and any(value > progress.total for value in known)
    return too_much or (
        progress.processed is not None and results.successful is not None and results.successful > progress.processed
    )


def _counts(snapshot: Snapshot) -> str:
    progress, results = snapshot.progress, snapshot.results
    named = {"successful": results.successful, "processed": progress.processed, "in total": progress.total}
    return ", ".join(f"{value:,.0f} {name}" for name, value in named.items() if value is not None)


def _of_another_time(submission: Submission, snapshot: Snapshot) -> Iterator[str]:
    """An end from before the submission, or from before its own start."""
    end, start = snapshot.finished_at, snapshot.starts_at
    if end is not None and submission.submitted_at - end > _CLOCKS_DIFFER_BY:
        yield (
            f"The vendor names {_written(end)} as its end, before the submission at {_written(submission.submitted_at)}"
            ": this may be an earlier run's end, the submission may have come late, or a clock or time zone is off."
        )
    if end is not None and start is not None and start - end > _CLOCKS_DIFFER_BY:
        yield f"The vendor names an end ({_written(end)}) before the job's start ({_written(start)})."


def _written(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
