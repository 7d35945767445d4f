"""What a message says of a run that is unlike those before: one fact, and not a word on an ordinary end."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jobwatch.domain.series import History, Run
from jobwatch.domain.snapshot import Progress, Results
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.document import Notification
from jobwatch.messages.email import email_text
from jobwatch.messages.habits import run_of
from jobwatch.messages.notification import build_notification
from tests.unit.examples import T0, ended, finished


def history(minutes: tuple[int, ...] = (38, 46, 40, 41, 44, 39, 42, 45, 43), amount: int = 5000) -> History:
    whole = History()
    for each in minutes:
        whole = whole.with_run(Run(Outcome.SUCCEEDED, 60.0 * each, 60.0 * each + 60, amount + each, 0))
    return whole


def told(
    before: History, outcome: Outcome = Outcome.SUCCEEDED, *, minutes: int = 42, successful: int = 5040
) -> Notification:
    verdict = outcome if outcome is Outcome.FAILED else Outcome.SUCCEEDED
    end = finished(
        replace(
            ended(verdict),
            finished_at=T0 + timedelta(minutes=minutes),
            results=Results(successful, 0, 0) if outcome is Outcome.SUCCEEDED else Results(),
            progress=Progress(successful, successful, 100),
            log_location=None,
        )
    )
    return build_notification(end, Notice.FINISHED, outcome, None, at=T0 + timedelta(hours=2), history=before)


def test_an_ordinary_end_has_not_a_word_more() -> None:
    plain, compared = told(History()), told(history())
    assert compared["unusual"] == []
    assert compared["usual"] == {"runs": 9, "duration_seconds": [2280, 2760], "successful": [5038, 5046]}
    assert email_text(plain) == email_text(compared)


def test_a_run_that_took_long_says_so_and_stays_good() -> None:
    note = told(history(), minutes=75)
    assert note["unusual"] == [{"kind": "longer", "text": "Took 75 min, usually 38 to 46 min."}]
    assert note["severity"] == "good"
    assert email_text(note).count("usually 38 to 46 min") == 1


@pytest.mark.parametrize(
    ("minutes", "successful", "said"),
    [(8, 5040, "Took 8 min, usually 38 to 46 min."), (42, 12, "12 successful, usually 5,038 to 5,046.")],
)
def test_a_success_unlike_those_before_is_in_doubt(minutes: int, successful: int, said: str) -> None:
    note = told(history(), minutes=minutes, successful=successful)
    assert note["severity"] == "doubt"
    assert said in note["remarks"]
    assert email_text(note).count(said.rstrip(".")) == 1


def test_failures_say_whether_they_are_the_first_or_one_more() -> None:
    first = told(history(), Outcome.FAILED)
    assert [each["text"] for each in first["unusual"]] == ["First failure after 9 good runs."]
    again = told(history().with_run(Run(Outcome.FAILED, cause=first["cause"])), Outcome.FAILED)
    assert [each["text"] for each in again["unusual"]] == ["Second failure in a row, same cause."]
    another = told(history().with_run(Run(Outcome.FAILED, cause="Disk full")), Outcome.FAILED)
    assert another["unusual"] == []


def test_with_seven_good_runs_nothing_is_compared() -> None:
    note = told(history((40,) * 7), minutes=400)
    assert (note["usual"], note["unusual"]) == (None, [])


def test_a_run_keeps_the_vendors_time_and_ours_apart() -> None:
    end = finished(replace(ended(), starts_at=None))
    run = run_of(end, Outcome.SUCCEEDED)
    assert run.seconds is None
    assert run.watched_seconds == 76 * 60
