"""What reaches the operators: refused submissions, and executions that stopped."""

import pytest

from sandbox import scripts
from tests.workflow.conftest import NotYetError, World

pytestmark = pytest.mark.usefixtures("fresh_minute")


def test_refused_submission_is_told_once_and_kept(world: World) -> None:
    world.stack.submit(connection="no-such", job_id="refused-1")

    told = world.told_operators("refused-1")

    assert "connection no-such: there is no parameter /jobwatch/connections/no-such" in told
    kept = world.stack.receive(world.stack.outputs["RejectedSubmissionsQueueUrl"])
    [rejected] = [each for each in kept if each["event"]["detail"]["job_id"] == "refused-1"]
    assert rejected["reason"] == "connection no-such: there is no parameter /jobwatch/connections/no-such"
    assert len([each for each in world.operations if "refused-1" in each]) == 1
    assert not [watch for watch in world.stack.watches().values() if watch["job_id"] == "refused-1"]


def test_aborted_execution_reaches_the_operators(world: World) -> None:
    job = world.sandbox.egain.jobs.add(scripts.stuck())
    world.stack.submit(connection="egain-prod", job_id=job.id, name="Stuck sync")
    [execution] = world.until(lambda: _running(world, job.id), 30)
    world.stack.aws.client("stepfunctions").stop_execution(
        executionArn=execution["executionArn"], error="Operator", cause="stopped by hand"
    )

    told = world.told_operators("Stuck sync")

    assert "was aborted" in told
    assert execution["executionArn"] in told


def test_failed_execution_reaches_the_operators(world: World) -> None:
    """Somebody removes a watch from the table: the job is no longer followed, and that is not silent."""
    job = world.sandbox.egain.jobs.add(scripts.stuck())
    world.stack.submit(connection="egain-prod", job_id=job.id)
    [execution] = world.until(lambda: _running(world, job.id), 30)
    world.stack.aws.client("dynamodb").delete_item(
        TableName=world.stack.outputs["WatchTableName"], Key={"watch_id": {"S": execution["name"].rpartition("-")[0]}}
    )

    told = world.told_operators(execution["name"].rpartition("-")[0])

    assert "failed" in told
    assert "WatchLost" in told
    assert execution["executionArn"] in told


def _running(world: World, job_id: str) -> list[dict[str, str]]:
    watches = [watch for watch in world.stack.watches().values() if watch["job_id"] == job_id]
    names = [f"{watch['watch_id']}-{watch['generation']}" for watch in watches]
    executions = [each for each in world.stack.executions() if each["name"] in names and each["status"] == "RUNNING"]
    if not executions:
        raise NotYetError(f"no execution runs for {job_id}")
    return executions
