"""How soon the end of a job is seen, and for how many polls: the policy beside what others ship.

    python -m benchmarks.polling [--traces FILE] [--seed N] [--jobs N] [--picture FILE]

Every schedule asks at the submission (not counted: all do) and then as it likes, until a poll comes after the end.
The policy runs at the default bounds, 15 s and 300 s. "Saved" compares at equal mean delay: all waits of the policy
are scaled, per kind and distribution of durations, until its mean delay is that of fixed 60 s; the figure is the
fixed schedule's polls over the policy's, the geometric mean over the distributions.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from benchmarks.polling_baselines import BASELINES, FIXED, Waits
from benchmarks.polling_traces import KINDS, SERIES, SURPRISES, Job, generate, generate_series, read
from jobwatch.domain.prior import Prior
from jobwatch.domain.waiting import Pace, next_wait

MIN_SECONDS: Final = 15
MAX_SECONDS: Final = 300
TWELVE_HOURS: Final = 12 * 3600
SHORTEST_RELATED_SECONDS: Final = 60.0
"""Relative delay is the delay over the duration, of this length at least."""

POLICY: Final = "jobwatch"
LARGEST_SCALE: Final = 40.0
SMALLEST_SCALE: Final = 0.05
EQUAL_WITHIN: Final = 0.005
MOST_TRIES: Final = 14
PLAIN_WIDTH: Final = 132
"""Columns of the output where there is no terminal to ask."""
DRAWN_JOBS: Final = 50
"""Jobs of each kind and distribution behind the curves of the picture."""

WANTED_SAVED: Final[dict[str, float]] = {
    "linear": 3.0,
    "live": 3.0,
    "nois": 2.5,
    "stage": 1.2,
    "none": 0.95,
    "stuck": 0.95,
    "wrong": 0.95,
}
"""Polls saved at equal mean delay, at least, for the kinds with this word in their name."""
WANTED_SAVED_IN_SERIES: Final = ((0.1, 1.8), (0.2, 1.4), (0.4, 1.15), (0.8, 0.95))
"""The same for runs that show nothing, from those before them: the coefficient of variation up to which it holds."""
WANTED_SAVED_WITH_ODD_RUNS: Final = 1.0
"""The same where one run in five takes three times as long, or a third."""
WANTED_P95_SECONDS: Final = 120.0
WANTED_RELATIVE: Final = 1 / 3


@dataclass(frozen=True)
class Score:
    """What a schedule did on some jobs: polls a job, seconds from the end to the poll that saw it."""

    polls: float
    mean_seconds: float
    p95_seconds: float
    p95_under_12_hours_seconds: float | None
    relative: float


@dataclass(frozen=True)
class Cell:
    """The jobs of one kind and distribution under every schedule, and under the policy at equal mean delay."""

    kind: str
    distribution: str
    jobs: int
    scores: dict[str, Score]
    equal: Score
    scale: float

    @property
    def saved(self) -> float:
        """Polls of fixed 60 s over those of the policy at the same mean delay."""
        return self.scores[FIXED].polls / self.equal.polls

    @property
    def equal_reached(self) -> bool:
        """Whether scaling reached the mean delay of fixed 60 s; max_seconds can hold it below."""
        return self.scale < LARGEST_SCALE


Schedule = Callable[[Job, random.Random], Iterator[float]]


def _baseline(waits: Waits) -> Schedule:
    return lambda _job, rng: waits(rng)


def _policy(scale: float) -> Schedule:
    def waits(job: Job, rng: random.Random) -> Iterator[float]:
        pace, elapsed, prior = Pace(), 0.0, Prior.of(job.earlier_seconds)
        while True:
            wait, pace = next_wait(
                pace,
                job.seen_at(elapsed),
                min_seconds=MIN_SECONDS,
                max_seconds=MAX_SECONDS,
                jitter=rng.random(),
                prior=prior,
                _scale=scale,
            )
            # As the table keeps it.
            pace = Pace.from_json(pace.as_json())
            yield wait
            elapsed += wait

    return waits


def score(schedule: Schedule, jobs: Sequence[Job]) -> Score:
    """Follow every job with the schedule; the same jobs and schedule give the same score."""
    rng = random.Random(1)
    polls = 0
    delays = []
    for job in jobs:
        elapsed = 0.0
        for wait in schedule(job, rng):
            polls += 1
            elapsed += wait
            if elapsed >= job.duration_seconds:
                break
        delays.append(elapsed - job.duration_seconds)
    of_short = [delay for delay, job in zip(delays, jobs, strict=True) if job.duration_seconds < TWELVE_HOURS]
    return Score(
        polls=polls / len(jobs),
        mean_seconds=fmean(delays),
        p95_seconds=_p95(delays),
        p95_under_12_hours_seconds=_p95(of_short) if of_short else None,
        relative=fmean(
            delay / max(job.duration_seconds, SHORTEST_RELATED_SECONDS) for delay, job in zip(delays, jobs, strict=True)
        ),
    )


def _p95(delays: list[float]) -> float:
    return sorted(delays)[math.ceil(0.95 * len(delays)) - 1]


def _at_equal_delay(jobs: Sequence[Job], mean_seconds: float) -> tuple[Score, float]:
    """The policy scaled until its mean delay is the given one, or to the largest scale where it stays below.

    Delay grows about as the scale does, which gives the next try; a try outside the bracket is its middle instead.
    """
    low, high, scale = SMALLEST_SCALE, LARGEST_SCALE, 2.0
    for _ in range(MOST_TRIES):
        reached = score(_policy(scale), jobs)
        off_by = abs(reached.mean_seconds - mean_seconds)
        if off_by <= EQUAL_WITHIN * max(mean_seconds, 1.0) or scale >= LARGEST_SCALE:
            break
        if reached.mean_seconds < mean_seconds:
            low = scale
        else:
            high = scale
        if high == LARGEST_SCALE and scale > LARGEST_SCALE / 4:
            scale = LARGEST_SCALE
            continue
        guess = scale * mean_seconds / max(reached.mean_seconds, 1.0)
        scale = guess if low < guess < high else math.sqrt(low * high)
    return reached, scale


def measure(jobs: Sequence[Job], console: Console) -> list[Cell]:
    """Every kind and distribution under every schedule, with a progress bar on the console."""
    groups: dict[tuple[str, str], list[Job]] = {}
    for job in jobs:
        groups.setdefault((job.kind, job.distribution), []).append(job)
    cells = []
    columns = (TextColumn("{task.description:34}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(groups))
        for (kind, distribution), members in groups.items():
            progress.update(task, description=f"{kind} {distribution}")
            scores = {name: score(_baseline(waits), members) for name, waits in BASELINES.items()}
            scores[POLICY] = score(_policy(1.0), members)
            equal, scale = _at_equal_delay(members, scores[FIXED].mean_seconds)
            cells.append(Cell(kind, distribution, len(members), scores, equal, scale))
            progress.advance(task)
    return cells


def _groups(cells: Sequence[Cell]) -> dict[str, list[Cell]]:
    groups: dict[str, list[Cell]] = {}
    for cell in cells:
        groups.setdefault(cell.kind, []).append(cell)
    return groups


def _mean(cells: Sequence[Cell], schedule: str, measure_of: Callable[[Score], float]) -> float:
    return fmean(measure_of(cell.scores[schedule]) for cell in cells)


def _saved(cells: Sequence[Cell]) -> float:
    return math.exp(fmean(math.log(cell.saved) for cell in cells))


def _delays_table(cells: Sequence[Cell]) -> Table:
    table = Table(title="polls a job / mean delay s / p95 delay s / relative delay %", title_justify="left")
    table.add_column("kind", no_wrap=True)
    for name in (POLICY, *BASELINES):
        table.add_column(name, justify="right")
    for kind, members in _groups(cells).items():
        table.add_row(kind, *(_figures(members, name) for name in (POLICY, *BASELINES)))
    return table


def _figures(cells: Sequence[Cell], schedule: str) -> str:
    polls, mean_seconds, p95_seconds = (
        _mean(cells, schedule, lambda one: one.polls),
        _mean(cells, schedule, lambda one: one.mean_seconds),
        _mean(cells, schedule, lambda one: one.p95_seconds),
    )
    return f"{polls:.0f} / {mean_seconds:.0f} / {p95_seconds:.0f} / {100 * _mean(cells, schedule, _relative):.1f}"


def _relative(one: Score) -> float:
    return one.relative


def _verdicts(cells: Sequence[Cell]) -> tuple[Table, bool]:
    """Every kind's figures beside what is wanted of them, and whether all of it is met."""
    table = Table(title="the policy against fixed 60 s", title_justify="left")
    table.add_column("kind", no_wrap=True)
    for title in (
        "polls saved at equal mean delay",
        "largest p95 s, jobs under 12 h",
        "relative delay, share of fixed",
    ):
        table.add_column(title, justify="right")
    met_all = True
    for kind, members in _groups(cells).items():
        saved_cell, met = _verdict(_saved(members), _wanted_saved(kind), at_least=True)
        met_all &= met
        if not all(cell.equal_reached for cell in members):
            saved_cell += " *"
        p95s = [score_.p95_under_12_hours_seconds for score_ in (cell.scores[POLICY] for cell in members)]
        known = [p95 for p95 in p95s if p95 is not None]
        p95_cell, met = _verdict(max(known), WANTED_P95_SECONDS, at_least=False) if known else ("no such job", True)
        met_all &= met
        wanted_relative = None if kind in SERIES else WANTED_RELATIVE
        relative_cell, met = _verdict(_relative_share(members), wanted_relative, at_least=False)
        met_all &= met
        table.add_row(kind, saved_cell, p95_cell, relative_cell)
    if not all(cell.kind in SERIES for cell in cells):
        relative_cell, met = _verdict(_relative_share(cells), WANTED_RELATIVE, at_least=False)
        met_all &= met
        table.add_section()
        table.add_row("all", "", "", relative_cell)
    return table, met_all


