"""Polling: ask the vendor once, record what it means, say when to come back."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from jobwatch.domain.connection import Connection, ConnectionUnusableError
from jobwatch.domain.follow import LONGEST_RETRY_AFTER_SECONDS, follow, hold, look_up
from jobwatch.domain.snapshot import Answer, FailureKind, PollFailure
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice
from jobwatch.ports import Clock, Connections, Timetables, VendorStatus, Watches, WatchMissingError


class NextStep(StrEnum):
    """Where the state machine goes; its Choice states match these words."""

    WAIT = "wait"
    NOTIFY = "notify"
    CONTINUE = "continue"
    DONE = "done"
    LOST = "lost"


@dataclass(frozen=True)
class Step:
    """What the machine does next, and after how many whole seconds if it waits."""

    next: NextStep
    wait_seconds: int = 0


@dataclass(frozen=True)
class Polled:
    """What one poll did: the watch after it, what the vendor answered (None: it was not asked), the next step."""

    watch: Watch | None
    answer: Answer | None
    step: Step


# Used when a connection was removed or broken while a job runs: its polling settings are gone with it.
_UNCONFIGURED = Connection(name="", vendor="", base_url="", secret="")
# A slot this near is slept for: cheaper and sooner than another round of the machine.
_SLEPT_FOR = timedelta(seconds=3)
# A slot that was missed by more than this is lost: used late, it would crowd those of others.
_SLOT_HELD = timedelta(seconds=30)


@dataclass(frozen=True)
class Poller:
    """The parts that polling needs. `wakes_per_execution`: after so many, a fresh execution goes on."""

    watches: Watches
    connections: Connections
    timetables: Timetables
    vendor_status: VendorStatus
    now: Clock
    jitter: random.Random
    sleep: Callable[[float], None]
    wakes_per_execution: int

    def poll(self, watch_id: str, generation: int) -> Polled:
        """Ask once, unless there is something to tell first, or the watch has ended, or it is not yet time.

        `generation`: which execution asks. Safe to repeat: the outcome is written before the machine hears of it, and
        a second run finds it. A watch that somebody removed is lost: trying again would not bring it back, so the
        machine stops and the operators hear. Raises WatchChangedError, ServiceUnavailableError.
        """
        try:
            watch = self.watches.get(watch_id)
        except WatchMissingError:
            return Polled(None, None, Step(NextStep.LOST))
        if generation != watch.generation:
            return Polled(watch, None, self._step_of_former(watch, generation))
        if watch.outcome is not None or watch.due:
            return Polled(watch, None, next_step(watch, self.now))
        if watch.wakes >= self.wakes_per_execution:
            # Before the poll, not after one: whatever there was to tell in between, an execution has no more wakes.
            watch = self.watches.save(replace(watch, generation=watch.generation + 1, wakes=0))
            return Polled(watch, None, Step(NextStep.CONTINUE))
        watch, answer = self._poll_when_free(replace(watch, wakes=watch.wakes + 1))
        watch = self.watches.save(watch)
        return Polled(watch, answer, next_step(watch, self.now))

    def _step_of_former(self, watch: Watch, generation: int) -> Step:
        """An execution that handed over starts its successor again, if that has not begun; else it ends quietly."""
        if generation == watch.generation - 1 and watch.wakes == 0 and watch.outcome is None:
            return Step(NextStep.CONTINUE)
        return Step(NextStep.DONE)

    def _poll_when_free(self, watch: Watch) -> tuple[Watch, Answer | None]:
        """The watch after this wake, and what the vendor answered if it was asked."""
        connection, failure = self._connection(watch)
        polling, wanted = connection.polling, connection.notices
        if failure is None:
            if watch.ask_from is not None and watch.ask_from > self.now():
                return look_up(watch, now=self.now(), polling=polling, wanted=wanted), None
            slot_at = self._slot(watch, connection)
            if slot_at > self.now() + _SLEPT_FOR:
                return hold(watch, slot_at, now=self.now(), polling=polling, wanted=wanted), None
            self.sleep(max((slot_at - self.now()).total_seconds(), 0.0))
        answer = failure or self._ask(watch, connection)
        watch = follow(watch, answer, now=self.now(), polling=polling, wanted=wanted, jitter=self.jitter.random())
        booked_until = datetime.fromtimestamp(self.timetables.backlog_until(connection.name), UTC)
        if watch.outcome is None and booked_until > watch.next_poll_at:
            # The queue is longer than the wait: queue up now, instead of waking only to queue up.
            watch = hold(watch, self._reserve(connection), now=self.now(), polling=polling, wanted=wanted)
        return watch, answer

    def _ask(self, watch: Watch, connection: Connection) -> Answer:
        answer = self.vendor_status.ask(watch.submission, connection)
        if isinstance(answer, PollFailure) and answer.kind is FailureKind.THROTTLED:
            self.timetables.throttled(
                connection.name,
                connection.polling.requests_per_minute,
                self.now().timestamp(),
                min(answer.retry_after_seconds or 0.0, LONGEST_RETRY_AFTER_SECONDS),
            )
        return answer

    def _connection(self, watch: Watch) -> tuple[Connection, PollFailure | None]:
        try:
            connection = self.connections.get(watch.submission.connection)
        except ConnectionUnusableError as error:
            return _UNCONFIGURED, PollFailure(FailureKind.MISCONFIGURED, str(error))
        if connection.vendor != watch.vendor:
            reason = (
                f"connection {connection.name} is now one of {connection.vendor}; the job was sent to {watch.vendor}"
            )
            return connection, PollFailure(FailureKind.MISCONFIGURED, reason)
        return connection, None

    def _slot(self, watch: Watch, connection: Connection) -> datetime:
        """When the vendor may be asked: now, in the slot that the watch holds, or else in the first free one."""
        now = self.now()
        held = watch.has_slot and watch.ask_from is not None and now - watch.ask_from <= _SLOT_HELD
        # A slot taken before a 429 may lie in the pause that the vendor asked for since.
        if held and self.timetables.paused_until(connection.name) <= now.timestamp():
            return now
        return self._reserve(connection)

    def _reserve(self, connection: Connection) -> datetime:
        requests_per_minute = connection.polling.requests_per_minute
        moment = self.timetables.reserve(connection.name, requests_per_minute, self.now().timestamp())
        return datetime.fromtimestamp(moment, UTC)


def next_step(watch: Watch, now: Clock) -> Step:
    """What the machine does next for a watch as it stands."""
    if watch.due:
        return Step(NextStep.NOTIFY)
    if watch.outcome is not None:
        return Step(NextStep.NOTIFY if Notice.FINISHED not in watch.told else NextStep.DONE)
    seconds = (watch.next_poll_at - now()).total_seconds()
    return Step(NextStep.WAIT, max(math.ceil(seconds), 1))
