"""What the reader is told to do, for every operation, outcome and kind of failure."""

from itertools import product

import pytest

from jobwatch.domain.snapshot import Results
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Operation, Outcome
from jobwatch.messages.notification import build_notification
from tests.unit.examples import JOB_ID, T0, ended, finished, running, submission, watch

PROBLEM = {"level": "error", "template": "Link <*>", "count": 4, "first_line": 202, "example": "Link 7 not found"}
WITH_PROBLEMS: dict[str, object] = {"levels": {"error": 4}, "problems": [PROBLEM], "complete": True}
CLEAN_LOG: dict[str, object] = {"levels": {"error": 0}, "problems": [], "complete": True}
UNREAD_LOG: dict[str, object] = {"levels": {}, "problems": [], "complete": False}
SILENT_LOG: dict[str, object] = {"lines": 40, "levels": {}, "problems": [], "complete": True}
NOT_UNDERSTOOD: dict[str, object] = {
    "lines": 40,
    "levels": {"error": 0, "info": 30, "unknown": 10},
    "problems": [],
    "complete": True,
    "understood": False,
}
EMPTY_LOG: dict[str, object] = {"lines": 0, "levels": {"error": 0}, "problems": [], "complete": True}


def next_step(of: Watch, notice: Notice, outcome: Outcome | None, log: dict[str, object] | None) -> str:
    return build_notification(of, notice, outcome, log, at=T0)["next_step"]


def headline(of: Watch, notice: Notice, outcome: Outcome | None) -> str:
    return build_notification(of, notice, outcome, None, at=T0)["headline"]


# A stopped watch has no end to tell.
TOLD = [each for each in Outcome if each is not Outcome.STOPPED]


@pytest.mark.parametrize(("operation", "outcome"), list(product(Operation, TOLD)))
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
    assert head.startswith("Nightly KB sync: ")
    assert "None" not in head


def after(operation: Operation, results: Results, log: dict[str, object] | None) -> str:
    end = finished(ended(results=results), submission(operation=operation))
    return next_step(end, Notice.FINISHED, end.outcome, log)


class TestValidation:
    """eGain: with zero errors, the import can be started."""

    def test_zero_errors(self) -> None:
        assert after(Operation.VALIDATION, Results(5000, 0, 0), CLEAN_LOG).startswith("Start the import")
        assert "10 warnings first" in after(Operation.VALIDATION, Results(4990, 10, 0), None)

    def test_errors(self) -> None:
        said = after(Operation.VALIDATION, Results(4985, 10, 5), WITH_PROBLEMS)
        assert said == "Do not import yet: correct what the errors name, then validate again."

    def test_a_count_that_nobody_gave_is_not_zero(self) -> None:
        for log in (UNREAD_LOG, SILENT_LOG, NOT_UNDERSTOOD, EMPTY_LOG):
            assert after(Operation.VALIDATION, Results(), log).startswith(
                "Read the validation's log before you start the import"
            )
        assert after(Operation.VALIDATION, Results(), None).startswith("Look at the validation in eGain before you")
        assert after(Operation.VALIDATION, Results(), CLEAN_LOG).startswith("Start the import")

    def test_errors_in_the_log_are_looked_at_before_the_import(self) -> None:
        said = after(Operation.VALIDATION, Results(5000, 0, 0), WITH_PROBLEMS)
        assert said == "Read the validation's log from line 202 before you start the import."


class TestErrors:
    def test_the_failed_items_are_imported_again(self) -> None:
        said = after(Operation.IMPORT, Results(4985, 10, 5), WITH_PROBLEMS)
        assert said == "Correct what the errors name, then import the failed items again."

    def test_an_export_lacks_what_failed(self) -> None:
        assert "what failed is missing from it" in after(Operation.EXPORT, Results(4985, 10, 5), WITH_PROBLEMS)

    def test_nobody_is_sent_to_an_error_that_is_not_shown(self) -> None:
        """Not to the source content either: a full disk is not mended there."""
        for log in (None, UNREAD_LOG):
            said = after(Operation.IMPORT, Results(4985, 10, 5), log)
            assert said.startswith("Read the log, correct what its errors name")
            assert "source content" not in said


class TestFailure:
    @pytest.mark.parametrize(
        ("retryable", "start"),
        [
            (True, "Start the import again; eGain says a retry can succeed."),
            (False, "Read the log and mend the cause first; eGain says a plain retry will fail again."),
            (None, "Mend the cause, then start the import again."),
        ],
    )
    def test_the_vendors_word_on_a_retry_decides(self, retryable: bool | None, start: str) -> None:
        end = finished(ended(Outcome.FAILED, retryable=retryable))
        assert next_step(end, Notice.FINISHED, Outcome.FAILED, None).startswith(start)

    @pytest.mark.parametrize("error", [None, "Failed", "Import failed.", "FAILED", "Unknown error", "error"])
    def test_an_error_that_only_repeats_the_state_is_no_cause(self, error: str | None) -> None:
        end = finished(ended(Outcome.FAILED, error=error, retryable=None, log_location=None))
        note = build_notification(end, Notice.FINISHED, Outcome.FAILED, None, at=T0)
        assert note["cause"] is None
        assert note["next_step"] == "Look at the import in eGain to find the cause, then start the import again."

    @pytest.mark.parametrize(
        ("changes", "log", "where"),
        [
            ({}, WITH_PROBLEMS, "Read the log from line 202"),
            ({}, UNREAD_LOG, "Read the log"),
            ({"log_location": None}, None, "Look at the import in eGain"),
        ],
    )
    def test_the_reader_is_sent_to_what_there_is(
        self, changes: dict[str, object], log: dict[str, object] | None, where: str
    ) -> None:
        end = finished(ended(Outcome.FAILED, **{"retryable": None, **changes}))
        assert where in next_step(end, Notice.FINISHED, Outcome.FAILED, log)


@pytest.mark.parametrize("notice", [notice for notice in Notice if notice is not Notice.FINISHED])
def test_notices_of_a_running_job_say_that_it_is_watched(notice: Notice) -> None:
    seen = watch(snapshot=running())
    assert "jobwatch keeps" in next_step(seen, notice, None, None)
    assert headline(seen, notice, None).startswith("Nightly KB sync: ")
    assert "jobwatch keeps" in next_step(watch(), notice, None, None)
    assert headline(watch(), notice, None)


@pytest.mark.parametrize("name", [None, "", "\u200b", "\u202e \n"])
def test_a_name_that_shows_nothing_is_no_name(name: str | None) -> None:
    assert watch(submission(name=name)).job_name == f"job {JOB_ID}"
