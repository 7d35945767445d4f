"""Scripted vendor jobs: what a job would say of itself at each second of its life.

A `Script` is written in script seconds since the submission. A `Job` plays it against a clock: `speed` script seconds
pass in one second of the clock, and every time that a job reports is a time of that clock, so that what a vendor says
never runs ahead of the client's own clock. Each vendor's server renders the same `Moment` in its own words.
"""

import dataclasses
import math
import random
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol


class Clock(Protocol):
    """Where the sandbox takes the time from."""

    def now(self) -> datetime:
        """The present as an aware UTC datetime."""
        ...


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class HandClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, start: datetime = datetime(2024, 3, 1, 10, tzinfo=UTC)) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock by so many seconds."""
        self._now += timedelta(seconds=seconds)

    def set(self, now: datetime) -> None:
        """Set the clock to an aware datetime."""
        self._now = now


class State(StrEnum):
    """How a job stands; each vendor has its own words for these."""

    UNKNOWN = "unknown"
    WAITING = "waiting"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


ENDED = frozenset({State.SUCCEEDED, State.FAILED, State.CANCELLED})


@dataclass(frozen=True)
class Results:
    """Counts of items by how they ended. An item with a warning is not also counted as successful."""

    successful: int
    warnings: int = 0
    errors: int = 0


@dataclass(frozen=True)
class Message:
    """One line that a vendor attaches to its answer; `level` is error, warning or info."""

    level: str
    text: str


@dataclass(frozen=True)
class Item:
    """A part of a job, such as a file; `error` is set where the part ends badly."""

    name: str
    size_bytes: int = 1_000_000
    error: str | None = None


@dataclass(frozen=True)
class Script:
    """What happens in a job, in script seconds since its submission.

    `starts_after_seconds` is time in the queue or until a scheduled start; `known_after_seconds` is when the vendor
    begins to know the job, None for never. A job runs for `duration_seconds` and then is in `end` with its progress at
    `end_fraction`. `stalls_at` is a fraction of the progress at which it stands still for `stalls_for_seconds` before
    it goes on. `steps` makes progress jump in so many steps; `noise` (0 to 1) makes it uneven, always by `seed`.
    """

    duration_seconds: float = 4500
    total: int = 5000
    starts_after_seconds: float = 0
    known_after_seconds: float | None = 0
    end: State = State.SUCCEEDED
    end_fraction: float = 1.0
    results: Results | None = None
    error: str | None = None
    retryable: bool | None = None
    stalls_at: float | None = None
    stalls_for_seconds: float = math.inf
    steps: int | None = None
    noise: float = 0.0
    seed: int = 0
    operation: str = "Processing content items"
    messages: tuple[Message, ...] = ()
    items: tuple[Item, ...] = ()
    log_location: str | None = None

    @property
    def stall_seconds(self) -> float:
        """How long the job stands still, 0 for one that does not."""
        return self.stalls_for_seconds if self.stalls_at is not None else 0.0

    @property
    def ends_after_seconds(self) -> float:
        """Script seconds from the submission to the end; infinite for a job that hangs."""
        return self.starts_after_seconds + self.duration_seconds + self.stall_seconds

    def fraction(self, running_seconds: float) -> float:
        """Progress from 0 to `end_fraction` after so many script seconds of running, never falling."""
        moving = running_seconds
        if self.stalls_at is not None:
            reaches = self.duration_seconds * min(1.0, self.stalls_at / self.end_fraction)
            moving = min(running_seconds, max(reaches, running_seconds - self.stalls_for_seconds))
        share = min(1.0, max(0.0, moving / self.duration_seconds)) if self.duration_seconds > 0 else 1.0
        return self.end_fraction * self._uneven(self._stepped(share))

    def _stepped(self, share: float) -> float:
        return share if self.steps is None else math.floor(share * self.steps) / self.steps

    def _uneven(self, share: float) -> float:
        """Bend the straight line at twenty seeded points; the ends stay where they are."""
        if not self.noise or share in (0.0, 1.0):
            return share
        points = 20
        chance = random.Random(self.seed)
        weights = [1 + self.noise * (chance.expovariate(1.0) - 1) for _ in range(points)]
        at = share * points
        whole = int(at)
        done = sum(weights[:whole]) + (at - whole) * weights[whole]
        return min(1.0, max(0.0, done / sum(weights)))


@dataclass(frozen=True)
class Moment:
    """How a job stands now. Times are aware UTC datetimes of the sandbox's clock."""

    state: State
    processed: int
    total: int
    fraction: float
    started_at: datetime | None = None
    estimated_end: datetime | None = None
    ended_at: datetime | None = None
    results: Results | None = None
    error: str | None = None
    retryable: bool | None = None
    operation: str | None = None
    messages: tuple[Message, ...] = ()
    items: tuple[Item, ...] = ()
    log_location: str | None = None


