"""Many watches at once: whether each connection keeps its budget, and how evenly the delay is shared.

    python -m benchmarks.scale [--watches N] [--at-once N] [--seed N]

First in simulated time: the real poller (`jobwatch.usecases.poll`, with its policy and limits) and the real
reservation (`jobwatch.aws.timetables`) on MiniStack's DynamoDB, with jobs of every kind of benchmarks.polling_traces.
Then in real time: watches submitted together, on the whole stack as deployed to MiniStack. `--watches 0` or
`--at-once 0` leaves a part out.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from unittest.mock import patch

from botocore.exceptions import ClientError
from ministack.services import dynamodb
from rich.console import Console
from rich.table import Table

from benchmarks.at_once import in_real_time
from benchmarks.figures import bar, most_in_a_minute, share_of
from benchmarks.polling_traces import DISTRIBUTIONS, KINDS, Job, generate
from jobwatch.aws.timetables import DynamoTimetables
from jobwatch.domain.connection import Connection, Polling
from jobwatch.domain.follow import tell
from jobwatch.domain.snapshot import Answer, Phase, Snapshot
from jobwatch.domain.snapshot import Progress as JobProgress
from jobwatch.domain.submission import Submission
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Operation, Outcome
from jobwatch.logs import LogSource, LogUnreadable
from jobwatch.ports import Operations
from jobwatch.usecases.once import Once
from jobwatch.usecases.poll import NextStep, Poller
from jobwatch.usecases.unnamed import UnnamedStates

BUDGETS: Final = {"tight": 60, "narrow": 300, "wide": 1200, "ample": 6000}
"""Requests a minute of the simulated connections; the first is Document360's."""
T0: Final = datetime(2026, 11, 2, 8, tzinfo=UTC)
SUBMITTED_WITHIN_SECONDS: Final = 600.0
LONGEST_JOB_SECONDS: Final = 2700.0
"""Longer jobs add hours of the same to the simulation, and minutes to its run."""
STARTS_WITHIN_SECONDS: Final = (0.1, 0.8)
"""How long a function takes to start, beside the whole second that a Wait state counts."""
PROCESSES: Final = 50
"""Function processes beside each other; each remembers what it last saw of a timetable, and that may be old."""
TABLE: Final = "timetables"


class InProcessDynamo:
    """DynamoDB as MiniStack has it, called without HTTP: 0.4 ms a call, where moto takes 3 and boto3 before it 4."""

    class exceptions:  # noqa: N801 - the name that boto3 clients have
        ClientError = ClientError

    def __init__(self) -> None:
        self.reads = 0
        self.writes = 0
        self._call(
            "CreateTable",
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "connection", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "connection", "KeyType": "HASH"}],
        )

    def get_item(self, **call: Any) -> dict[str, Any]:
        self.reads += 1
        return self._call("GetItem", **call)

    def update_item(self, **call: Any) -> dict[str, Any]:
        self.writes += 1
        return self._call("UpdateItem", **call)

    def _call(self, action: str, **call: Any) -> dict[str, Any]:
        target = {"x-amz-target": f"DynamoDB_20120810.{action}"}
        handling = dynamodb.handle_request("POST", "/", target, json.dumps(call).encode(), {})
        try:
            handling.send(None)  # it awaits nothing
        except StopIteration as done:
            status, _, body = done.value
        answer: dict[str, Any] = json.loads(body)
        if status != 200:
            # Beside the error stands what comes with it, such as the item that a condition met.
            error: Any = {**answer, "Error": {"Code": answer["__type"].rpartition("#")[2]}}
            raise ClientError(error, action)
        return answer


class Clock:
    """Simulated time."""

    def __init__(self) -> None:
        self.now = T0

    def __call__(self) -> datetime:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class MemoryWatches:
    """`jobwatch.ports.Watches` in memory, for speed: the records themselves are no part of what is measured."""

    watches: dict[str, Watch] = field(default_factory=dict)
    writes: Counter[str] = field(default_factory=Counter)

    def add(self, watch: Watch) -> bool:
        self.watches[watch.watch_id] = watch
        return True

    def get(self, watch_id: str) -> Watch:
        return self.watches[watch_id]

    def save(self, watch: Watch) -> Watch:
        self.writes[watch.submission.connection] += 1
        self.watches[watch.watch_id] = watch
        return watch

    def overdue(self, since: datetime) -> Iterator[str]:
        return (id for id, watch in self.watches.items() if watch.outcome is None and watch.next_poll_at < since)


