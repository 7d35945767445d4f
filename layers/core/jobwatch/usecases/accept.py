"""Accepting a submission: validate it, record its watch, start following."""

import json
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobwatch.domain.connection import ConnectionDeniedError, ConnectionUnusableError
from jobwatch.domain.exchange import NotAskableError
from jobwatch.domain.series import NO_RUNS
from jobwatch.domain.slips import meant
from jobwatch.domain.submission import Submission, SubmissionRejectedError, read_submission, slips
from jobwatch.domain.telling import Kind, Telling
from jobwatch.domain.text import clean, clean_or_none
from jobwatch.domain.times import read_vendor_time
from jobwatch.domain.usual import Usual, prior_of
from jobwatch.domain.watch import Watch, as_configured
from jobwatch.messages.subject import subject_line
from jobwatch.ports import (
    Clock,
    Connections,
    DeliveryBusyError,
    Executions,
    Operations,
    RejectedSubmissions,
    SeriesHistories,
    ServiceUnavailableError,
    Watches,
    WatchMissingError,
)
from jobwatch.usecases.once import Once
from jobwatch.usecases.runs_before import runs_before
from jobwatch.vendors.registry import vendor_of

# The detail-type of a submission.
SUBMITTED = "Job Submitted"
# An SNS message holds 256 KiB.
_SHOWN_EVENT_CHARACTERS = 200_000
_FOLLOWED = "they were ignored, their jobs are followed"


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
    series: SeriesHistories
    executions: Executions
    rejected: RejectedSubmissions
    operations: Operations
    once: Once
    now: Clock

    def accept(self, event: Mapping[str, Any], identified: Callable[[str], None]) -> Accepted | Rejected:
        """One event of the bus that is none of jobwatch's own; `identified` is told the watch's id, once it is known.

        Recording and starting are both safe to repeat, so an event that comes twice, at once or after a crash in
        between, gives one watch and one execution. A refusal is told once, however often the event comes. Raises
        ServiceUnavailableError, DeliveryBusyError: the event must be tried again.
        """
        detail_type = event.get("detail-type")
        if detail_type != SUBMITTED:
            return self._refused(
                _not_submitted(detail_type), event, once_a_day_for=f"{event.get('source')} {detail_type}"
            )
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
        accepted = self._follow(watch if new else self.watches.get(watch.watch_id), new=new)
        self._tell_of_slips(submission, event)
        return accepted

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
        history = runs_before(submission, self.series.get) or NO_RUNS
        usual = Usual.of(history)
        watch = Watch(
            submission=submission,
            vendor=connection.vendor,
            vendor_title=vendor.title,
            accepted_at=now,
            next_poll_at=now,
            generation=int(now.timestamp()),
            prior=prior_of(history),
            usual_seconds=math.ceil(usual.watched_seconds.too_much) if usual and usual.watched_seconds else None,
        )
        return as_configured(watch, connection)

    def _refused(self, reason: str, event: Mapping[str, Any], *, once_a_day_for: str | None = None) -> Rejected:
        """Keep the event and tell of it, each once; `once_a_day_for`: told with all others of it, once a day."""
        refusal = _refusal(reason, event, self.rejected.name)

        def reject() -> None:
            # The queue first: what is told twice after a failure in between is better than what is lost.
            self.rejected.keep(reason, event)
            if once_a_day_for is None:
                self.operations.tell(refusal)
            else:
                self._tell_once_a_day("unknown-event", once_a_day_for, refusal)

        # EventBridge may bring an event twice, the same to the last letter. Sent again, it has another id.
        self.once.tell("rejected", json.dumps([reason, event], sort_keys=True), reject)
        return Rejected(reason)

    def _tell_of_slips(self, submission: Submission, event: Mapping[str, Any]) -> None:
        """An unknown field is ignored; one that was meant to be another is worth a person's eye."""
        for given, known in slips(event["detail"]).items():
            self._tell_once_a_day("near-field", given, _slip(given, known, submission, event))

    def _tell_once_a_day(self, kind: str, what: str, telling: Telling) -> None:
        with suppress(DeliveryBusyError):
            # Another run is telling it; where that fails, its event comes again.
            self.once.tell(kind, f"{self.now().date().isoformat()} {what}", lambda: self.operations.tell(telling))


def _not_submitted(detail_type: object) -> str:
    shown = clean_or_none(detail_type, 80) or ""
    hint = f'is "{SUBMITTED}" meant?' if meant(shown, [SUBMITTED]) else f'a submission has "{SUBMITTED}"'
    return f'detail-type: "{shown}" is none that jobwatch takes; {hint}'


def _refusal(reason: str, event: Mapping[str, Any], queue: str) -> Telling:
    detail, is_submission = event.get("detail"), event.get("detail-type") == SUBMITTED
    named = detail if isinstance(detail, dict) else {}
    connection = clean_or_none(named.get("connection"), 40) or "no connection"
    what = "a submission" if is_submission else "an event"
    follows = (
        "So the job that was submitted is not watched"
        if is_submission
        else "If it was to submit a job, that is not watched"
    )
    shown = json.dumps(event, indent=2, ensure_ascii=True)
    if len(shown) > _SHOWN_EVENT_CHARACTERS:
        shown = shown[:_SHOWN_EVENT_CHARACTERS] + "\n… (cut; the whole event is on the queue)"
    text = (
        f"Reason: {clean(reason, 800)}\n\n"
        f"{follows}, and nobody will hear how it ends.\n\n"
        f"What to do: correct what the reason names, the connection or the {what.split()[1]}; then whoever sent it "
        f"({clean_or_none(event.get('source'), 80) or 'the event names no source'}) sends it again. It is kept on "
        f"the queue {queue}.\n\n"
        + ("" if is_submission else "This is told once a day for a source and detail-type; each is kept.\n\n")
        + f"The event:\n{shown}\n"
    )
    kind = Kind(f"{what.split()[1]}s refused", reason, connection, f"they are kept on the queue {queue}")
    return Telling(subject_line(f"jobwatch rejected {what} ({connection})"), text, kind)


def _slip(given: str, known: str, submission: Submission, event: Mapping[str, Any]) -> Telling:
    shown, source = clean(given, 80), clean_or_none(event.get("source"), 80) or "the event names no source"
    kind = Kind("fields that jobwatch does not know", f"{shown}: is {known} meant?", submission.connection, _FOLLOWED)
    return Telling(
        subject_line(f"jobwatch: is {known} meant by {shown}? ({submission.connection})"),
        f"A submission has the field {shown}, which jobwatch does not know. It was ignored; is {known} meant?\n\n"
        "The job is followed all the same, as if the field were not there.\n\n"
        f"Job: {clean(submission.name or '', 120) or 'without a name'} (id {clean(submission.job_id, 200)})\n"
        f"Connection: {submission.connection}\n\n"
        f"What to do: correct the field where submissions are made ({source}).\n\n"
        "This is told once a day for a field.\n",
        kind,
    )


def _read(event: Mapping[str, Any], now: datetime) -> Submission:
    # Whoever puts an event may also set its time: one that lies ahead must not push deadlines away.
    event_time = min(read_vendor_time(event.get("time")) or now, now)
    return read_submission(event.get("detail"), event_time)
