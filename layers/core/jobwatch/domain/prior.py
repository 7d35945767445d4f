"""What a series' earlier runs say of when this one will end: a prior for the polling rule.

Polls belong where the hazard of ending is, with a density that grows with its square root (Keller 1974). The hazard
is that of a mixture: most runs take as long as those before, give or take their spread; a few are something else
altogether and end anywhere; some fail on the way. The few keep a prior that is wrong from costing more than a few
polls: after a shift the rule is soon as watchful as without history.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_ALIKE_RUNS: Final = 1
_ALIKE_SPREAD: Final = 0.25
"""One run on faith, a quarter longer or shorter than the rest: what one or two runs cannot say of their spread."""
_LEAST_SPREAD: Final = 0.03
_BROAD: Final = 0.08
"""The share of runs that are unlike those before."""
_BROAD_SPREAD: Final = 1.2
_FAILING: Final = 0.1
"""The share of runs that fail on the way, at any moment of it."""
_POLL_COST_SECONDS: Final = 0.12
"""What a poll costs, in seconds of delay: with it a job of unknown length is polled as the plain wait does."""
_LONGEST_SECONDS: Final = 120.0
_STEPS: Final = 64


@dataclass(frozen=True)
class Prior:
    """Durations of earlier runs on a log scale: `runs` of them, around e^`middle` seconds, with this `spread`."""

    runs: int
    middle: float
    spread: float

    @classmethod
    def of(cls, durations_seconds: Sequence[float]) -> Prior | None:
        """The prior of a series whose runs took so long, by jobwatch's own clock, in any order; None without one."""
        logs = [math.log(seconds) for seconds in durations_seconds if seconds >= 1 and math.isfinite(seconds)]
        if not logs:
            return None
        middle = math.fsum(logs) / len(logs)
        squares = math.fsum((value - middle) ** 2 for value in logs) + _ALIKE_RUNS * _ALIKE_SPREAD**2
        spread = math.sqrt(squares / (len(logs) - 1 + _ALIKE_RUNS) * (1 + 1 / len(logs)))
        return cls(len(logs), middle, max(spread, _LEAST_SPREAD))

    def as_json(self) -> list[float]:
        """Three numbers for the watch's item."""
        return [self.runs, round(self.middle, 3), round(self.spread, 3)]

    @classmethod
    def from_json(cls, stored: Any) -> Prior | None:
        """The reverse of `as_json`; None for what is none."""
        if not (isinstance(stored, list) and len(stored) == 3 and stored[0] and stored[2] > 0):
            return None
        return cls(int(stored[0]), float(stored[1]), float(stored[2]))

    @property
    def width_seconds(self) -> float:
        """By how much this run's end may well lie off the usual one."""
        return self.spread * math.exp(self.middle)

    def wait_seconds(self, elapsed: float, scale: float) -> float:
        """Seconds until the next poll of a job that has run for `elapsed` seconds and shows nothing.

        The wait holds one poll's worth of density: short where an end is likely, long where only a failure can end
        the job, and never past the beginning of the likely stretch. `scale` lengthens it.
        """
        at, left = max(elapsed, 1.0), 1.0
        longest = _LONGEST_SECONDS * scale
        for _ in range(_STEPS):
            density = math.sqrt(self._hazard(at) / (2 * _POLL_COST_SECONDS)) / scale
            step = min(0.25 / density, self.width_seconds / 4, longest)
            if density * step >= left:
                return min(at + left / density - elapsed, longest)
            left -= density * step
            at += step
            if at - elapsed >= longest:
                break
        return min(at - elapsed, longest)

    def _hazard(self, at: float) -> float:
        """The chance a second that a run ends now which has not ended yet."""
        usual, usual_left = _log_normal(at, self.middle, self.spread)
        broad, broad_left = _log_normal(at, self.middle, _BROAD_SPREAD)
        ending = (1 - _BROAD) * usual + _BROAD * broad
        left = max((1 - _BROAD) * usual_left + _BROAD * broad_left, 1e-12)
        return ending / left + _FAILING / math.exp(self.middle)


def _log_normal(at: float, middle: float, spread: float) -> tuple[float, float]:
    """The density of ending at this moment, and the share that has not ended by then."""
    z = (math.log(at) - middle) / spread
    return math.exp(-z * z / 2) / (at * spread * math.sqrt(2 * math.pi)), math.erfc(z / math.sqrt(2)) / 2
