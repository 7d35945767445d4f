"""What is usual of a job's series, and what of this run is not, in the words of a message."""

from dataclasses import dataclass

from jobwatch.domain.series import History, Run
from jobwatch.domain.usual import Finding, Range, Usual, unusual
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Outcome
from jobwatch.messages.document import UnusualPart, UsualPart
from jobwatch.messages.numbers import counted, duration

_DOUBTFUL = frozenset({"shorter", "fewer", "more_errors"})
"""What makes a success doubtful."""
_ORDINALS = ("Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


@dataclass(frozen=True)
class Habits:
    """The parts of the document. `doubts`: those of the texts that make a success doubtful."""

    usual: UsualPart | None = None
    unusual: tuple[UnusualPart, ...] = ()
    doubts: tuple[str, ...] = ()


def run_of(watch: Watch, outcome: Outcome, cause: str | None = None) -> Run:
    """The run that a watch followed, as its series keeps it."""
    snapshot = watch.snapshot
    seconds = None
    if snapshot and snapshot.starts_at and snapshot.finished_at and snapshot.finished_at >= snapshot.starts_at:
        seconds = (snapshot.finished_at - snapshot.starts_at).total_seconds()
    watched = (watch.detected_at - watch.counts_from).total_seconds() if watch.detected_at else None
    return Run(
        outcome,
        seconds=seconds,
        watched_seconds=max(watched, 0.0) if watched is not None else None,
        successful=snapshot.results.successful if snapshot else None,
        errors=snapshot.results.errors if snapshot else None,
        cause=cause,
        watch_id=watch.watch_id,
        ended_at=watch.detected_at,
    )


def habits_of(history: History, run: Run) -> Habits:
    """What the runs before say of this one; nothing where they are too few."""
    usual = Usual.of(history)
    if usual is None:
        return Habits()
    parts = tuple(UnusualPart(kind=found.kind, text=_text(found)) for found in unusual(history, run))
    doubtful = run.outcome is Outcome.SUCCEEDED
    return Habits(
        _usual_part(usual, by_vendor=run.seconds is not None and usual.seconds is not None),
        parts,
        tuple(part["text"] for part in parts if doubtful and part["kind"] in _DOUBTFUL),
    )


def _usual_part(usual: Usual, *, by_vendor: bool) -> UsualPart:
    seconds, successful = usual.seconds if by_vendor else usual.watched_seconds, usual.successful
    return {
        "runs": usual.runs,
        "duration_seconds": [round(seconds.least), round(seconds.most)] if seconds else None,
        "successful": [round(successful.least), round(successful.most)] if successful else None,
    }


def _text(found: Finding) -> str:
    value, usual = found.value or 0.0, found.usual
    match found.kind:
        case "longer" | "shorter":
            return f"Took {duration(value)}, usually {_durations(usual)}."
        case "fewer":
            return f"{value:,.0f} successful, usually {_numbers(usual)}."
        case "more_errors":
            return f"{counted(value, 'error')}, usually {_numbers(usual)}."
        case "first_failure":
            return f"First failure after {counted(found.runs, 'good run')}."
        case "failures_in_a_row":
            nth = _ORDINALS[found.runs - 2] if found.runs - 2 < len(_ORDINALS) else f"{found.runs}th"
            return f"{nth} failure in a row, same cause."


def _durations(usual: Range | None) -> str:
    if usual is None:
        return "otherwise"
    least, most = duration(usual.least), duration(usual.most)
    if least == most:
        return most
    # One unit for both: 38 to 46 min.
    unit = f" {most.rpartition(' ')[2]}"
    plain = least.endswith(unit) and least.count(" ") == most.count(" ") == 1
    return f"{least.removesuffix(unit) if plain else least} to {most}"


def _numbers(usual: Range | None) -> str:
    if usual is None:
        return "otherwise"
    least, most = f"{usual.least:,.0f}", f"{usual.most:,.0f}"
    return most if least == most else f"{least} to {most}"
