"""The bars must show what jobwatch recorded: a change of the record would otherwise leave them empty."""

from dataclasses import replace
from datetime import UTC, datetime

from demo.evidence import Told
from demo.following import sight
from demo.jobs import JOBS
from demo.screen import Sight
from jobwatch.domain.snapshot import Phase, Progress, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.watch import Watch
from jobwatch.domain.watch_record import write_record
from jobwatch.domain.words import Operation, Outcome
from sandbox.inbox import Mail

NOW = datetime(2024, 3, 1, 11, 15, tzinfo=UTC)
WATCH = Watch(
    Submission("egain-prod", "A1", Operation.IMPORT, NOW), "egain", "eGain", accepted_at=NOW, next_poll_at=NOW
)


def test_a_job_is_submitted_before_it_is_watched_before_it_is_polled() -> None:
    assert sight(None, Told()) == Sight("submitted")
    assert sight(write_record(WATCH), Told()) == Sight("watched")


def test_a_running_job_shows_the_vendors_word_and_its_progress() -> None:
    running = Snapshot(Phase.RUNNING, "In Progress", progress=Progress(1250, 5000, 25))
    assert sight(write_record(replace(WATCH, polls=3, snapshot=running)), Told()) == Sight("In Progress", 0.25, 3)


def test_a_percentage_is_enough_for_a_bar() -> None:
    running = Snapshot(Phase.RUNNING, "InProgress", progress=Progress(percentage=40))
    assert sight(write_record(replace(WATCH, snapshot=running)), Told()).share == 0.4


def test_an_ended_job_shows_its_outcome_and_who_has_told_it() -> None:
    ended = Snapshot(Phase.ENDED, "Successful", verdict=Outcome.SUCCEEDED, progress=Progress(5000, 5000, 100))
    watch = write_record(replace(WATCH, polls=4, snapshot=ended, outcome=Outcome.COMPLETED_WITH_ERRORS))
    assert sight(watch, Told(mails=[Mail("…", "…")])) == Sight("completed_with_errors", 1.0, 4, ("email",))


def test_no_two_jobs_share_a_name() -> None:
    # Bars and folders go by name: one of the two would be lost.
    assert len({job.name for job in JOBS}) == len(JOBS)
