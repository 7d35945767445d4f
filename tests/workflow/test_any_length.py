"""A watch goes on in fresh executions: without a gap, without a poll twice, and the end is told once.

The embedded stack has no history limit, so the poller hands over after a few wakes here.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from sandbox import scripts
from sandbox.jobs import Job
from tests.workflow.conftest import FAST, NotYetError, World

WAKES = 3
# What a busy machine may add between two polls: a function's start, and that of an execution.
SLACK_SECONDS = 8


@pytest.fixture(scope="module")
def brief(world: World) -> Iterator[World]:
    """The world with executions of three wakes; as deployed again afterwards."""
    functions = world.stack.aws.client("lambda")
    [poller] = [each for each in functions.list_functions()["Functions"] if "PollerFunction" in each["FunctionName"]]
    deployed = poller["Environment"]["Variables"]

    def set_environment(variables: dict[str, str]) -> None:
        functions.update_function_configuration(
            FunctionName=poller["FunctionName"], Environment={"Variables": variables}
        )

    set_environment({**deployed, "WAKES_PER_EXECUTION": str(WAKES)})
    yield world
    set_environment(deployed)


def executions_in_order(world: World, job: Job) -> list[dict[str, Any]]:
    """Those that follow a job, by their start, the last one ended. Raises NotYetError."""

    def look() -> list[dict[str, Any]]:
        executions = sorted(world.executions_of(job), key=lambda execution: execution["startDate"])
        if any(execution["status"] == "RUNNING" for execution in executions):
            raise NotYetError(f"still running: {executions}")
        return executions

    return world.until(look, 30)


def states_of(world: World, execution: dict[str, Any]) -> list[str]:
    """The states that an execution entered, in their order."""
    return [
        event["stateEnteredEventDetails"]["name"]
        for event in world.stack.history(execution["executionArn"])
        if event["type"].endswith("StateEntered")
    ]


def asked_at(world: World, job: Job) -> list[datetime]:
    """When the vendor was asked about the job."""
    return [request.at for request in world.sandbox.egain.seen(f"{job.id}/status")]


def first_generation(watch: dict[str, Any]) -> int:
    """Generations are counted from the second of the acceptance."""
    return int(datetime.fromisoformat(watch["accepted_at"]).timestamp())


def in_third_execution(world: World) -> tuple[Job, dict[str, Any]]:
    """A job that goes on until somebody cancels it, and its watch once that is in its third execution."""
    job = world.sandbox.egain.jobs.add(scripts.stuck())
    world.stack.submit(connection="egain-prod", job_id=job.id)

    def look() -> dict[str, Any]:
        watches = [each for each in world.stack.watches().values() if each["job_id"] == job.id]
        if not watches or int(watches[0]["generation"]) < first_generation(watches[0]) + 2:
            raise NotYetError(f"not in its third execution: {watches}")
        return watches[0]

    return job, world.until(look, 90)


def test_one_job_over_several_executions_is_told_once(brief: World) -> None:
    job, _ = in_third_execution(brief)
    job.cancelled_at = datetime.now(UTC)

    told = brief.finished(job)
    executions = executions_in_order(brief, job)

    watch = brief.watch(job)
    names = [execution["name"] for execution in executions]
    first = first_generation(watch)
    assert names == [f"{watch['watch_id']}-{first + number}" for number in range(len(names))]
    assert len(names) >= 3
    assert watch["generation"] == str(first + len(names) - 1)
    assert {execution["status"] for execution in executions} == {"SUCCEEDED"}
    assert told["outcome"] == "cancelled"
    brief.listen()
    assert [each["notice"] for each in brief.notifications if each["job_id"] == job.id] == ["finished"]

    states = [states_of(brief, execution) for execution in executions]
    # The call after the last wake hands over without asking.
    assert [each.count("Poll") for each in states[:-1]] == [WAKES + 1] * (len(states) - 1)
    assert all(each[-2:] == ["Continue", "Done"] for each in states[:-1])
    assert states[-1][-4:] == ["What next?", "Notify", "What next?", "Done"]
    moments = asked_at(brief, job)
    wakes = sum(each.count("Poll") for each in states) - (len(states) - 1)
    assert len(moments) == told["polls"] <= wakes, "no poll twice"
    longest = max((later - earlier).total_seconds() for earlier, later in pairwise(moments))
    assert longest < FAST["max_seconds"] + SLACK_SECONDS, "no gap where one execution ends and the next begins"
    for former, successor in pairwise(executions):
        assert successor["startDate"] <= former["stopDate"], "nobody would follow the job in between"


def test_a_former_execution_that_comes_back_ends_quietly(brief: World) -> None:
    """Somebody redrives it, or its start was delivered twice: it asks nobody and tells nobody."""
    job, watch = in_third_execution(brief)
    stepfunctions = brief.stack.aws.client("stepfunctions")
    back = stepfunctions.start_execution(
        stateMachineArn=brief.stack.outputs["WatchStateMachineArn"],
        name=f"{watch['watch_id']}-back",
        input=f'{{"watch_id": "{watch["watch_id"]}", "generation": {first_generation(watch)}, "wait_seconds": 0}}',
    )

    def ended() -> str:
        status: str = stepfunctions.describe_execution(executionArn=back["executionArn"])["status"]
        if status == "RUNNING":
            raise NotYetError("the former execution goes on")
        return status

    assert brief.until(ended, 20) == "SUCCEEDED"
    assert states_of(brief, back) == ["Wait", "Poll", "What next?", "Done"]

    job.cancelled_at = datetime.now(UTC)
    told = brief.finished(job)
    assert told["outcome"] == "cancelled"
    assert told["polls"] == len(asked_at(brief, job))
    executions_in_order(brief, job)
    brief.listen()
    finished = [each for each in brief.notifications if (each["job_id"], each["notice"]) == (job.id, "finished")]
    assert len(finished) == 1
