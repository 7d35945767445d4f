"""A watch of the document's example job, to be changed where a test needs it."""

import uuid
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jobwatch.domain.connection import Connection, Polling
from jobwatch.domain.follow import follow, tell
from jobwatch.domain.snapshot import Answer, Phase, Progress, Results, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import DEFAULT_NOTICES, Notice, Operation, Outcome

T0 = datetime(2024, 3, 1, 10, tzinfo=UTC)
JOB_ID = "7A84B875-6F75-4C7B-B137-0632B62DB0BD"
LOG_LOCATION = f"s3://mybucket/logs/import-logs-{JOB_ID}.txt"
DEFAULTS = frozenset(DEFAULT_NOTICES)
EVERY_NOTICE = frozenset(Notice)
CONNECTION = Connection("egain-prod", "egain", "https://api.egain.cloud", "jobwatch/egain-prod")


def job_id_of(name: str) -> str:
    """A job id that eGain could have given, the same for the same name."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name))


def submission(**changes: Any) -> Submission:
    given: dict[str, Any] = {
        "connection": "egain-prod",
        "job_id": JOB_ID,
        "operation": Operation.IMPORT,
        "submitted_at": T0,
        "name": "Nightly KB sync",
        "submitted_by": "alice",
        "labels": {"team": "knowledge"},
    }
    return Submission(**{**given, **changes})


def watch(about: Submission | None = None, **changes: Any) -> Watch:
    return replace(Watch(about or submission(), "egain", "eGain", accepted_at=T0, next_poll_at=T0), **changes)


def running(processed: float | None = 1250, total: float | None = 5000, **changes: Any) -> Snapshot:
    percentage = 100 * processed / total if processed is not None and total else None
    progress = Progress(processed, total, percentage)
    return replace(Snapshot(Phase.RUNNING, "In Progress", progress=progress, starts_at=T0), **changes)


def scheduled(starts_at: datetime | None = T0 + timedelta(hours=2), **changes: Any) -> Snapshot:
    return replace(Snapshot(Phase.SCHEDULED, "Scheduled", progress=Progress(0, 0, 0), starts_at=starts_at), **changes)


def ended(verdict: Outcome = Outcome.SUCCEEDED, **changes: Any) -> Snapshot:
    """The ends of the document's examples: 4985 successful, 10 warnings and 5 errors; or failed at 25 %."""
    snapshot = Snapshot(
        Phase.ENDED,
        "Successful",
        verdict=verdict,
        progress=Progress(5000, 5000, 100),
        results=Results(4985, 10, 5),
        starts_at=T0,
        finished_at=T0 + timedelta(minutes=75),
        log_location=LOG_LOCATION,
    )
    if verdict is not Outcome.SUCCEEDED:
        snapshot = replace(
            snapshot,
            vendor_status="Failed" if verdict is Outcome.FAILED else "Cancelled",
            progress=Progress(1250, 5000, 25),
            results=Results(),
            finished_at=T0 + timedelta(minutes=45),
            error="Database connection timeout after processing 1250 items" if verdict is Outcome.FAILED else None,
            retryable=True if verdict is Outcome.FAILED else None,
        )
    return replace(snapshot, **changes)


def finished(snapshot: Snapshot | None = None, about: Submission | None = None, **changes: Any) -> Watch:
    """A watch whose vendor said that the job has ended."""
    snapshot = snapshot or ended()
    at = T0 + timedelta(minutes=76)
    return replace(follow_once(watch(about, polls=13), snapshot, at=at), **changes)


def follow_once(
    before: Watch,
    answer: Answer,
    *,
    at: datetime,
    polling: Polling = Polling(),  # noqa: B008 - frozen
    wanted: frozenset[Notice] = DEFAULTS,
    jitter: float = 0.5,
) -> Watch:
    return follow(before, answer, now=at, polling=polling, wanted=wanted, jitter=jitter)


class Followed:
    """A watch that is followed answer by answer; what is due is told at once, and kept in `told`."""

    def __init__(
        self, start: Watch | None = None, polling: Polling | None = None, wanted: frozenset[Notice] = DEFAULTS
    ) -> None:
        self.watch = start or watch()
        self.polling = polling or Polling()
        self.wanted = wanted
        self.told: list[tuple[Notice, datetime]] = []

    def at(self, minutes: float, answer: Answer) -> Watch:
        """One poll, so many minutes after the submission."""
        now = T0 + timedelta(minutes=minutes)
        self.watch = follow_once(self.watch, answer, at=now, polling=self.polling, wanted=self.wanted)
        for notice in self.watch.due:
            self.told.append((notice, now))
            self.watch = tell(self.watch, notice, at=now)
        return self.watch

    @property
    def notices(self) -> list[Notice]:
        return [notice for notice, _ in self.told]
