"""What is shown of a watch: the words, the signs, and the documents of `--json`."""

from datetime import datetime
from typing import Any, Final

from jobwatch.domain.snapshot import Phase
from jobwatch.domain.text import clean
from jobwatch.domain.times import write_time
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages import numbers

OUTCOME_WORDS: Final[dict[Outcome, str]] = {
    Outcome.SUCCEEDED: "succeeded",
    Outcome.COMPLETED_WITH_ERRORS: "completed with errors",
    Outcome.FAILED: "failed",
    Outcome.CANCELLED: "cancelled",
    Outcome.NOT_FOUND: "not found",
    Outcome.GAVE_UP: "given up",
    Outcome.STOPPED: "stopped",
}
_SIGNS: Final = {
    Outcome.SUCCEEDED: "✓",
    Outcome.COMPLETED_WITH_ERRORS: "!",
    Outcome.FAILED: "✗",
    Outcome.NOT_FOUND: "✗",
    Outcome.GAVE_UP: "✗",
    Outcome.CANCELLED: "■",
    Outcome.STOPPED: "■",
}
_ASCII: Final = str.maketrans({"✓": "+", "✗": "x", "■": "-", "●": ">", "…": "..", "–": "-"})


def state_words(watch: Watch) -> str:
    """How it stands, in the words of the contract; only what was seen."""
    if watch.outcome is not None:
        return OUTCOME_WORDS[watch.outcome]
    snapshot = watch.snapshot
    if Notice.UNREACHABLE in watch.told:
        return "cannot be asked"
    if snapshot is None:
        return "not seen yet"
    if snapshot.waits_for is not None:
        return "waits for a person"
    if Notice.OVERDUE in watch.told:
        return "overdue"
    if Notice.STALLED in watch.told:
        return "stalled"
    return "scheduled" if snapshot.phase is Phase.SCHEDULED else "running"


def sign(watch: Watch) -> str:
    """One character that says how it stands, beside the word."""
    if watch.outcome is not None:
        return _SIGNS[watch.outcome]
    return "!" if state_words(watch) not in ("running", "scheduled", "not seen yet") else "●"


def ascii_signs(text: str) -> str:
    """The text for a terminal whose encoding has no such signs."""
    return text.translate(_ASCII)


def share(watch: Watch) -> str | None:
    """The progress as the vendor showed it last, such as 62%; None where it shows none."""
    return numbers.share(watch.snapshot.progress) if watch.snapshot else None


def counts(watch: Watch) -> str | None:
    """The vendor's counts of an ended job, such as "4,985 successful, 10 warnings, 5 errors"; None without any."""
    results = watch.snapshot.results if watch.snapshot else None
    if results is None:
        return None
    said = [f"{results.successful:,} successful"] if results.successful is not None else []
    for count, word in ((results.warnings, "warning"), (results.errors, "error")):
        said += [numbers.counted(count, word)] if count is not None else []
    return ", ".join(said) or None


def ago(moment: datetime, now: datetime) -> str:
    """How long ago, or after a week the date."""
    seconds = (now - moment).total_seconds()
    if seconds > 7 * 86400:
        return f"{moment:%Y-%m-%d}"
    return "now" if seconds < 1 else f"{numbers.duration(seconds)} ago"


def took(watch: Watch, now: datetime) -> str:
    """Since the submission, to the end or until now."""
    return numbers.duration(((watch.detected_at or now) - watch.submission.submitted_at).total_seconds())


def name_of(watch: Watch) -> str:
    """What people call it, else its job id, fit for a terminal."""
    return clean(watch.submission.name or watch.submission.job_id, 120)


def row_document(watch: Watch) -> dict[str, Any]:
    """The contract's row of `list --json`."""
    about, progress = watch.submission, watch.snapshot.progress if watch.snapshot else None
    return {
        "watch_id": watch.watch_id,
        "connection": about.connection,
        "operation": about.operation.value,
        "job_id": about.job_id,
        "attempt": about.attempt,
        "name": about.name,
        "series": about.run_of,
        "labels": dict(about.labels),
        "state": "ended" if watch.outcome else "watching",
        "outcome": watch.outcome.value if watch.outcome else None,
        "severity": watch.severity,
        "progress": {
            "processed": progress.processed if progress else None,
            "total": progress.total if progress else None,
            "percentage": progress.percentage if progress else None,
        },
        "submitted_at": write_time(about.submitted_at),
        "detected_at": write_time(watch.detected_at) if watch.detected_at else None,
        "next_poll_at": None if watch.outcome else write_time(watch.next_poll_at),
    }


def detail_document(watch: Watch) -> dict[str, Any]:
    """The contract's document of `show --json`."""
    snapshot = watch.snapshot
    return {
        **row_document(watch),
        "notices": [
            {
                "notice": notice.value,
                "notification_id": f"{watch.watch_id}/{notice}/{telling.times}",
                "told_at": write_time(telling.last_at),
                "channels": ["mail"],
            }
            for notice, telling in sorted(watch.tellings.items(), key=lambda each: each[1].last_at)
        ],
        "last_answer": None
        if snapshot is None
        else {
            "seen_at": write_time(watch.seen_at) if watch.seen_at else None,
            "vendor_status": snapshot.vendor_status,
            "error": snapshot.error,
            "current_operation": snapshot.current_operation,
            "predicted_end": write_time(snapshot.predicted_end) if snapshot.predicted_end else None,
            "results": {
                "successful": snapshot.results.successful,
                "warnings": snapshot.results.warnings,
                "errors": snapshot.results.errors,
            },
            "log": snapshot.log_location,
        },
        "next": None if watch.outcome and not watch.due else next_words(watch),
    }


def next_words(watch: Watch) -> str:
    """What jobwatch does next."""
    if watch.due:
        return f"tells: {', '.join(watch.due)}"
    if watch.outcome:
        return "nothing: it has ended, and people were told"
    if watch.ask_from is not None and watch.ask_from > watch.next_poll_at:
        return f"asks {watch.vendor_title} at {write_time(watch.ask_from)}"
    return f"asks {watch.vendor_title} at {write_time(watch.next_poll_at)}"
