"""Polling: ask the vendor once, record what it means, say when to come back."""

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from jobwatch.domain.address import AddressRefusedError, address_on_host
from jobwatch.domain.connection import Connection, ConnectionDeniedError, ConnectionUnusableError, Polling
from jobwatch.domain.follow import LONGEST_RETRY_AFTER_SECONDS, follow, hold, look_up
from jobwatch.domain.log_location import unread
from jobwatch.domain.snapshot import Answer, FailureKind, Lack, PollFailure, Snapshot, TokenRefused, without_details
from jobwatch.domain.timetable import Slot
from jobwatch.domain.watch import Booking, Watch, as_configured
from jobwatch.ports import (
    Clock,
    Connections,
    ServiceUnavailableError,
    Timetables,
    VendorStatus,
    Watches,
    WatchMissingError,
)
from jobwatch.usecases.unnamed import UnnamedStates
from jobwatch.vendors.registry import vendor_of


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
class PutOff:
    """The vendor could not be asked yet: the connection or its secret cannot be read now, and none is in memory."""

    detail: str


@dataclass(frozen=True)
class Polled:
    """What one poll did: the watch after it, what the vendor answered (None: it was not asked), the next step."""

    watch: Watch | None
    answer: Answer | PutOff | None
    step: Step


# Used when a connection was removed or broken while a job runs: its polling settings are gone with it.
_UNCONFIGURED = Connection(name="", vendor="", base_url="", secret="")
# A slot this near is slept for: cheaper and sooner than another round of the machine.
_SLEPT_FOR_SECONDS = 3.0
# A slot that was missed by more than this is lost: used late, it would crowd those of others.
SLOT_HELD = timedelta(seconds=30)
# A poll that cannot be made yet comes again after so long at most, twice as long each time, up to five minutes; half of
# it is chance, for many processes that begin together with nothing in memory shall not come again together.
_PUT_OFF_SECONDS = 5.0
_LONGEST_PUT_OFF_SECONDS = 300.0
# So long an end is kept back for what it points to, which is worth less than to be told soon.
_END_HELD = timedelta(minutes=10)
_MOST_PUT_OFF_ENDED = 4
# What a log on a vendor's host gets of the function's 90 s, beside a token, a slot slept for and AWS's own calls.
_LOG_SECONDS = 45.0


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
    unnamed: UnnamedStates

    def poll(self, watch_id: str, generation: int, *, is_retry: bool = False) -> Polled:
        """Ask once, unless there is something to tell first, or the watch has ended, or it is not yet time.

        `generation`: which execution asks. `is_retry`: whether a run of this poll failed before. Safe to repeat:
        the outcome is written before the machine hears of it, and a second run finds it. A watch that somebody
        removed, or took back to an earlier state, is lost: trying again would not bring it back, so the machine stops
        and the operators hear. Raises WatchChangedError, ServiceUnavailableError.
        """
        try:
            watch = self.watches.get(watch_id)
        except WatchMissingError:
            return Polled(None, None, Step(NextStep.LOST))
        if generation != watch.generation:
            return Polled(watch, None, self._step_of_another(watch, generation))
        if watch.outcome is not None and not watch.due:
            return Polled(watch, None, next_step(watch, self.now))
        if watch.wakes >= self.wakes_per_execution:
            # Before the poll, not after one: whatever there was to tell in between, an execution has no more wakes.
            watch = self.watches.save(replace(watch, generation=watch.generation + 1, wakes=0))
            return Polled(watch, None, Step(NextStep.CONTINUE))
        watch, answer = replace(watch, wakes=watch.wakes + 1), None
        # What is due is told first. That wake counts too: a notifier that dies every time sends the machine round.
        if not watch.due:
            watch, answer = self._poll_when_free(watch, is_retry=is_retry)
        watch = self.watches.save(self.unnamed.tell(watch))
        return Polled(watch, answer, next_step(watch, self.now))

    def _step_of_another(self, watch: Watch, generation: int) -> Step:
        """An execution that handed over starts its successor again, if that has not begun; else it ends quietly.

        One of a generation still to come follows a watch that was taken back, as by restoring the table.
        """
        if generation > watch.generation:
            return Step(NextStep.LOST)
        if generation == watch.generation - 1 and watch.wakes == 0 and (watch.outcome is None or watch.due):
            return Step(NextStep.CONTINUE)
        return Step(NextStep.DONE)

    def _poll_when_free(self, watch: Watch, *, is_retry: bool) -> tuple[Watch, Answer | PutOff | None]:
        """The watch after this wake, and what the vendor answered if it was asked."""
        try:
            connection, failure = self._connection(watch)
        except ServiceUnavailableError as error:
            return self._put_off(watch), PutOff(str(error))
        if failure is not None:
            answer: Answer = failure
            if watch.ended is not None:
                answer = without_details(watch.ended, failure.detail) if watch.ended.details else watch.ended
            return self._followed(watch, connection, answer), answer
        ended = watch.ended
        if ended is not None and ended.details is None and is_retry:
            # The run before this one died with the log, and so would this one.
            watch = replace(watch, log=unread(ended.log_location or "", "jobwatch failed on it"))
            return self._followed(watch, connection, ended), ended
        if watch.ended is not None and watch.ask_from is not None and watch.ask_from > self.now():
            return replace(watch, next_poll_at=watch.ask_from), None
        if watch.ask_from is not None and watch.ask_from > self.now():
            return look_up(watch, now=self.now(), polling=connection.polling, wanted=connection.notices), None
        # A run that failed may have asked in the slot that the watch holds.
        slot = None if is_retry else self._held_slot(watch, connection)
        return self._poll_in(slot or self._reserve(connection), watch, connection)

    def _poll_in(self, slot: Slot, watch: Watch, connection: Connection) -> tuple[Watch, Answer | PutOff | None]:
        slot = self._slept_for(slot, connection)
        if slot.at > self._seconds():
            return self._hold(watch, slot, connection), None
        ended = watch.ended
        try:
            if ended is not None and ended.details is None:
                watch = replace(watch, log=self._read_log(watch, ended, connection))
                return self._followed(watch, connection, ended), ended
            answer = self._ask(watch, connection)
        except ServiceUnavailableError as error:
            return self._put_off(self._hold(watch, slot, connection)), PutOff(str(error))
        if isinstance(answer, TokenRefused):
            # Asking again is a request of its own. It may have to wait, and another process may hold the old token.
            return self._poll_in(self._reserve(connection), replace(watch, token_refused=True), connection)
        if isinstance(answer, PollFailure) and answer.kind is FailureKind.THROTTLED:
            self.timetables.throttled(
                connection.name,
                slot.number,
                connection.polling.requests_per_minute,
                self._seconds(),
                min(answer.retry_after_seconds or 0.0, LONGEST_RETRY_AFTER_SECONDS),
            )
        if watch.ended is not None and not isinstance(answer, Snapshot):
            answer = without_details(watch.ended, answer.detail)
        elif isinstance(answer, Snapshot) and answer.details is not None:
            return self._ask_for_details(watch, answer, connection)
        if isinstance(answer, Snapshot) and _has_log_at_vendor(answer, connection):
            # Kept first, and read by another run: whatever the log does to that one, the end is not lost.
            return self._hold(replace(watch, ended=answer, booking=None), self._reserve(connection), connection), None
        watch = self._followed(watch, connection, answer)
        asks_from = max(watch.next_poll_at, watch.ask_from or watch.next_poll_at).timestamp()
        if watch.outcome is None and self.timetables.backlog_until(connection.name) > asks_from:
            # The queue is longer than the wait: queue up now, instead of waking only to queue up.
            watch = self._hold(watch, self._reserve(connection), connection)
        return watch, answer

    def _ask(self, watch: Watch, connection: Connection) -> Answer:
        if watch.ended is None:
            return self.vendor_status.ask(watch.submission, connection, fresh_token=watch.token_refused)
        return self.vendor_status.ask_details(
            watch.submission, connection, watch.ended, fresh_token=watch.token_refused
        )

    def _ask_for_details(
        self, watch: Watch, ended: Snapshot, connection: Connection
    ) -> tuple[Watch, Answer | PutOff | None]:
        """Take a slot for what an end points to; the end itself is kept meanwhile."""
        watch = replace(watch, ended=ended, token_refused=False, ask_from=None, booking=None)
        held_off_seconds = min(ended.retry_after_seconds or 0.0, LONGEST_RETRY_AFTER_SECONDS)
        if not held_off_seconds:
            return self._poll_in(self._reserve(connection), watch, connection)
        if held_off_seconds > _END_HELD.total_seconds():
            answer = without_details(ended, "the vendor asks to be left alone for longer than an end is kept back.")
            return self._followed(watch, connection, answer), answer
        asks_from = self.now() + timedelta(seconds=held_off_seconds)
        return replace(watch, ask_from=asks_from, next_poll_at=asks_from), None

    def _read_log(self, watch: Watch, ended: Snapshot, connection: Connection) -> Mapping[str, Any]:
        """The contract's log object. Nothing about a log holds an end back. Raises ServiceUnavailableError."""
        # A poll that reads no log does not wait for what reads one.
        from jobwatch.logs import LogUnreadable, summarise

        location, read_until = ended.log_location or "", self._seconds() + _LOG_SECONDS
        try:
            source = self.vendor_status.open_log(watch.submission, connection, location)
            return summarise(source, remaining_seconds=lambda: read_until - self._seconds()).as_document(location)
        except LogUnreadable as error:
            return unread(location, str(error))
        except ServiceUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - no defect here may cost people the end of their job
            return unread(location, f"jobwatch failed on it with {type(error).__name__}")

    def _put_off(self, watch: Watch) -> Watch:
        """The watch after a poll that could not be made: no failed one, and a slot that it holds stays its own."""
        if watch.outcome is not None:
            return watch  # its hard limit was over, whether or not the vendor can be asked
        if watch.ended is not None and watch.put_off >= _MOST_PUT_OFF_ENDED:
            answer = without_details(watch.ended, "AWS did not hand out the connection or its secret.")
            return self._followed(watch, _UNCONFIGURED, answer)
        seconds = min(_PUT_OFF_SECONDS * 2.0 ** min(watch.put_off, 10), _LONGEST_PUT_OFF_SECONDS)
        next_poll_at = self.now() + timedelta(seconds=seconds * (0.5 + self.jitter.random() / 2))
        return replace(watch, put_off=watch.put_off + 1, next_poll_at=next_poll_at)

    def _followed(self, watch: Watch, connection: Connection, answer: Answer) -> Watch:
        watch = replace(watch, put_off=0)
        if connection.vendor == watch.vendor:
            watch = as_configured(watch, connection)
        polling, wanted = _polling(connection), connection.notices
        return follow(watch, answer, now=self.now(), polling=polling, wanted=wanted, jitter=self.jitter.random())

    def _hold(self, watch: Watch, slot: Slot, connection: Connection) -> Watch:
        slot_at = datetime.fromtimestamp(slot.at, UTC)
        if watch.ended is not None:
            # An end is known: no limit of the watch counts any more, and people do not wait long for it.
            if slot_at - self.now() > _END_HELD:
                answer = without_details(watch.ended, "no request was free for it in ten minutes.")
                return self._followed(watch, connection, answer)
            since = watch.booking.since if watch.booking else self.now()
            return replace(watch, ask_from=slot_at, next_poll_at=slot_at, booking=Booking(slot.number, since))
        polling, wanted = _polling(connection), connection.notices
        return hold(watch, slot.number, slot_at, now=self.now(), polling=polling, wanted=wanted)

    def _connection(self, watch: Watch) -> tuple[Connection, PollFailure | None]:
        try:
            connection = self.connections.get(watch.submission.connection)
        except ConnectionUnusableError as error:
            lacks = Lack.RIGHT if isinstance(error, ConnectionDeniedError) else Lack.CONNECTION
            return _UNCONFIGURED, PollFailure(FailureKind.MISCONFIGURED, str(error), lacks=lacks)
        if connection.vendor != watch.vendor:
            reason = (
                f"connection {connection.name} is now one of {connection.vendor}; the job was sent to {watch.vendor}"
            )
            return connection, PollFailure(FailureKind.MISCONFIGURED, reason, lacks=Lack.CONNECTION)
        return connection, None

    def _held_slot(self, watch: Watch, connection: Connection) -> Slot | None:
        """The slot that the watch holds, which may have moved back since; None where it holds none or missed it."""
        if watch.booking is None or watch.ask_from is None or self.now() - watch.ask_from > SLOT_HELD:
            return None
        return self._known_slot(watch.booking.number, connection)

    def _known_slot(self, number: int, connection: Connection) -> Slot | None:
        return self.timetables.slot(connection.name, number, connection.polling.requests_per_minute, self._seconds())

    def _reserve(self, connection: Connection) -> Slot:
        return self.timetables.reserve(connection.name, connection.polling.requests_per_minute, self._seconds())

    def _slept_for(self, slot: Slot, connection: Connection) -> Slot:
        """The slot when its time has come, or where that is too far to sleep for; a 429 may move it meanwhile."""
        while 0.0 < (seconds := slot.at - self._seconds()) <= _SLEPT_FOR_SECONDS:
            self.sleep(seconds)
            slot = self._known_slot(slot.number, connection) or slot
        return slot

    def _seconds(self) -> float:
        return self.now().timestamp()


def _has_log_at_vendor(snapshot: Snapshot, connection: Connection) -> bool:
    """Whether an end names a log on the connection's own host, which this connection's description asked for."""
    location = snapshot.log_location
    if snapshot.verdict is None or connection.rest is None or location is None or "://" not in location:
        return False
    try:
        address_on_host(connection.base_url, location)
    except AddressRefusedError:
        return False
    return True


def _polling(connection: Connection) -> Polling:
    """How to poll it, with how long its vendor remembers what has ended."""
    remembers = vendor_of(connection).remembers if connection.vendor else None
    return replace(connection.polling, remembered_seconds=round(remembers.total_seconds()) if remembers else None)


def next_step(watch: Watch, now: Clock) -> Step:
    """What the machine does next for a watch as it stands."""
    if watch.due:
        return Step(NextStep.NOTIFY)
    if watch.outcome is not None:
        return Step(NextStep.DONE)
    seconds = (watch.next_poll_at - now()).total_seconds()
    return Step(NextStep.WAIT, max(math.ceil(seconds), 1))
