"""What is usual of a series: an ordinary end says nothing, and what is told is right."""

import json
from dataclasses import replace

import pytest

from jobwatch.domain.series import RUNS_KEPT, History, Run
from jobwatch.domain.usual import Usual, good_runs, unusual
from jobwatch.domain.words import Outcome

GOOD = Run(Outcome.SUCCEEDED, seconds=2400, watched_seconds=2460, successful=5000, errors=0)
FAILED = Run(Outcome.FAILED, seconds=100, cause="quota exceeded")


def history(*runs: Run, good: int = 10) -> History:
    """Good runs between 38 and 46 minutes and 4,900 and 5,100 items, and then these."""
    shares = [0.95, 1.15, 1.0, 1.02, 1.1, 0.98, 1.05, 1.0, 1.12, 0.97, 1.03, 1.0, 1.08, 1.0]
    whole = History()
    for share in shares[:good]:
        amount = 4900 if share < 1 else 5100
        whole = whole.with_run(replace(GOOD, seconds=2400 * share, watched_seconds=2460 * share, successful=amount))
    for run in runs:
        whole = whole.with_run(run)
    return whole


def kinds(before: History, run: Run) -> list[str]:
    return [finding.kind for finding in unusual(before, run)]


@pytest.mark.parametrize(
    ("run", "said"),
    [
        pytest.param(GOOD, [], id="an ordinary end"),
        pytest.param(replace(GOOD, seconds=2900), [], id="a little longer"),
        pytest.param(replace(GOOD, seconds=7200), ["longer"], id="three times as long"),
        pytest.param(replace(GOOD, seconds=800), ["shorter"], id="a third"),
        pytest.param(replace(GOOD, successful=0), ["fewer"], id="nothing imported"),
        pytest.param(replace(GOOD, successful=12, seconds=60), ["fewer", "shorter"], id="nearly nothing, at once"),
        pytest.param(replace(GOOD, successful=50_000), [], id="more than ever"),
        pytest.param(replace(GOOD, errors=400, outcome=Outcome.COMPLETED_WITH_ERRORS), ["more_errors"], id="errors"),
        pytest.param(replace(GOOD, seconds=None, watched_seconds=9000), ["longer"], id="by jobwatch's own clock"),
        pytest.param(replace(GOOD, seconds=None, watched_seconds=None, successful=None), [], id="nobody counted"),
        pytest.param(replace(FAILED, seconds=9), ["first_failure"], id="a failure is not also shorter"),
        pytest.param(Run(Outcome.CANCELLED, seconds=9), [], id="somebody cancelled it"),
    ],
)
def test_what_is_said_of_a_run(run: Run, said: list[str]) -> None:
    assert kinds(history(), run) == said


def test_nothing_is_said_before_eight_good_runs() -> None:
    long = replace(GOOD, seconds=72_000)
    assert kinds(history(good=7), long) == []
    assert kinds(history(good=8), long) == ["longer"]
    assert kinds(history(FAILED, FAILED, good=7), long) == []


def test_vendors_durations_are_not_compared_with_ours() -> None:
    ours_only = History()
    for run in history().runs:
        ours_only = ours_only.with_run(replace(run, seconds=None))
    assert kinds(ours_only, replace(GOOD, seconds=9000, watched_seconds=2460)) == []


@pytest.mark.parametrize("kind", ["longer", "shorter", "fewer"])
def test_one_unusual_run_before_hides_no_other(kind: str) -> None:
    odd = {
        "longer": replace(GOOD, seconds=7200),
        "shorter": replace(GOOD, seconds=800),
        "fewer": replace(GOOD, successful=0),
    }[kind]
    assert kinds(history(odd), odd) == [kind]


def test_what_has_become_usual_is_said_no_more() -> None:
    longer = replace(GOOD, seconds=7200)
    assert kinds(history(*(longer,) * 8), longer) == []


def test_failures_in_a_row_need_the_same_cause() -> None:
    assert kinds(history(FAILED), FAILED) == ["failures_in_a_row"]
    assert unusual(history(FAILED, FAILED), FAILED)[0].runs == 3
    assert kinds(history(FAILED), replace(FAILED, cause="timeout")) == []
    assert kinds(history(FAILED, GOOD), FAILED) == []


def test_the_first_failure_says_after_how_many_good_runs() -> None:
    assert unusual(history(good=14), FAILED)[0].runs == 14


def test_a_run_with_more_errors_than_usual_is_no_good_run() -> None:
    few = replace(GOOD, outcome=Outcome.COMPLETED_WITH_ERRORS, errors=3)
    before = history(*(few,) * 4, replace(few, errors=900))
    assert len(good_runs(before)) == 14
    assert kinds(before, replace(few, errors=900)) == ["more_errors"]


def test_a_range_that_too_few_runs_had_is_none() -> None:
    usual = Usual.of(history(*(replace(GOOD, successful=None),) * 16))
    assert usual is not None
    assert usual.successful is None
    assert usual.seconds is not None
    assert usual.runs == RUNS_KEPT


def test_the_ranges_are_those_that_were_seen() -> None:
    usual = Usual.of(history())
    assert usual is not None
    assert usual.seconds is not None
    assert usual.successful is not None
    assert (usual.seconds.least, usual.seconds.most) == pytest.approx((2280, 2760))
    assert (usual.successful.least, usual.successful.most) == pytest.approx((4900, 5100))


def test_a_history_survives_the_table_and_stays_small() -> None:
    whole = history(*(replace(FAILED, cause="x" * 500),) * 30)
    rows = json.loads(json.dumps(whole.as_json()))
    assert History.from_json(rows) == whole
    assert len(whole.runs) == RUNS_KEPT
    assert len(json.dumps(rows)) < 4096


@pytest.mark.parametrize("stored", [None, {}, "x", [["succeeded", "long"]], [[]], [["unknown", 1]], [None, 7]])
def test_what_another_version_stored_is_no_error(stored: object) -> None:
    assert all(run.seconds is None for run in History.from_json(stored).runs)
