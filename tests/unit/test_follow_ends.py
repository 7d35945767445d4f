"""Ends that no vendor states: a job that is not known any more, a watch that is given up, starts that cannot be."""

from datetime import timedelta

import pytest

from jobwatch.domain.connection import Polling
from jobwatch.domain.follow import hold, look_up
from jobwatch.domain.snapshot import FailureKind, NotFound, PollFailure
from jobwatch.domain.words import Notice, Outcome
from tests.unit.examples import EVERY_NOTICE, T0, Followed, ended, running, scheduled, watch

DOWN = PollFailure(FailureKind.UNREACHABLE, "no connection within 5 s")
THROTTLED = PollFailure(FailureKind.THROTTLED, "HTTP 429")
GONE = NotFound("HTTP 404: 404-100 no such job")
FINISHED, STALLED, OVERDUE = Notice.FINISHED, Notice.STALLED, Notice.OVERDUE


class TestNotFound:
    @pytest.mark.parametrize("seen_before", [False, True])
    def test_after_the_grace_of_nothing_but_not_found(self, seen_before: bool) -> None:
        followed = Followed()
        if seen_before:
            followed.at(0, running())
        for minute in (1, 5, 10.9):
            assert followed.at(minute, GONE).outcome is None
        assert followed.at(11, GONE).outcome is Outcome.NOT_FOUND
        assert followed.notices == [FINISHED]

    def test_a_job_that_is_known_a_little_later_was_never_lost(self) -> None:
        followed = Followed()
        followed.at(0, GONE)
        followed.at(9, GONE)
        followed.at(9.5, running())
        followed.at(15, GONE)
        assert followed.at(24.9, GONE).outcome is None
        assert followed.at(25, GONE).outcome is Outcome.NOT_FOUND

    def test_failed_polls_in_between_begin_the_grace_anew(self) -> None:
        """A vendor that rolls out a release answers 404 and 503 for a while, of jobs that run."""
        followed = Followed()
        followed.at(0, running())
        followed.at(1, GONE)
        assert followed.at(10, DOWN).outcome is None
        followed.at(11.5, GONE)
        assert followed.at(21.4, GONE).outcome is None
        assert followed.at(21.5, GONE).outcome is Outcome.NOT_FOUND

    def test_a_vendor_that_answers_404_and_503_in_turn_is_not_asked_all_the_time(self) -> None:
        followed, minutes, polls = Followed(), 0.0, 0
        while minutes < 60:
            after = followed.at(minutes, (GONE, DOWN)[polls % 2])
            minutes, polls = (after.next_poll_at - T0).total_seconds() / 60, polls + 1
        assert followed.watch.outcome is None
        assert polls < 25

    def test_a_throttled_poll_in_between_changes_nothing(self) -> None:
        followed = Followed()
        followed.at(0, GONE)
        followed.at(5, THROTTLED)
        assert followed.at(10, GONE).outcome is Outcome.NOT_FOUND


