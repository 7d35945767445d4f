"""Accepting a submission: validate it, record its watch, start following."""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobwatch.domain.connection import ConnectionDeniedError, ConnectionUnusableError
from jobwatch.domain.submission import Submission, SubmissionRejectedError, read_submission
from jobwatch.domain.text import clean, clean_or_none
from jobwatch.domain.times import read_vendor_time
from jobwatch.domain.watch import Watch
from jobwatch.messages.subject import subject_line
from jobwatch.ports import (
    Clock,
    Connections,
    Executions,
    Operations,
    RejectedSubmissions,
    ServiceUnavailableError,
    Watches,
    WatchMissingError,
)
from jobwatch.usecases.once import Once
from jobwatch.vendors.registry import vendor_of
from jobwatch.vendors.vendor import NotAskableError

# An SNS message holds 256 KiB.
_SHOWN_EVENT_CHARACTERS = 200_000


@dataclass(frozen=True)
class Accepted:
    """A submission that is watched; `new` is False where its watch existed."""

    watch_id: str
    new: bool


@dataclass(frozen=True)
class Rejected:
    """A submission that cannot be accepted, and why."""

    reason: str


@dataclass(frozen=True)
class Intake:
    """The parts that accepting needs."""

    connections: Connections
    watches: Watches
    executions: Executions
    rejected: RejectedSubmissions
    operations: Operations
    once: Once
    now: Clock

    def accept(self, event: Mapping[str, Any], identified: Callable[[str], None]) -> Accepted | Rejected:
        """One `Job Submitted` event of the bus; `identified` is told the watch's id as soon as it is known.

        Recording and starting are both safe to repeat, so an event that comes twice, at once or after a crash in
        between, gives one watch and one execution. A refusal is told once, however often the event comes. Raises
        ServiceUnavailableError, DeliveryBusyError: the event must be tried again.
        """
        try:
            submission = _read(event, self.now())
        except SubmissionRejectedError as error:
            return self._refused(str(error), event)
        identified(submission.watch_id)
        try:
            watch = self._watch(submission)
        except (SubmissionRejectedError, ConnectionUnusableError, NotAskableError) as error:
            with suppress(WatchMissingError):
                # Whatever became of the connection, a submission whose watch exists changes nothing.
                return self._follow(self.watches.get(submission.watch_id), new=False)
            if isinstance(error, ConnectionDeniedError):
                raise ServiceUnavailableError(str(error)) from error
            return self._refused(str(error), event)
        new = self.watches.add(watch)
        return self._follow(watch if new else self.watches.get(watch.watch_id), new=new)

    def _follow(self, watch: Watch, *, new: bool) -> Accepted:
        if watch.outcome is None:
            self.executions.start(watch.watch_id, watch.generation)
        return Accepted(watch.watch_id, new)

    def _watch(self, submission: Submission) -> Watch:
        now = self.now()
        connection = self.connections.get(submission.connection)
        vendor = vendor_of(connection)
        if submission.operation not in vendor.operations:
            known = ", ".join(sorted(vendor.operations))
            raise SubmissionRejectedError(
                f"operation: {vendor.title} has no {submission.operation} that jobwatch can follow, only: {known}"
            )
        vendor.check(submission, connection)
        return Watch(
            submission=submission,
            vendor=connection.vendor,
            vendor_title=vendor.title,
            noun=connection.rest.noun if connection.rest else None,
            accepted_at=now,
            next_poll_at=now,
            generation=int(now.timestamp()),
        )

    def _refused(self, reason: str, event: Mapping[str, Any]) -> Rejected:
        # EventBridge may bring an event twice, the same to the last letter. Sent again, it has another id.
        self.once.tell("rejected", json.dumps([reason, event], sort_keys=True), lambda: self._reject(reason, event))
        return Rejected(reason)

    def _reject(self, reason: str, event: Mapping[str, Any]) -> None:
        # The queue first: what is told twice after a failure in between is better than what is lost.
        self.rejected.keep(reason, event)
        detail = event.get("detail")
        named = detail if isinstance(detail, dict) else {}
        connection = clean_or_none(named.get("connection"), 40) or "no connection"
        shown = json.dumps(event, indent=2, ensure_ascii=True)
        if len(shown) > _SHOWN_EVENT_CHARACTERS:
            shown = shown[:_SHOWN_EVENT_CHARACTERS] + "\n… (cut; the whole event is on the queue)"
        self.operations.tell(
            subject_line(f"jobwatch rejected a submission ({connection})"),
            f"Reason: {clean(reason, 800)}\n\n"
            "So the job that was submitted is not watched, and nobody will hear how it ends.\n\n"
            "What to do: correct what the reason names, the connection or the submission; then whoever sent it "
            f"({clean_or_none(event.get('source'), 80) or 'the event names no source'}) sends it again. It is kept on "
            "the rejected-submissions queue.\n\n"
            f"The event:\n{shown}\n",
        )


def _read(event: Mapping[str, Any], now: datetime) -> Submission:
    # Whoever puts an event may also set its time: one that lies ahead must not push deadlines away.
    event_time = min(read_vendor_time(event.get("time")) or now, now)
    return read_submission(event.get("detail"), event_time)
