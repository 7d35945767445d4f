"""The real template, built and deployed by the real SAM CLI, and the stack that results."""

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stack.ministack import ROOT, MiniStack, StackError


@dataclass(frozen=True)
class Deployment:
    """A deployed stack: its outputs, and what people and vendors do with it."""

    aws: MiniStack
    outputs: Mapping[str, str]

    def configure(self, name: str, connection: Mapping[str, Any], secret: Mapping[str, Any]) -> None:
        """Create a connection and its secret, as the README tells people to."""
        self.aws.client("secretsmanager").create_secret(Name=connection["secret"], SecretString=json.dumps(secret))
        self.aws.client("ssm").put_parameter(
            Name=f"/jobwatch/connections/{name}", Type="String", Value=json.dumps(connection)
        )

    def submit(self, **detail: Any) -> None:
        """Put one Job Submitted event on the bus. Raises StackError when the bus does not take it."""
        answer = self.aws.client("events").put_events(
            Entries=[
                {
                    "EventBusName": self.outputs["SubmissionBusName"],
                    "Source": "jobwatch.demo",
                    "DetailType": "Job Submitted",
                    "Detail": json.dumps(detail),
                }
            ]
        )
        if answer["FailedEntryCount"]:
            raise StackError(f"the bus refused the event: {answer['Entries']}")

    def watches(self) -> dict[str, dict[str, Any]]:
        """The table's items by watch id, as plain strings and numbers."""
        items: dict[str, dict[str, Any]] = {}
        for page in (
            self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=self.outputs["WatchTableName"])
        ):
            for item in page["Items"]:
                items[item["watch_id"]["S"]] = {name: next(iter(value.values())) for name, value in item.items()}
        return items

    def executions(self, status: str | None = None) -> list[dict[str, Any]]:
        """Every execution of the machine, or those of one status: name, status, executionArn."""
        only = {"statusFilter": status} if status else {}
        found: list[dict[str, Any]] = []
        pages = (
            self.aws.client("stepfunctions")
            .get_paginator("list_executions")
            .paginate(stateMachineArn=self.outputs["WatchStateMachineArn"], **only)
        )
        for page in pages:
            found += page["executions"]
        return found

    def history(self, execution_arn: str) -> list[dict[str, Any]]:
        """All events of an execution."""
        events: list[dict[str, Any]] = []
        pages = (
            self.aws.client("stepfunctions")
            .get_paginator("get_execution_history")
            .paginate(executionArn=execution_arn, includeExecutionData=True)
        )
        for page in pages:
            events += page["events"]
        return events

    def listen(self, topic: str) -> str:
        """A queue that gets what the topic (an output's name) publishes; returns its URL."""
        sqs = self.aws.client("sqs")
        url: str = sqs.create_queue(QueueName=f"listener-{topic}")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "sns.amazonaws.com"},
                    "Action": "sqs:SendMessage",
                    "Resource": arn,
                }
            ],
        }
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps(policy)})
        self.aws.client("sns").subscribe(TopicArn=self.outputs[topic], Protocol="sqs", Endpoint=arn)
        return url

    def receive(self, queue_url: str) -> list[dict[str, Any]]:
        """Everything on a queue now, removed from it: the parsed bodies."""
        sqs = self.aws.client("sqs")
        bodies: list[dict[str, Any]] = []
        while messages := sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                bodies.append(json.loads(message["Body"]))
                sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        return bodies


def build(aws: MiniStack, build_folder: Path) -> None:
    """`sam build`. Raises StackError with what it printed."""
    _sam(aws, "build", "--build-dir", str(build_folder))


def deploy(aws: MiniStack, build_folder: Path, name: str, parameters: Mapping[str, str]) -> Deployment:
    """`sam deploy` of what was built, under a stack name. Raises StackError with what it printed."""
    overrides = [f"{key}={value}" for key, value in parameters.items()]
    _sam(
        aws,
        *("deploy", "--template-file", str(build_folder / "template.yaml"), "--stack-name", name, "--resolve-s3"),
        *("--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar"),
        *(["--parameter-overrides", *overrides] if overrides else []),
    )
    stacks = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stacks[0]["Outputs"]}
    return Deployment(aws, outputs)


def _sam(aws: MiniStack, *arguments: str) -> None:
    # A session of its own, so that an interrupt of ours ends pip and make below it too; and a folder of its own for
    # what they would leave behind in /tmp.
    with (
        tempfile.TemporaryDirectory(prefix="jobwatch-sam-", ignore_cleanup_errors=True) as folder,
        subprocess.Popen(
            ["sam", *arguments],
            cwd=ROOT,
            env=aws.environment | {"TMPDIR": folder},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            output, _ = process.communicate()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    if process.returncode:
        lines = output.splitlines()
        reasons = [
            line
            for number, line in enumerate(lines)
            if any("_FAILED" in near for near in lines[max(number - 6, 0) : number + 1])
        ]
        raise StackError("\n".join([f"sam {arguments[0]} failed:", *reasons[:40], *lines[-8:]]))
