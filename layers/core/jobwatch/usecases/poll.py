"""Polling: ask the vendor once, record what it means, say when to come back."""

import random
from dataclasses import dataclass
from enum import StrEnum

from jobwatch.domain.connection import Connection, ConnectionUnusableError
from jobwatch.domain.follow import follow
from jobwatch.domain.snapshot import Answer, FailureKind, PollFailure
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice
from jobwatch.ports import Clock, Connections, VendorStatus, Watches, WatchMissingError


class NextStep(StrEnum):
    """Where the state machine goes; its Choice states match these words."""

    WAIT = "wait"
    NOTIFY = "notify"
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


@dataclass(frozen=True)
class Poller:
    """The parts that polling needs."""

    watches: Watches
    connections: Connections
    vendor_status: VendorStatus
    now: Clock
    jitter: random.Random

    def poll(self, watch_id: str) -> Polled:
        """Ask once, unless there is something to tell first, or the watch has ended.

        Safe to repeat: the outcome is written before the machine hears of it, and a second run finds it. A watch that
        somebody removed is lost: trying again would not bring it back, so the machine stops and the operators hear.
        Raises WatchChangedError, ServiceUnavailableError.
        """
        try:
            watch = self.watches.get(watch_id)
        except WatchMissingError:
            return Polled(None, None, Step(NextStep.LOST))
        if watch.outcome is not None or watch.due:
            return Polled(watch, None, next_step(watch, self.now))
        connection, answer = self._ask(watch)
        watch = follow(
            watch,
            answer,
            now=self.now(),
            polling=connection.polling,
            wanted=connection.notices,
            jitter=self.jitter.random(),
        )
        watch = self.watches.save(watch)
        return Polled(watch, answer, next_step(watch, self.now))

    def _ask(self, watch: Watch) -> tuple[Connection, Answer]:
        try:
            connection = self.connections.get(watch.submission.connection)
        except ConnectionUnusableError as error:
            return _UNCONFIGURED, PollFailure(FailureKind.MISCONFIGURED, str(error))
        if connection.vendor != watch.vendor:
            reason = (
                f"connection {connection.name} is now one of {connection.vendor}; the job was sent to {watch.vendor}"
            )
            return connection, PollFailure(FailureKind.MISCONFIGURED, reason)
        return connection, self.vendor_status.ask(watch.submission, connection)


def next_step(watch: Watch, now: Clock) -> Step:
    """What the machine does next for a watch as it stands."""
    if watch.due:
        return Step(NextStep.NOTIFY)
    if watch.outcome is not None:
        return Step(NextStep.NOTIFY if Notice.FINISHED not in watch.told else NextStep.DONE)
    seconds = (watch.next_poll_at - now()).total_seconds()
    return Step(NextStep.WAIT, max(round(seconds), 1))
