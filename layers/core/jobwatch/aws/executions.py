"""Executions of the state machine in Step Functions."""

import json

from jobwatch.aws.clients import calling, client, error_code


class StepFunctionsExecutions:
    """`jobwatch.ports.Executions` on a Standard state machine.

    An execution is named after its watch and generation, as the machine names its own successors: the same name starts
    once, and is not free again for 90 days.
    """

    def __init__(self, state_machine_arn: str) -> None:
        self._state_machine_arn = state_machine_arn

    def start(self, watch_id: str, generation: int) -> None:
        stepfunctions = client("stepfunctions")
        with calling(f"Step Functions StartExecution {watch_id}"):
            try:
                stepfunctions.start_execution(
                    stateMachineArn=self._state_machine_arn,
                    name=f"{watch_id}-{generation}",
                    input=json.dumps({"watch_id": watch_id, "generation": generation, "wait_seconds": 0}),
                )
            except stepfunctions.exceptions.ClientError as error:
                if error_code(error) != "ExecutionAlreadyExists":
                    raise

    def runs(self, watch_id: str, generation: int) -> bool:
        stepfunctions = client("stepfunctions")
        arn = self._state_machine_arn.replace(":stateMachine:", ":execution:") + f":{watch_id}-{generation}"
        with calling(f"Step Functions DescribeExecution {watch_id}"):
            try:
                execution = stepfunctions.describe_execution(executionArn=arn)
            except stepfunctions.exceptions.ClientError as error:
                if error_code(error) != "ExecutionDoesNotExist":
                    raise
                return False
        return bool(execution["status"] == "RUNNING")
