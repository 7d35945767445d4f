"""What an account's limits do to much at once: submissions, watches, and a day's jobs, in simulated time.

    python -m benchmarks.account_limits [--scale SHARE] [--seed N]

Limits of GetParameter, GetSecretValue, StartExecution, mail and Lambda's concurrency are modelled with their numbers
(`benchmarks.account`), jobwatch as it is and as it was before (`benchmarks.account_load`).
"""

import argparse
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Final
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from benchmarks.account import Account, ranked
from benchmarks.account_load import Design, Jobwatch, Watch
from benchmarks.figures import bar
from jobwatch.domain.waiting import Pace, Sighting, next_wait

CONNECTIONS: Final = 20
# Longer than every retry, redrive and sweep.
_LONGEST_SECONDS: Final = 12 * 3600.0


@dataclass(frozen=True)
class Scenario:
    """`jobs`: whose submissions come to the bus, or that are watched already where `watched` says so."""

    title: str
    jobs: Callable[[random.Random, float], Iterator[Watch]]
    requests_per_minute: int
    answer_seconds: float
    waits: Callable[[float], float]
    watched: bool = False
    functions_at_once: tuple[int, ...] = (1000, 10)


def _blind(elapsed: float) -> float:
    """The policy's wait for a job that shows nothing of its progress, with the contract's defaults."""
    seconds, _ = next_wait(Pace(), Sighting(elapsed), min_seconds=15, max_seconds=300, jitter=0.5)
    return seconds


def _every_half_minute(elapsed: float) -> float:
    del elapsed
    return 30.0


def _job(rng: random.Random, number: int, submitted_at: float) -> Watch:
    lasts = min(rng.lognormvariate(6.8, 0.6), 7200.0)
    return Watch(f"connection-{number % CONNECTIONS}", submitted_at, submitted_at + lasts)


def _at_once(rng: random.Random, scale: float) -> Iterator[Watch]:
    # A thousand a second, as ten producers put them.
    return (_job(rng, number, number / 1000) for number in range(round(10_000 * scale)))


def _watched(rng: random.Random, scale: float) -> Iterator[Watch]:
    for number in range(round(10_000 * scale)):
        yield Watch(f"connection-{number % CONNECTIONS}", rng.uniform(0, 30), rng.uniform(900, 1500))


def _of_a_day(rng: random.Random, scale: float) -> Iterator[Watch]:
    """Three hours: half at any time, half in the first minute of each hour, as schedules have it."""
    for number in range(round(12_500 * scale)):
        at_any_time = rng.random() < 0.5
        yield _job(rng, number, rng.uniform(0, 10_800) if at_any_time else 3600 * rng.randrange(3) + rng.uniform(0, 60))


SCENARIOS: Final = (
    Scenario("10,000 submissions at once", _at_once, 600, 0.5, _blind),
    Scenario("10,000 watches that are asked about every 30 s", _watched, 1200, 0.5, _every_half_minute, watched=True),
    Scenario("100,000 jobs a day, three hours of it", _of_a_day, 600, 0.5, _blind),
    Scenario("the same, of vendors that answer in 15 s", _of_a_day, 60, 15.0, _blind, functions_at_once=(1000,)),
)


@dataclass(frozen=True)
class Run:
    """What came of a scenario."""

    account: Account
    jobwatch: Jobwatch
    watches: Sequence[Watch]

    @property
    def lost(self) -> int:
        """Those that are neither told nor on a queue: submissions never watched, ends never told."""
        return sum(watch.told_at is None for watch in self.watches) - self.jobwatch.dead_letters

    @property
    def good(self) -> bool:
        """Whether nothing was lost, given up or switched off."""
        parts = (self.lost, self.jobwatch.dead_letters, self.jobwatch.failed_executions, self.account.mail.off_at)
        return not any(parts)


