"""The jobs that the polling benchmark asks about: read from a JSON Lines file, or made from a seed.

A trace says when a job ended and what the vendor would have answered before: progress and predicted ends, as steps
that hold until the next one.
"""

from __future__ import annotations

import json
import math
import random
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from jobwatch.domain.waiting import Sighting

EARLY_FAILURES: Final = 0.15
"""Share of the generated jobs that fail, at a random moment of what would have been their duration."""

STEPS: Final = 100
"""Steps of a generated job's progress and, at least, of its live ETA."""

RUNS_KEPT: Final = 20
"""Runs that a series' history keeps."""

Steps = list[list[float]]


@dataclass(frozen=True)
class Job:
    """One vendor job as it went; times in seconds since its start."""

    kind: str
    duration_seconds: float
    outcome: str = "succeeded"
    progress: Steps = field(default_factory=list)
    eta: Steps = field(default_factory=list)
    distribution: str = ""
    series: str = ""
    earlier_seconds: tuple[float, ...] = ()
    """Durations of the good runs of its series before it, oldest first, as many as a history keeps."""
    _progress_times: list[float] = field(init=False, repr=False)
    _eta_times: list[float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_progress_times", [step[0] for step in self.progress])
        object.__setattr__(self, "_eta_times", [step[0] for step in self.eta])

    def seen_at(self, elapsed_seconds: float) -> Sighting:
        """What a poll at this time would have seen of the running job."""
        processed = total = predicted_end = None
        if here := bisect_right(self._progress_times, elapsed_seconds):
            _, processed, total = self.progress[here - 1]
        if here := bisect_right(self._eta_times, elapsed_seconds):
            predicted_end = self.eta[here - 1][1]
        return Sighting(elapsed_seconds, processed, total, None, predicted_end, None)


def read(path: Path) -> list[Job]:
    """The jobs of a JSON Lines file; raises ValueError naming the line that is not a trace."""
    jobs: list[Job] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                jobs.append(_job_from(json.loads(line)))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}, line {number}: not a job trace: {error!r}") from error
    if not jobs:
        raise ValueError(f"{path} holds no job traces")
    return list(_with_history(jobs))


def _with_history(jobs: Iterable[Job]) -> Iterator[Job]:
    """The jobs, each told how long the good runs of its series before it took."""
    good: dict[str, deque[float]] = defaultdict(lambda: deque(maxlen=RUNS_KEPT))
    for job in jobs:
        yield replace(job, earlier_seconds=tuple(good[job.series])) if job.series else job
        if job.outcome == "succeeded":
            good[job.series].append(job.duration_seconds)


def _job_from(line: dict[str, Any]) -> Job:
    duration_seconds = float(line["duration_seconds"])
    if not (math.isfinite(duration_seconds) and duration_seconds >= 0):
        raise ValueError(f"duration_seconds is {duration_seconds}")
    return Job(
        kind=str(line["kind"]),
        duration_seconds=duration_seconds,
        outcome=str(line.get("outcome", "succeeded")),
        progress=sorted(([float(s), float(p), float(t)] for s, p, t in line.get("progress") or []), key=_time),
        eta=sorted(([float(s), float(end)] for s, end in line.get("eta") or []), key=_time),
        distribution=str(line.get("distribution", "")),
        series=str(line.get("series") or ""),
    )


def _time(step: list[float]) -> float:
    return step[0]


def generate(seed: int, jobs_per_cell: int, kinds: dict[str, Kind]) -> Iterator[Job]:
    """`jobs_per_cell` jobs of every kind and distribution of durations, the same ones for the same seed."""
    for kind, news in kinds.items():
        for distribution, duration in DISTRIBUTIONS.items():
            rng = random.Random(f"{seed} {kind} {distribution}")
            for _ in range(jobs_per_cell):
                planned = min(max(duration(rng), 10.0), LONGEST_SECONDS)
                fails = rng.random() < EARLY_FAILURES
                end = planned * rng.random() if fails else planned
                progress, eta = news(planned, rng)
                yield Job(
                    kind=kind,
                    duration_seconds=end,
                    outcome="failed" if fails else "succeeded",
                    progress=[step for step in progress if step[0] < end],
                    eta=[step for step in eta if step[0] < end],
                    distribution=distribution,
                )


def generate_series(seed: int, series: int) -> Iterator[Job]:
    """`series` series of every kind, each of RUNS_GENERATED runs in their order that show nothing of themselves."""
    for kind, (variation, odd) in SERIES.items():
        rng = random.Random(f"{seed} {kind}")
        spread = math.sqrt(math.log1p(variation * variation))
        for number in range(series):
            usual = min(max(rng.lognormvariate(math.log(1800), 0.9), 240.0), LONGEST_SECONDS / 3)
            yield from _with_history(_runs(kind, f"{kind} {number}", usual, spread, odd, rng))


def _runs(kind: str, series: str, usual: float, spread: float, odd: float, rng: random.Random) -> Iterator[Job]:
    for _ in range(RUNS_GENERATED):
        planned = usual * math.exp(rng.gauss(0, spread))
        if rng.random() < odd:
            planned *= rng.choice([3, 1 / 3])
        fails = rng.random() < EARLY_FAILURES
        end = planned * rng.random() if fails else planned
        yield Job(kind, end, "failed" if fails else "succeeded", series=series)