@dataclass
class Job:
    """A script being played for one vendor id."""

    id: str
    script: Script
    submitted_at: datetime
    speed: float = 1.0
    operation: str = "import"
    quirks: frozenset[str] = frozenset()
    cancelled_at: datetime | None = None

    def at(self, script_seconds: float) -> datetime:
        """The clock's time of a script second."""
        return self.submitted_at + timedelta(seconds=script_seconds / self.speed)

    def moment(self, now: datetime) -> Moment:
        """What is true of the job at `now`."""
        script = self.script
        elapsed = (now - self.submitted_at).total_seconds() * self.speed
        if script.known_after_seconds is None or elapsed < script.known_after_seconds:
            return Moment(State.UNKNOWN, 0, 0, 0.0)
        started_at = self.at(script.starts_after_seconds)
        cancelled = self.cancelled_at is not None and self.cancelled_at <= now
        if elapsed < script.starts_after_seconds and not cancelled:
            return Moment(State.WAITING, 0, 0, 0.0, started_at, operation="Queued for execution")
        ended = elapsed >= script.ends_after_seconds
        if cancelled and self.cancelled_at is not None and self.cancelled_at < self._end():
            stopped = (self.cancelled_at - started_at).total_seconds() * self.speed
            return self._stopped(State.CANCELLED, script.fraction(max(0.0, stopped)), started_at, self.cancelled_at)
        if ended:
            return self._stopped(script.end, script.end_fraction, started_at, self._end())
        fraction = script.fraction(elapsed - script.starts_after_seconds)
        return Moment(
            State.RUNNING,
            round(fraction * script.total),
            script.total,
            fraction,
            started_at,
            estimated_end=None if math.isinf(script.ends_after_seconds) else self._end(),
            operation=script.operation,
            messages=tuple(m for m in script.messages if m.level != "error"),
            items=script.items,
            log_location=script.log_location,
        )

    def _end(self) -> datetime:
        if math.isinf(self.script.ends_after_seconds):
            return datetime.max.replace(tzinfo=UTC)
        return self.at(self.script.ends_after_seconds)

    def _stopped(self, state: State, fraction: float, started_at: datetime, ended_at: datetime) -> Moment:
        script = self.script
        return Moment(
            state,
            round(fraction * script.total),
            script.total,
            fraction,
            started_at,
            ended_at=ended_at,
            results=(script.results or Results(script.total)) if state is State.SUCCEEDED else None,
            error=script.error if state is State.FAILED else None,
            retryable=script.retryable if state is State.FAILED else None,
            messages=script.messages,
            items=script.items,
            log_location=script.log_location,
        )


@dataclass
class Jobs:
    """The jobs of one vendor's server by id, which may be in either case with `fold_case`; safe to use from threads."""

    clock: Clock
    speed: float = 1.0
    fold_case: bool = False
    new_id: Callable[[], str] = field(default=lambda: str(uuid.uuid4()).upper())
    on_submit: Script = field(default_factory=Script)
    _jobs: dict[str, Job] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(
        self,
        script: Script,
        *,
        job_id: str | None = None,
        operation: str = "import",
        quirks: Iterable[str] = (),
        age_seconds: float = 0,
    ) -> Job:
        """Start a job; `age_seconds` of the clock ago makes one that has been running for a while."""
        submitted_at = self.clock.now() - timedelta(seconds=age_seconds)
        job = Job(job_id or self.new_id(), script, submitted_at, self.speed, operation, frozenset(quirks))
        with self._lock:
            self._jobs[self._key(job.id)] = job
        return job

    def submit(self, operation: str, *, starts_at: datetime | None = None) -> Job:
        """Start what a submission over HTTP gets: the script `on_submit`, at the scheduled time if there is one."""
        script = self.on_submit
        if starts_at is not None:
            ahead = max(0.0, (starts_at - self.clock.now()).total_seconds()) * self.speed
            script = dataclasses.replace(script, starts_after_seconds=ahead)
        return self.add(script, operation=operation)

    def get(self, job_id: str, operations: Iterable[str] | None = None) -> Job | None:
        """The job of an id, None where there is none or it is not of one of these operations."""
        with self._lock:
            job = self._jobs.get(self._key(job_id))
        if job is None or (operations is not None and job.operation not in set(operations)):
            return None
        return job

    def all(self) -> list[Job]:
        """Every job, oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def _key(self, job_id: str) -> str:
        return job_id.lower() if self.fold_case else job_id
