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


def test_a_second_start_is_silent(machine_arn: str) -> None:
    executions = StepFunctionsExecutions(machine_arn)
    executions.start("egain-prod-import-0123456789abcdef")
    executions.start("egain-prod-import-0123456789abcdef")
    [execution] = client("stepfunctions").list_executions(stateMachineArn=machine_arn)["executions"]
    assert execution["name"] == "egain-prod-import-0123456789abcdef"
    given = client("stepfunctions").describe_execution(executionArn=execution["executionArn"])["input"]
    assert json.loads(given)["watch_id"] == "egain-prod-import-0123456789abcdef"


def test_an_execution_that_ended_stays_ended(machine_arn: str, aws_fails: Callable[[str], None]) -> None:
    aws_fails("ExecutionAlreadyExists")
    StepFunctionsExecutions(machine_arn).start("egain-prod-import-0123456789abcdef")


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "ExecutionLimitExceeded", "AccessDeniedException", "no connection"]
)
def test_what_aws_refuses_is_unavailable(machine_arn: str, aws_fails: Callable[[str], None], code: str) -> None:
    aws_fails(code)
    with pytest.raises(ServiceUnavailableError, match="StartExecution egain"):
        StepFunctionsExecutions(machine_arn).start("egain-prod-import-0123456789abcdef")
