"""The notification document (`jobwatch.notification.v1`) and its message attributes."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from jobwatch.domain.doubts import doubts
from jobwatch.domain.snapshot import Phase, Progress, Results
from jobwatch.domain.text import clean, clean_or_none
from jobwatch.domain.times import write_time
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.facts import told
from jobwatch.messages.phrases import DURATION_REMARK, duration
from jobwatch.messages.situation import situation
from jobwatch.messages.wording import headline, next_step

SCHEMA = "jobwatch.notification.v1"

_MOST_ITEMS = 50
_MOST_MESSAGES = 50
# Polls that queued for less than this delay nobody.
_WORTH_TELLING_SECONDS = 60


def build_notification(
    watch: Watch,
    notice: Notice,
    outcome: Outcome | None,
    log: Mapping[str, Any] | None,
    remarks: tuple[str, ...] = (),
    *,
    at: datetime,
) -> dict[str, Any]:
    """The document for one notice of a watch. Every field is there; one without a value is null or empty.

    `log`: the contract's log object, or None where the vendor names no log. `remarks` come after what makes the
    snapshot doubtful and its own remarks.
    `at`: when it is told; times near it are written without their day.
    All text in it is cleaned: one line, no control characters.
    """
    submission, snapshot = watch.submission, watch.snapshot
    # A scheduled job's start is still to come.
    started_at = snapshot.starts_at if snapshot and snapshot.phase is not Phase.SCHEDULED else None
    failed_first = sorted(snapshot.items, key=lambda item: not item.failed) if snapshot else []
    messages = list(snapshot.messages) if snapshot else []
    duration_seconds, duration_remark = _duration_seconds(watch) if notice is Notice.FINISHED else (None, None)
    all_remarks = [*doubts(submission, snapshot), *snapshot.remarks] if snapshot else []
    all_remarks += remarks
    all_remarks += [duration_remark] if duration_remark else []
    if watch.held_up_seconds >= _WORTH_TELLING_SECONDS:
        all_remarks.append(
            f"Polls queued up to {duration(watch.held_up_seconds)} for the request budget of connection "
            f"{submission.connection}, so this may come that much later: it has more jobs than its budget serves."
        )
    for what, most, total in (("items", _MOST_ITEMS, len(failed_first)), ("messages", _MOST_MESSAGES, len(messages))):
        if total > most:
            all_remarks.append(f"Shows {most} of {total:,} {what}.")
    document = {
        "schema": SCHEMA,
        "notice": notice.value,
        "outcome": outcome.value if outcome else None,
        "notification_id": watch.notification_id(notice),
        "watch_id": watch.watch_id,
        "connection": submission.connection,
        "vendor": watch.vendor,
        "vendor_title": watch.vendor_title,
        "operation": submission.operation.value,
        "job_id": submission.job_id,
        "attempt": submission.attempt,
        "name": clean_or_none(submission.name, 120),
        "series": clean_or_none(submission.run_of, 120),
        "labels": {clean(key, 128): clean(value, 256) for key, value in submission.labels.items()},
        "submitted_by": clean_or_none(submission.submitted_by, 200),
        "headline": clean(headline(watch, notice, outcome), 240),
        "situation": clean_or_none(situation(watch, notice, outcome, at), 500),
        "next_step": None,
        "vendor_status": snapshot.vendor_status if snapshot else None,
        "progress": {
            name: _plain(value) for name, value in asdict(snapshot.progress if snapshot else Progress()).items()
        },
        "results": asdict(snapshot.results if snapshot else Results()),
        "error": _error(watch, notice, outcome),
        "retryable": snapshot.retryable if snapshot else None,
        "submitted_at": write_time(submission.submitted_at),
        "started_at": write_time(started_at) if started_at else None,
        "finished_at": write_time(snapshot.finished_at) if snapshot and snapshot.finished_at else None,
        "detected_at": write_time(watch.detected_at) if watch.detected_at else None,
        "duration_seconds": duration_seconds,
        "polls": watch.polls,
        "items": [
            {
                "name": clean(item.name, 200),
                "state": clean_or_none(item.state, 80),
                "progress": _plain(item.progress),
                "error": clean_or_none(item.error, 500),
            }
            for item in failed_first[:_MOST_ITEMS]
        ],
        "messages": [
            {"level": message.level, "text": clean(message.text, 500)} for message in messages[:_MOST_MESSAGES]
        ],
        "log": _cleaned(log) if log is not None else None,
        "remarks": [clean(remark, 500) for remark in all_remarks],
    }
    # It sends the reader to what the message shows, so it comes last.
    return document | {"next_step": clean(next_step(watch, notice, outcome, log, told(document)), 800)}


def message_attributes(notification: Mapping[str, Any]) -> dict[str, str]:
    """What subscription filter policies match. SNS takes no empty attribute, so an outcome of null is left out."""
    names = ("notice", "outcome", "vendor", "connection", "operation")
    return {name: notification[name] for name in names if notification[name]}


def write_notification(notification: Mapping[str, Any]) -> str:
    """The document as JSON text."""
    return json.dumps(notification, ensure_ascii=False)


def _error(watch: Watch, notice: Notice, outcome: Outcome | None) -> str | None:
    """The vendor's error; where the job was lost or the vendor is silent, what its last answers said."""
    if watch.missing and outcome is Outcome.NOT_FOUND:
        return clean(watch.missing.detail, 1000)
    if watch.failing and (notice is Notice.UNREACHABLE or outcome is Outcome.GAVE_UP):
        return clean(watch.failing.detail, 1000)
    return clean_or_none(watch.snapshot.error, 1000) if watch.snapshot else None


def _duration_seconds(watch: Watch) -> tuple[int | None, str | None]:
    """The vendor's end minus the vendor's start; where either is missing, detection minus submission, with a remark."""
    snapshot = watch.snapshot
    if snapshot and snapshot.starts_at and snapshot.finished_at:
        seconds = round((snapshot.finished_at - snapshot.starts_at).total_seconds())
        if seconds >= 0:
            return seconds, None
        reason = "the vendor's end lies before its start"
    else:
        reason = "the vendor does not give both its start and its end"
    if watch.detected_at is None:
        return None, None
    since_submission = max(round((watch.detected_at - watch.submission.submitted_at).total_seconds()), 0)
    return since_submission, f"{DURATION_REMARK}: {reason}."


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value, 1300)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, Mapping):
        return {name: _cleaned(each) for name, each in value.items()}
    return value


def _plain(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value
