"""What is said of a job that has ended, for each outcome."""

from typing import assert_never

from jobwatch.domain.words import Operation, Outcome
from jobwatch.messages.case import Case, Words
from jobwatch.messages.numbers import counted
from jobwatch.vendors.registry import VENDORS


def words_of_end(case: Case) -> Words:
    """What the finished notice of a case says."""
    match case.outcome:
        case Outcome.SUCCEEDED:
            return _succeeded(case) if case.claims.plain_success else _in_doubt(case)
        case Outcome.COMPLETED_WITH_ERRORS:
            return Words(f"{case.noun} finished with {_errors(case)}", _after_errors(case))
        case Outcome.FAILED:
            return Words(f"{case.noun} failed{case.at_share}", _after_failure(case))
        case Outcome.CANCELLED:
            step = f"Nothing, if it was cancelled on purpose; otherwise start the {case.noun} again."
            return Words(f"{case.noun} was cancelled{case.at_share}", step)
        case Outcome.NOT_FOUND:
            return _not_found(case)
        case Outcome.GAVE_UP | None:
            return _gave_up(case)
        case Outcome.STOPPED:
            raise ValueError("a stopped watch has no finished notice")
    assert_never(case.outcome)


def _succeeded(case: Case) -> Words:
    warnings = case.results.warnings
    if case.watch.submission.operation is Operation.VALIDATION:
        event = f"{case.noun} found {counted(warnings, 'warning')}, no errors" if warnings else None
        look = f" Look at the {counted(warnings, 'warning')} first." if warnings else ""
        return Words(
            event or f"{case.noun} succeeded, no errors",
            f"Start the import: the {case.noun} found no errors.{look}",
        )
    do = f"Nothing has to be done; the {counted(warnings, 'warning')} can wait." if warnings else "Nothing to do."
    hint = VENDORS[case.watch.vendor].after_success(case.watch.submission.operation)
    event = f"{case.noun} succeeded with {counted(warnings, 'warning')}" if warnings else f"{case.noun} succeeded"
    return Words(event, f"{do} {hint}" if hint else do)


def _in_doubt(case: Case) -> Words:
    """A success that the vendor states, and that contradicts itself, or whose errors nobody counted."""
    claims, own_log = case.claims, f"the {case.noun}'s log"
    if claims.log_errors:
        event = f"{case.noun} succeeded, yet its log has {counted(claims.log_errors, 'error')}"
        return Words(event, f"{_read_log(case, own_log)} {_before_relying(case)}.")
    if claims.uncounted is not None and len(claims.doubts) == 1:
        event = f"{case.noun} finished, errors not counted"
        where = f"Look at the {case.noun} in {case.vendor}" if case.log is None else _read_log(case, own_log)
        return Words(event, f"{where} {_before_relying(case)}: nobody counted its errors.")
    event = f"{case.noun} finished, but its success is in doubt"
    log = " and in its log" if case.log is not None else ""
    return Words(event, f"Check the {case.noun} in {case.vendor}{log} {_before_relying(case)}.")


def _before_relying(case: Case) -> str:
    if case.watch.submission.operation is Operation.VALIDATION:
        return "before you start the import"
    return "before you rely on it"


def _errors(case: Case) -> str:
    if case.results.errors:
        return counted(case.results.errors, "error")
    if case.failed_items:
        return counted(case.failed_items, "failed item")
    if case.claims.log_errors:
        return f"{counted(case.claims.log_errors, 'error')} in its log"
    return "errors"


def _after_errors(case: Case) -> str:
    # What shows the errors themselves; without any, nobody can say yet what there is to correct.
    shown = case.cause is not None or case.failed_items > 0
    look = "correct what the errors name" if shown else f"{_read_log(case).lower()}, correct what its errors name"
    if not shown and case.log is None and case.snapshot and case.snapshot.log_location is None:
        look = f"look at the {case.noun} in {case.vendor}, correct what its errors name"
    match case.watch.submission.operation:
        case Operation.VALIDATION:
            return f"Do not import yet: {look}, then validate again."
        case Operation.EXPORT:
            return f"{_sentence(look)}, then run the {case.noun} again: what failed is missing from it."
        case Operation.IMPORT:
            again = "import the failed items again" if case.noun == "import" else f"run the {case.noun} again"
            return f"{_sentence(look)}, then {again}."


def _after_failure(case: Case) -> str:
    retryable = case.snapshot.retryable if case.snapshot else None
    look = _look(case)
    if retryable:
        return (
            f"Start the {case.noun} again; {case.vendor} says a retry can succeed. If it fails again, "
            f"{look[0].lower()}{look[1:]}."
        )
    if retryable is False:
        return f"{look} and mend the cause first; {case.vendor} says a plain retry will fail again."
    if case.cause is None:
        return f"{look} to find the cause, then start the {case.noun} again."
    return f"Mend the cause, then start the {case.noun} again. {look} for more."


def _not_found(case: Case) -> Words:
    missing = case.watch.missing
    situation = None
    if missing is not None:
        before = f"Before that, {case.last_answer}." if case.snapshot else "It was never seen."
        polls = counted(missing.polls, "poll")
        situation = f"Not found since {case.clock.since(missing.since)}, in {polls}. {before}"
    step = (
        f"Check the job id and connection {case.connection}. If both are right, the job was deleted, or started in "
        f"another account of {case.vendor}."
    )
    return Words(f"{case.vendor} does not know this {case.noun}", step, situation)


def _gave_up(case: Case) -> Words:
    watch, clock = case.watch, case.clock
    # In hours, as the limit is set.
    hours = max(round((clock.at - watch.counts_from).total_seconds() / 3600), 0)
    sentences = [f"No end seen since {clock.time(watch.counts_from)}."]
    if watch.failing:
        sentences.append(case.silence(watch.failing))
    elif watch.unanswered_since:
        sentences.append(f"No answer since {clock.since(watch.unanswered_since)}.")
    sentences.append(f"{case.last_answer}.")
    step = f"Look at the {case.noun} in {case.vendor}: jobwatch no longer follows it."
    if case.snapshot and case.snapshot.unnamed:
        step = f"{step} {case.name_the_state(case.snapshot)}"
    return Words(f"stopped watching, no end after {hours:,} h", step, " ".join(sentences))


def _look(case: Case) -> str:
    """Where its reader finds more: in the log, or else at the vendor."""
    if case.snapshot and case.snapshot.log_location:
        return _read_log(case)
    return f"Look at the {case.noun} in {case.vendor}"


def _read_log(case: Case, which: str = "the log") -> str:
    return f"Read {which} from line {case.log_line:,}" if case.log_line else f"Read {which}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
