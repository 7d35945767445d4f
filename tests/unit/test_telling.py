"""What people are told of times: since when, for how long, and nothing that is not known."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jobwatch.domain.snapshot import FailureKind, Lack, NotFound, PollFailure, Progress
from jobwatch.domain.watch import Telling, Watch
from jobwatch.domain.watch_record import read_record, write_record
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.email import email_text
from jobwatch.messages.notification import build_notification
from jobwatch.messages.numbers import share
from jobwatch.messages.sms import sms_line
from jobwatch.messages.telling import recovered_from
from tests.unit.examples import T0, Followed, ended, finished, running, scheduled, submission, watch

DOWN = PollFailure(FailureKind.UNREACHABLE, "no connection within 5 s")
BUSY = PollFailure(FailureKind.THROTTLED, "HTTP 429")


def after(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


def told(seen: Watch, notice: Notice, minutes: float, outcome: Outcome | None = None) -> str | None:
    return build_notification(seen, notice, outcome, None, at=T0 + after(minutes))["situation"]


class TestOverdue:
    def test_the_deadline_counts_from_the_scheduled_start(self) -> None:
        seen = Followed(watch(submission(deadline_minutes=60))).at(30, running(starts_at=T0 + after(20)))
        assert told(seen, Notice.OVERDUE, 85) == (
            "Running for 65 min, since 10:20 UTC; expected by 11:20 UTC. Its progress last moved at 10:30 UTC "
            "(55 min ago)."
        )

    def test_a_deadline_of_the_connection_is_not_guessed(self) -> None:
        seen = watch(snapshot=running(), moved_at=T0)
        assert "; past the deadline of connection egain-prod." in str(told(seen, Notice.OVERDUE, 485))

    def test_a_job_that_nobody_saw_is_not_said_to_run(self) -> None:
        assert told(watch(), Notice.OVERDUE, 480) == (
            "Submitted at 10:00 UTC (8 h ago); past the deadline of connection egain-prod. eGain has not shown it yet."
        )

    def test_without_progress_nothing_is_said_to_have_moved(self) -> None:
        seen = Followed().at(0, running(progress=Progress()))
        assert "moved" not in str(told(seen, Notice.OVERDUE, 480))

    def test_a_vendor_that_throttles_shows_no_running_job(self) -> None:
        followed = Followed()
        followed.at(0, running())
        said = str(told(followed.at(60, BUSY), Notice.OVERDUE, 480))
        assert said.startswith("Last seen running, since 10:00 UTC (8 h);")
        assert said.endswith("No answer since 11:00 UTC (7 h).")


def test_a_job_stands_still_from_its_start_at_the_earliest() -> None:
    followed = Followed()
    followed.at(0, scheduled(T0 + after(30)))
    seen = replace(followed.watch, snapshot=running(0))
    assert told(seen, Notice.STALLED, 95) == "No progress since 10:30 UTC (65 min)."


def test_a_day_ago_is_told_with_its_day() -> None:
    seen = watch(snapshot=running(), moved_at=T0)
    assert told(seen, Notice.STALLED, 24 * 60) == "No progress since 1 Mar 2024, 10:00 UTC (24 h)."


class TestUnreachable:
    def test_since_the_first_failed_poll(self) -> None:
        followed = Followed()
        for minute, answer in ((0, running()), (5, BUSY), (10, DOWN), (15, DOWN)):
            followed.at(minute, answer)
        assert str(told(followed.watch, Notice.UNREACHABLE, 21)).startswith(
            "No answer on the job since 10:10 UTC (11 min), 2 polls"
        )

    def test_no_progress_is_promised_where_none_is_shown(self) -> None:
        followed = Followed()
        followed.at(0, running(progress=Progress()))
        said = str(told(followed.at(1, DOWN), Notice.UNREACHABLE, 11))
        assert said.endswith('eGain last said "In Progress"; the job may be running normally.')

    def test_an_answer_meanwhile_leaves_nothing_to_say(self) -> None:
        assert told(watch(snapshot=running()), Notice.UNREACHABLE, 11) is None


class TestRecovered:
    @pytest.mark.parametrize(
        ("tellings", "lasting", "causes"),
        [
            ({}, (), []),
            ({Notice.STALLED: 60}, (), [Notice.STALLED]),
            ({Notice.UNREACHABLE: 60}, (), [Notice.UNREACHABLE]),
            ({Notice.STALLED: 60, Notice.UNREACHABLE: 70}, (), [Notice.STALLED, Notice.UNREACHABLE]),
            ({Notice.STALLED: 60, Notice.UNREACHABLE: 70}, (Notice.STALLED,), [Notice.UNREACHABLE]),
            ({Notice.STALLED: 60, Notice.UNREACHABLE: 70, Notice.RECOVERED: 80}, (), [Notice.STALLED]),
            ({Notice.STALLED: 60, Notice.UNREACHABLE: 90, Notice.RECOVERED: 80}, (), [Notice.UNREACHABLE]),
        ],
    )
    def test_the_cause_is_what_was_told_and_lasts_no_more(
        self, tellings: dict[Notice, int], lasting: tuple[Notice, ...], causes: list[Notice]
    ) -> None:
        when = {notice: Telling(1, T0 + after(minute)) for notice, minute in tellings.items()}
        assert recovered_from(watch(tellings=when, told=frozenset(lasting))) == causes

    def test_all_causes_are_told(self) -> None:
        when = {Notice.STALLED: Telling(1, T0 + after(60)), Notice.UNREACHABLE: Telling(1, T0 + after(75))}
        assert told(watch(tellings=when), Notice.RECOVERED, 80) == (
            "Reported stalled at 11:00 UTC (20 min ago) and unreachable at 11:15 UTC (5 min ago)."
        )


class TestWithoutAnEnd:
    def test_hours_count_as_the_limit_does(self) -> None:
        seen = Followed().at(130, running(starts_at=T0 + after(120)))
        said = told(seen, Notice.FINISHED, 74 * 60, Outcome.GAVE_UP)
        assert said == 'No end seen since 1 Mar 2024, 12:00 UTC. eGain last said "In Progress".'
        note = build_notification(seen, Notice.FINISHED, Outcome.GAVE_UP, None, at=T0 + after(74 * 60))
        assert note["headline"] == "Nightly KB sync: stopped watching, no end after 72 h"

    def test_a_job_that_was_never_shown(self) -> None:
        seen = Followed().at(0, DOWN)
        said = str(told(seen, Notice.FINISHED, 72 * 60, Outcome.GAVE_UP))
        assert said.endswith("1 poll failed. eGain never showed the job.")

    def test_a_job_that_is_gone_before_it_was_seen(self) -> None:
        seen = Followed().at(0, NotFound("HTTP 404"))
        assert told(seen, Notice.FINISHED, 10, Outcome.NOT_FOUND) == (
            "Not found since 10:00 UTC (10 min), in 1 poll. It was never seen."
        )


def test_a_text_message_has_the_cause_and_what_to_do() -> None:
    followed = Followed()
    followed.at(0, running())
    note = build_notification(followed.at(1, DOWN), Notice.UNREACHABLE, None, None, at=T0 + after(11))
    assert sms_line(note) == (
        "Nightly KB sync: cannot reach eGain. no connection within 5 s. Check whether eGain is down."
    )


SECRET, RIGHT, CONNECTION_WRONG = (
    PollFailure(FailureKind.MISCONFIGURED, "connection egain-prod: …", lacks=lack)
    for lack in (Lack.SECRET, Lack.RIGHT, Lack.CONNECTION)
)


@pytest.mark.parametrize(
    ("failure", "event", "step"),
    [
        (
            DOWN,
            "cannot reach eGain",
            "Check whether eGain is down; if others reach it, check the address in connection",
        ),
        (
            PollFailure(FailureKind.UNAUTHORISED, "HTTP 401: invalid_client"),
            "eGain refuses our credentials",
            "Renew the credentials in the secret jobwatch/egain-prod (connection egain-prod)",
        ),
        (PollFailure(FailureKind.VENDOR_ERROR, "HTTP 500"), "eGain answers with errors", "See eGain's status page"),
        (
            PollFailure(FailureKind.UNREADABLE, "HTTP 200 with a body that is no status: an HTML page"),
            "eGain's answers cannot be read",
            "Check the address in connection egain-prod",
        ),
        (
            PollFailure(FailureKind.REFUSED, "HTTP 400"),
            "eGain refuses our request",
            "Correct the job id, or the parameters",
        ),
        (
            SECRET,
            "cannot ask eGain, our secret is missing or wrong",
            "Create or correct the secret jobwatch/egain-prod in Secrets Manager",
        ),
        (
            RIGHT,
            "cannot ask eGain, we lack a right in AWS",
            "Give jobwatch the right to read it (connection egain-prod",
        ),
        (
            CONNECTION_WRONG,
            "cannot ask eGain, our connection egain-prod is missing or wrong",
            "Correct connection egain-prod",
        ),
    ],
)
def test_who_refused_what_and_whose_it_is_to_mend(failure: PollFailure, event: str, step: str) -> None:
    followed = Followed(watch(secret="jobwatch/egain-prod"))
    followed.at(0, running())
    seen = read_record(write_record(followed.at(1, failure)))
    note = build_notification(seen, Notice.UNREACHABLE, None, None, at=T0 + after(11))
    assert note["headline"] == f"Nightly KB sync: {event}"
    assert note["cause"] == failure.detail
    assert note["next_step"].startswith(step)
    ours = failure.kind is FailureKind.MISCONFIGURED
    assert ("ours to mend" in note["next_step"]) == ours


class TestShare:
    @pytest.mark.parametrize(
        ("progress", "shown"),
        [
            (Progress(4999, 5000, 100), "99%"),
            (Progress(5000, 5000, 99), "100%"),
            (Progress(0, 5000, 100), "0%"),
            (Progress(29, 100, None), "29%"),
            (Progress(None, None, 99.9), "99%"),
            (Progress(None, None, 100), "100%"),
            (Progress(7, 5, None), None),
            (Progress(7, None, None), None),
        ],
    )
    def test_one_rule_for_how_far_it_came(self, progress: Progress, shown: str | None) -> None:
        assert share(progress) == shown

    def test_a_job_that_failed_before_its_last_item_did_not_fail_at_its_end(self) -> None:
        end = finished(ended(Outcome.FAILED, progress=Progress(4999, 5000, 100)))
        note = build_notification(end, Notice.FINISHED, Outcome.FAILED, None, at=T0)
        assert note["headline"] == "Nightly KB sync: import failed at 99%"
        assert "4,999 of 5,000 processed; 1 was not." in email_text(note)
