"""A poll that found no free function never ran: the same state asks again, and its job's end is told once."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox import scripts
from tests.workflow.conftest import FAST, NotYetError, World

THROTTLED = "Lambda.TooManyRequestsException"


@pytest.fixture
def poller(world: World) -> Iterator[str]:
    """The poller's name; it may run again when the test is over."""
    functions = world.stack.aws.client("lambda")
    [poller] = [each for each in functions.list_functions()["Functions"] if "PollerFunction" in each["FunctionName"]]
    yield poller["FunctionName"]
    functions.delete_function_concurrency(FunctionName=poller["FunctionName"])


def test_a_poll_that_finds_no_function_waits_for_one_and_is_no_failed_one(world: World, poller: str) -> None:
    functions = world.stack.aws.client("lambda")
    world.stack.configure(
        "egain-throttled",
        {"vendor": "egain", "base_url": world.sandbox.egain.url, "secret": "jobwatch/egain-throttled", "polling": FAST},
        world.sandbox.egain.secret,
    )
    job = world.sandbox.egain.jobs.add(scripts.good_import())
    world.stack.submit(connection="egain-throttled", job_id=job.id)

    def polled() -> None:
        if not any(each["job_id"] == job.id and each.get("polls") for each in world.stack.watches().values()):
            raise NotYetError(f"not polled yet: {world.stack.watches()}")

    world.until(polled, 60)
    functions.put_function_concurrency(FunctionName=poller, ReservedConcurrentExecutions=0)

    def history() -> list[dict[str, Any]]:
        [execution] = world.executions_of(job)
        events: list[dict[str, Any]] = world.stack.history(execution["executionArn"])
        return events

    def errors() -> set[str]:
        failed = [event["taskFailedEventDetails"]["error"] for event in history() if event["type"] == "TaskFailed"]
        if not failed:
            raise NotYetError(f"no call was throttled: {history()[-3:]}")
        return set(failed)

    assert world.until(errors, 60) == {THROTTLED}
    functions.delete_function_concurrency(FunctionName=poller)

    assert world.finished(job)["outcome"] == "succeeded"
    assert errors() == {THROTTLED}
    entered = [each["stateEnteredEventDetails"]["name"] for each in history() if each["type"] == "TaskStateEntered"]
    assert set(entered) == {"Poll", "Notify"}, "a failed poll is tried again by another state, without its slot"
    watch = world.watch(job)
    assert int(watch["polls"]) == len(world.sandbox.egain.seen(f"{job.id}/status"))
    assert "failing" not in watch
