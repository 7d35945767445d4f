"""Mail in a burst: how fast the topics are published to, what is told, and what it costs, in simulated time.

    python -m benchmarks.mail [--seed N]

500 refused submissions, 1,000 executions that one cause stops, and 1,000 and 10,000 ends at once: the real intake,
alerts, ledgers and pace on MiniStack's DynamoDB without HTTP, beside publishing as it comes. SNS switches an
email subscription off that more than ten messages a second reach.
"""

from __future__ import annotations

import argparse
import contextlib
import heapq
import math
import random
import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from benchmarks.figures import most_in_a_minute
from benchmarks.scale import T0, Clock, InProcessDynamo
from jobwatch.aws.deliveries import DynamoDeliveries
from jobwatch.aws.paces import DynamoPace
from jobwatch.aws.tellings import DynamoTellingLedger
from jobwatch.domain.connection import Connection, ConnectionUnusableError
from jobwatch.domain.series import History
from jobwatch.domain.watch import Watch
from jobwatch.ports import TopicBusyError, WatchMissingError
from jobwatch.usecases.accept import Intake
from jobwatch.usecases.alert import Alerts, StoppedExecution
from jobwatch.usecases.once import Once
from jobwatch.usecases.operators import Operators

LEDGER: Final = "deliveries"
SWITCHED_OFF_ABOVE: Final = 10
"""Messages a second at one email subscription: https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html"""
INTAKE_A_SECOND: Final = 100
SWEEP_SECONDS: Final = 300
PROCESSES: Final = 50
"""Notifiers beside each other; each remembers what it last saw of the pace, and that may be old."""
PUBLISH_SECONDS: Final = (0.01, 0.12)
COMES_BACK_LATE_SECONDS: Final = (0.5, 6.0)
"""From the end of the machine's Wait to the reservation: a poll, the notifier's start, and the log."""


class Ledger(InProcessDynamo):
    """The ledger of deliveries beside the timetables."""

    def __init__(self) -> None:
        super().__init__()
        self._call(
            "CreateTable",
            TableName=LEDGER,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "delivery_id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "delivery_id", "KeyType": "HASH"}],
        )


@dataclass
class Publishes:
    """A topic: when what was published."""

    clock: Clock
    moments: list[float] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)

    def publish(self, subject: str, _text: str) -> None:
        self.moments.append(self.clock().timestamp())
        self.subjects.append(subject)


@dataclass
class Burst:
    """What came of a burst. `came`: when its causes did; `told`: how many of them people read of."""

    name: str
    came: list[float]
    published: list[float]
    told: int
    slept_seconds: float = 0.0
    came_back: int = 0

    @property
    def last_after_seconds(self) -> float:
        return max(self.published) - max(self.came)


class _NoConnections:
    def get(self, name: str) -> Connection:
        raise ConnectionUnusableError(f"connection {name}: there is no parameter /jobwatch/connections/{name}")


class _NoWatches:
    def add(self, watch: Watch) -> bool:
        raise NotImplementedError

    def get(self, watch_id: str) -> Watch:
        raise WatchMissingError(watch_id)

    def save(self, watch: Watch) -> Watch:
        raise NotImplementedError

    def overdue(self, since: datetime) -> Iterator[str]:
        raise NotImplementedError


class _NoSeries:
    def get(self, _series_id: str) -> History:
        return History()

    def put(self, series_id: str, history: History, *, at: datetime) -> None:
        raise NotImplementedError


class _NoExecutions:
    def start(self, watch_id: str, generation: int) -> None:
        raise NotImplementedError

    def runs(self, watch_id: str, generation: int) -> bool:
        raise NotImplementedError


@dataclass
class _Kept:
    name: str = "rejected-submissions"
    kept: int = 0

    def keep(self, reason: str, event: Mapping[str, Any]) -> None:
        del reason, event
        self.kept += 1


@contextlib.contextmanager
def ledger() -> Iterator[Ledger]:
    """An empty ledger in place of DynamoDB."""
    of = Ledger()
    with contextlib.ExitStack() as stack:
        for module in ("deliveries", "paces", "tellings"):
            stack.enter_context(patch(f"jobwatch.aws.{module}.client", lambda _: of))
        yield of
        of._call("DeleteTable", TableName=LEDGER)
        of._call("DeleteTable", TableName="timetables")


def refusals(number: int) -> Burst:
    """Submissions that name one misspelt connection, as fast as intake takes them."""
    clock = Clock()
    topic, kept = Publishes(clock), _Kept()
    operators, once = _operators(topic, clock)
    intake = Intake(_NoConnections(), _NoWatches(), _NoSeries(), _NoExecutions(), kept, operators, once, clock)
    came = []
    for each in range(number):
        clock.sleep(1 / INTAKE_A_SECOND)
        came.append(clock().timestamp())
        detail = {"connection": "egain-prd", "job_id": str(each)}
        intake.accept(
            {"id": str(each), "detail-type": "Job Submitted", "source": "s", "detail": detail}, lambda _: None
        )
    _sweep(operators, clock)
    return Burst(f"{number:,} refused submissions", came, topic.moments, _told(topic))


