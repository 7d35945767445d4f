"""Alerting: the operators hear which job is followed no more, why, and what brings it back."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Operation
from jobwatch.usecases.alert import Alerts, StoppedExecution, read_status_change
from jobwatch.usecases.once import Once
from tests.fakes import FakeClock, FakeDeliveries, FakeIds, FakeOperations, FakeWatches
from tests.unit.examples import JOB_ID, finished, submission, watch

EXECUTION = "arn:aws:states:us-east-1:123456789012:execution:Watch"
WATCH = watch()


def stopped(status: str = "FAILED", **changes: Any) -> StoppedExecution:
    detail = {
        "executionArn": f"{EXECUTION}:{WATCH.watch_id}-1",
        "name": f"{WATCH.watch_id}-1",
        "status": status,
        "input": json.dumps({"watch_id": WATCH.watch_id, "generation": 1, "wait_seconds": 0}),
        "error": "ServiceUnavailableError",
        "cause": "DynamoDB PutItem: ThrottlingException",
        **changes,
    }
    return read_status_change({"detail": detail})


class World:
    """The alert function with the table and the operators around it."""

    def __init__(self, watches: FakeWatches | None = None) -> None:
        self.operations, self.clock = FakeOperations(), FakeClock()
        if watches is None:
            watches = FakeWatches()
            watches.add(WATCH)
        once = Once(FakeDeliveries(), self.clock, FakeIds())
        self.alerts = Alerts(watches, self.operations, once, self.clock, "watch-table")


def told(status: str = "FAILED", watches: FakeWatches | None = None, **changes: Any) -> tuple[str, str]:
    world = World(watches)
    world.alerts.alert(stopped(status, **changes))
    [message] = world.operations.told
    return message


def test_a_watch_that_fails_again_and_again_is_told_of_once_a_day() -> None:
    world = World()
    for _ in range(3):
        world.alerts.alert(stopped())
    assert len(world.operations.told) == 1
    world.alerts.alert(stopped("ABORTED"))
    world.alerts.alert(stopped(error="States.Runtime"))
    assert len(world.operations.told) == 3, "another trouble is told at once"
    assert world.operations.counted == []
    world.clock.now += timedelta(days=1)
    world.alerts.alert(stopped())
    assert len(world.operations.told) == 4


@pytest.mark.parametrize(
    ("status", "how"), [("FAILED", "failed"), ("TIMED_OUT", "ran out of time"), ("ABORTED", "was aborted")]
)
def test_which_job_why_and_what_to_do(status: str, how: str) -> None:
    subject, text = told(status)
    assert how in subject
    assert len(subject) < 100
    assert f"{EXECUTION}:{WATCH.watch_id}-1" in text
    for said in ("Nightly KB sync", JOB_ID, "egain-prod", "ThrottlingException", "The job may still run"):
        assert said in text


def test_the_operators_learn_that_the_sweeper_goes_on_and_how_to_stop_it() -> None:
    _, text = told()
    assert "the sweeper follows this job again by itself" in text
    assert "delete the watch's item" in text
    # It would enter the Fail state behind the Catch again.
    assert "redrive" not in text


@pytest.mark.parametrize("name", ["n" * 120, "夜間同期" * 30, "Nächtlicher Abgleich"])
@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "ABORTED"])
@pytest.mark.parametrize("is_there", [True, False])
def test_sns_takes_the_subject_whatever_the_job_is_called(name: str, status: str, is_there: bool) -> None:
    """A hundred characters are one too many, and a refused alert reaches nobody."""
    long = watch(submission(connection="c" * 40, operation=Operation.VALIDATION, name=name))
    watches = FakeWatches()
    if is_there:
        watches.add(long)
    subject, _ = told(status, watches, input=json.dumps({"watch_id": long.watch_id}))
    assert len(subject) < 100
    assert subject.isprintable()


def test_an_item_that_cannot_be_read_is_told_of_as_that() -> None:
    """It may be what stopped the execution; an alert that fails on it too would tell nobody."""

    class Broken(FakeWatches):
        def get(self, watch_id: str) -> Watch:
            raise KeyError("results")

    _, text = told(watches=Broken())
    assert f"item of the watch {WATCH.watch_id} cannot be read (KeyError: 'results')" in text
    assert "send the job's submission again" in text


def test_an_execution_that_a_person_started_names_its_watch_too() -> None:
    _, text = told(name="4f0c1c0e-by-hand")
    assert "Nightly KB sync" in text


@pytest.mark.parametrize("given", [None, "", "not json", "[]", '{"other": 1}'])
def test_without_a_readable_input_the_name_is_the_watch(given: str | None) -> None:
    _, text = told(input=given)
    assert "Nightly KB sync" in text


def test_nothing_to_go_by_is_still_told() -> None:
    _, text = told("ABORTED", FakeWatches(), error=None, cause=None)
    assert f"its watch {WATCH.watch_id} is not in the table" in text
    assert "send its submission again" in text
    assert "No cause is given." in text


def test_an_ended_watch_may_not_have_been_told() -> None:
    watches = FakeWatches()
    watches.add(finished())
    _, text = told(watches=watches)
    assert "may not have been told" in text


def test_a_thousand_that_one_cause_stops_are_told_once_and_counted() -> None:
    world = World()
    for number in range(1000):
        of = f"egain-prod-import-{number:016x}"
        world.alerts.alert(
            stopped(
                executionArn=f"{EXECUTION}:{of}-1",
                input=json.dumps({"watch_id": of}),
                cause=f"DynamoDB PutItem watch {of}: ThrottlingException",
            )
        )
    assert len(world.operations.told) == 1
    assert len(world.operations.counted) == 999
    assert {telling.kind for telling in world.operations.counted} == {world.operations.kinds[0]}
    assert "ThrottlingException" in world.operations.kinds[0].reason
    world.alerts.alert(stopped(error="Lambda.Unknown", cause="The function was killed"))
    assert len(world.operations.told) == 2, "another cause is told at once"


def test_what_lambda_says_beside_the_message_makes_no_cause_of_its_own() -> None:
    """The call's id and the lines of code differ from one to the next."""
    world = World()
    for call in ("first", "second"):
        watch_id = f"egain-prod-import-{call}"
        said = {"errorMessage": "Task timed out", "errorType": "Sandbox.Timedout", "requestId": call}
        world.alerts.alert(
            stopped(error="Sandbox.Timedout", cause=json.dumps(said), input=json.dumps({"watch_id": watch_id}))
        )
    assert (len(world.operations.told), len(world.operations.counted)) == (1, 1)


def test_while_another_run_tells_of_the_cause_it_is_counted() -> None:
    world = World()
    cause = "FAILED ServiceUnavailableError: DynamoDB PutItem: ThrottlingException"
    world.alerts.once.deliveries.claim(
        f"stopped-cause/{sha256(f'2024-03-01 {cause}'.encode()).hexdigest()}",
        "another run",
        now=world.clock.now,
        until=world.clock.now + timedelta(seconds=30),
    )
    world.alerts.alert(stopped())
    assert (len(world.operations.told), len(world.operations.counted)) == (0, 1)
