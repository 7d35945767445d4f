"""How a watch ended: a success with errors in it is never a plain success."""

import pytest

from jobwatch.domain.outcome import settle, settle_with_log
from jobwatch.domain.snapshot import Item, Message, Phase, Results, Snapshot
from jobwatch.domain.words import Outcome
from tests.unit.examples import ended, running

CLEAN = Results(5000, 0, 0)
SUCCEEDED, WITH_ERRORS = Outcome.SUCCEEDED, Outcome.COMPLETED_WITH_ERRORS


@pytest.mark.parametrize(
    ("snapshot", "outcome"),
    [
        (ended(results=CLEAN), SUCCEEDED),
        (ended(results=Results()), SUCCEEDED),
        (ended(results=Results(4990, 10, 0)), SUCCEEDED),
        (ended(results=Results(4985, 10, 5)), WITH_ERRORS),
        (ended(results=Results(errors=1)), WITH_ERRORS),
        (ended(results=CLEAN, items=(Item("a", "Failed", failed=True),)), WITH_ERRORS),
        (ended(results=CLEAN, items=(Item("a", "Completed", error="a note"),)), SUCCEEDED),
        (ended(results=CLEAN, messages=(Message("error", "x"),)), WITH_ERRORS),
        (ended(results=CLEAN, messages=(Message("warning", "x"), Message("info", "error"))), SUCCEEDED),
        (ended(results=CLEAN, error="said beside Successful"), SUCCEEDED),
        (ended(Outcome.FAILED), Outcome.FAILED),
        (ended(Outcome.FAILED, results=CLEAN), Outcome.FAILED),
        (ended(Outcome.CANCELLED, results=Results(1, 0, 5)), Outcome.CANCELLED),
    ],
)
def test_what_the_vendor_said_decides(snapshot: Snapshot, outcome: Outcome) -> None:
    assert settle(snapshot) is outcome


def test_a_running_job_has_no_outcome() -> None:
    with pytest.raises(ValueError, match="has not ended"):
        settle(running())


def test_a_verdict_belongs_to_an_ended_job_alone() -> None:
    with pytest.raises(ValueError, match="exactly when"):
        Snapshot(Phase.RUNNING, "In Progress", verdict=Outcome.SUCCEEDED)
    with pytest.raises(ValueError, match="exactly when"):
        Snapshot(Phase.ENDED, "Successful")


@pytest.mark.parametrize(
    ("before", "counted", "in_log", "after", "remarked"),
    [
        (SUCCEEDED, None, 3, WITH_ERRORS, False),
        (SUCCEEDED, None, 0, SUCCEEDED, False),
        (SUCCEEDED, 0, 3, SUCCEEDED, True),
        (SUCCEEDED, 0, 0, SUCCEEDED, False),
        (WITH_ERRORS, 5, 3, WITH_ERRORS, False),
        (Outcome.FAILED, None, 3, Outcome.FAILED, False),
        (Outcome.CANCELLED, None, 3, Outcome.CANCELLED, False),
        (Outcome.NOT_FOUND, None, 3, Outcome.NOT_FOUND, False),
        (Outcome.GAVE_UP, None, 3, Outcome.GAVE_UP, False),
    ],
)
def test_the_log_counts_where_the_vendor_does_not(
    before: Outcome, counted: int | None, in_log: int, after: Outcome, remarked: bool
) -> None:
    outcome, remark = settle_with_log(before, counted, in_log)
    assert outcome is after
    assert (remark is not None) == remarked
    assert remark is None or "3 lines" in remark
