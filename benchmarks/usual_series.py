"""The series that the benchmark of the usual asks about: read from a JSON Lines file, or made from a seed."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jobwatch.domain.series import Run
from jobwatch.domain.words import Outcome

RUNS: Final = 60
PLANTED: Final = 0.06
"""Share of generated runs that something unusual is done to."""


@dataclass(frozen=True)
class Told:
    """A run of a series, in order, and the kinds of unusual that are right of it; None where nobody says."""

    shape: str
    series: str
    run: Run
    right: frozenset[str] | None


def read(path: Path) -> list[Told]:
    """The runs of a file of `series`, `seconds`, `successful`, `errors`, `outcome` and optional `unusual`.

    Raises ValueError naming the line that is no run.
    """
    told = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                told.append(_told(json.loads(line)))
            except (KeyError, TypeError, ValueError) as error:
                raise ValueError(f"{path}, line {number}: not a run: {error!r}") from error
    if not told:
        raise ValueError(f"{path} holds no runs")
    return told


def _told(line: dict[str, Any]) -> Told:
    right = line.get("unusual")
    run = Run(
        Outcome(line["outcome"]),
        seconds=line.get("seconds"),
        successful=line.get("successful"),
        errors=line.get("errors"),
        cause=line.get("cause"),
    )
    return Told(str(line.get("kind", "")), str(line["series"]), run, None if right is None else frozenset(right))


Shape = Callable[[int, float, random.Random], float]
"""The usual seconds of the nth run, given the series' own and a coefficient of variation in the generator."""


def _steady(_n: int, usual: float, _rng: random.Random) -> float:
    return usual


def _growing(n: int, usual: float, _rng: random.Random) -> float:
    return usual * 1.01**n


def _weekends(n: int, usual: float, _rng: random.Random) -> float:
    return usual * (0.7 if n % 7 >= 5 else 1)


def _step(n: int, usual: float, _rng: random.Random) -> float:
    return usual * (1.3 if n > RUNS / 2 else 1)


def _tailed(_n: int, usual: float, rng: random.Random) -> float:
    return usual * (1 + 0.1 * rng.paretovariate(3))


SHAPES: Final[dict[str, Shape]] = {
    "steady": _steady,
    "growing": _growing,
    "weekends": _weekends,
    "step": _step,
    "tailed": _tailed,
}
VARIATIONS: Final = (0.05, 0.1, 0.2, 0.4)
_FAILING: Final = 0.03
_UNUSUAL: Final = ("longer", "shorter", "fewer")


def generate(seed: int, series: int) -> Iterator[Told]:
    """`series` series of each shape and variation, with runs that are three times as long, a third, or count 0."""
    for shape, usual_of in SHAPES.items():
        for variation in VARIATIONS:
            spread = math.sqrt(math.log1p(variation * variation))
            rng = random.Random(f"{seed} {shape} {variation}")
            for number in range(series):
                name = f"{shape} ±{variation:.0%} {number}"
                usual, amount = rng.lognormvariate(math.log(1800), 1), int(rng.lognormvariate(math.log(3000), 1)) + 150
                errors = rng.choice([0.0, 0.0, 2.0, 20.0])
                for n in range(RUNS):
                    yield _made(f"{shape} ±{variation:.0%}", name, usual_of(n, usual, rng), amount, errors, spread, rng)


def _made(kind: str, name: str, usual: float, amount: int, errors: float, spread: float, rng: random.Random) -> Told:
    seconds = usual * math.exp(rng.gauss(0, spread))
    successful = round(amount * math.exp(rng.gauss(0, spread / 2)))
    wrong = round(errors * math.exp(rng.gauss(0, 0.4))) if errors else 0
    if rng.random() < _FAILING:
        run = Run(Outcome.FAILED, seconds=seconds * rng.random(), cause=rng.choice(["timeout", "quota"]))
        return Told(kind, name, run, None)
    planted = rng.choice(_UNUSUAL) if rng.random() < PLANTED else ""
    if planted == "longer":
        seconds *= 3
    elif planted == "shorter":
        seconds /= 3
    elif planted == "fewer":
        successful = 0
    outcome = Outcome.COMPLETED_WITH_ERRORS if wrong else Outcome.SUCCEEDED
    return Told(kind, name, Run(outcome, seconds, None, successful, wrong), frozenset({planted} - {""}))
