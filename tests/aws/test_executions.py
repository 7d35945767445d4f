"""Executions: a watch's name starts once, whoever asks again."""

import json
from collections.abc import Callable

import pytest

from jobwatch.aws.clients import client
from jobwatch.aws.executions import StepFunctionsExecutions
from jobwatch.ports import ServiceUnavailableError

ROLE = "arn:aws:iam::123456789012:role/watch"
MACHINE = {"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}


@pytest.fixture
def machine_arn(aws: None) -> str:
    machine = client("stepfunctions").create_state_machine(name="watch", definition=json.dumps(MACHINE), roleArn=ROLE)
    return str(machine["stateMachineArn"])


WATCH_ID = "egain-prod-import-0123456789abcdef"


def test_a_second_start_is_silent(machine_arn: str) -> None:
    executions = StepFunctionsExecutions(machine_arn)
    executions.start(WATCH_ID, 1)
    executions.start(WATCH_ID, 1)
    [execution] = client("stepfunctions").list_executions(stateMachineArn=machine_arn)["executions"]
    given = client("stepfunctions").describe_execution(executionArn=execution["executionArn"])["input"]
    assert json.loads(given) == {"watch_id": WATCH_ID, "generation": 1, "wait_seconds": 0}


def test_the_next_generation_is_another_execution(machine_arn: str) -> None:
    executions = StepFunctionsExecutions(machine_arn)
    executions.start(WATCH_ID, 1)
    executions.start(WATCH_ID, 2)
    found = client("stepfunctions").list_executions(stateMachineArn=machine_arn)["executions"]
    assert {execution["name"] for execution in found} == {f"{WATCH_ID}-1", f"{WATCH_ID}-2"}


def test_an_execution_that_ended_stays_ended(machine_arn: str, aws_fails: Callable[[str], None]) -> None:
    aws_fails("ExecutionAlreadyExists")
    StepFunctionsExecutions(machine_arn).start(WATCH_ID, 1)


def test_whether_an_execution_runs(machine_arn: str) -> None:
    executions = StepFunctionsExecutions(machine_arn)
    assert not executions.runs(WATCH_ID, 1), "one that never was does not run"
    executions.start(WATCH_ID, 1)
    assert executions.runs(WATCH_ID, 1)
    assert not executions.runs(WATCH_ID, 2)
    [execution] = client("stepfunctions").list_executions(stateMachineArn=machine_arn)["executions"]
    client("stepfunctions").stop_execution(executionArn=execution["executionArn"])
    assert not executions.runs(WATCH_ID, 1)


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ExecutionLimitExceeded", "AccessDeniedException", "no connection"]
)
def test_what_aws_refuses_is_unavailable(machine_arn: str, aws_fails: Callable[[str], None], code: str) -> None:
    aws_fails(code)
    with pytest.raises(ServiceUnavailableError, match="StartExecution egain"):
        StepFunctionsExecutions(machine_arn).start(WATCH_ID, 1)
    with pytest.raises(ServiceUnavailableError, match="DescribeExecution egain"):
        StepFunctionsExecutions(machine_arn).runs(WATCH_ID, 1)