def _wanted_saved(kind: str) -> float | None:
    if kind in SERIES:
        variation, odd = SERIES[kind]
        return WANTED_SAVED_WITH_ODD_RUNS if odd else next(w for most, w in WANTED_SAVED_IN_SERIES if variation <= most)
    return next((wanted for word, wanted in WANTED_SAVED.items() if word in kind.lower()), None)


def _relative_share(cells: Sequence[Cell]) -> float:
    ours, fixed = _mean(cells, POLICY, _relative), _mean(cells, FIXED, _relative)
    return ours / fixed if fixed else math.inf


def _verdict(figure: float, wanted: float | None, *, at_least: bool) -> tuple[str, bool]:
    shown = f"{figure:.0f}" if figure >= 10 else f"{figure:.2f}"
    if wanted is None:
        return shown, True
    met = figure >= wanted if at_least else figure <= wanted
    bound = f"{wanted:.0f}" if wanted >= 10 else f"{wanted:.3g}"
    sign = "≥" if at_least else "≤"
    return f"{shown} ({sign} {bound}: [{'green' if met else 'bold red'}]{'met' if met else 'NOT met'}[/])", met


def draw(jobs: Sequence[Job], cells: Sequence[Cell], path: Path) -> None:
    """The front of polls against mean delay, a panel a kind: the policy over its scale, and the others as points."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams.update({"svg.hashsalt": "polling", "svg.fonttype": "none"})
    from matplotlib import pyplot

    groups = _groups(cells)
    columns = 3
    rows = math.ceil(len(groups) / columns)
    figure, grid = pyplot.subplots(rows, columns, figsize=(11, 3.1 * rows), squeeze=False, layout="constrained")
    for axes in grid.flat[len(groups) :]:
        axes.set_visible(False)
    for axes, (kind, members) in zip(grid.flat, groups.items(), strict=False):
        of_kind = [
            [job for job in jobs if (job.kind, job.distribution) == (kind, cell.distribution)] for cell in members
        ]
        front = []
        for scale in (0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 8.0):
            scores = [score(_policy(scale), part[:DRAWN_JOBS]) for part in of_kind]
            front.append((fmean(one.polls for one in scores), fmean(one.mean_seconds for one in scores)))
        axes.plot(*zip(*front, strict=True), color="tab:blue", marker=".", label=f"{POLICY}, waits scaled 0.5 to 8")
        for name in (POLICY, *BASELINES):
            polls = _mean(members, name, lambda one: one.polls)
            delay = _mean(members, name, lambda one: one.mean_seconds)
            axes.scatter(polls, delay, s=60 if name == POLICY else 30, zorder=3, label=name)
        axes.set(title=kind, xscale="log", xlabel="polls a job", ylabel="mean delay, s", ylim=(0, 110))
        axes.set_xlim(5, 200)
        axes.set_xticks([5, 10, 20, 50, 100, 200], labels=["5", "10", "20", "50", "100", "200"])
        axes.minorticks_off()
        axes.grid(alpha=0.3)
    figure.legend(*grid[0][0].get_legend_handles_labels(), loc="outside lower center", ncols=6, fontsize="small")
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, draw."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.polling", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--traces", type=Path, help="job traces, JSON Lines; generated where not given")
    parser.add_argument("--seed", type=int, default=1, help="of the generated jobs")
    parser.add_argument("--jobs", type=int, default=400, help="generated for each kind and distribution")
    parser.add_argument("--picture", type=Path, help="where to draw the front, as SVG; not drawn where not given")
    options = parser.parse_args(arguments)
    console = Console()
    if not console.is_terminal:
        console = Console(width=PLAIN_WIDTH)
    began = time.monotonic()
    try:
        jobs = read(options.traces) if options.traces else list(generate(options.seed, options.jobs, KINDS))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    cells = measure(jobs, console)
    console.print(_delays_table(cells))
    verdicts, met = _verdicts(cells)
    console.print(verdicts)
    if not all(cell.equal_reached for cell in cells):
        console.print("* max_seconds holds the mean delay below that of fixed 60 s, at these few polls already.")
    if not options.traces:
        in_series = measure(list(generate_series(options.seed, max(1, options.jobs // 16))), console)
        console.print("Runs of series that show nothing, with what the runs before them took:")
        verdicts, met_in_series = _verdicts(in_series)
        console.print(verdicts)
        met &= met_in_series
        surprises = measure(list(generate(options.seed, options.jobs // 4, SURPRISES)), console)
        console.print("Kinds without a wanted number, which the policy was not shaped for:")
        console.print(_verdicts(surprises)[0])
    if options.picture:
        draw(jobs, cells, options.picture)
        console.print(f"Drawn: {options.picture}")
    console.print(f"{len(jobs)} jobs in {time.monotonic() - began:.0f} s. {'All met.' if met else 'NOT all met.'}")


if __name__ == "__main__":
    main()