@dataclass
class SimulatedVendors:
    """`jobwatch.ports.VendorStatus`: answers from the jobs' traces, and remembers when it was asked."""

    clock: Clock
    jobs: dict[str, tuple[Job, datetime]] = field(default_factory=dict)
    asked: dict[str, list[float]] = field(default_factory=dict)
    asked_about: dict[str, list[float]] = field(default_factory=dict)

    def open_log(self, submission: Submission, connection: Connection, location: str) -> LogSource:
        raise LogUnreadable(f"{submission.job_id} of {connection.name} has none at {location}")

    def ask_details(
        self, submission: Submission, connection: Connection, ended: Snapshot, *, fresh_token: bool = False
    ) -> Answer:
        raise NotImplementedError("these vendors' ends point to nothing")

    def ask(self, submission: Submission, connection: Connection, *, fresh_token: bool = False) -> Answer:
        del fresh_token  # these vendors know no tokens
        job, began_at = self.jobs[submission.job_id]
        now = self.clock()
        self.asked.setdefault(connection.name, []).append(now.timestamp())
        self.asked_about.setdefault(submission.job_id, []).append(now.timestamp())
        elapsed = (now - began_at).total_seconds()
        if elapsed >= job.duration_seconds:
            finished_at = began_at + timedelta(seconds=job.duration_seconds)
            verdict = Outcome.FAILED if job.outcome == "failed" else Outcome.SUCCEEDED
            return Snapshot(Phase.ENDED, job.outcome, verdict=verdict, starts_at=began_at, finished_at=finished_at)
        seen = job.seen_at(elapsed)
        predicted = seen.predicted_end_seconds
        return Snapshot(
            Phase.RUNNING,
            "running",
            progress=JobProgress(seen.processed, seen.total, seen.percentage),
            starts_at=began_at,
            predicted_end=began_at + timedelta(seconds=predicted) if predicted is not None else None,
        )


@dataclass
class Connections:
    """`jobwatch.ports.Connections`."""

    by_name: dict[str, Connection]

    def get(self, name: str) -> Connection:
        return self.by_name[name]


@dataclass
class Simulation:
    """Watches of the four connections from their submission to their end."""

    watch_count: int
    seed: int
    clock: Clock = field(default_factory=Clock)
    watches: MemoryWatches = field(default_factory=MemoryWatches)
    dynamo: InProcessDynamo = field(default_factory=InProcessDynamo)
    timetable_writes: Counter[str] = field(default_factory=Counter)
    timetable_reads: Counter[str] = field(default_factory=Counter)
    wakes: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.vendors = SimulatedVendors(self.clock)
        self._rng = random.Random(self.seed)
        polling = Polling(give_up_hours=2160, deadline_minutes=43200, stall_minutes=10080)
        connections = Connections(
            {
                name: Connection(name, "egain", "", "", polling=replace(polling, requests_per_minute=budget))
                for name, budget in BUDGETS.items()
            }
        )
        self._pollers = [
            Poller(
                self.watches,
                connections,
                DynamoTimetables(TABLE),
                self.vendors,
                self.clock,
                random.Random(self.seed + number),
                self.clock.sleep,
                wakes_per_execution=10**9,
                unnamed=UnnamedStates(_nobody),
            )
            for number in range(PROCESSES)
        ]

    def run(self, console: Console) -> None:
        """Until every job's end was seen."""
        wakes = self._submitted()
        heapq.heapify(wakes)
        with patch("jobwatch.aws.timetables.client", lambda _: self.dynamo), bar(console) as progress:
            task = progress.add_task("watches ended (simulated)", total=self.watch_count)
            while wakes:
                at, watch_id = heapq.heappop(wakes)
                again_in = self._wake(at, watch_id)
                if again_in is None:
                    progress.advance(task)
                else:
                    starts_in = self._rng.uniform(*STARTS_WITHIN_SECONDS)
                    heapq.heappush(wakes, (self.clock.now.timestamp() + again_in + starts_in, watch_id))

    def _submitted(self) -> list[tuple[float, str]]:
        per_cell = math.ceil(2 * self.watch_count / len(KINDS) / len(DISTRIBUTIONS))
        jobs = [job for job in generate(self.seed, per_cell, KINDS) if job.duration_seconds <= LONGEST_JOB_SECONDS]
        self._rng.shuffle(jobs)
        names = list(BUDGETS)
        wakes = []
        for number, job in enumerate(islice(jobs, self.watch_count)):
            at = T0 + timedelta(seconds=self._rng.uniform(0, SUBMITTED_WITHIN_SECONDS))
            submission = Submission(names[number % len(names)], str(number), Operation.IMPORT, at)
            watch = Watch(submission=submission, vendor="egain", vendor_title="eGain", accepted_at=at, next_poll_at=at)
            self.watches.add(watch)
            self.vendors.jobs[submission.job_id] = (job, at)
            wakes.append((at.timestamp() + self._rng.uniform(*STARTS_WITHIN_SECONDS), watch.watch_id))
        return wakes

    def _wake(self, at: float, watch_id: str) -> int | None:
        """One call of the poller, and of the notifier where something is due; seconds to wait, None at the end."""
        self.clock.now = datetime.fromtimestamp(at, UTC)
        connection = self.watches.get(watch_id).submission.connection
        self.wakes[connection] += 1
        reads_before, writes_before = self.dynamo.reads, self.dynamo.writes
        step = self._rng.choice(self._pollers).poll(watch_id, 1).step
        self.timetable_writes[connection] += self.dynamo.writes - writes_before
        self.timetable_reads[connection] += self.dynamo.reads - reads_before
        if step.next is NextStep.WAIT:
            return step.wait_seconds
        watch = self.watches.get(watch_id)
        if watch.outcome is not None:
            return None
        for notice in watch.due:
            watch = tell(watch, notice, at=self.clock())
        self.watches.save(watch)
        return 1


