"""What a chaos run stands on: the sandbox, the embedded AWS behind its faults, and jobwatch from the real template."""

import json
import os
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from chaos.aws_faults import FaultyAws
from chaos.jobs import SPEED, VENDORS
from jobwatch.aws.watches import OPEN_INDEX
from jobwatch.domain.watch_record import OPEN_SHARDS
from sandbox.server import Sandbox
from stack.deployment import Deployment, build, deploy
from stack.ministack import MiniStack

STACK_NAME = "jobwatch-chaos"
LOG_BUCKET = "mybucket"
_SLACK_SECRET = "jobwatch-slack"
# At once: each is a process of the embedded stack.
_CONCURRENCY = {
    "IntakeFunction": 4,
    "PollerFunction": 6,
    "NotifierFunction": 6,
    "SlackFunction": 6,
    "AlertFunction": 2,
    "SweeperFunction": 1,
}
# On AWS a minute.
_RETRY_ASYNC_AFTER_SECONDS = 4.0
# Waits and retries of the machine take a fifth of their time.
_WAIT_SCALE = 0.2
# On AWS five minutes; here, where the machine's retries lie 12 s apart at most.
_SWEEP_PATIENCE_SECONDS = 8
FUNCTIONS = tuple(_CONCURRENCY)


@dataclass(frozen=True)
class Told:
    """A notification as SNS published it."""

    document: dict[str, Any]
    subject: str
    at: datetime
    message: dict[str, Any]

    @property
    def id(self) -> str:
        """Its `notification_id`."""
        return str(self.document["notification_id"])


@dataclass
class World:
    """A deployed jobwatch and all that can fail around it; `told` and `operations` are what was published so far."""

    sandbox: Sandbox
    faulty_aws: FaultyAws
    stack: Deployment
    notification_queue: str
    operations_queue: str
    told: list[Told] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)

    @property
    def aws(self) -> MiniStack:
        """The embedded AWS, without faults in front."""
        return self.stack.aws

    def listen(self) -> None:
        """Take what has come on both topics."""
        for message in self.stack.receive(self.notification_queue):
            at = datetime.fromisoformat(message["Timestamp"])
            self.told.append(Told(json.loads(message["Message"]), message["Subject"], at, message))
        self.operations += [
            f"{message['Subject']}\n{message['Message']}" for message in self.stack.receive(self.operations_queue)
        ]

    def invoke(self, function: str, event: Any) -> None:
        """Invoke a function of the template asynchronously."""
        self.aws.client("lambda").invoke(
            FunctionName=self.physical_id(function), InvocationType="Event", Payload=json.dumps(event).encode()
        )

    def physical_id(self, logical_id: str) -> str:
        """The name that a resource of the template has."""
        return _physical_id(self.aws, logical_id)

    def kill(self, function: str) -> bool:
        """Kill one process of a function, in the middle of whatever it does; False where none runs."""
        name = self.physical_id(function)
        for process_id, of_function in self.aws.workers().items():
            if of_function == name:
                with suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGKILL)
                    return True
        return False

    def watch(self, watch_id: str) -> dict[str, Any]:
        """A watch's item, as DynamoDB has it."""
        table, key = self.physical_id("WatchTable"), {"watch_id": {"S": watch_id}}
        item: dict[str, Any] = self.aws.client("dynamodb").get_item(TableName=table, Key=key)["Item"]
        return item

    def open_watch_ids(self) -> list[str]:
        """The watches that are still followed; a long run has thousands of others."""
        found: list[str] = []
        for shard in range(OPEN_SHARDS):
            answer = self.aws.client("dynamodb").query(
                TableName=self.physical_id("WatchTable"),
                IndexName=OPEN_INDEX,
                KeyConditionExpression="open_shard = :shard",
                ExpressionAttributeValues={":shard": {"S": str(shard)}},
            )
            found += [item["watch_id"]["S"] for item in answer["Items"]]
        return found

    def items(self, table: str) -> list[dict[str, Any]]:
        """Every item of a table of the template, as DynamoDB has it."""
        found: list[dict[str, Any]] = []
        pages = self.aws.client("dynamodb").get_paginator("scan").paginate(TableName=self.physical_id(table))
        for page in pages:
            found += page["Items"]
        return found


@cache
def _physical_id(aws: MiniStack, logical_id: str) -> str:
    found = aws.client("cloudformation").describe_stack_resource(StackName=STACK_NAME, LogicalResourceId=logical_id)
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


@contextmanager
def standing(seed: int) -> Iterator[World]:
    """Build everything up, and take everything away on leaving. Raises StackError."""
    with ExitStack() as parts:
        sandbox = parts.enter_context(Sandbox(speed=SPEED, seed=seed))
        faulty_aws = parts.enter_context(FaultyAws(seed))
        aws = parts.enter_context(
            MiniStack(
                auth=False,
                inbox_url=sandbox.inbox.url,
                wait_scale=_WAIT_SCALE,
                retry_async_after_seconds=_RETRY_ASYNC_AFTER_SECONDS,
                functions_endpoint_url=faulty_aws.url,
            )
        )
        faulty_aws.start(aws)
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="jobwatch-chaos-")))
        build(aws, folder)
        aws.client("s3").create_bucket(Bucket=LOG_BUCKET)
        aws.client("secretsmanager").create_secret(
            Name=_SLACK_SECRET, SecretString=json.dumps(sandbox.slack.webhook_secret)
        )
        parameters = {
            "NotificationEmail": "team@example.com",
            "OperationsEmail": "operations@example.com",
            "SlackSecretName": _SLACK_SECRET,
            "LogObjectArns": f"arn:aws:s3:::{LOG_BUCKET}/logs/*",
        }
        stack = deploy(aws, folder, STACK_NAME, parameters)
        for vendor in VENDORS:
            server = vendor.server(sandbox)
            stack.configure(vendor.name, {**vendor.connection, "base_url": server.url}, server.secret)
        world = World(
            sandbox, faulty_aws, stack, stack.listen("NotificationTopicArn"), stack.listen("OperationsTopicArn")
        )
        set_environment(world, "SweeperFunction", SWEEP_PATIENCE_SECONDS=str(_SWEEP_PATIENCE_SECONDS))
        for function, concurrency in _CONCURRENCY.items():
            aws.client("lambda").put_function_concurrency(
                FunctionName=world.physical_id(function), ReservedConcurrentExecutions=concurrency
            )
        yield world


def set_environment(world: World, function: str, **variables: str) -> None:
    """Change variables of a deployed function's environment."""
    functions, name = world.aws.client("lambda"), world.physical_id(function)
    environment = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    functions.update_function_configuration(FunctionName=name, Environment={"Variables": environment | variables})
