"""The real template on the embedded stack, once for all workflow tests: real ASL, real handlers, real HTTP."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import pytest
from tenacity import retry, retry_if_exception_type, stop_after_delay, wait_fixed

from sandbox.inbox import Mail
from sandbox.jobs import Job
from sandbox.server import Sandbox
from stack.deployment import Deployment, build, deploy
from stack.ministack import MiniStack

T = TypeVar("T")
LOG_BUCKET = "mybucket"
NOTIFICATION_SCHEMA = "jobwatch.notification.v1"
# Polls every second, so that a test ends seconds after its job.
FAST = {"min_seconds": 1, "max_seconds": 2, "grace_minutes": 1}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All in one process: they share the stack."""
    for item in items:
        if "/workflow/" in item.path.as_posix():
            item.add_marker(pytest.mark.workflow)
            item.add_marker(pytest.mark.xdist_group("stack"))


class NotYetError(Exception):
    """What a test waits for has not happened."""


@dataclass
class World:
    """A deployed jobwatch, the vendors it watches, and everything that people were told."""

    sandbox: Sandbox
    stack: Deployment
    notification_queue: str
    operations_queue: str
    notifications: list[dict[str, Any]] = field(default_factory=list)
    attributes: list[dict[str, str]] = field(default_factory=list)
    announcements: list[dict[str, Any]] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)

    def listen(self) -> None:
        """Take what has come on both topics."""
        for message in self.stack.receive(self.notification_queue):
            document = json.loads(message["Message"])
            if document["schema"] != NOTIFICATION_SCHEMA:
                self.announcements.append(document)
                continue
            self.notifications.append(document)
            given = message.get("MessageAttributes", {})
            self.attributes.append({name: attribute["Value"] for name, attribute in given.items()})
        self.operations += [message["Message"] for message in self.stack.receive(self.operations_queue)]

    def finished(self, job: Job, within_seconds: float = 60) -> dict[str, Any]:
        """The finished notice of a job, once it has come. Raises NotYetError."""

        def look() -> dict[str, Any]:
            self.listen()
            for notification in self.notifications:
                if notification["job_id"] == job.id and notification["notice"] == "finished":
                    return notification
            raise NotYetError(f"no finished notice of {job.id}; the table holds {self.stack.watches()}")

        return self.until(look, within_seconds)

    def told_operators(self, text: str, within_seconds: float = 30) -> str:
        """What the operators were told that has `text` in it. Raises NotYetError."""

        def look() -> str:
            self.listen()
            for message in self.operations:
                if text in message:
                    return message
            raise NotYetError(f"the operators were told nothing of {text!r}, only {self.operations}")

        return self.until(look, within_seconds)

    def mails(self, job: Job, within_seconds: float = 10) -> list[Mail]:
        """The emails about a job; there is at least one. Raises NotYetError."""

        def look() -> list[Mail]:
            found = [mail for mail in self.sandbox.inbox.mails if job.id in mail.text]
            if not found:
                raise NotYetError(f"no email about {job.id}")
            return found

        return self.until(look, within_seconds)

    def slack(self, job: Job, within_seconds: float = 20) -> list[dict[str, Any]]:
        """The Slack messages about a job; there is at least one. Raises NotYetError."""

        def look() -> list[dict[str, Any]]:
            payloads = [message.payload for message in self.sandbox.slack.messages]
            found = [payload for payload in payloads if job.id in json.dumps(payload)]
            if not found:
                raise NotYetError(f"no Slack message about {job.id}")
            return found

        return self.until(look, within_seconds)

    def watch(self, job: Job) -> dict[str, Any]:
        """The table's item of a job's watch."""
        return next(item for item in self.stack.watches().values() if item["job_id"] == job.id)

    def executions_of(self, job: Job) -> list[dict[str, Any]]:
        """The executions that follow a job."""
        watch_id = self.watch(job)["watch_id"]
        return [execution for execution in self.stack.executions() if execution["name"].startswith(watch_id)]

    @staticmethod
    def until(look: Callable[[], T], within_seconds: float) -> T:
        """What `look` returns, once it no longer raises NotYetError; that error when the time is over."""
        waiting = retry(
            stop=stop_after_delay(within_seconds),
            wait=wait_fixed(0.3),
            retry=retry_if_exception_type(NotYetError),
            reraise=True,
        )
        return waiting(look)()


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """jobwatch deployed with IAM enforced, Slack, email and logs on, connected to the sandbox's eGain."""
    folder: Path = tmp_path_factory.mktemp("build")
    # 300 script seconds a second: the documented 75 minutes of an import take 15 s.
    with Sandbox(speed=300) as sandbox, MiniStack(inbox_url=sandbox.inbox.url, wait_scale=0.5) as aws:
        build(aws, folder)
        aws.client("secretsmanager").create_secret(
            Name="jobwatch-slack", SecretString=json.dumps(sandbox.slack.webhook_secret)
        )
        aws.client("s3").create_bucket(Bucket=LOG_BUCKET)
        stack = deploy(
            aws,
            folder,
            "jobwatch-test",
            {
                "NotificationEmail": "team@example.com",
                "OperationsEmail": "ops@example.com",
                "SlackSecretName": "jobwatch-slack",
                "LogObjectArns": f"arn:aws:s3:::{LOG_BUCKET}/logs/*",
            },
        )
        stack.configure(
            "egain-prod",
            {"vendor": "egain", "base_url": sandbox.egain.url, "secret": "jobwatch/egain-prod", "polling": FAST},
            sandbox.egain.secret,
        )
        yield World(sandbox, stack, stack.listen("NotificationTopicArn"), stack.listen("OperationsTopicArn"))


@pytest.fixture
def fresh_minute(world: World) -> None:
    """The operators are told five messages a minute; those of the tests before do not count."""
    resources = world.stack.aws.client("cloudformation").describe_stack_resource(
        StackName="jobwatch-test", LogicalResourceId="DeliveryTable"
    )
    table = resources["StackResourceDetail"]["PhysicalResourceId"]
    world.stack.aws.client("dynamodb").delete_item(TableName=table, Key={"delivery_id": {"S": "operations"}})
