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
FUNCTIONS_AT_ONCE: Final = (1000, 10)
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
        yield Watch(f"connection-{number % CONNECTIONS}", rng.uniform(0, 30), rng.uniform(1200, 2400))


def _of_a_day(rng: random.Random, scale: float) -> Iterator[Watch]:
    """A quarter of a day: half at any time, half in the first minute of each hour, as schedules have it."""
    for number in range(round(25_000 * scale)):
        at_any_time = rng.random() < 0.5
        yield _job(rng, number, rng.uniform(0, 21_600) if at_any_time else 3600 * rng.randrange(6) + rng.uniform(0, 60))


SCENARIOS: Final = (
    Scenario("10,000 submissions at once", _at_once, 600, 0.5, _blind),
    Scenario("10,000 watches that are asked about every 30 s", _watched, 1200, 0.5, _every_half_minute, watched=True),
    Scenario("100,000 jobs a day, six hours of it", _of_a_day, 600, 0.5, _blind),
    Scenario("the same, of vendors that answer in 15 s", _of_a_day, 60, 15.0, _blind),
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


def _seconds(values: Sequence[float]) -> Iterator[str]:
    shown = [f"{value:,.0f}" for value in ranked(values)]
    yield from shown or ["-", "-", "-"]


def _row(design: Design, functions_at_once: int, result: Run) -> Iterator[str]:
    account, jobwatch, watches = result.account, result.jobwatch, result.watches
    mail = account.mail
    yield str(design)
    yield f"{functions_at_once:,}"
    for bad in (jobwatch.dead_letters, result.lost, jobwatch.failed_executions):
        yield f"[{'bold red' if bad else 'green'}]{bad:,}[/]"
    yield "[green]no[/]" if mail.off_at is None else f"[bold red]after {mail.off_at / 60:,.0f} min[/]"
    yield str(mail.most)
    yield from _seconds([each.accepted_at - each.submitted_at for each in watches if each.accepted_at is not None])
    told = [each for each in watches if each.told_at is not None and each.accepted_at is not None]
    yield from _seconds([(each.told_at or 0.0) - max(each.ends_at, each.accepted_at or 0.0) for each in told])
    yield f"{account.ssm.throttled:,} of {account.ssm.calls:,}"
    yield f"{account.starts.throttled:,}"
    yield f"{account.most_at_once:,}"
    yield f"{sum(account.throttled.values()):,}"
    yield f"{jobwatch.put_off:,}"
    yield f"{jobwatch.slots_lost:,}"


def main(arguments: Sequence[str] | None = None) -> None:
    """Every scenario in both designs; exits with 1 where the design of now loses, gives up or switches off anything."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.account_limits")
    parser.add_argument("--scale", type=float, default=1.0, help="a share of the jobs")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    console = Console()
    if not console.is_terminal:
        console = Console(width=220)
    good, began = True, time.monotonic()
    with bar(console) as progress, patch("jobwatch.aws.kept.Logger", lambda **_: SimpleNamespace(warning=_unsaid)):
        task = progress.add_task("scenarios (simulated)", total=len(SCENARIOS) * len(Design) * len(FUNCTIONS_AT_ONCE))
        for scenario in SCENARIOS:
            table = Table(title=scenario.title, title_justify="left")
            for heading in (
                *(
                    "design",
                    "functions at once",
                    "dead letters",
                    "lost",
                    "executions failed",
                    "mail off",
                    "most mails a s",
                ),
                *("watched after s: median", "p95", "worst", "told after the end s: median", "p95", "worst"),
                *(
                    "SSM throttled",
                    "StartExecution",
                    "most functions",
                    "their throttles",
                    "polls put off",
                    "slots lost",
                ),
            ):
                table.add_column(heading, justify="left" if heading == "design" else "right")
            for functions_at_once in FUNCTIONS_AT_ONCE:
                for design in Design:
                    result = run(scenario, design, functions_at_once, options.scale, options.seed)
                    good = good and (result.good or design is Design.BEFORE)
                    table.add_row(*_row(design, functions_at_once, result))
                    progress.advance(task)
            console.print(table)
    console.print(
        f"{CONNECTIONS} connections. Modelled: GetParameter 40 a second, GetSecretValue 10,000, StartExecution 800 and 150 "
        "a second after that, 10 mails a second, Lambda's concurrency. jobwatch's own: what its code and its template say. "
        "Not modelled: state transitions, DynamoDB, other users of the account. told after the end: from the later of the "
        f"job's end and its acceptance. Ran in {time.monotonic() - began:.0f} s."
    )
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
