"""What happened and what to do next, in one sentence each."""

from collections.abc import Mapping
from typing import Any

from jobwatch.domain.snapshot import Progress, Results, Snapshot
from jobwatch.domain.text import clean_or_none
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Operation, Outcome
from jobwatch.messages.facts import Told
from jobwatch.messages.phrases import counted
from jobwatch.messages.situation import recovered_from
from jobwatch.vendors.registry import VENDORS

_ABOVE = "the problems above"
_ERROR_ABOVE = "the error above"


def job_name(watch: Watch) -> str:
    """What people call the job, or else its id."""
    return clean_or_none(watch.submission.name, 120) or f"job {watch.submission.job_id}"


def headline(watch: Watch, notice: Notice, outcome: Outcome | None) -> str:
    """What happened to which job."""
    what, vendor = watch.submission.operation.value.capitalize(), watch.vendor_title
    results = watch.snapshot.results if watch.snapshot else Results()
    progress = watch.snapshot.progress if watch.snapshot else Progress()
    share = _share(progress)
    at = f" at {share}" if share else ""
    match notice, outcome:
        case Notice.FINISHED, Outcome.SUCCEEDED:
            warnings = f" with {counted(results.warnings, 'warning')}" if results.warnings else ""
            event = f"{what} succeeded{warnings}"
        case Notice.FINISHED, Outcome.COMPLETED_WITH_ERRORS:
            event = f"{what} finished with {_problem_counts(results) or 'errors'}"
        case Notice.FINISHED, Outcome.FAILED:
            event = f"{what} failed{at}"
        case Notice.FINISHED, Outcome.CANCELLED:
            event = f"{what} was cancelled{at}"
        case Notice.FINISHED, Outcome.NOT_FOUND:
            event = f"{what} is not known to {vendor}"
        case Notice.FINISHED, _:
            event = f"{what} showed no end, jobwatch gave up"
        case Notice.STALLED, _:
            event = f"{what} has stalled{at}"
        case Notice.OVERDUE, _:
            event = f"{what} is overdue{at}"
        case Notice.UNREACHABLE, _:
            event = f"{vendor} cannot be asked about the {what.lower()}"
        case Notice.RECOVERED, _:
            again = "moves" if recovered_from(watch) == [Notice.STALLED] else "can be followed"
            event = f"{what} {again} again{at}"
        case Notice.STARTED, _:
            event = f"{what} has started"
        case Notice.PROGRESS, _:
            event = f"{what} is{at or ' moving'}"
    return f"{event}: {job_name(watch)}"


def next_step(watch: Watch, notice: Notice, outcome: Outcome | None, log: Mapping[str, Any] | None, told: Told) -> str:
    """What the reader does now. `log`: the contract's log object, if any. `told`: the failures that are shown."""
    operation, vendor = watch.submission.operation, watch.vendor_title
    where = _where(watch, told)
    match notice, outcome:
        case Notice.FINISHED, Outcome.SUCCEEDED:
            return _after_success(watch, log, where)
        case Notice.FINISHED, Outcome.COMPLETED_WITH_ERRORS:
            fix = f"fix {where}" if where in (_ABOVE, _ERROR_ABOVE) else f"look at {where}, fix the errors"
            if operation is Operation.VALIDATION:
                return f"Do not import yet: {fix} in the source content, then validate again."
            return (
                f"{fix[0].upper()}{fix[1:]} in the source content, then run the {operation} again for what is missing."
            )
        case Notice.FINISHED, Outcome.FAILED:
            return _after_failure(watch, where)
        case Notice.FINISHED, Outcome.CANCELLED:
            return f"Nothing, if it was cancelled on purpose; otherwise start the {operation} again."
        case Notice.FINISHED, Outcome.NOT_FOUND:
            return (
                f"Check the job id and the connection {watch.submission.connection}: {vendor} answered that there is "
                "no such job. It may have been deleted, or started in another account."
            )
        case Notice.FINISHED, _:
            look = f"Look at the job in {vendor}: jobwatch no longer follows it."
            snapshot = watch.snapshot
            return f"{look} {_name_the_state(watch, snapshot)}" if snapshot and snapshot.unnamed else look
        case Notice.STALLED | Notice.OVERDUE, _ if watch.snapshot and watch.snapshot.unnamed:
            return f"Look at the job in {vendor}: it may have ended. {_name_the_state(watch, watch.snapshot)}"
        case Notice.STALLED, _ if watch.snapshot and watch.snapshot.waits_for:
            return f"In {vendor}, the job waits for {watch.snapshot.waits_for}. jobwatch keeps watching."
        case Notice.STALLED, _:
            return f"Look at the job in {vendor}; if it hangs, cancel and start it again. jobwatch keeps watching."
        case Notice.OVERDUE, _:
            return "Nothing yet, if it may take longer: jobwatch keeps watching and tells its end."
        case Notice.UNREACHABLE, _:
            return f"Check {vendor} and the connection {watch.submission.connection}. jobwatch keeps trying."
    return "Nothing: jobwatch keeps watching and tells its end."


