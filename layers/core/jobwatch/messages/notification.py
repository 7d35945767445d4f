"""From the watch to the document: one notice, and all that is known at it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, cast

from jobwatch.domain.claims import Claims, claims, log_says
from jobwatch.domain.doubts import doubts
from jobwatch.domain.series import NO_RUNS, History
from jobwatch.domain.snapshot import Phase, Progress, Results, Snapshot
from jobwatch.domain.text import clean, clean_or_none
from jobwatch.domain.times import write_time
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.case import Case
from jobwatch.messages.cause import cause_of, unanswered
from jobwatch.messages.clock import Clock
from jobwatch.messages.document import (
    DURATION_REMARK,
    SCHEMA,
    ItemPart,
    LogPart,
    MessagePart,
    Notification,
    ProgressPart,
    ResultsPart,
)
from jobwatch.messages.habits import Habits, habits_of, run_of
from jobwatch.messages.links import links_of
from jobwatch.messages.numbers import duration
from jobwatch.messages.telling import headline, words_of

_MOST_ITEMS = 50
_MOST_MESSAGES = 50
# Polls that queued for less than this delay nobody.
_WORTH_TELLING_SECONDS = 60
_EMPTY_LOG = {"bytes": None, "lines": None, "note": None}


@dataclass(frozen=True)
class Around:
    """What a message needs of the stack: its readers' time zone (an IANA name), and the partition that it is in."""

    time_zone: str | None = None
    partition: str = "aws"


def build_notification(
    watch: Watch,
    notice: Notice,
    outcome: Outcome | None,
    log: Mapping[str, Any] | None,
    remarks: tuple[str, ...] = (),
    *,
    at: datetime,
    around: Around = Around(),
    history: History = NO_RUNS,
) -> Notification:
    """The document for one notice of a watch. Every field is there; one without a value is null or empty.

    `log`: the contract's log object, or None where the vendor names no log. `remarks`: what else makes the end
    doubtful, such as what the log says against it.
    `at`: when it is told; times near it are written without their day. `history`: the runs of its series before.
    All text in it is cleaned: one line, no control characters.
    """
    submission, snapshot = watch.submission, watch.snapshot
    said_by_log = _log_part(log) if log is not None else None
    habits = habits_of(history, run_of(watch, outcome)) if outcome else Habits()
    doubts_ = (*_doubts(watch, remarks), *habits.doubts)
    found = claims(notice, outcome, snapshot, watch.vendor_title, said_by_log, doubts_)
    cause = clean_or_none(cause_of(watch, notice, outcome, said_by_log, found), 500)
    if outcome and cause:
        # Failures in a row are those of one cause.
        habits = habits_of(history, run_of(watch, outcome, cause))
    case = Case(watch, notice, outcome, said_by_log, found, cause, Clock(at))
    words = words_of(case)
    # A scheduled job's start is still to come.
    started_at = snapshot.starts_at if snapshot and snapshot.phase is not Phase.SCHEDULED else None
    duration_seconds, duration_remark = _duration_seconds(watch) if notice is Notice.FINISHED else (None, None)
    return {
        "schema": SCHEMA,
        "notification_id": watch.notification_id(notice),
        "notice": notice.value,
        "outcome": outcome.value if outcome else None,
        "severity": found.severity.value,
        "watch_id": watch.watch_id,
        "connection": submission.connection,
        "vendor": watch.vendor,
        "vendor_title": watch.vendor_title,
        "operation": submission.operation.value,
        "noun": case.noun,
        "job_id": submission.job_id,
        "attempt": submission.attempt,
        "name": clean_or_none(submission.name, 120),
        "series": clean_or_none(submission.run_of, 120),
        "labels": {clean(key, 128): clean(value, 256) for key, value in submission.labels.items()},
        "submitted_by": clean_or_none(submission.submitted_by, 200),
        "headline": headline(watch, words.event),
        "cause": cause,
        "situation": clean_or_none(words.situation, 500),
        "next_step": clean(words.next_step, 800),
        "vendor_status": snapshot.vendor_status if snapshot else None,
        "progress": _progress_part(snapshot.progress if snapshot else Progress()),
        "results": cast("ResultsPart", asdict(snapshot.results if snapshot else Results())),
        "error": _error(watch, notice, outcome),
        "retryable": snapshot.retryable if snapshot else None,
        "submitted_at": write_time(submission.submitted_at),
        "started_at": write_time(started_at) if started_at else None,
        "finished_at": write_time(snapshot.finished_at) if snapshot and snapshot.finished_at else None,
        "detected_at": write_time(watch.detected_at) if watch.detected_at else None,
        "duration_seconds": duration_seconds,
        "polls": watch.polls,
        "items": _item_parts(snapshot) if snapshot else [],
        "messages": _message_parts(snapshot) if snapshot else [],
        "log": said_by_log,
        "links": links_of(watch, said_by_log["location"] if said_by_log else None, around.partition),
        "usual": habits.usual,
        "unusual": list(habits.unusual),
        "affected": None,
        "sent_again": None,
        "report": None,
        "remarks": [said for remark in _remarks(watch, found, duration_remark) if (said := clean(remark, 500)).strip()],
        "doubts": [clean(doubt, 500) for doubt in found.doubts],
        "times": case.clock.written,
        "time_zone": watch.time_zone or around.time_zone,
    }


