"""What the reader is told to do, for every operation, outcome and kind of failure."""

from itertools import product

import pytest

from jobwatch.domain.snapshot import Item, Message, Results
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Operation, Outcome
from jobwatch.messages.notification import build_notification
from jobwatch.messages.wording import headline, job_name
from tests.unit.examples import JOB_ID, T0, ended, finished, running, submission, watch

PROBLEM = {"level": "error", "template": "Link <*>", "count": 4, "first_line": 202, "example": "Link 7 not found"}
WITH_PROBLEMS = {"levels": {"error": 4}, "problems": [PROBLEM], "complete": True}
CLEAN_LOG = {"levels": {"error": 0}, "problems": [], "complete": True}
UNREAD_LOG = {"levels": {}, "problems": [], "complete": False}


def next_step(of: Watch, notice: Notice, outcome: Outcome | None, log: dict[str, object] | None) -> str:
    return str(build_notification(of, notice, outcome, log, at=T0)["next_step"])


@pytest.mark.parametrize(("operation", "outcome"), list(product(Operation, Outcome)))
@pytest.mark.parametrize("retryable", [True, False, None])
@pytest.mark.parametrize("log", [None, WITH_PROBLEMS, CLEAN_LOG, UNREAD_LOG])
def test_every_end_has_a_headline_and_something_to_do(
    operation: Operation, outcome: Outcome, retryable: bool | None, log: dict[str, object] | None
) -> None:
    about = submission(operation=operation)
    verdict = outcome if outcome in (Outcome.FAILED, Outcome.CANCELLED) else Outcome.SUCCEEDED
    end = finished(ended(verdict, retryable=retryable), about)
    said = next_step(end, Notice.FINISHED, outcome, log)
    assert said.endswith(".")
    assert said[0].isupper()
    assert "None" not in said
    head = headline(end, Notice.FINISHED, outcome)
    assert head.startswith(operation.capitalize())
    assert head.endswith("Nightly KB sync")


def after(operation: Operation, results: Results, log: dict[str, object] | None) -> str:
    end = finished(ended(results=results), submission(operation=operation))
    return next_step(end, Notice.FINISHED, end.outcome, log)


class TestValidation:
    """eGain: with zero errors, the import can be started; otherwise fix the source content."""

    def test_zero_errors(self) -> None:
        assert after(Operation.VALIDATION, Results(5000, 0, 0), CLEAN_LOG).startswith("Start the import")
        assert "10 warnings first" in after(Operation.VALIDATION, Results(4990, 10, 0), None)

    def test_errors(self) -> None:
        assert after(Operation.VALIDATION, Results(4985, 10, 5), WITH_PROBLEMS).startswith("Do not import yet")

    def test_a_count_that_nobody_gave_is_not_zero(self) -> None:
        for log in (None, UNREAD_LOG):
            assert after(Operation.VALIDATION, Results(), log).startswith("Look for errors in the log before")
        assert after(Operation.VALIDATION, Results(), CLEAN_LOG).startswith("Start the import")

    def test_errors_in_the_log_are_looked_at_before_the_import(self) -> None:
        said = after(Operation.VALIDATION, Results(5000, 0, 0), WITH_PROBLEMS)
        assert said.startswith("Look at the problems above before you start the import")


class TestFailure:
    @pytest.mark.parametrize(
        ("retryable", "start"), [(True, "Start the import again"), (False, "Fix the cause first"), (None, "Find the")]
    )
    def test_the_vendors_word_on_a_retry_decides(self, retryable: bool | None, start: str) -> None:
        end = finished(ended(Outcome.FAILED, retryable=retryable))
        assert next_step(end, Notice.FINISHED, Outcome.FAILED, None).startswith(start)

    @pytest.mark.parametrize(
        ("changes", "log", "where"),
        [
            ({}, WITH_PROBLEMS, "the problems above"),
            ({}, UNREAD_LOG, "the log"),
            ({"log_location": None}, None, "the job in eGain"),
            ({"log_location": None, "messages": (Message("error", "x"),)}, None, "the problems above"),
            ({"log_location": None, "messages": (Message("info", "x"),)}, None, "the job in eGain"),
            ({"log_location": None, "items": (Item("a", error="x", failed=True),)}, None, "the problems above"),
        ],
    )
    def test_the_reader_is_sent_to_what_there_is(
        self, changes: dict[str, object], log: dict[str, object] | None, where: str
    ) -> None:
        end = finished(ended(Outcome.FAILED, **changes))
        assert where in next_step(end, Notice.FINISHED, Outcome.FAILED, log)


@pytest.mark.parametrize("notice", [notice for notice in Notice if notice is not Notice.FINISHED])
def test_notices_of_a_running_job_say_that_it_is_watched(notice: Notice) -> None:
    seen = watch(snapshot=running())
    assert "jobwatch keeps" in next_step(seen, notice, None, None)
    assert headline(seen, notice, None).endswith(": Nightly KB sync")
    assert "jobwatch keeps" in next_step(watch(), notice, None, None)
    assert headline(watch(), notice, None)


@pytest.mark.parametrize("name", [None, "", "\u200b", "\u202e \n"])
def test_a_name_that_shows_nothing_is_no_name(name: str | None) -> None:
    assert job_name(watch(submission(name=name))) == f"job {JOB_ID}"