def stops(number: int) -> Burst:
    """Executions that one cause stops within two seconds."""
    clock = Clock()
    topic = Publishes(clock)
    operators, once = _operators(topic, clock)
    alerts = Alerts(_NoWatches(), operators, once, clock, "watches")
    came = []
    for each in range(number):
        clock.sleep(2 / number)
        came.append(clock().timestamp())
        watch_id = f"egain-prod-import-{each:016x}"
        cause = f"DynamoDB PutItem watch {watch_id}: ThrottlingException"
        alerts.alert(StoppedExecution(watch_id, f"arn:{watch_id}", "FAILED", "ServiceUnavailableError", cause))
    _sweep(operators, clock)
    return Burst(f"{number:,} stopped executions, one cause", came, topic.moments, _told(topic))


def ends(number: int, seed: int) -> Burst:
    """Ends of jobs within ten seconds, each with its own notifier."""
    rng, numbers = random.Random(seed), count()
    came = sorted(T0.timestamp() + rng.uniform(0, 10) for _ in range(number))
    waiting = [(moment, next(numbers)) for moment in came]
    heapq.heapify(waiting)
    paces = [DynamoPace(LEDGER) for _ in range(PROCESSES)]
    burst = Burst(f"{number:,} ends at once", came, [], number)
    while waiting:
        now, which = heapq.heappop(waiting)
        try:
            slot = rng.choice(paces).reserve(now, ends=1)
        except TopicBusyError as busy:
            burst.came_back += 1
            late = rng.uniform(*COMES_BACK_LATE_SECONDS)
            heapq.heappush(waiting, (now + math.ceil(busy.come_back_seconds) + late, which))
            continue
        burst.slept_seconds += slot - now
        burst.published.append(max(slot, now) + rng.uniform(*PUBLISH_SECONDS))
    counted = paces[0].unheard().ends
    burst.told = min(len(burst.published), counted)
    return burst


def _operators(topic: Publishes, clock: Clock) -> tuple[Operators, Once]:
    numbers = count()
    operators = Operators(topic, DynamoTellingLedger(LEDGER), clock, clock.sleep)
    return operators, Once(DynamoDeliveries(LEDGER), clock, lambda: str(next(numbers)))


def _sweep(operators: Operators, clock: Clock) -> None:
    clock.now = T0 + timedelta(seconds=SWEEP_SECONDS)
    ends_at = clock.now + timedelta(seconds=120)
    operators.summarise(lambda: (ends_at - clock.now).total_seconds())


def _told(topic: Publishes) -> int:
    """Of how many the messages speak."""
    counted = [re.match(r"jobwatch: (\d+) more", subject) for subject in topic.subjects]
    return sum(int(found[1]) if found else 1 for found in counted)


def most_in_a_second(moments: Sequence[float]) -> int:
    """The most that any sliding second holds."""
    most, second = 0, deque[float]()
    for moment in sorted(moments):
        second.append(moment)
        while second[0] <= moment - 1:
            second.popleft()
        most = max(most, len(second))
    return most


def _row(burst: Burst) -> list[str]:
    before = most_in_a_second(burst.came)
    switched_off = "switched off" if before > SWITCHED_OFF_ABOVE else "kept"
    now = most_in_a_second(burst.published)
    number = len(burst.came)
    return [
        burst.name,
        f"{number:,}",
        f"{before:,} ({switched_off})",
        f"{len(burst.published):,}",
        f"{now} ({'switched off' if now > SWITCHED_OFF_ABOVE else 'kept'})",
        str(most_in_a_minute(burst.published)),
        f"{burst.told:,}",
        f"{number - burst.told:,}",
        f"{burst.last_after_seconds:,.0f}",
        f"{burst.slept_seconds / number:.1f}",
        f"{burst.came_back / number:.2f}",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Simulate and print; exit code 1 where a topic was published to too fast, or something was told to nobody."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    seed: int = parser.parse_args(arguments).seed
    console, began = Console(width=200), time.monotonic()
    table = Table(title="Bursts of mail (simulated time)", title_justify="left")
    for heading in (
        *("", "before: messages", "most a second", "now: messages", "most a second", "a minute", "told of", "lost"),
        *("last after s", "slept s each", "came back each"),
    ):
        table.add_column(heading, justify="right" if heading else "left")
    good = True
    runs: tuple[Callable[[], Burst], ...] = (
        lambda: refusals(500),
        lambda: stops(1000),
        lambda: ends(1000, seed),
        lambda: ends(10_000, seed),
    )
    for run in runs:
        with ledger():
            burst = run()
        good = good and most_in_a_second(burst.published) <= 8 and burst.told == len(burst.came)
        table.add_row(*_row(burst))
    console.print(table)
    console.print(
        "before: one message as each comes. A summary counts as one message, and tells of all that it counts; it goes "
        f"out with the next sweep, here {SWEEP_SECONDS} s after the beginning.\n"
        f"Ran: the real intake, alerts, ledger and pace in {PROCESSES} processes' memories, on MiniStack's DynamoDB "
        f"without HTTP, in {time.monotonic() - began:.0f} s."
    )
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
