"""jobwatch in a modelled account (`benchmarks.account`): as it is, and as it was before its calls were bounded.

jobwatch's own are: the tries of its AWS client, what a process keeps and for how long, the budget of a connection, when
a held slot is lost, how long a poll is put off, when to poll, the retriers of the machine, and of the template the
queue's numbers. Modelled are the services, and the order of calls within the functions.
"""

import math
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final, TypeVar

from benchmarks.account import Account, Process, Result, Retrier, Steps, retried
from jobwatch.domain.pace import SLEPT_FOR_MS, SPACING_MS
from jobwatch.domain.timetable import spacing_ms
from jobwatch.usecases import poll
from tests.architecture.deployment import FUNCTIONS, RESOURCES, STATES

T = TypeVar("T")

# What calls take, in seconds: as `make bench-cost` counts them, with AWS's usual answers.
_SSM_SECONDS: Final = 0.012
_DYNAMO_SECONDS: Final = 0.006
_START_SECONDS: Final = 0.03
_PUBLISH_SECONDS: Final = 0.03
_COLD_SECONDS: Final = {"intake": 1.2, "poller": 0.7, "notifier": 1.5}
_ASYNC_PAUSES: Final = (60.0, 120.0)
"""https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html"""
_THROTTLED_PAUSES: Final = (1.0, 300.0)
"""Of an asynchronous event that is throttled, the same page: from a second to five minutes, for six hours."""
_BEFORE: Final = (Retrier(("States.ALL",), 2, 2.0, 12, 300),)
_SWEPT_AFTER_SECONDS: Final = (300.0, 600.0)
_QUEUE = RESOURCES["SubmissionQueue"]["Properties"]
_SOURCE = RESOURCES["SubmissionSource"]["Properties"]
_BEGUN_WITHIN_SECONDS: Final = FUNCTIONS["IntakeFunction"]["Timeout"] - 25


class Design(StrEnum):
    """How jobwatch calls its account."""

    BEFORE = "before"
    """An SSM call a submission and wake, no queue, throttled calls retried as failed ones, no bound on mail."""
    NOW = "now"


@dataclass
class Watch:
    """One job: its moments, in seconds. `slot`: the moment that the watch holds in its connection's timetable."""

    connection: str
    submitted_at: float
    ends_at: float
    accepted_at: float | None = None
    seen_at: float | None = None
    told_at: float | None = None
    slot: float | None = None
    put_off: int = 0
    received: int = 0


