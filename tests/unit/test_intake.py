"""Intake's batches: each submission's trouble is its own, and whatever comes without the queue is taken too."""

import io
import json
from collections.abc import Callable
from typing import Any, cast

import pytest
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.intake import app
from jobwatch import wiring
from jobwatch.ports import ServiceUnavailableError
from tests.unit.examples import job_id_of
from tests.unit.test_accept import World, event

PLENTY_MILLISECONDS = 30_000


def context(left: Callable[[], int] = lambda: PLENTY_MILLISECONDS) -> LambdaContext:
    """What Lambda passes beside the event; `left`: the milliseconds until it ends the function."""
    made: Any = LambdaContext()
    made._function_name = "intake"
    made._memory_limit_in_mb = 256
    made._invoked_function_arn = "arn:aws:lambda:eu-central-1:1:function:intake"
    made._aws_request_id = "r-1"
    made.get_remaining_time_in_millis = left
    return cast(LambdaContext, made)


def record(message_id: str, body: Any) -> dict[str, Any]:
    text = body if isinstance(body, str) else json.dumps(body)
    return {"messageId": message_id, "eventSource": "aws:sqs", "body": text, "attributes": {}}


def failures(answer: dict[str, Any]) -> list[str]:
    """The messages that SQS shows again; the answer's form is Lambda's.

    https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
    """
    return [each["itemIdentifier"] for each in answer["batchItemFailures"]]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(wiring, "intake", lambda: made.intake)
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "jobwatch")
    return made


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[dict[str, Any]]]:
    written = io.StringIO()
    monkeypatch.setattr(app.logger.registered_handler, "stream", written)
    return lambda: [json.loads(line) for line in written.getvalue().splitlines()]


def test_every_submission_of_a_batch_is_watched(world: World) -> None:
    batch = [record(f"m-{number}", event(job_id=job_id_of(f"{number}"))) for number in range(10)]
    assert app.handler({"Records": batch}, context()) == {"batchItemFailures": []}
    assert len(world.executions.started) == 10


@pytest.mark.parametrize("bad", ["no JSON", "[]", '"text"', "null", "1"])
def test_what_is_no_event_comes_again_alone(world: World, bad: str, log: Callable[[], list[dict[str, Any]]]) -> None:
    batch = [
        record("m-1", event(job_id=job_id_of("one"))),
        record("m-bad", bad),
        record("m-2", event(job_id=job_id_of("two"))),
    ]
    assert failures(app.handler({"Records": batch}, context())) == ["m-bad"]
    assert len(world.executions.started) == 2
    [line] = [line for line in log() if line["level"] == "ERROR"]
    assert line["message_id"] == "m-bad"


def test_one_that_fails_leaves_the_others_alone(
    world: World, monkeypatch: pytest.MonkeyPatch, log: Callable[[], list[dict[str, Any]]]
) -> None:
    add = world.watches.add

    def unavailable_for_one(watch: Any) -> bool:
        if watch.submission.job_id == job_id_of("two"):
            raise ServiceUnavailableError("DynamoDB PutItem: ThrottlingException")
        return add(watch)

    monkeypatch.setattr(world.watches, "add", unavailable_for_one)
    batch = [record(name, event(job_id=job_id_of(name))) for name in ("one", "two", "three")]
    assert failures(app.handler({"Records": batch}, context())) == ["two"]
    assert len(world.executions.started) == 2
    watch_ids = [line["watch_id"] for line in log() if line["message"] == "submission accepted"]
    assert watch_ids == [watch_id for watch_id, _ in world.executions.started]


def test_a_refused_one_is_done_with(world: World, log: Callable[[], list[dict[str, Any]]]) -> None:
    """Refused, told and kept on the queue of the rejected; to try it again would change nothing."""
    batch = [record("m-1", event(job_id=job_id_of("one"))), record("m-2", event(connection="no-such"))]
    assert app.handler({"Records": batch}, context()) == {"batchItemFailures": []}
    assert len(world.rejected.kept) == len(world.operations.told) == 1
    [line] = [line for line in log() if line["message"] == "submission rejected"]
    assert "watch_id" not in line or line["watch_id"].startswith("no-such")


def test_one_that_comes_twice_in_a_batch_is_one_watch(world: World) -> None:
    batch = [record("m-1", event()), record("m-2", event())]
    assert app.handler({"Records": batch}, context()) == {"batchItemFailures": []}
    assert len(world.watches.records) == 1
    assert len(set(world.executions.started)) == 1


def test_the_times_are_those_of_the_event_not_of_the_queue(world: World) -> None:
    app.handler({"Records": [record("m-1", {**event(), "time": "2024-03-01T09:00:00Z"})]}, context())
    [(watch_id, _)] = world.executions.started
    assert f"{world.watches.get(watch_id).submission.submitted_at:%H:%M}" == "09:00"


def test_none_is_begun_that_might_end_with_the_function(world: World) -> None:
    """A slow AWS: a function that ran out of time in one submission would have all of its batch processed again."""
    left = iter([30_000, 26_000, app.BEGUN_WITH_MILLISECONDS - 1, 0])
    batch = [record(name, event(job_id=job_id_of(name))) for name in ("one", "two", "three", "four")]
    assert failures(app.handler({"Records": batch}, context(lambda: next(left)))) == ["three", "four"]
    assert len(world.executions.started) == 2


def test_an_event_without_the_queue_is_taken_and_fails_by_itself(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """On its way when a stack got its queue, or from an older `jobwatch redrive`: Lambda tries that again."""
    assert app.handler(event(), context()) == {"batchItemFailures": []}
    assert len(world.executions.started) == 1

    def unavailable(watch: Any) -> bool:
        raise ServiceUnavailableError("DynamoDB is down")

    monkeypatch.setattr(world.watches, "add", unavailable)
    with pytest.raises(ServiceUnavailableError):
        app.handler(event(job_id=job_id_of("another")), context())