def run(scenario: Scenario, design: Design, functions_at_once: int, scale: float, seed: int) -> Run:
    """Until everybody was told, or half a day has passed."""
    account = Account(functions_at_once, seed)
    jobwatch = Jobwatch(account, design, scenario.requests_per_minute, scenario.answer_seconds, scenario.waits)
    watches = list(scenario.jobs(random.Random(seed), scale))
    for watch in watches:
        if scenario.watched:
            watch.accepted_at = watch.submitted_at
        begun = jobwatch.follow(watch) if scenario.watched else jobwatch.submit(watch)
        account.begin(begun, watch.submitted_at)
    account.run(_LONGEST_SECONDS)
    return Run(account, jobwatch, watches)


def _unsaid(*_: object, **__: object) -> None:
    """In place of the log, in which a process says each time that it uses an old value."""


def _measures(result: Run) -> Iterator[tuple[str, str]]:
    """What is printed of a run, by what it is."""
    account, jobwatch, mail = result.account, result.jobwatch, result.account.mail
    for what, bad in (
        ("dead letters", jobwatch.dead_letters),
        ("lost", result.lost),
        ("executions failed", jobwatch.failed_executions),
    ):
        yield what, f"[{'bold red' if bad else 'green'}]{bad:,}[/]"
    off = "[green]no[/]" if mail.off_at is None else f"[bold red]after {mail.off_at / 60:,.0f} min[/]"
    yield "mail switched off", off
    yield "mails to nobody after that", f"{mail.unheard:,}"
    yield "most mails a second", str(mail.most)
    watched = [each.accepted_at - each.submitted_at for each in result.watches if each.accepted_at is not None]
    told = [
        each.told_at - max(each.ends_at, each.accepted_at)
        for each in result.watches
        if each.told_at is not None and each.accepted_at is not None
    ]
    yield "watched after s: median, 95 %, worst", _ranked(watched)
    yield "told after the end s: median, 95 %, worst", _ranked(told)
    yield "polls", f"{jobwatch.polls:,}"
    yield "polls put off", f"{jobwatch.put_off:,}"
    yield "slots lost", f"{jobwatch.slots_lost:,}"
    yield "GetParameter: calls, throttled", f"{account.ssm.calls:,}, {account.ssm.throttled:,}"
    yield "StartExecution throttled", f"{account.starts.throttled:,}"
    yield "most functions at once", f"{account.most_at_once:,}"
    yield "calls of functions throttled", f"{sum(account.throttled.values()):,}"


def _ranked(values: Sequence[float]) -> str:
    return ", ".join(f"{value:,.0f}" for value in ranked(values)) or "-"


def main(arguments: Sequence[str] | None = None) -> None:
    """Every scenario in both designs; exits with 1 where the design of now loses, gives up or switches off anything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.account_limits")
    parser.add_argument("--scale", type=float, default=1.0, help="a share of the jobs")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    console = Console()
    if not console.is_terminal:
        console = Console(width=140)
    good, began = True, time.monotonic()
    with bar(console) as progress, patch("jobwatch.aws.kept.Logger", lambda **_: SimpleNamespace(warning=_unsaid)):
        task = progress.add_task(
            "scenarios (simulated)", total=sum(len(Design) * len(each.functions_at_once) for each in SCENARIOS)
        )
        for scenario in SCENARIOS:
            table = Table(title=scenario.title, title_justify="left")
            table.add_column(f"{CONNECTIONS} connections")
            runs = []
            for functions_at_once in scenario.functions_at_once:
                for design in Design:
                    table.add_column(f"{design}, {functions_at_once:,} functions", justify="right")
                    result = run(scenario, design, functions_at_once, options.scale, options.seed)
                    good = good and (result.good or design is Design.BEFORE)
                    runs.append(dict(_measures(result)))
                    progress.advance(task)
            for what in runs[0]:
                table.add_row(what, *(each[what] for each in runs))
            console.print(table)
    console.print(
        "Modelled: GetParameter 40 a second, GetSecretValue 10,000, StartExecution 800 and 150 a second after that, 10 "
        "mails a second, Lambda's concurrency. jobwatch's own: what its code, machine and template say. Not modelled: "
        "state transitions, DynamoDB, other users of the account. told after the end: from the later of the job's end "
        f"and its acceptance; a poll a while after the end is part of it. Ran in {time.monotonic() - began:.0f} s."
    )
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