def _name_the_state(watch: Watch, snapshot: Snapshot) -> str:
    if watch.vendor != "rest":
        return f'jobwatch does not know the state "{snapshot.vendor_status}".'
    return f'Name the state "{snapshot.vendor_status}" in {snapshot.unnamed} (rest.outcomes), so that an end is seen.'


def _after_success(watch: Watch, log: Mapping[str, Any] | None, where: str) -> str:
    operation, vendor = watch.submission.operation, watch.vendor_title
    levels = log["levels"] if log else {}
    in_log = f"{vendor} counted no errors, the log has some." if levels.get("error") or levels.get("fatal") else None
    if operation is Operation.VALIDATION:
        results = watch.snapshot.results if watch.snapshot else Results()
        if in_log:
            return f"Look at {where} before you start the import: {in_log}"
        if results.errors is None and not (log and log["complete"]):
            return f"Look for errors in {where} before you start the import: {vendor} gave no count of them."
        look = f" Look at the {counted(results.warnings, 'warning')} first." if results.warnings else ""
        return f"Start the import: the validation found no errors.{look}"
    hint = VENDORS[watch.vendor].after_success(operation)
    do = f"Look at {where}: {in_log}" if in_log else "Nothing to do."
    return f"{do} {hint}" if hint else do


def _after_failure(watch: Watch, where: str) -> str:
    operation, vendor = watch.submission.operation, watch.vendor_title
    retryable = watch.snapshot.retryable if watch.snapshot else None
    if retryable:
        return f"Start the {operation} again: {vendor} says that a retry can succeed. If it fails again, see {where}."
    if retryable is False:
        return f"Fix the cause first, see {where}: {vendor} says that a plain retry will fail again."
    cause = where if where == _ERROR_ABOVE else f"the error and {where}"
    return f"Find the cause in {cause}, then start the {operation} again."


def _where(watch: Watch, told: Told) -> str:
    """Where the reader finds what went wrong: in the message, or else in the log, or else at the vendor."""
    if told.problems or told.items:
        return _ABOVE
    if told.repeated_line:
        # What surrounds the error's line in the log says more than the error does.
        return f"the log (line {told.repeated_line:,})"
    if watch.snapshot and watch.snapshot.log_location:
        return "the log"
    return _ERROR_ABOVE if told.repeats else f"the job in {watch.vendor_title}"


def _problem_counts(results: Results) -> str:
    parts = []
    if results.errors:
        parts.append(counted(results.errors, "error"))
    if results.errors and results.warnings:
        parts.append(counted(results.warnings, "warning"))
    return " and ".join(parts)


def _share(progress: Progress) -> str | None:
    if progress.percentage is not None:
        return f"{progress.percentage:.0f}%"
    if progress.total and progress.processed is not None:
        return f"{min(progress.processed / progress.total, 1):.0%}"
    return None
