"""Executions of the state machine in Step Functions."""

import json

from jobwatch.aws.clients import calling, client


class StepFunctionsExecutions:
    """`jobwatch.ports.Executions` on a Standard state machine."""

    def __init__(self, state_machine_arn: str) -> None:
        self._state_machine_arn = state_machine_arn

    def start(self, watch_id: str) -> None:
        """Named after the watch: the same name and input start once, and a name is not free again for 90 days."""
        stepfunctions = client("stepfunctions")
        with calling(f"Step Functions StartExecution {watch_id}"):
            try:
                stepfunctions.start_execution(
                    stateMachineArn=self._state_machine_arn,
                    name=watch_id,
                    input=json.dumps({"watch_id": watch_id, "generation": 1, "wait_seconds": 0}),
                )
            except stepfunctions.exceptions.ExecutionAlreadyExists:
                return
