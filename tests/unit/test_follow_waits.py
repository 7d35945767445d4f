"""When the vendor is asked again: inside the connection's limits, at a limit rather than after it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobwatch.domain.connection import Polling
from jobwatch.domain.snapshot import Answer, FailureKind, NotFound, PollFailure, Progress
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice
from tests.unit.examples import T0, Followed, ended, follow_once, running, scheduled, watch

DOWN = PollFailure(FailureKind.UNREACHABLE, "down")
GONE = NotFound("HTTP 404")


def throttled(retry_after_seconds: float | None = None) -> PollFailure:
    return PollFailure(FailureKind.THROTTLED, "HTTP 429", retry_after_seconds)


def wait_seconds(after: Watch, minute: float) -> float:
    """Until the machine wakes."""
    return (after.next_poll_at - T0 - timedelta(minutes=minute)).total_seconds()


def held_off_seconds(after: Watch, minute: float) -> float:
    """Until the vendor is asked: the machine may wake sooner, to tell something."""
    return (max(after.next_poll_at, after.ask_from or T0) - T0 - timedelta(minutes=minute)).total_seconds()


def test_failed_polls_back_off_to_max_seconds() -> None:
    followed = Followed(polling=Polling(min_seconds=15, max_seconds=300, grace_minutes=1440))
    waits = [wait_seconds(followed.at(minute, DOWN), minute) for minute in range(0, 70, 10)]
    assert waits == sorted(waits)
    assert waits[0] == 15
    assert 15 < waits[1] <= 30
    assert waits[-1] <= 300
    assert waits[-1] >= 0.75 * 300


@pytest.mark.parametrize("answer", [DOWN, GONE, throttled(), running(), running(None, None)])
@given(
    polls=st.integers(0, 40),
    minute=st.integers(0, 71 * 60),
    limits=st.tuples(st.integers(1, 3600), st.integers(1, 86400)).filter(lambda pair: pair[0] <= pair[1]),
    jitter=st.floats(0, 0.999),
)
def test_no_wait_leaves_the_connections_limits(
    answer: Answer, polls: int, minute: int, limits: tuple[int, int], jitter: float
) -> None:
    polling = Polling(min_seconds=limits[0], max_seconds=limits[1])
    now = T0 + timedelta(minutes=minute)
    after = watch()
    for _ in range(polls % 5 + 1):
        after = follow_once(after, answer, at=now, polling=polling, wanted=frozenset({Notice.FINISHED}), jitter=jitter)
    if after.outcome is None:
        wait = (after.next_poll_at - now).total_seconds()
        assert limits[0] - 0.001 <= wait <= limits[1] + 0.001


@pytest.mark.parametrize("kind", [FailureKind.THROTTLED, FailureKind.VENDOR_ERROR])
@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [(120, 120, 132), (1800, 1800, 1980), (3600, 3600, 3600), (10**9, 3600, 3600), (0, 15, 300), (3, 15, 300)],
)
def test_retry_after_is_kept_up_to_an_hour(kind: FailureKind, retry_after: float, least: float, most: float) -> None:
    after = Followed().at(0, PollFailure(kind, "later", retry_after))
    assert least <= held_off_seconds(after, 0) <= most


def test_no_limit_is_a_reason_to_ask_sooner_than_the_vendor_said() -> None:
    followed = Followed(polling=Polling(grace_minutes=1, deadline_minutes=5))
    after = followed.at(4, PollFailure(FailureKind.VENDOR_ERROR, "later", 1800))
    assert held_off_seconds(after, 4) >= 1800
    assert wait_seconds(after, 4) == 60, "the overdue notice is told all the same"


def test_a_short_retry_after_does_not_lengthen_the_wait_past_a_limit() -> None:
    """The unreachable notice is due after ten minutes, not when a long backoff is over."""
    polling = Polling(min_seconds=15, max_seconds=86400, grace_minutes=10)
    followed = Followed(polling=polling)
    for minute in (0, 1, 2, 3, 4, 5, 6, 7, 8):
        followed.at(minute, PollFailure(FailureKind.VENDOR_ERROR, "later", 1))
    assert wait_seconds(followed.watch, 8) == 120


SLOW = Polling(min_seconds=15, max_seconds=86400, deadline_minutes=480, stall_minutes=60, grace_minutes=10)


@pytest.mark.parametrize(
    ("answer", "first_at", "limit_minute"),
    [(DOWN, 0, 10), (GONE, 0, 10), (running(0), 475, 480), (running(None, None), 71 * 60 + 55, 72 * 60)],
)
def test_a_wait_ends_at_the_next_limit(answer: Answer, first_at: float, limit_minute: float) -> None:
    followed = Followed(polling=SLOW, wanted=frozenset(Notice))
    minute = first_at
    for _ in range(40):
        after = followed.at(minute, answer)
        wait = wait_seconds(after, minute) / 60
        assert minute + wait <= limit_minute + 1e-6 or minute >= limit_minute - 0.25, "the wait runs past the limit"
        minute += wait
        if minute >= limit_minute - 1e-6:
            break
    assert minute == pytest.approx(limit_minute, abs=0.26)


def test_a_scheduled_job_is_not_polled_all_the_time_and_is_polled_at_its_start() -> None:
    start = T0 + timedelta(hours=2)
    after = Followed().at(0, scheduled(start))
    assert T0 + timedelta(seconds=15) <= after.next_poll_at <= start + timedelta(seconds=30)


def test_the_end_is_not_waited_for() -> None:
    assert Followed().at(5, ended()).next_poll_at == T0 + timedelta(minutes=5)


def test_nonsense_progress_does_no_harm() -> None:
    for progress in (
        Progress(5, 0, 100),
        Progress(6000, 5000, 120),
        Progress(None, None, 0),
        Progress(0, 0, 0),
        Progress(1e15, 1, None),
    ):
        after = Followed().at(5, running(progress=progress))
        assert 15 <= wait_seconds(after, 5) <= 300