class Jobwatch:
    """Its functions and executions. `waits`: seconds until the next poll, by those since the submission."""

    def __init__(
        self,
        account: Account,
        design: Design,
        requests_per_minute: int,
        answer_seconds: float,
        waits: Callable[[float], float],
    ) -> None:
        self.account = account
        self.dead_letters = 0
        self.failed_executions = 0
        self.polls = 0
        self.put_off = 0
        self.slots_lost = 0
        self._now = design is Design.NOW
        self._spacing = spacing_ms(requests_per_minute) / 1000
        self._answer_seconds = answer_seconds
        self._waits = waits
        self._next_free: dict[str, float] = {}
        self._next_publish = self._next_turn = 0.0
        self._queue: deque[Watch] = deque()
        self._readers = 0
        states = {name: Retrier.of_state(STATES[name]) for name in ("Poll", "Poll again", "Notify")}
        self._first, self._again, self._notify = (
            (states["Poll"], states["Poll again"], states["Notify"]) if self._now else (_BEFORE, (), _BEFORE)
        )

    # A submission is accepted.

    def submit(self, watch: Watch) -> Steps[None]:
        """From the bus to the watch."""
        if self._now:
            self._queue.append(watch)
            if self._readers < _SOURCE["ScalingConfig"]["MaximumConcurrency"]:
                self._readers += 1
                yield from self._read_queue()
            return
        throttled = 0
        for pause in (*_ASYNC_PAUSES, None):
            while (
                result := (yield from self._invoked("intake", lambda process: self._accept(watch, process)))
            ) is Result.THROTTLED:
                yield min(_THROTTLED_PAUSES[0] * 2**throttled, _THROTTLED_PAUSES[1])
                throttled += 1
            if result is not Result.FAILED:
                return
            if pause is None:
                self.dead_letters += 1
            else:
                yield pause

    def _read_queue(self) -> Steps[None]:
        """One of the readers that Lambda has on the queue, while there is something on it."""
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(_SOURCE["BatchSize"], len(self._queue)))]
            shown_at = self.account.now + _QUEUE["VisibilityTimeout"]
            throttled = 0
            while (
                failed := (yield from self._invoked("intake", partial(self._accept_batch, batch)))
            ) is Result.THROTTLED and self.account.now + 60 < shown_at:
                yield min(2.0**throttled, 30.0) * self.account.rng.random()
                throttled += 1
            for watch in batch if isinstance(failed, Result) else failed:
                watch.received += 1
                if watch.received >= _QUEUE["RedrivePolicy"]["maxReceiveCount"]:
                    self.dead_letters += 1
                else:
                    self.account.begin(self.submit(watch), shown_at - self.account.now)
        self._readers -= 1

    def _accept_batch(self, batch: Sequence[Watch], process: Process) -> Steps[list[Watch]]:
        began_at, failed = self.account.now, []
        for watch in batch:
            begun = self.account.now - began_at <= _BEGUN_WITHIN_SECONDS
            if not begun or (yield from self._accept(watch, process)) is Result.FAILED:
                failed.append(watch)
        return failed

    def _accept(self, watch: Watch, process: Process) -> Steps[Result | None]:
        if not (yield from self._has_connection(watch, process, patient=True)):
            return Result.FAILED
        yield 2 * _DYNAMO_SECONDS
        if not (yield from self.account.call(self.account.starts, _START_SECONDS)):
            return Result.FAILED
        if watch.accepted_at is None:
            watch.accepted_at = self.account.now
            self.account.begin(self.follow(watch))
        return None

    # Its job is followed.

    def follow(self, watch: Watch) -> Steps[None]:
        """One execution after another, until people were told."""
        while watch.told_at is None:
            if watch.seen_at is None:
                wait = yield from self._polled(watch)
            else:
                wait = yield from retried(self.account, self._notify, lambda: self._notified(watch))
            if not isinstance(wait, Result):
                yield wait
            elif wait is Result.THROTTLED and self._now:
                yield STATES["Busy"]["Seconds"]
            else:
                watch.slot = None
                self.failed_executions += 1
                yield self.account.rng.uniform(*_SWEPT_AFTER_SECONDS)

    def _polled(self, watch: Watch) -> Steps[float | Result]:
        tries = 0

        def first() -> Steps[float | Result]:
            nonlocal tries
            tries += 1
            # Before, a throttled call counted as one that may have asked.
            return self._poll(watch, is_retry=tries > 1 and not self._now)

        wait = yield from retried(self.account, self._first, first)
        if isinstance(wait, Result) and self._again:
            wait = yield from retried(self.account, self._again, lambda: self._poll(watch, is_retry=True))
        return wait

    def _poll(self, watch: Watch, *, is_retry: bool) -> Steps[float | Result]:
        def work(process: Process) -> Steps[float | Result]:
            if not (yield from self._has_connection(watch, process, patient=False)):
                return self._put_off(watch) if self._now else Result.FAILED
            yield 2 * _DYNAMO_SECONDS
            slot = self._slot(watch, is_retry=is_retry)
            if slot - self.account.now > poll._SLEPT_FOR_SECONDS:
                watch.slot = slot
                return float(math.ceil(slot - self.account.now))
            yield max(slot - self.account.now, 0.0)
            kept = self.account.kept(
                process.secrets, watch.connection, self.account.secrets_manager, _SSM_SECONDS, patient=True
            )
            if not (yield from kept):
                watch.slot = slot
                return self._put_off(watch) if self._now else Result.FAILED
            yield self._answer_seconds
            watch.slot, watch.put_off = None, 0
            self.polls += 1
            now = self.account.now
            if now >= watch.ends_at:
                watch.seen_at = now
                return 0.0
            wait = self._waits(now - watch.submitted_at)
            if self._next_free.get(watch.connection, 0.0) > now + wait:
                watch.slot = self._reserve(watch)
                wait = watch.slot - now
            return float(math.ceil(wait))

        return self._invoked("poller", work)

    def _slot(self, watch: Watch, *, is_retry: bool) -> float:
        if watch.slot is not None:
            if not is_retry and self.account.now - watch.slot <= poll.SLOT_HELD.total_seconds():
                return watch.slot
            self.slots_lost += 1
        return self._reserve(watch)

    def _reserve(self, watch: Watch) -> float:
        slot = max(self.account.now, self._next_free.get(watch.connection, 0.0))
        self._next_free[watch.connection] = slot + self._spacing
        return slot

    def _put_off(self, watch: Watch) -> float:
        self.put_off += 1
        seconds = min(poll._PUT_OFF_SECONDS * 2.0**watch.put_off, poll._LONGEST_PUT_OFF_SECONDS)
        watch.put_off = min(watch.put_off + 1, 10)
        return float(math.ceil(seconds * (0.5 + self.account.rng.random() / 2)))

    # People are told.

    def _notified(self, watch: Watch) -> Steps[float | Result]:
        def work(process: Process) -> Steps[float | Result]:
            del process
            yield 2 * _DYNAMO_SECONDS
            if self._now:
                turn = max(self.account.now, self._next_publish)
                self._next_publish = turn + SPACING_MS / 1000
                yield turn - self.account.now
            yield _DYNAMO_SECONDS + _PUBLISH_SECONDS
            self.account.mail.send(self.account.now)
            watch.told_at = self.account.now
            return 0.0

        # Who would sleep in the function for too long comes back, one after the other (`jobwatch.aws.paces`).
        while self._now and self._next_publish > self.account.now + SLEPT_FOR_MS / 1000:
            turn = max(self.account.now + SLEPT_FOR_MS / 1000, self._next_turn)
            self._next_turn = turn + SPACING_MS / 1000
            yield turn - self.account.now
        return (yield from self._invoked("notifier", work))

    def _has_connection(self, watch: Watch, process: Process, *, patient: bool) -> Steps[bool]:
        if self._now:
            return self.account.kept(
                process.connections, watch.connection, self.account.ssm, _SSM_SECONDS, patient=patient
            )
        return self.account.call(self.account.ssm, _SSM_SECONDS)

    def _invoked(self, function: str, work: Callable[[Process], Steps[T | Result]]) -> Steps[T | Result]:
        return self.account.invoke(function, _COLD_SECONDS[function], work)