def _doubts(watch: Watch, remarks: tuple[str, ...]) -> tuple[str, ...]:
    """What contradicts itself, in the answer and then elsewhere."""
    return (*(doubts(watch.submission, watch.snapshot) if watch.snapshot else ()), *remarks)


def _remarks(watch: Watch, found: Claims, duration_remark: str | None) -> list[str]:
    """All remarks, the doubts first: what is cut is cut from the end."""
    snapshot = watch.snapshot
    remarks = [*found.doubts, *(snapshot.remarks if snapshot else ())]
    remarks += [duration_remark] if duration_remark else []
    if watch.held_up_seconds >= _WORTH_TELLING_SECONDS:
        remarks.append(
            f"Polls queued up to {duration(watch.held_up_seconds)} for the request budget of connection "
            f"{watch.submission.connection}, so this may come that much later: it has more jobs than its budget serves."
        )
    items, messages = (len(snapshot.items), len(snapshot.messages)) if snapshot else (0, 0)
    for what, most, total in (("items", _MOST_ITEMS, items), ("messages", _MOST_MESSAGES, messages)):
        if total > most:
            remarks.append(f"Shows {most} of {total:,} {what}.")
    return remarks


def _progress_part(progress: Progress) -> ProgressPart:
    return {
        "processed": _plain(progress.processed),
        "total": _plain(progress.total),
        "percentage": _plain(progress.percentage),
    }


def _item_parts(snapshot: Snapshot) -> list[ItemPart]:
    failed_first = sorted(snapshot.items, key=lambda item: not item.failed)
    return [
        {
            "name": clean(item.name, 200),
            "state": clean_or_none(item.state, 80),
            "progress": _plain(item.progress),
            "error": clean_or_none(item.error, 500),
            "failed": item.failed,
        }
        for item in failed_first[:_MOST_ITEMS]
    ]


def _message_parts(snapshot: Snapshot) -> list[MessagePart]:
    return [
        {"level": message.level, "text": clean(message.text, 500)} for message in snapshot.messages[:_MOST_MESSAGES]
    ]


def _error(watch: Watch, notice: Notice, outcome: Outcome | None) -> str | None:
    """The vendor's error; where the job was lost or the vendor is silent, what its last answers said."""
    stated = watch.snapshot.error if watch.snapshot else None
    return clean_or_none(unanswered(watch, notice, outcome) or stated, 1000)


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


def _log_part(log: Mapping[str, Any]) -> LogPart:
    """The log object, its texts cleaned. One that does not say whether it was understood is judged by its levels."""
    cleaned = {**_EMPTY_LOG, "location": "", **_cleaned(log)}
    return cast("LogPart", {**cleaned, "understood": log.get("understood", log_says(log))})


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