class TestGaveUp:
    def test_at_the_hard_limit_whatever_the_vendor_says(self) -> None:
        followed = Followed(wanted=frozenset({FINISHED}))
        assert followed.at(72 * 60 - 1, running()).outcome is None
        assert followed.at(72 * 60, running()).outcome is Outcome.GAVE_UP
        assert followed.notices == [FINISHED]

    @pytest.mark.parametrize("failure", [DOWN, THROTTLED])
    def test_a_watch_that_wakes_after_its_limit_asks_for_the_end_first(self, failure: PollFailure) -> None:
        """After an outage of jobwatch's own, or submitted late: the job may have ended long ago."""
        followed = Followed(wanted=frozenset({FINISHED}))
        followed.at(60, running())
        assert followed.at(80 * 60, failure).outcome is None
        assert followed.at(80 * 60 + 9, ended()).outcome is Outcome.COMPLETED_WITH_ERRORS

    @pytest.mark.parametrize("failure", [DOWN, THROTTLED])
    def test_a_vendor_that_stays_silent_after_the_limit_is_given_up(self, failure: PollFailure) -> None:
        followed = Followed(wanted=frozenset({FINISHED}))
        assert followed.at(80 * 60, failure).outcome is None
        assert followed.at(80 * 60 + 9.9, failure).outcome is None
        assert followed.at(80 * 60 + 10, failure).outcome is Outcome.GAVE_UP

    def test_a_watch_that_never_gets_to_ask_is_given_up_all_the_same(self) -> None:
        """A vendor that throttles for days moves everybody's slot back, again and again."""
        late = T0 + timedelta(hours=72)
        held = watch()
        for minutes in (0, 9):
            now = late + timedelta(minutes=minutes)
            held = hold(held, 7, now + timedelta(hours=1), now=now, polling=Polling(), wanted=EVERY_NOTICE)
            assert held.outcome is None
        assert held.next_poll_at == late + timedelta(minutes=10)
        after = look_up(held, now=held.next_poll_at, polling=Polling(), wanted=EVERY_NOTICE)
        assert after.outcome is Outcome.GAVE_UP

    def test_a_wake_without_a_poll_gives_nothing_up(self) -> None:
        late = T0 + timedelta(hours=80)
        held = hold(watch(), 7, late + timedelta(minutes=1), now=late, polling=Polling(), wanted=EVERY_NOTICE)
        assert held.outcome is None
        assert held.next_poll_at == late + timedelta(minutes=1)

    def test_a_start_that_moves_along_with_a_running_job_switches_no_limit_off(self) -> None:
        """Some name the start of the current attempt or stage."""
        followed = Followed()
        for hour in range(0, 73, 4):
            followed.at(hour * 60, running(starts_at=T0 + timedelta(hours=hour)))
        assert followed.watch.outcome is Outcome.GAVE_UP
        assert followed.notices == [STALLED, OVERDUE, FINISHED]

    def test_an_end_at_the_hard_limit_is_the_vendors(self) -> None:
        assert Followed().at(72 * 60 + 5, ended(Outcome.FAILED)).outcome is Outcome.FAILED

    def test_the_hard_limit_counts_from_the_scheduled_start(self) -> None:
        start = T0 + timedelta(days=7)
        followed = Followed(polling=Polling(give_up_hours=1))
        followed.at(0, scheduled(start))
        assert followed.at(7 * 24 * 60 + 59, running(starts_at=start)).outcome is None
        assert followed.at(7 * 24 * 60 + 60, running(starts_at=start)).outcome is Outcome.GAVE_UP

    @pytest.mark.parametrize("days", [400, 365 * 5000])
    def test_a_start_in_years_switches_no_limit_off(self, days: int) -> None:
        followed = Followed()
        after = followed.at(72 * 60, scheduled(T0 + timedelta(days=days)))
        assert after.outcome is Outcome.GAVE_UP
        assert after.snapshot is not None
        assert "start in the future" in after.snapshot.remarks[-1]


class TestImpossibleStarts:
    def test_a_running_job_did_not_start_in_the_future(self) -> None:
        after = Followed().at(5, running(starts_at=T0 + timedelta(hours=5)))
        assert after.snapshot is not None
        assert after.snapshot.starts_at is None
        assert "2024-03-01 15:00 UTC" in after.snapshot.remarks[0]

    def test_an_ended_job_keeps_start_and_end_of_a_clock_that_is_ahead(self) -> None:
        """The duration is the vendor's end minus the vendor's start, also where both lie ahead of our clock."""
        off = timedelta(hours=5, minutes=30)
        after = Followed().at(76, ended(starts_at=T0 + off, finished_at=T0 + off + timedelta(minutes=75)))
        assert after.snapshot is not None
        assert after.snapshot.starts_at == T0 + off
        assert len(after.snapshot.remarks) == 1

    def test_a_job_cancelled_before_its_start_never_started(self) -> None:
        cancelled = ended(Outcome.CANCELLED, starts_at=T0 + timedelta(days=1), finished_at=T0 + timedelta(minutes=4))
        after = Followed().at(5, cancelled)
        assert after.snapshot is not None
        assert after.snapshot.starts_at is None
