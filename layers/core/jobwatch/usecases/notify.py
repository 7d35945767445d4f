"""Notifying: read the job's log, say what happened and what to do, publish."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jobwatch.domain.follow import tell
from jobwatch.domain.log_location import LogRefusedError, read_log_location
from jobwatch.domain.outcome import settle_with_log
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice
from jobwatch.logs import LogUnreadable, summarise
from jobwatch.messages.email import email_text, subject
from jobwatch.messages.notification import build_notification, message_attributes, write_notification
from jobwatch.messages.size import fit, message_bytes
from jobwatch.messages.sms import sms_line
from jobwatch.ports import Clock, Logs, Publisher, Watches, WatchMissingError
from jobwatch.usecases.poll import NextStep, Step, next_step


@dataclass(frozen=True)
class Notified:
    """What was told of a watch, and the next step."""

    watch: Watch | None
    told: tuple[dict[str, Any], ...]
    step: Step


@dataclass(frozen=True)
class Notifier:
    """The parts that notifying needs. `log_object_arns`: where logs may be read."""

    watches: Watches
    logs: Logs
    publisher: Publisher
    log_object_arns: Sequence[str]
    now: Clock

    def notify(self, watch_id: str, remaining_seconds: Callable[[], float]) -> Notified:
        """Tell every notice that is due, oldest first, each recorded as told once SNS has taken it.

        `remaining_seconds`: what is left of the function's time; the log is read for at most as long as leaves
        enough to publish. Raises WatchChangedError, ServiceUnavailableError: then try again.
        """
        try:
            watch = self.watches.get(watch_id)
        except WatchMissingError:
            return Notified(None, (), Step(NextStep.LOST))
        told = []
        for notice in watch.due:
            log, log_errors = self._read_log(watch, remaining_seconds) if notice is Notice.FINISHED else (None, 0)
            watch, remark = _settled(watch, log_errors)
            outcome = watch.outcome if notice is Notice.FINISHED else None
            notification = build_notification(watch, notice, outcome, log, (remark,) if remark else ())
            notification = fit(notification, lambda note: message_bytes(_parts(note)))
            self.publisher.publish(subject(notification), _parts(notification), message_attributes(notification))
            watch = self.watches.save(tell(watch, notice))
            told.append(notification)
        return Notified(watch, tuple(told), next_step(watch, self.now))

    def _read_log(self, watch: Watch, remaining_seconds: Callable[[], float]) -> tuple[Mapping[str, Any] | None, int]:
        """The contract's log object and the number of error lines. Nothing about a log holds a notification back."""
        location = watch.snapshot.log_location if watch.snapshot else None
        if location is None:
            return None, 0
        try:
            source = self.logs.open(read_log_location(location, self.log_object_arns))
            summary = summarise(source, remaining_seconds=remaining_seconds)
        except (LogRefusedError, LogUnreadable) as error:
            return _unread(location, str(error)), 0
        levels = summary.levels
        return summary.as_document(location), levels.get("error", 0) + levels.get("fatal", 0)


def _settled(watch: Watch, log_errors: int) -> tuple[Watch, str | None]:
    if watch.outcome is None or watch.snapshot is None:
        return watch, None
    outcome, remark = settle_with_log(watch.outcome, watch.snapshot.results.errors, log_errors)
    return replace(watch, outcome=outcome), remark


def _unread(location: str, reason: str) -> dict[str, Any]:
    return {
        "location": location,
        "bytes": None,
        "lines": None,
        "levels": {},
        "problems": [],
        "complete": False,
        "note": f"The log was not read: {reason}.",
    }


def _parts(notification: Mapping[str, Any]) -> dict[str, str]:
    return {
        "default": write_notification(notification),
        "email": email_text(notification),
        "sms": sms_line(notification),
    }