def _nobody() -> tuple[Once, Operations]:
    raise AssertionError("no vendor here answers a state that nothing names")


def _evenness(values: Sequence[float]) -> float:
    """Jain's fairness index: 1 where all are equal, 1/n where one has everything."""
    return sum(values) ** 2 / (len(values) * sum(value**2 for value in values)) if any(values) else 1.0


def simulate(watch_count: int, seed: int, console: Console) -> bool:
    """Run and print the simulation; whether every connection kept its budget."""
    began = time.monotonic()
    simulation = Simulation(watch_count, seed)
    simulation.run(console)
    table = Table(
        title=f"{watch_count:,} watches, submitted within {SUBMITTED_WITHIN_SECONDS / 60:.0f} min (simulated time)",
        title_justify="left",
    )
    for heading in (
        *("connection", "budget a minute", "most in any minute", "watches", "polls", "wakes a poll"),
        *("delay s: median", "p95", "worst", "gap s: p5", "median", "p95", "evenness"),
        *("timetable a poll: writes", "reads", "watch writes"),
    ):
        table.add_column(heading, justify="left" if heading == "connection" else "right")
    kept = True
    for name, budget in BUDGETS.items():
        row, within = _row(simulation, name, budget)
        kept = kept and within
        table.add_row(*row)
    console.print(table)
    console.print(
        "delay: from the job's end to the poll that saw it. gap: a watch's mean time between two polls, where it had "
        "three or more, and its evenness over them (Jain's index: 1 is all alike).\n"
        f"Ran: the real Poller and DynamoTimetables in {PROCESSES} processes' memories, on MiniStack's DynamoDB "
        f"without HTTP; watches in memory; {sum(simulation.wakes.values()):,} wakes in "
        f"{time.monotonic() - began:.0f} s. A poll leaves up to a second (Wait state) and "
        f"{STARTS_WITHIN_SECONDS[0]}–{STARTS_WITHIN_SECONDS[1]} s (start) after its slot."
    )
    return kept


def _row(simulation: Simulation, name: str, budget: int) -> tuple[list[str], bool]:
    asked = simulation.vendors.asked[name]
    delays, gaps = [], []
    for watch in simulation.watches.watches.values():
        if watch.submission.connection != name:
            continue
        job, began_at = simulation.vendors.jobs[watch.submission.job_id]
        detected_at = watch.detected_at or simulation.clock.now
        delays.append((detected_at - began_at).total_seconds() - job.duration_seconds)
        moments = simulation.vendors.asked_about[watch.submission.job_id]
        if len(moments) >= 3:
            gaps.append((moments[-1] - moments[0]) / (len(moments) - 1))
    most = most_in_a_minute(asked)
    within = most <= budget
    polls = len(asked)
    return [
        name,
        f"{budget:,}",
        f"[{'green' if within else 'bold red'}]{most:,}[/]",
        f"{len(delays):,}",
        f"{polls:,}",
        f"{simulation.wakes[name] / polls:.2f}",
        *(f"{share_of(delays, share):,.0f}" for share in (0.5, 0.95, 1.0)),
        *(f"{share_of(gaps, share):,.0f}" for share in (0.05, 0.5, 0.95)),
        f"{_evenness(gaps):.3f}",
        f"{simulation.timetable_writes[name] / polls:.2f}",
        f"{simulation.timetable_reads[name] / polls:.2f}",
        f"{simulation.watches.writes[name] / polls:.2f}",
    ], within


def main(arguments: Sequence[str] | None = None) -> None:
    """Both parts; exits with 1 where a budget was exceeded or somebody was not told once."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--watches", type=int, default=10_000, help="in simulated time, over four connections")
    parser.add_argument("--at-once", type=int, default=300, help="in real time, on MiniStack")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    console = Console()
    if not console.is_terminal:
        console = Console(width=180)
    good = [
        part(count, options.seed, console)
        for part, count in ((simulate, options.watches), (in_real_time, options.at_once))
        if count
    ]
    raise SystemExit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
