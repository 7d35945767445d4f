"""What the rule of the usual says of runs: false alarms, and what it finds of what is unusual.

    python -m benchmarks.usual [--series FILE] [--seed N]

Beside it what "mean × 1.5" says, in the same run. A run whose right kinds nobody names counts in neither column.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.usual_series import Told, generate, read
from jobwatch.domain.series import History, Run
from jobwatch.domain.usual import GOOD_RUNS_NEEDED, good_runs, unusual

WANTED_FALSE: Final = 0.01
WANTED_FOUND: Final = {"longer": 0.75, "shorter": 0.75, "fewer": 1.0}

Rule = Callable[[History, Run], set[str]]


def ours(history: History, run: Run) -> set[str]:
    """The kinds that the rule finds."""
    return {finding.kind for finding in unusual(history, run)}


def mean_and_a_half(history: History, run: Run) -> set[str]:
    """The plain rule: longer than one and a half times the mean, shorter than two thirds of it."""
    known = [one.seconds for one in good_runs(history) if one.seconds is not None]
    if len(known) < GOOD_RUNS_NEEDED or run.seconds is None:
        return set()
    mean = fmean(known)
    return {"longer"} if run.seconds > 1.5 * mean else {"shorter"} if run.seconds < mean / 1.5 else set()


@dataclass
class Score:
    """What one rule said of runs."""

    ends: int = 0
    false: int = 0
    false_kinds: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)

    @property
    def false_share(self) -> float:
        """False alarms per end."""
        return self.false / self.ends if self.ends else 0.0

    def found_share(self, kind: str) -> float | None:
        """Of the runs of which the kind is right, the share of which it was said."""
        return self.found[kind] / self.right[kind] if self.right[kind] else None


def score(told: Sequence[Told], rule: Rule) -> dict[str, Score]:
    """The rule over every series in its order, by kind of series; a run counts once eight good ones lie before it."""
    histories: dict[str, History] = defaultdict(History)
    scores: dict[str, Score] = defaultdict(Score)
    for one in told:
        history = histories[one.series]
        if one.right is not None and len(good_runs(history)) >= GOOD_RUNS_NEEDED:
            said, of_kind = rule(history, one.run), scores[one.shape]
            of_kind.ends += 1
            of_kind.false += bool(said - one.right)
            of_kind.false_kinds.update(said - one.right)
            of_kind.right.update(one.right)
            of_kind.found.update(said & one.right)
        histories[one.series] = history.with_run(one.run)
    return scores


def _sum(scores: dict[str, Score]) -> Score:
    total = Score()
    for one in scores.values():
        total.ends += one.ends
        total.false += one.false
        total.false_kinds += one.false_kinds
        total.right += one.right
        total.found += one.found
    return total


def _row(name: str, one: Score) -> list[str]:
    shares = [one.found_share(kind) for kind in WANTED_FOUND]
    return [
        name,
        f"{one.ends:,}",
        f"{one.false_share:.2%}",
        *("" if share is None else f"{share:.1%}" for share in shares),
        ", ".join(f"{kind} {count}" for kind, count in one.false_kinds.most_common()),
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.usual", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--series", type=Path, help="runs of series, JSON Lines; generated where not given")
    parser.add_argument("--seed", type=int, default=1, help="of the generated series")
    options = parser.parse_args(arguments)
    try:
        told = read(options.series) if options.series else list(generate(options.seed, 20))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    console = Console()
    table = Table(title="false alarms per end, and what was found of what is unusual", title_justify="left")
    for title in ("series", "ends", "false", *WANTED_FOUND, "false alarms of"):
        table.add_column(title, justify="left" if title.startswith(("series", "false a")) else "right")
    scores = score(told, ours)
    if len(scores) > 1:
        for kind, one in scores.items():
            table.add_row(*_row(kind, one))
        table.add_section()
    total = _sum(scores)
    table.add_row(*_row("all", total))
    table.add_row(*_row("all, by mean × 1.5", _sum(score(told, mean_and_a_half))))
    console.print(table)
    met = total.false_share <= WANTED_FALSE
    console.print(f"False alarms {total.false_share:.2%} (≤ {WANTED_FALSE:.0%}: {'met' if met else 'NOT met'})")
    for kind, wanted in WANTED_FOUND.items():
        share = total.found_share(kind)
        if share is not None:
            console.print(f"{kind}: {share:.1%} (≥ {wanted:.0%}: {'met' if share >= wanted else 'NOT met'})")


if __name__ == "__main__":
    main()
