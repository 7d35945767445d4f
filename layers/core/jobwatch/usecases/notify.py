"""Notifying: read the job's log, say what happened and what to do, publish."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from aws_lambda_powertools import Logger

from jobwatch.domain.follow import tell
from jobwatch.domain.log_location import LogRefusedError, read_log_location, unread
from jobwatch.domain.outcome import settle_with_log
from jobwatch.domain.run_times import JobTime
from jobwatch.domain.series import NO_RUNS, History
from jobwatch.domain.text import clean_or_none
from jobwatch.domain.watch import Claim, Watch
from jobwatch.domain.words import Notice
from jobwatch.logs import LogUnreadable, summarise
from jobwatch.messages.document import Notification, message_attributes, write_notification
from jobwatch.messages.email import email_text
from jobwatch.messages.habits import run_of
from jobwatch.messages.notification import Around, build_notification
from jobwatch.messages.size import fit, message_bytes
from jobwatch.messages.sms import sms_line
from jobwatch.messages.subject import subject
from jobwatch.ports import (
    Clock,
    Logs,
    NewId,
    Publisher,
    SeriesHistories,
    ServiceUnavailableError,
    TopicBusyError,
    WatchChangedError,
    Watches,
    WatchMissingError,
)
from jobwatch.usecases.log_errors import errors_of
from jobwatch.usecases.poll import NextStep, Step, next_step
from jobwatch.usecases.runs_before import runs_before

# As long as the claim's own write, the reservation of a slot, the sleep until it and a publish can take: 25 s twice,
# 20 s, and four attempts of 13 s each with pauses between them (`aws.clients`).
_CLAIMED_FOR = timedelta(seconds=135)
# What is left of the function's time when the log's summary has to be there: all that and the mark take that long at
# worst, and a run that is killed between publish and mark tells twice.
_AFTER_THE_LOG_SECONDS = 165.0
# So often the watch may be written by others between the publish and its mark.
_MARK_TRIES = 5
# Of a cause, in the watch's item, for lists.
_LISTED_CHARACTERS = 120


_Log = tuple[Mapping[str, Any] | None, int, tuple[str, ...]]
_NO_LOG: _Log = (None, 0, ())


@dataclass(frozen=True)
class Notified:
    """What was told of a watch, and the next step."""

    watch: Watch | None
    told: tuple[Notification, ...]
    step: Step


@dataclass(frozen=True)
class Notifier:
    """The parts that notifying needs. `log_object_arns`: where logs may be read. `around`: the stack's own."""

    watches: Watches
    logs: Logs
    publisher: Publisher
    log_object_arns: Sequence[str]
    now: Clock
    new_id: NewId
    series: SeriesHistories
    around: Around = Around()  # noqa: RUF009 - frozen

    def notify(self, watch_id: str, remaining_seconds: Callable[[], float]) -> Notified:
        """Tell every notice that is due, oldest first: claim it, publish it, mark it as told.

        The claim is a write to the watch right before the publish, so that of two runs at once one publishes; the
        other waits until the claim has run out. Where too many publish, it gives its claim up and comes back when its
        turn is. A run that dies leaves its claim to run out and its notice due: it is told by the next run, twice only
        if SNS had taken it already. `remaining_seconds`: what is left of the function's time; the log is read for at
        most as long as leaves enough to publish. Raises ServiceUnavailableError, WatchChangedError: then try again.
        """
        run = self.new_id()
        told: list[Notification] = []
        try:
            watch = self.watches.get(watch_id)
            while watch.due:
                if watch.claim is not None and watch.claim.until > self.now():
                    wait_seconds = (watch.claim.until - self.now()).total_seconds()
                    return Notified(watch, tuple(told), Step(NextStep.WAIT, math.ceil(wait_seconds)))
                notice = watch.due[0]
                history = runs_before(watch.submission, self.series.get) if notice is Notice.FINISHED else None
                prepared, notification = self._prepare(watch, notice, remaining_seconds, history or NO_RUNS)
                claimed = self._claim(prepared, run)
                if claimed is None:
                    watch = self.watches.get(watch_id)
                    continue
                try:
                    self._publish(claimed, notification)
                except TopicBusyError as busy:
                    return Notified(claimed, tuple(told), Step(NextStep.WAIT, math.ceil(busy.come_back_seconds)))
                watch = self._mark(claimed, notice)
                told.append(notification)
                self._remember(watch, notification, history)
        except WatchMissingError:
            return Notified(None, tuple(told), Step(NextStep.LOST))
        return Notified(watch, tuple(told), next_step(watch, self.now))

    def _prepare(
        self, watch: Watch, notice: Notice, remaining_seconds: Callable[[], float], history: History
    ) -> tuple[Watch, Notification]:
        """The watch with the outcome that its log settles, and the notification."""
        log, log_errors, remarks = _NO_LOG
        if notice is Notice.FINISHED:
            log, log_errors, remarks = self._read_log(watch, remaining_seconds)
        watch, remark = _settled(watch, log_errors)
        remarks = (*remarks, remark) if remark else remarks
        outcome = watch.outcome if notice is Notice.FINISHED else None
        notification = build_notification(
            watch,
            notice,
            outcome,
            log,
            remarks,
            at=self.now(),
            around=self.around,
            history=history,
        )
        if outcome is not None:
            watch = replace(
                watch, severity=notification["severity"], cause=clean_or_none(notification["cause"], _LISTED_CHARACTERS)
            )
        return watch, fit(notification, lambda note: message_bytes(_parts(note)))

    def _remember(self, watch: Watch, notification: Notification, history: History | None) -> None:
        """Keep this run with those before it; where that fails, its series lacks a sample, and nothing else."""
        series_id = watch.submission.series_id
        if history is None or series_id is None or watch.outcome is None:
            return
        run = run_of(watch, watch.outcome, notification["cause"])
        try:
            self.series.put(series_id, history.with_run(run), at=self.now())
        except ServiceUnavailableError as error:
            Logger(child=True).warning("a run is not kept in its series", extra={"reason": str(error)})

    def _claim(self, watch: Watch, run: str) -> Watch | None:
        """The watch with this run's claim written; None where somebody else wrote it first."""
        try:
            return self.watches.save(replace(watch, claim=Claim(run, self.now() + _CLAIMED_FOR)))
        except WatchChangedError:
            # By this very run, if the answer to its write was lost and the SDK wrote again.
            stored = self.watches.get(watch.watch_id)
            return stored if stored.claim is not None and stored.claim.holder == run else None

    def _publish(self, watch: Watch, notification: Notification) -> None:
        try:
            self.publisher.publish(subject(notification), _parts(notification), message_attributes(notification))
        except ServiceUnavailableError:
            self._release(watch)
            raise

    def _release(self, watch: Watch) -> None:
        """Give the claim up, so that the next try need not wait for its end; that comes anyway."""
        try:
            self.watches.save(replace(watch, claim=None))
        except (ServiceUnavailableError, WatchChangedError):
            return

    def _mark(self, watch: Watch, notice: Notice) -> Watch:
        """The watch with `notice` recorded as told, whoever else writes it meanwhile."""
        for _ in range(_MARK_TRIES - 1):
            try:
                return self.watches.save(tell(watch, notice, at=self.now()))
            except WatchChangedError:
                watch = self.watches.get(watch.watch_id)
                if notice not in watch.due:
                    return watch
        return self.watches.save(tell(watch, notice, at=self.now()))

    def _read_log(self, watch: Watch, remaining_seconds: Callable[[], float]) -> _Log:
        """The contract's log object, its errors of this job, and remarks. None of it holds a notification back."""
        location = watch.snapshot.log_location if watch.snapshot else None
        if location is None:
            return _NO_LOG
        if watch.log is not None:
            return watch.log, sum(watch.log["levels"].get(level, 0) for level in ("error", "fatal")), ()
        try:
            source = self.logs.open(read_log_location(location, self.log_object_arns))
            summary = summarise(source, remaining_seconds=lambda: remaining_seconds() - _AFTER_THE_LOG_SECONDS)
        except (LogRefusedError, LogUnreadable) as error:
            return unread(location, str(error)), 0, ()
        except Exception as error:  # noqa: BLE001 - no defect here may cost people the end of their job
            return unread(location, f"jobwatch failed on it with {type(error).__name__}"), 0, ()
        now, snapshot = self.now(), watch.snapshot
        ended = max(snapshot.finished_at or now, now) if snapshot else now
        job = JobTime(watch.submission.submitted_at, snapshot.starts_at if snapshot else None, ended)
        errors, remarks = errors_of(summary, job)
        return summary.as_document(location), errors, remarks


def _settled(watch: Watch, log_errors: int) -> tuple[Watch, str | None]:
    if watch.outcome is None or watch.snapshot is None:
        return watch, None
    outcome, remark = settle_with_log(watch.outcome, watch.snapshot.results.errors, log_errors)
    return replace(watch, outcome=outcome), remark


def _parts(notification: Notification) -> dict[str, str]:
    return {
        "default": write_notification(notification),
        "email": email_text(notification),
        "sms": sms_line(notification),
    }
