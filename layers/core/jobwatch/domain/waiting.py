"""When to ask the vendor next: one pure function from what is known to the next wait.

The plain wait grows slowly with the time a job has run. A guess at the end (the progress so far extrapolated, or a
vendor's ETA that moves) is a window from its earliest to its latest moment, as wide as the guesses before it were
wrong: before the window few polls watch for an early failure, inside it they are as dense as it is narrow, behind
it they thin out to the plain wait again. So a guess that lies costs a few polls, and never the notification.

The shape is Keller's (1974): polls belong where the hazard of ending is, with a density that grows with it. The
numbers were chosen by `make bench-polling`; docs/polling.md shows what they do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from jobwatch.domain.prior import Prior

_PLAIN_SECONDS: Final = 9.7
_PLAIN_GROWTH: Final = 0.115
"""The plain wait is 9.7 s · t^0.115 after t seconds: 17 s after two minutes, 25 s after an hour, 33 s after twelve.
Slower growth saves polls at equal mean delay, faster growth sees the end of short jobs sooner."""

_FAR: Final = 2.6
"""While the end is known to be far, only failures end a job. About one job in seven fails, so the hazard is a
seventh of the usual one, and the wait √7 times as long."""
_FAR_GROWTH: Final = 0.25
_FAR_FULL_AFTER_SECONDS: Final = 1000.0
"""A young job that fails is missed sooner than an old one: the far wait grows into its factor."""
_FAR_MOST_SECONDS: Final = 120.0
"""The longest wait that a guess can bring about, so that nearly all ends are seen within two minutes, also of jobs
that fail where nothing told of it."""
_NOTHING_DONE_YET: Final = 2.0
"""How many times the plain wait is waited for while the vendor counts, and has counted nothing done yet."""

_FIRST_DOUBT: Final = 0.5
_DOUBT_LEARNING: Final = 0.4
_LEAST_DOUBT: Final = 0.02
_DOUBT_ONCE_BACK: Final = 1.0
"""Progress that went back was no measure of what is left: its guess starts anew, in full doubt."""
_MOST_DOUBT: Final = 0.75
"""A guess in more doubt is not followed."""
_EARLIER: Final = 1.6
_LATER: Final = 0.6
"""A guess that was wrong by the share d of its rest on average opens a window from 1.6 d before to 0.6 d after."""

_LEAST_PROGRESS: Final = 0.01
_STEP_MEMORY: Final = 0.7
_MOVED: Final = 0.01
"""An ETA that moved by less than this share of the rest is the same static one, rounded."""
_JUST_BEHIND_SECONDS: Final = 3.0

_SPREAD: Final = 0.1
_FIRST_SPREAD: Final = 0.5
_AIMED_SPREAD_SECONDS: Final = 5.0
_LONGEST_SECONDS: Final = 1e9


@dataclass(frozen=True)
class Guess:
    """When a job will end, as one source said; times in seconds since the job's start basis.

    `doubt` is by how much of the rest its guesses were wrong so far, from 0 to 1.
    """

    end: float
    made_at: float
    doubt: float
    earliest: float
    latest: float


@dataclass(frozen=True)
class Pace:
    """What the policy remembers from one poll to the next: a dozen numbers, however long the job."""

    progress: float = 0.0
    stood_still: bool = False
    fell: bool = False
    step: float = 0.0
    from_progress: Guess | None = None
    first_eta: float | None = None
    first_eta_at: float = 0.0
    from_eta: Guess | None = None

    def as_json(self) -> dict[str, Any]:
        """Plain numbers and two lists of them, to the millisecond and the millionth of a share; unknown is left out.

        Every poll writes them, and each kilobyte of a watch is a write unit: rounded, they are a fifth of one.
        """
        known = {field.name: getattr(self, field.name) for field in fields(self)}
        unknown = Pace()
        return {name: _plain(name, value) for name, value in known.items() if value != getattr(unknown, name)}

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Pace:
        """The reverse of `as_json`. What another version stored beside or instead is left out, not an error."""
        known = {field.name: document[field.name] for field in fields(cls) if field.name in document}
        for name in ("from_progress", "from_eta"):
            known[name] = _guess_from(known.get(name))
        return cls(**known)


def _plain(name: str, value: Guess | float) -> list[float] | float:
    if isinstance(value, Guess):
        return [_rounded(field.name, getattr(value, field.name)) for field in fields(Guess)]
    return value if isinstance(value, bool) else _rounded(name, value)


def _rounded(name: str, value: float) -> float:
    return round(value, 6 if name in ("progress", "step", "doubt") else 3)


def _guess_from(numbers: Any) -> Guess | None:
    return Guess(*numbers) if isinstance(numbers, list) and len(numbers) == len(fields(Guess)) else None


@dataclass(frozen=True)
class Sighting:
    """What one poll saw; times in seconds since the job's start basis. Any value may be missing or nonsense."""

    elapsed_seconds: float
    processed: float | None = None
    total: float | None = None
    percentage: float | None = None
    predicted_end_seconds: float | None = None
    starts_in_seconds: float | None = None


