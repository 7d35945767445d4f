"""Why people are told, and when: the notices of the contract, each once per cause."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from jobwatch.domain.connection import Polling
from jobwatch.domain.follow import tell
from jobwatch.domain.snapshot import Answer, FailureKind, NotFound, PollFailure, Progress, Results, Snapshot
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.notification import build_notification
from tests.unit.examples import EVERY_NOTICE, T0, Followed, ended, running, scheduled, submission, watch

DOWN = PollFailure(FailureKind.UNREACHABLE, "no connection within 5 s")
THROTTLED = PollFailure(FailureKind.THROTTLED, "HTTP 429")
GONE = NotFound("HTTP 404: 404-100 no such job")
FINISHED, STALLED, OVERDUE = Notice.FINISHED, Notice.STALLED, Notice.OVERDUE
UNREACHABLE, RECOVERED, STARTED, PROGRESS = (
    Notice.UNREACHABLE,
    Notice.RECOVERED,
    Notice.STARTED,
    Notice.PROGRESS,
)


@pytest.mark.parametrize("verdict", [Outcome.SUCCEEDED, Outcome.FAILED, Outcome.CANCELLED])
def test_the_end_is_told_once(verdict: Outcome) -> None:
    followed = Followed()
    followed.at(1, running())
    end = followed.at(76, ended(verdict))
    assert followed.notices == [FINISHED]
    assert end.outcome is (Outcome.COMPLETED_WITH_ERRORS if verdict is Outcome.SUCCEEDED else verdict)
    assert (end.detected_at, end.polls) == (T0 + timedelta(minutes=76), 2)
    assert end.due == ()


@pytest.mark.parametrize("wanted", [frozenset(), frozenset({STALLED})])
def test_finished_is_told_even_where_nobody_asked(wanted: frozenset[Notice]) -> None:
    followed = Followed(wanted=wanted)
    followed.at(1, ended())
    assert followed.notices == [FINISHED]


class TestUnreachable:
    @pytest.mark.parametrize(
        "kind",
        [
            FailureKind.UNREACHABLE,
            FailureKind.UNAUTHORISED,
            FailureKind.VENDOR_ERROR,
            FailureKind.UNREADABLE,
            FailureKind.REFUSED,
            FailureKind.MISCONFIGURED,
        ],
    )
    def test_after_the_grace_of_nothing_but_failed_polls(self, kind: FailureKind) -> None:
        followed = Followed()
        for minute in (1, 5, 10.9):
            followed.at(minute, PollFailure(kind, "no"))
        assert followed.notices == []
        followed.at(11, PollFailure(kind, "no"))
        for minute in (12, 30, 60):
            followed.at(minute, PollFailure(kind, "no"))
        assert followed.told == [(UNREACHABLE, T0 + timedelta(minutes=11))]

    @pytest.mark.parametrize("between", [running(), GONE, THROTTLED])
    def test_any_other_answer_begins_the_grace_anew(self, between: Answer) -> None:
        followed = Followed()
        followed.at(1, DOWN)
        followed.at(10, between)
        followed.at(10.5, DOWN)
        followed.at(20, DOWN)
        assert followed.notices == []
        followed.at(20.5, DOWN)
        assert followed.notices == [UNREACHABLE]

    def test_throttling_is_no_failed_poll_however_long_it_lasts(self) -> None:
        followed = Followed()
        followed.at(0, running())
        for minute in range(1, 400, 5):
            followed.at(minute, THROTTLED)
        assert followed.notices == []

    def test_recovered_once_the_vendor_answers_and_only_after_it_was_told(self) -> None:
        followed = Followed()
        followed.at(1, DOWN)
        followed.at(2, running())
        assert followed.notices == []
        for minute in (3, 13):
            followed.at(minute, DOWN)
        followed.at(14, running())
        followed.at(15, running())
        assert followed.notices == [UNREACHABLE, RECOVERED]

    def test_recovered_by_a_not_found_answer_too_but_not_by_a_429(self) -> None:
        followed = Followed()
        for minute in (0, 10):
            followed.at(minute, DOWN)
        followed.at(11, THROTTLED)
        assert followed.notices == [UNREACHABLE]
        followed.at(12, GONE)
        assert followed.notices == [UNREACHABLE, RECOVERED]

    def test_a_second_outage_is_a_second_cause(self) -> None:
        followed = Followed()
        for start in (0, 100):
            for minute in (0, 10, 20):
                followed.at(start + minute, DOWN)
            followed.at(start + 30, running(processed=1250 + start))
        assert followed.notices == [UNREACHABLE, RECOVERED, UNREACHABLE, RECOVERED]

    def test_a_vendor_that_flaps_for_days_makes_no_flood(self) -> None:
        """Up for one poll in every eleven minutes: told less and less, and still told."""
        followed = Followed(polling=Polling(give_up_hours=240))
        for minute in range(3 * 24 * 60):
            followed.at(minute, running(processed=minute) if minute % 12 == 11 else DOWN)
        told = [at for notice, at in followed.told if notice is UNREACHABLE]
        assert [round((after - before).total_seconds() / 60) for before, after in pairwise(told[:4])] == [12, 24, 48]
        assert 3 * 6 <= len(told) <= 3 * 6 + 6, "six times a day"
        assert max(after - before for before, after in pairwise(told)) <= timedelta(hours=4, minutes=12)
        notices = [notice for notice in followed.notices if notice in (UNREACHABLE, RECOVERED)]
        assert notices == [UNREACHABLE, RECOVERED] * len(told), "recovered only after unreachable was told"

    def test_an_outage_in_the_quiet_time_is_told_when_that_is_over(self) -> None:
        followed = Followed()
        for minute in (0, 10):
            followed.at(minute, DOWN)
        followed.at(11, running(1))
        for minute in (12, 22):
            followed.at(minute, DOWN)
        followed.at(23, running(2))
        told = len(followed.notices)
        followed.at(24, DOWN)
        watch = followed.at(34, DOWN)
        assert followed.notices[told:] == [], "told 12 minutes ago; the third time comes 20 after the second"
        assert watch.next_poll_at <= T0 + timedelta(minutes=42), "woken for it"
        followed.at(42, DOWN)
        assert followed.notices[told:] == [UNREACHABLE]

    def test_an_end_after_an_outage_is_told_as_the_end(self) -> None:
        followed = Followed()
        for minute in (0, 10):
            followed.at(minute, DOWN)
        followed.at(11, ended())
        assert followed.notices == [UNREACHABLE, FINISHED]

    def test_failed_polls_never_end_a_watch_before_the_hard_limit(self) -> None:
        followed = Followed()
        for hour in range(72):
            assert followed.at(60 * hour, DOWN).outcome is None
        assert followed.at(72 * 60, DOWN).outcome is Outcome.GAVE_UP
        assert followed.notices == [UNREACHABLE, OVERDUE, FINISHED]


class TestStalled:
    def test_when_progress_has_not_moved(self) -> None:
        followed = Followed()
        for minute in (0, 30, 60, 89):
            followed.at(minute, running(processed=10 * max(minute, 20)) if minute <= 30 else running(processed=300))
        assert followed.notices == []
        followed.at(90, running(processed=300))
        followed.at(200, running(processed=300))
        assert followed.told == [(STALLED, T0 + timedelta(minutes=90))]

    def test_recovered_when_it_moves_again_and_it_can_stall_again(self) -> None:
        followed = Followed()
        for minute, processed in ((0, 10), (60, 10), (61, 11), (62, 12), (122, 12), (123, 13)):
            followed.at(minute, running(processed))
        assert followed.notices == [STALLED, RECOVERED, STALLED, RECOVERED]

    def test_a_job_that_moves_now_and_then_makes_no_flood(self) -> None:
        followed = Followed(polling=Polling(deadline_minutes=43200, give_up_hours=2160))
        for minute in range(0, 10 * 24 * 60, 30):
            followed.at(minute, running(processed=minute // 90))
        told = followed.notices.count(STALLED)
        assert 10 * 5 <= told <= 10 * 6 + 4, "up to six times a day"

    def test_another_operation_of_the_job_is_movement(self) -> None:
        followed = Followed()
        followed.at(0, running(current_operation="Reading"))
        followed.at(50, running(current_operation="Writing"))
        followed.at(100, running(current_operation="Writing"))
        assert followed.notices == []

    def test_a_vendor_that_shows_no_progress_cannot_show_a_stall(self) -> None:
        followed = Followed()
        silent = running(progress=Progress())
        for minute in (0, 60, 120, 470):
            followed.at(minute, silent)
        assert followed.notices == []

    @pytest.mark.parametrize("answer", [DOWN, THROTTLED, GONE])
    def test_a_poll_that_saw_no_progress_proves_no_stall(self, answer: Answer) -> None:
        """A vendor that throttles for an hour would otherwise be told as a job that hangs."""
        followed = Followed(polling=Polling(grace_minutes=1440))
        followed.at(0, running())
        followed.at(61, answer)
        assert followed.notices == []
        followed.at(62, running(processed=4000))
        assert followed.notices == []

    def test_a_job_in_the_queue_does_not_stall(self) -> None:
        followed = Followed()
        for minute in (0, 60, 200, 400):
            followed.at(minute, scheduled(starts_at=None))
        assert followed.notices == []

    def test_the_stall_counts_from_the_scheduled_start(self) -> None:
        followed = Followed()
        start = T0 + timedelta(minutes=120)
        followed.at(0, scheduled(start))
        followed.at(121, running(0, starts_at=start))
        followed.at(180.9, running(0, starts_at=start))
        assert followed.notices == []
        followed.at(181, running(0, starts_at=start))
        assert followed.notices == [STALLED]


class TestOverdue:
    def test_past_the_connections_deadline_and_once(self) -> None:
        followed = Followed(wanted=frozenset({FINISHED, OVERDUE}))
        for minute in (1, 240, 479.9):
            followed.at(minute, running(minute))
        assert followed.notices == []
        followed.at(480, running(480))
        followed.at(500, running(500))
        assert followed.told == [(OVERDUE, T0 + timedelta(minutes=480))]

    def test_the_submissions_deadline_counts_before_the_connections(self) -> None:
        followed = Followed(watch(submission(deadline_minutes=30)))
        followed.at(29.9, running(1))
        assert followed.notices == []
        followed.at(30, running(2))
        assert followed.notices == [OVERDUE]

    def test_an_end_past_the_deadline_is_an_end(self) -> None:
        followed = Followed()
        followed.at(600, ended())
        assert followed.notices == [FINISHED]

    def test_the_deadline_counts_from_the_scheduled_start(self) -> None:
        start = T0 + timedelta(days=7)
        followed = Followed(wanted=frozenset({FINISHED, OVERDUE}))
        week = 7 * 24 * 60
        followed.at(0, scheduled(start))
        followed.at(week + 479, running(1, starts_at=start))
        assert followed.notices == []
        followed.at(week + 480, running(2, starts_at=start))
        assert followed.notices == [OVERDUE]

    def test_a_running_job_that_names_its_start_no_more_keeps_it(self) -> None:
        """Without it, a job scheduled a week ahead would be given up the moment it starts."""
        followed = Followed()
        week = 7 * 24 * 60
        followed.at(0, scheduled(T0 + timedelta(days=7)))
        assert followed.at(week + 5, running(1, starts_at=None)).outcome is None
        assert followed.notices == []

    def test_a_job_that_starts_early_counts_from_when_it_was_seen_running(self) -> None:
        followed = Followed()
        followed.at(0, scheduled(T0 + timedelta(days=7)))
        followed.at(10, running(1, starts_at=None))
        assert followed.watch.counts_from == T0 + timedelta(minutes=10)
        followed.at(20, running(2, starts_at=None))
        assert followed.watch.counts_from == T0 + timedelta(minutes=10)

    def test_a_start_before_the_submission_does_not_count(self) -> None:
        followed = Followed()
        followed.at(1, running(1, starts_at=T0 - timedelta(days=30)))
        assert followed.watch.counts_from == T0
        assert followed.notices == []


class TestOnlyIfAskedFor:
    def test_started_and_progress_are_off_unless_asked_for(self) -> None:
        followed = Followed()
        for minute, processed in ((0, 0), (1, 1300), (2, 4999)):
            followed.at(minute, running(processed))
        assert followed.notices == []

    def test_started_is_told_when_it_runs(self) -> None:
        followed = Followed(wanted=EVERY_NOTICE)
        followed.at(0, scheduled())
        assert followed.notices == []
        followed.at(120, running(0))
        followed.at(121, running(1))
        assert followed.notices == [STARTED]

    def test_progress_is_told_at_each_quarter_once(self) -> None:
        """Progress that is lost, stale or back at 0 for one answer is told no second time."""
        followed = Followed(wanted=frozenset({FINISHED, PROGRESS}))
        lost = running(progress=Progress())
        for minute, answer in enumerate(
            [running(100), running(1250), running(1300), lost, running(2600), running(0), running(2700), running(4990)]
        ):
            followed.at(minute, answer)
        assert [at for _, at in followed.told] == [T0 + timedelta(minutes=minute) for minute in (1, 4, 7)]

    def test_what_is_left_out_is_not_told_nor_recovered_from(self) -> None:
        followed = Followed(wanted=frozenset({FINISHED, RECOVERED}))
        for minute in (0, 10, 20):
            followed.at(minute, DOWN)
        followed.at(30, running())
        followed.at(100, running())
        followed.at(500, running(1300))
        assert followed.notices == []


def test_not_told_is_told_again_and_nothing_is_lost_in_between() -> None:
    """A notice stays due until it was told: the notifier may fail any number of times."""
    after = tell(replace(watch(), due=(STALLED, OVERDUE)), STALLED, at=T0)
    assert after.due == (OVERDUE,)
    assert after.told == {STALLED}
    after = tell(after, OVERDUE, at=T0)
    assert after.due == ()
    assert after.told == {STALLED, OVERDUE}


def test_several_notices_at_once_come_oldest_first() -> None:
    followed = Followed(watch(submission(deadline_minutes=60)))
    followed.at(0, running(10))
    followed.at(60, running(10))
    assert followed.notices == [OVERDUE, STALLED]


def test_an_unlisted_status_is_still_running() -> None:
    unknown: Snapshot = running(vendor_status="Archiving")
    assert Followed().at(5, unknown).outcome is None


class TestAJobThatWaitsForAPerson:
    WAITING = running(5000, 5000, vendor_status="Uncommitted", waits_for="somebody to commit it")

    def test_is_told_at_once_and_once(self) -> None:
        followed = Followed()
        followed.at(1, running())
        for minute in (2, 3, 90, 300):
            followed.at(minute, self.WAITING)
        assert followed.told == [(STALLED, T0 + timedelta(minutes=2))]

    def test_is_told_though_a_stall_was_told_for_another_cause(self) -> None:
        followed = Followed()
        for minute in (1, 70, 90):
            followed.at(minute, running())
        followed.at(95, self.WAITING)
        assert followed.notices == [STALLED, STALLED]

    def test_goes_on_with_a_word(self) -> None:
        followed = Followed()
        followed.at(1, self.WAITING)
        followed.at(2, running(5000, 5000, vendor_status="Committing"))
        followed.at(3, ended(results=Results()))
        assert followed.notices == [STALLED, RECOVERED, FINISHED]

    def test_that_comes_and_goes_is_told_ever_more_seldom(self) -> None:
        followed = Followed()
        for minute in range(240):
            followed.at(minute, self.WAITING if minute % 2 else running(5000, 5000))
        assert followed.notices.count(STALLED) <= 8

    def test_says_what_it_waits_for_and_not_to_cancel(self) -> None:
        waiting = Followed()
        seen = waiting.at(1, self.WAITING)
        said = build_notification(seen, STALLED, None, None, at=T0 + timedelta(minutes=1))
        assert "somebody to commit it" in str(said["situation"])
        assert "somebody to commit it" in said["next_step"]
        assert "cancel" not in said["next_step"]


class TestAStateThatNoOutcomeNames:
    UNNAMED = running(vendor_status="Completed", unnamed="connection egain-prod")
    SAID = 'The state "Completed" is not named in connection egain-prod, so jobwatch cannot see an end.'

    @pytest.mark.parametrize("notice", [STALLED, OVERDUE, FINISHED])
    def test_stands_in_every_notice_and_nobody_is_told_to_cancel_the_job(self, notice: Notice) -> None:
        seen = watch(snapshot=self.UNNAMED)
        outcome = Outcome.GAVE_UP if notice is FINISHED else None
        said = build_notification(seen, notice, outcome, None, at=T0 + timedelta(hours=1))
        assert self.SAID in said["remarks"]
        assert "Completed" in said["next_step"]
        assert "cancel" not in said["next_step"]

    def test_is_not_said_to_have_started(self) -> None:
        followed = Followed(wanted=EVERY_NOTICE)
        followed.at(1, self.UNNAMED)
        assert STARTED not in followed.notices
        followed.at(2, running())
        assert STARTED in followed.notices


class TestAJobThatMayBeForgotten:
    """Milvus forgot an ended job after three hours."""

    REMEMBERED = replace(Polling(), remembered_seconds=3 * 3600, max_seconds=86400)

    @pytest.mark.parametrize(("hours", "told"), [(4, True), (2, False)])
    def test_is_told_as_such_after_a_silence_of_that_long(self, hours: float, told: bool) -> None:
        followed = Followed(polling=self.REMEMBERED)
        followed.at(1, running())
        for minute in (30, 60 * hours - 60):
            followed.at(minute, DOWN)
        for minute in (0, 11):
            seen = followed.at(60 * hours + 2 + minute, GONE)
        assert seen.outcome is Outcome.NOT_FOUND
        remarks = build_notification(seen, FINISHED, seen.outcome, None, at=T0)["remarks"]
        assert any("ended in the meantime and been forgotten" in remark for remark in remarks) is told
        assert not told or any("3 h" in remark and "10:01 UTC" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("answer", "asked_seconds", "waits_seconds"),
    [
        (running(), 900, 900),
        (running(), 1, 15),
        (running(), 86400, 3600),
        (scheduled(T0 + timedelta(hours=2)), 60, 7200 - 120),
        (GONE, 400, 400),
    ],
)
def test_retry_after_on_any_answer_lengthens_a_short_wait_and_no_long_one(
    answer: Snapshot | NotFound, asked_seconds: float, waits_seconds: float
) -> None:
    """At most an hour, also beyond max_seconds; no limit wakes the poller to ask sooner."""
    followed = Followed()
    seen = followed.at(1, replace(answer, retry_after_seconds=asked_seconds))
    wait = (seen.next_poll_at - T0).total_seconds() - 60
    assert waits_seconds <= wait <= waits_seconds * 1.1 + 30
    assert seen.ask_from is not None
    assert (seen.ask_from - T0).total_seconds() - 60 == min(asked_seconds, 3600)
