"""The course of a run: jobs are submitted into a storm; then it is calm, and what was left lying is taken up."""

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chaos import jobs
from chaos.aws_faults import DRIZZLE, SERVICES, outage
from chaos.jobs import Running
from chaos.strikes import Strikes
from chaos.vendor_faults import BadDay
from chaos.world import LOG_BUCKET, STACK_NAME, World
from jobwatch_cli.redrive import Queue, redrive
from sandbox.egain import log_location
from sandbox.logs import import_log

_OUTAGE_SECONDS = (2.0, 6.0)
_BETWEEN_OUTAGES_SECONDS = (5.0, 12.0)
_SWEEP_EVERY_SECONDS = 5.0
_LATE_DELIVERIES_TAKE_SECONDS = 10.0
_VENDORS_CHANGE_EVERY_SECONDS = 6.0


@dataclass
class Storm:
    """A storm over `watches` jobs for `seconds`. `with_sweeper`: whether the schedule invokes it."""

    world: World
    watches: int
    seconds: float
    chance: random.Random
    with_sweeper: bool = True
    running: list[Running] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._bad_day = BadDay(self.world.sandbox, self.chance)
        self.strikes = Strikes(self.world, self.running, self.chance)
        self._next_vendors = self._next_outage = 0.0
        self._over = threading.Event()
        self._outage_ends: float | None = None

    def rage(self, progress: Callable[[str], None]) -> None:
        """Submit every job in the first half of the storm, a long one's until shortly before its end; all can fail."""
        began = time.monotonic()
        submitting_seconds = max(self.seconds / 2, self.seconds - 90)
        longest = max(20.0, min(60.0, self.seconds * 2 / 3))
        self.world.faulty_aws.set(*DRIZZLE)
        while (elapsed := time.monotonic() - began) < self.seconds:
            due = min(self.watches, round(self.watches * elapsed / submitting_seconds))
            while len(self.running) < due:
                self._submit(longest)
            self._change_weather(elapsed)
            self.strikes.strike()
            self.world.listen()
            progress(f"{len(self.running)} jobs, {len(self.world.told)} notifications")
            time.sleep(1)

    def calm(self, waits_for: Callable[[], str | None], longest_seconds: float, progress: Callable[[str], None]) -> str:
        """No more faults: the sweeper goes on, dead letters are sent again, until nothing is left.

        Returns how long that took, or what was still left after `longest_seconds`.
        """
        self.world.faulty_aws.set()
        self._bad_day.clear()
        began = time.monotonic()
        next_redrive = 0.0
        is_settled = False
        while (elapsed := time.monotonic() - began) < longest_seconds:
            if elapsed >= next_redrive:
                next_redrive = elapsed + 10
                self._redrive()
            self.world.listen()
            left = waits_for()
            if left is None and is_settled:
                return f"settled {elapsed:.0f} s after it"
            if left is None:
                is_settled = True
                self.strikes.deliver_many_again()
                time.sleep(_LATE_DELIVERIES_TAKE_SECONDS)
            progress(left or "late deliveries")
            time.sleep(1)
        return f"not settled {longest_seconds:.0f} s after it"

    def faults(self) -> Counter[str]:
        """Everything that went wrong on purpose, by kind."""
        return self.world.faulty_aws.fired() + self._bad_day.fired() + self.strikes.counts + self.counts

    def _submit(self, longest_seconds: float) -> None:
        job = jobs.start(self.world.sandbox, self.chance, longest_seconds)
        if job.story.vendor is jobs.EGAIN:
            key = log_location(job.job).removeprefix(f"s3://{LOG_BUCKET}/")
            log = import_log(job.job, info_lines=50).encode()
            self.world.aws.client("s3").put_object(Bucket=LOG_BUCKET, Key=key, Body=log)
        self.running.append(job)
        for _ in range(self.chance.choice((1, 1, 2, 3))):
            self.world.stack.submit(**job.detail)

    def _change_weather(self, elapsed: float) -> None:
        if elapsed >= self._next_vendors:
            self._next_vendors = elapsed + _VENDORS_CHANGE_EVERY_SECONDS
            self._bad_day.worsen()
        if self._outage_ends is not None and elapsed >= self._outage_ends:
            self._outage_ends = None
            self._next_outage = elapsed + self.chance.uniform(*_BETWEEN_OUTAGES_SECONDS)
            self.world.faulty_aws.set(*DRIZZLE)
        if self._outage_ends is None and elapsed >= self._next_outage:
            service = self.chance.choice(SERVICES)
            self.counts[f"outage of {service}"] += 1
            self._outage_ends = elapsed + self.chance.uniform(*_OUTAGE_SECONDS)
            self.world.faulty_aws.set(outage(service), *DRIZZLE)

    @contextmanager
    def schedule(self) -> Iterator[None]:
        """Sweep while inside, as the rule's schedule does on AWS: never twice at once."""
        thread = threading.Thread(target=self._sweep, daemon=True)
        if self.with_sweeper:
            thread.start()
        yield
        self._over.set()
        if self.with_sweeper:
            thread.join(60)

    def _sweep(self) -> None:
        while not self._over.wait(_SWEEP_EVERY_SECONDS):
            with suppress(BotoCoreError, ClientError):
                self.world.aws.client("lambda").invoke(
                    FunctionName=self.world.physical_id("SweeperFunction"),
                    Payload=b'{"detail-type": "Scheduled Event"}',
                )

    def _redrive(self) -> None:
        clients: dict[str, Any] = {name: self.world.aws.client(name) for name in ("cloudformation", "sqs", "lambda")}
        for queue in Queue:
            try:
                redriven = redrive(clients, STACK_NAME, queue)
            except (BotoCoreError, ClientError):
                continue
            if redriven.handed_over:
                self.counts[f"sent again from the dead-letter queue of {queue}"] += redriven.handed_over