def next_wait(
    pace: Pace,
    sighting: Sighting,
    *,
    min_seconds: int,
    max_seconds: int,
    jitter: float,
    prior: Prior | None = None,
    _scale: float = 1.0,
) -> tuple[float, Pace]:
    """Seconds to wait after this sighting until the next poll, and what to remember until then.

    `jitter` is a uniform number in [0, 1); given it, the result is determined. The wait lies within
    [min_seconds, max_seconds] whatever was sighted, with one exception: a scheduled job is not polled before it can
    have started, also when that takes longer than max_seconds. `prior` is what earlier runs of the series say; a guess
    that is surer is followed instead. `_scale` lengthens every wait within these bounds;
    only the benchmark turns it, to compare schedules at equal delay.
    """
    starts_in = _number(sighting.starts_in_seconds)
    if starts_in is not None and starts_in > 0:
        return max(starts_in, min_seconds) + min_seconds * jitter, pace
    elapsed = min(max(_number(sighting.elapsed_seconds) or 0.0, 0.0), _LONGEST_SECONDS)
    share, grain = _done(sighting)
    eta = _number(sighting.predicted_end_seconds)
    pace = _with_progress(pace, elapsed, share, grain)
    pace = _with_eta(pace, elapsed, eta)

    plain = _scale * _PLAIN_SECONDS * max(elapsed, 1.0) ** _PLAIN_GROWTH
    young = min(1.0, elapsed / _FAR_FULL_AFTER_SECONDS) ** _FAR_GROWTH
    far = max(plain, min(plain * _FAR * young, _scale * _FAR_MOST_SECONDS))
    guess = _better(
        pace.from_progress if share is not None and share >= _LEAST_PROGRESS else None,
        pace.from_eta if eta is not None else None,
    )
    aimed = False
    if prior is not None and (guess is None or _unsure_seconds(guess) > prior.width_seconds):
        wait = min(prior.wait_seconds(elapsed, _scale), far)
        if guess is None and eta is not None and 0 < eta - elapsed < wait:
            wait, aimed = eta - elapsed + _JUST_BEHIND_SECONDS, True
    elif guess is not None:
        wait, aimed = _around(guess, elapsed, plain, far)
    elif eta is not None:
        wait, aimed = _with_static(eta - elapsed, plain)
    elif share is not None and share < _LEAST_PROGRESS and sighting.total != 1 and not pace.fell:
        wait = min(_NOTHING_DONE_YET * plain, far)
    else:
        wait = plain
    return _jittered(wait, aimed, elapsed, min_seconds, max_seconds, jitter), pace


def _with_progress(pace: Pace, elapsed: float, share: float | None, grain: float) -> Pace:
    """The pace with a new guess, where progress has moved since the last poll.

    One more step may finish the job, so a rest of one step less is all that the guess can promise. A step is one
    item (`grain`), or more: after a standstill it is as fine as the vendor counts (a fifth in a job of five stages).
    """
    if share is None:
        return pace
    rounded = _rounded("progress", share)
    if rounded == pace.progress:
        return replace(pace, stood_still=True)
    step = pace.step * _STEP_MEMORY
    if pace.stood_still:
        step = max(abs(rounded - pace.progress), step)
    guess, fell = pace.from_progress, pace.fell or rounded < pace.progress
    if guess is not None and rounded < pace.progress:
        guess = replace(guess, doubt=_DOUBT_ONCE_BACK)
    if share >= _LEAST_PROGRESS:
        coarseness = min(1.0, max(step, grain) / (1 - share)) if share < 1 else 1.0
        guess = _guessed(guess, elapsed, elapsed / share, coarseness)
    return replace(pace, progress=rounded, stood_still=False, fell=fell, step=step, from_progress=guess)


