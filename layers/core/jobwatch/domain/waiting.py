"""When to ask the vendor next: one pure function from what is known to the next wait.

What is known is a guess at the end (the vendor's ETA, or the progress extrapolated) and how long the job has
run. Without a guess, the wait grows with the cube root of the elapsed time; with one, half the guessed rest is
waited for, then small steps are taken around the guessed end, and growing ones once it has passed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, Final

_JITTER_SHARE: Final = 0.2
_LEAST_PROGRESS: Final = 0.02
_MOST_OVERRUNS: Final = 3


@dataclass(frozen=True)
class Pace:
    """What the policy remembers from one poll to the next; a handful of plain numbers, however long the job."""

    progress: float = 0.0
    last_step: float = 0.0
    predicted_end_seconds: float | None = None
    eta_moves: int = 0
    overruns: int = 0

    def as_json(self) -> dict[str, Any]:
        """Plain numbers (or null), for DynamoDB."""
        return {
            "progress": self.progress,
            "last_step": self.last_step,
            "predicted_end_seconds": self.predicted_end_seconds,
            "eta_moves": self.eta_moves,
            "overruns": self.overruns,
        }

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Pace:
        """The reverse of `as_json`; missing keys take their defaults."""
        end = document.get("predicted_end_seconds")
        return cls(
            progress=float(document.get("progress", 0.0)),
            last_step=float(document.get("last_step", 0.0)),
            predicted_end_seconds=None if end is None else float(end),
            eta_moves=int(document.get("eta_moves", 0)),
            overruns=int(document.get("overruns", 0)),
        )


@dataclass(frozen=True)
class Sighting:
    """What one poll saw; all times in seconds since the job's start basis. Any value may be nonsense."""

    elapsed_seconds: float
    processed: float | None = None
    total: float | None = None
    percentage: float | None = None
    predicted_end_seconds: float | None = None
    starts_in_seconds: float | None = None


def next_wait(
    pace: Pace, sighting: Sighting, *, min_seconds: int, max_seconds: int, jitter: float
) -> tuple[float, Pace]:
    """Seconds to wait before the next poll, and what to remember for it.

    `jitter` is a uniform number in [0, 1); given it, the result is determined. The wait lies within
    [min_seconds, max_seconds], except that a scheduled job is not polled before it can have started, even when
    that takes longer than max_seconds.
    """
    elapsed = _plain(sighting.elapsed_seconds) or 0.0
    elapsed = max(0.0, elapsed)
    starts_in = _plain(sighting.starts_in_seconds)
    if starts_in is not None and starts_in > 0:
        return starts_in + min_seconds * jitter, pace

    progress = _share_done(sighting)
    step = progress - pace.progress
    if step > 0:
        pace = replace(pace, progress=progress, last_step=step)
    eta = _plain(sighting.predicted_end_seconds)
    if eta != pace.predicted_end_seconds:
        moves = pace.eta_moves + (pace.predicted_end_seconds is not None)
        pace = replace(pace, predicted_end_seconds=eta, eta_moves=min(moves, 9))

    base = min(max(5.0 * elapsed ** (1 / 3), 10.0), 900.0)
    rest = surely = None
    if eta is not None and eta > elapsed:
        rest = eta - elapsed if pace.eta_moves else min(eta - elapsed, 4 * base)
        surely = rest
    elif progress >= _LEAST_PROGRESS:
        rest = elapsed * (1 - progress) / progress
        if step > 0:
            ahead = min(1.0, progress + step)
            surely = elapsed * (1 - ahead) / ahead
    if surely is not None and surely / 2 > base:
        wait = min(surely / 2, 3 * base)
    elif rest is not None and rest / 2 < base:
        wait = max(rest / 2, base / 2 ** (3 - pace.overruns))
        if rest <= base / 4:
            pace = replace(pace, overruns=min(pace.overruns + 1, _MOST_OVERRUNS))
    else:
        wait = base
    spread = 1 + _JITTER_SHARE * (jitter - 0.5)
    low = min_seconds * (1 + _JITTER_SHARE * jitter)
    high = max_seconds * (1 - _JITTER_SHARE * jitter)
    return min(max(min(max(wait * spread, low), high), min_seconds), max_seconds), pace


def _share_done(sighting: Sighting) -> float:
    """Progress as a share of 1, from the counts or else the percentage; 0 when neither makes sense."""
    processed, total = _plain(sighting.processed), _plain(sighting.total)
    if processed is not None and total is not None and 0 <= processed <= total and total > 0:
        return processed / total
    percentage = _plain(sighting.percentage)
    if percentage is not None and 0 <= percentage <= 100:
        return percentage / 100
    return 0.0


def _plain(number: float | None) -> float | None:
    """The number, unless it is missing, infinite or not a number."""
    return number if number is not None and math.isfinite(number) else None
