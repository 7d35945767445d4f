"""What is usual of a series, and what of a run is not: from eight good runs on, by one rule.

Compared on a logarithmic scale, as durations and counts vary by factors: a value is unusual when it lies both
well outside all that was usual before and far from the middle, in robust deviations (1.4826 × the median distance from
the median, Rousseeuw & Croux 1993). The numbers were chosen by `make bench-usual`, which prints what they do.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final, Literal

from jobwatch.domain.prior import Prior
from jobwatch.domain.series import History, Run
from jobwatch.domain.words import Outcome

GOOD_RUNS_NEEDED: Final = 8

Kind = Literal["longer", "shorter", "fewer", "more_errors", "first_failure", "failures_in_a_row"]
_BAD: Final = frozenset({Outcome.FAILED, Outcome.NOT_FOUND, Outcome.GAVE_UP})
_ROBUST: Final = 1.4826
_ODD_DEVIATIONS: Final = 3.5
"""A value so far from the middle was unusual itself, and does not widen what is usual, unless more than a few are."""
_FEW_RUNS: Final = 3.0
"""What few runs cannot say of the spread: n of them count as wide as √(1 + 3/n) times what they show."""


@dataclass(frozen=True)
class _Measure:
    """By how much a value must differ: in deviations from the middle, and by the share that it is outside the range."""

    deviations: float
    outside: float
    least_spread: float
    most_odd: float
    """The share of values that may be odd ones; more of them are what is usual."""


_DURATIONS: Final = _Measure(2.6, 0.3, 0.05, 0.15)
_COUNTS: Final = _Measure(4.0, 0.5, 0.1, 0.34)
_ERRORS: Final = _Measure(4.0, 0.5, 0.45, 0.15)


@dataclass(frozen=True)
class Range:
    """From the least to the most that was usual, and the bounds beyond which a value is not."""

    least: float
    most: float
    too_little: float
    too_much: float


@dataclass(frozen=True)
class Usual:
    """What is usual of a series by its good runs; a range is None where fewer than eight of them had the value."""

    runs: int
    seconds: Range | None
    watched_seconds: Range | None
    successful: Range | None
    errors: Range | None

    @classmethod
    def of(cls, history: History) -> Usual | None:
        """What the history says, or None with fewer than eight good runs."""
        good = good_runs(history)
        if len(good) < GOOD_RUNS_NEEDED:
            return None
        return cls(
            len(good),
            _range([run.seconds for run in good], _DURATIONS),
            _range([run.watched_seconds for run in good], _DURATIONS),
            _range([run.successful for run in good], _COUNTS),
            _range([run.errors for run in good], _ERRORS),
        )


@dataclass(frozen=True)
class Finding:
    """One thing of a run that is unusual; `runs` counts those before it that it is compared with."""

    kind: Kind
    runs: int
    value: float | None = None
    usual: Range | None = None


def unusual(history: History, run: Run) -> tuple[Finding, ...]:
    """What of this run is unusual after those of `history`, the gravest first; empty on an ordinary end."""
    usual = Usual.of(history)
    if usual is None:
        return ()
    if run.outcome in _BAD:
        return _failures(history, run)
    found = []
    if run.outcome in (Outcome.SUCCEEDED, Outcome.COMPLETED_WITH_ERRORS):
        found.append(_too_little("fewer", run.successful, usual.successful, usual.runs))
        found.append(_too_much("more_errors", run.errors, usual.errors, usual.runs))
        # A vendor's durations and jobwatch's own are never compared with each other.
        seconds, range_ = (
            (run.seconds, usual.seconds)
            if run.seconds is not None and usual.seconds is not None
            else (run.watched_seconds, usual.watched_seconds)
        )
        found.append(_too_much("longer", seconds, range_, usual.runs))
        found.append(_too_little("shorter", seconds, range_, usual.runs))
    return tuple(finding for finding in found if finding is not None)


def good_runs(history: History) -> list[Run]:
    """The runs that succeeded, or completed with no more errors than is usual among the completed ones."""
    ended = [run for run in history.runs if run.outcome in (Outcome.SUCCEEDED, Outcome.COMPLETED_WITH_ERRORS)]
    errors = _range([run.errors for run in ended], _ERRORS, needed=1)
    return [
        run
        for run in ended
        if run.outcome is Outcome.SUCCEEDED or (run.errors is not None and errors and run.errors <= errors.too_much)
    ]


def prior_of(history: History) -> Prior | None:
    """What the good runs of a series say of when the next one will end, by jobwatch's own clock."""
    return Prior.of([run.watched_seconds for run in good_runs(history) if run.watched_seconds is not None])


def _failures(history: History, run: Run) -> tuple[Finding, ...]:
    """The first failure after good runs only, or one more of the same cause."""
    same = 0
    for before in reversed(history.runs):
        if before.outcome not in _BAD or (before.cause, before.outcome) != (run.cause, run.outcome):
            break
        same += 1
    if same:
        return (Finding("failures_in_a_row", same + 1),)
    if any(before.outcome in _BAD for before in history.runs):
        return ()
    good = 0
    for before in reversed(history.runs):
        if before.outcome not in (Outcome.SUCCEEDED, Outcome.COMPLETED_WITH_ERRORS):
            break
        good += 1
    return (Finding("first_failure", good),) if good >= GOOD_RUNS_NEEDED else ()


def _too_much(kind: Kind, value: float | None, usual: Range | None, runs: int) -> Finding | None:
    over = value is not None and usual is not None and value > usual.too_much
    return Finding(kind, runs, value, usual) if over else None


def _too_little(kind: Kind, value: float | None, usual: Range | None, runs: int) -> Finding | None:
    under = value is not None and usual is not None and value < usual.too_little
    return Finding(kind, runs, value, usual) if under else None


def _range(values: Sequence[float | None], measure: _Measure, needed: int = GOOD_RUNS_NEEDED) -> Range | None:
    known = [value for value in values if value is not None and value >= 0 and math.isfinite(value)]
    if len(known) < needed:
        return None
    logs = sorted(math.log1p(value) for value in known)
    middle = median(logs)
    spread = max(_ROBUST * median(abs(log - middle) for log in logs), measure.least_spread)
    near = [log for log in logs if abs(log - middle) <= _ODD_DEVIATIONS * spread]
    if len(near) < (1 - measure.most_odd) * len(logs):
        near = logs
    wide = measure.deviations * spread * math.sqrt(1 + _FEW_RUNS / len(logs))
    outside = math.log1p(measure.outside)
    return Range(
        math.expm1(near[0]),
        math.expm1(near[-1]),
        math.expm1(min(near[0] - outside, middle - wide)),
        math.expm1(max(near[-1] + outside, middle + wide)),
    )