RUNS_GENERATED: Final = 25

SERIES: Final[dict[str, tuple[float, float]]] = {
    f"series ±{variation:.0%}" + (", a fifth odd" if odd else ""): (variation, odd)
    for odd in (0.0, 0.2)
    for variation in (0.05, 0.1, 0.2, 0.4, 0.8)
}
"""Coefficient of variation of the runs' durations, and the share of runs three times longer or shorter."""

LONGEST_SECONDS: Final = 12 * 3600.0 - 1

DISTRIBUTIONS: Final[dict[str, Callable[[random.Random], float]]] = {
    "lognormal": lambda rng: rng.lognormvariate(math.log(1200), 1.0),
    "exponential": lambda rng: rng.expovariate(1 / 2400),
    "uniform": lambda rng: rng.uniform(60, 5400),
    "heavy tail": lambda rng: 300 * rng.paretovariate(1.2),
    "two humps": lambda rng: rng.gauss(420, 90) if rng.random() < 0.7 else rng.gauss(9000, 1800),
}
"""Durations in seconds, from minutes to hours: what import jobs are documented to take, and somewhat beyond."""

Kind = Callable[[float, random.Random], tuple[Steps, Steps]]
"""What a job of this kind tells, given its planned duration in seconds: progress steps and ETA steps."""


def _nothing(_planned: float, _rng: random.Random) -> tuple[Steps, Steps]:
    return [], []


def _linear(planned: float, _rng: random.Random) -> tuple[Steps, Steps]:
    return [[planned * step / STEPS, step, STEPS] for step in range(STEPS)], []


def _noisy(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    """Ten stretches, each at a speed of its own."""
    paces = [rng.lognormvariate(0, 0.5) for _ in range(10)]
    per_step = [pace for pace in paces for _ in range(STEPS // 10)]
    return _spread(per_step, planned), []


def _stages(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    return _spread([rng.expovariate(1) + 0.1 for _ in range(5)], planned), []


def _stuck(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    stuck_at = planned * rng.uniform(0.3, 0.8)
    return [[stuck_at * step / 99, step, 100] for step in range(100)], []


def _live_eta(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    """The rest of the time, 30 % too long or too short at most, thought over every minute or hundredth."""
    every = min(60.0, planned / STEPS)
    times = [every * number for number in range(math.ceil(planned / every))]
    return [], [[time, time + (planned - time) * rng.uniform(0.7, 1.3)] for time in times]


def _right_eta(planned: float, _rng: random.Random) -> tuple[Steps, Steps]:
    return [], [[0.0, planned]]


def _stale_eta(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    return [], [[0.0, planned * rng.lognormvariate(0, 0.5)]]


def _wrong_eta(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    return [], [[0.0, planned * rng.choice([0.1, 10.0])]]


def _jumping(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    at = sorted(rng.uniform(0, planned) for _ in range(4))
    shares = sorted(rng.uniform(0, 100) for _ in range(4))
    return [[0.0, 0, 100], *([time, share, 100] for time, share in zip(at, shares, strict=True))], []


def _growing_total(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    """Three times as much work is found in the first half as was known at the start."""
    known_at = planned * rng.uniform(0.2, 0.6)
    return [
        [planned * step / STEPS, step, STEPS * min(1.0, (1 + 2 * planned * step / STEPS / known_at) / 3)]
        for step in range(STEPS)
        if step <= STEPS * min(1.0, (1 + 2 * planned * step / STEPS / known_at) / 3)
    ], []


def _backwards(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    return [
        [planned * step / STEPS, max(0.0, step - (rng.random() < 0.2) * rng.uniform(0, 20)), STEPS]
        for step in range(STEPS)
    ], []


def _tens(planned: float, _rng: random.Random) -> tuple[Steps, Steps]:
    return [[planned * step / 10, step, 10] for step in range(10)], []


def _late_eta(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    _, eta = _live_eta(planned, rng)
    return [], [step for step in eta if step[0] > planned * 0.5]


def _progress_and_eta(planned: float, rng: random.Random) -> tuple[Steps, Steps]:
    return _linear(planned, rng)[0], _wrong_eta(planned, rng)[1]


def _spread(shares: list[float], planned: float) -> Steps:
    """Equal steps of progress whose durations have these shares of the planned one."""
    time, steps = 0.0, []
    for done, share in enumerate(shares):
        steps.append([time, float(done), float(len(shares))])
        time += planned * share / sum(shares)
    return steps


KINDS: Final[dict[str, Kind]] = {
    "none": _nothing,
    "linear": _linear,
    "noisy": _noisy,
    "five stages": _stages,
    "stuck at 99 %": _stuck,
    "live ETA": _live_eta,
    "right ETA": _right_eta,
    "stale ETA": _stale_eta,
    "wrong ETA": _wrong_eta,
}
"""The kinds that the wanted numbers are about."""

SURPRISES: Final[dict[str, Kind]] = {
    "jumps": _jumping,
    "growing total": _growing_total,
    "backwards": _backwards,
    "tens": _tens,
    "late ETA": _late_eta,
    "progress and misleading ETA": _progress_and_eta,
}
"""Kinds without a wanted number: nothing the policy should trip over."""
