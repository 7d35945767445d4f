"""A log, or entries in it, from outside the job's time are another run's."""

from datetime import UTC, datetime, timedelta

import pytest

from jobwatch.domain.run_times import JobTime, Whose, whose

BEGAN = datetime(2026, 5, 6, 7, 0, tzinfo=UTC)
JOB = JobTime(BEGAN + timedelta(minutes=1), BEGAN, BEGAN + timedelta(hours=1))
UNTOLD = JobTime(BEGAN, None, BEGAN + timedelta(hours=1))


@pytest.mark.parametrize(
    ("first_minutes", "last_minutes", "expected"),
    [
        (0, 60, Whose.THIS_RUN),
        (-5, 30, Whose.THIS_RUN),
        (-1500, 30, Whose.THIS_RUN),
        (30, 65, Whose.THIS_RUN),
        (-1500, -1440, Whose.ANOTHER_RUN),
        (-60, -20, Whose.ANOTHER_RUN),
        (90, 120, Whose.ANOTHER_RUN),
    ],
)
def test_with_a_zone(first_minutes: int, last_minutes: int, expected: Whose) -> None:
    first, last = BEGAN + timedelta(minutes=first_minutes), BEGAN + timedelta(minutes=last_minutes)
    assert whose(first, last, JOB) is expected


@pytest.mark.parametrize(
    ("first_hours", "last_hours", "expected"),
    [
        (0, 1, Whose.UNKNOWN),
        (14, 15, Whose.UNKNOWN),
        (-12, -12, Whose.UNKNOWN),
        (16, 17, Whose.ANOTHER_RUN),
        (-24, -13, Whose.ANOTHER_RUN),
        (-24 * 7, -24 * 7 + 1, Whose.ANOTHER_RUN),
        (-24, 0, Whose.UNKNOWN),
    ],
)
def test_without_a_zone_only_what_is_outside_in_every_zone(first_hours: int, last_hours: int, expected: Whose) -> None:
    clock = BEGAN.replace(tzinfo=None)
    assert whose(clock + timedelta(hours=first_hours), clock + timedelta(hours=last_hours), JOB) is expected


def test_a_start_nobody_told_may_lie_before_the_submission() -> None:
    assert whose(BEGAN - timedelta(minutes=50), BEGAN - timedelta(minutes=40), UNTOLD) is Whose.THIS_RUN
    assert whose(BEGAN - timedelta(hours=3), BEGAN - timedelta(hours=2), UNTOLD) is Whose.ANOTHER_RUN