def _with_eta(pace: Pace, elapsed: float, eta: float | None) -> Pace:
    """The pace with a new guess, where the ETA has moved. The first ETA proves nothing: it may be a static one."""
    if eta is None:
        return pace
    if pace.first_eta is None:
        return replace(pace, first_eta=eta, first_eta_at=elapsed)
    before = pace.from_eta or Guess(pace.first_eta, pace.first_eta_at, _FIRST_DOUBT, elapsed, elapsed)
    if abs(eta - before.end) <= _MOVED * abs(before.end - elapsed):
        return pace
    return replace(pace, from_eta=_guessed(before, elapsed, eta, 0.0))


def _guessed(before: Guess | None, elapsed: float, end: float, coarseness: float) -> Guess:
    """A new guess from the same source as the one before, in doubt by how far the two are apart."""
    doubt = _FIRST_DOUBT
    if before is not None:
        wrong = min(1.0, abs(end - before.end) / max(before.end - before.made_at, 1.0))
        doubt = before.doubt + _DOUBT_LEARNING * (wrong - before.doubt)
    rest = max(end - elapsed, 0.0)
    earlier = min(1.0, max(_EARLIER * doubt, _LEAST_DOUBT, coarseness))
    later = max(_LATER * doubt, _LEAST_DOUBT, coarseness)
    return Guess(end, elapsed, doubt, elapsed + rest * (1 - earlier), elapsed + rest * (1 + later))


def _better(one: Guess | None, other: Guess | None) -> Guess | None:
    guesses = [guess for guess in (one, other) if guess is not None and guess.doubt <= _MOST_DOUBT]
    return min(guesses, key=lambda guess: guess.doubt, default=None)


def _unsure_seconds(guess: Guess) -> float:
    return guess.doubt * max(guess.end - guess.made_at, 1.0)


def _around(guess: Guess, elapsed: float, plain: float, far: float) -> tuple[float, bool]:
    """The wait before, inside or behind the window of a guess, and whether it aims at a moment in it."""
    width = guess.latest - guess.earliest
    dense = plain * min(1.0, width / max(elapsed, 1.0))
    behind = elapsed - guess.latest
    if behind > 0:
        return min(plain, max(dense, behind)), False
    before = guess.earliest - elapsed
    wait = before + min(width, dense) if before > 0 else min(dense, _JUST_BEHIND_SECONDS - behind)
    return min(wait, far), wait < far


def _with_static(rest: float, plain: float) -> tuple[float, bool]:
    """The plain wait, as an ETA that never moved proves nothing; but a poll comes just behind it."""
    if 0 < rest < 1.5 * plain:
        return rest + _JUST_BEHIND_SECONDS, True
    return plain, False


def _jittered(wait: float, aimed: bool, elapsed: float, min_seconds: int, max_seconds: int, jitter: float) -> float:
    """The wait within its bounds, spread so that jobs submitted together do not poll together.

    An aimed wait is only ever lengthened, by seconds: a poll before the moment it aims at would be wasted.
    """
    if aimed:
        wait += min(_SPREAD * wait, _AIMED_SPREAD_SECONDS) * jitter
    else:
        wait *= 1 + _SPREAD * (2 * jitter - 1)
    first = elapsed < min_seconds
    lowest = min_seconds * (1 + (_FIRST_SPREAD if first else _SPREAD) * jitter)
    highest = max_seconds * (1 - _SPREAD * jitter)
    return min(max(min(max(wait, lowest), highest), min_seconds), max_seconds)


def _done(sighting: Sighting) -> tuple[float | None, float]:
    """Progress as a share of 1, and the share of one item: from the counts, or else the percentage.

    (None, 0.0) when neither makes sense. A whole percentage counts in hundredths.
    """
    processed, total = _number(sighting.processed), _number(sighting.total)
    if processed is not None and total is not None and total > 0 and 0 <= processed <= total:
        return processed / total, min(1 / total, 1.0)
    percentage = _number(sighting.percentage)
    if percentage is not None and 0 <= percentage <= 100:
        return percentage / 100, 0.01 if percentage == int(percentage) else 0.0
    return None, 0.0


def _number(value: float | None) -> float | None:
    """The value, unless it is missing, not a number, or beyond any time or count that could be meant."""
    return value if value is not None and math.isfinite(value) and abs(value) <= _LONGEST_SECONDS else None
