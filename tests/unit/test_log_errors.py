"""Errors of a log count for the job whose time they are of; others are remarked on."""

from datetime import UTC, datetime

from jobwatch.domain.run_times import JobTime
from jobwatch.usecases.log_errors import errors_of
from tests.unit.logs.memory_source import summary_of

JOB = JobTime(
    datetime(2026, 3, 1, 10, tzinfo=UTC), datetime(2026, 3, 1, 10, 1, tzinfo=UTC), datetime(2026, 3, 1, 11, tzinfo=UTC)
)


def test_errors_within_the_jobs_time_count() -> None:
    log = "2026-03-01T10:02:00Z INFO start\n2026-03-01T10:03:00Z ERROR page 7 refused\n"
    assert errors_of(summary_of(log), JOB) == (1, ())


def test_a_log_of_another_run_counts_for_nothing_and_is_remarked() -> None:
    log = "2026-02-27T10:02:00Z INFO start\n2026-02-27T10:03:00Z ERROR page 7 refused\n"
    errors, remarks = errors_of(summary_of(log), JOB)
    assert errors == 0
    assert len(remarks) == 1
    assert "another run's" in remarks[0]
    assert "2026-02-27 10:02:00 UTC" in remarks[0]


def test_errors_of_another_run_in_an_appended_log_are_taken_off() -> None:
    old = "2026-02-27T10:03:00Z ERROR disk full\n" * 3
    new = "2026-03-01T10:02:00Z INFO start\n2026-03-01T10:03:00Z ERROR page 7 refused\n"
    errors, remarks = errors_of(summary_of(old + new), JOB)
    assert errors == 1
    assert remarks[0].startswith("3 errors in the log are from outside this job's time")


def test_a_clock_without_a_zone_is_doubted_only_where_no_zone_fits() -> None:
    log = "2026-03-01 17:02:00 INFO start\n2026-03-01 17:03:00 ERROR page 7 refused\n"
    assert errors_of(summary_of(log), JOB) == (1, ())
