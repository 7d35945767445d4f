"""Everything that the demo runs on: the sandbox, the embedded AWS, and jobwatch deployed from the real template."""

import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from demo.jobs import JOBS, DemoJob, Submitted
from demo.screen import Screen
from sandbox.logs import import_log
from sandbox.server import Sandbox
from stack.deployment import Deployment, build, deploy
from stack.ministack import MiniStack

NOTIFICATION_EMAIL = "team@example.com"
OPERATIONS_EMAIL = "operations@example.com"
STACK_NAME = "jobwatch"
_SLACK_SECRET = "jobwatch-slack"
_LOG_SEED = 3  # one that gives more than one kind of error
_LOG_BUCKET, _LOG_FOLDER = "mybucket", "logs"


@dataclass(frozen=True)
class Environment:
    """What stands, with a listener on either topic."""

    sandbox: Sandbox
    deployment: Deployment
    notification_queue: str
    operations_queue: str

    def submit(self, job: DemoJob) -> Submitted:
        """Start a job at its vendor, put its log where the vendor says it is, and send the event."""
        operation = job.submission.get("operation", "import")
        vendor_job = job.connection.server(self.sandbox).jobs.add(job.script, operation=operation)
        if job.connection.log_location is not None:
            bucket, _, key = job.connection.log_location(vendor_job).removeprefix("s3://").partition("/")
            log = import_log(vendor_job, info_lines=job.log_info_lines, seed=_LOG_SEED)
            self.deployment.aws.client("s3").put_object(Bucket=bucket, Key=key, Body=log.encode())
        self.deployment.submit(connection=job.connection.name, job_id=vendor_job.id, **job.submission)
        return Submitted(job, vendor_job)


@contextmanager
def standing(screen: Screen) -> Iterator[Environment]:
    """Build everything up, and take everything away on leaving. Raises StackError."""
    with ExitStack() as parts:
        sandbox = parts.enter_context(Sandbox())
        screen.done("Sandbox is up: vendors, Slack and an inbox on local ports")
        aws = MiniStack(auth=True, inbox_url=sandbox.inbox.url)
        parts.callback(aws.stop)
        folder = Path(parts.enter_context(tempfile.TemporaryDirectory(prefix="jobwatch-demo-")))
        with screen.doing("MiniStack starts, sam build runs beside it"), ThreadPoolExecutor(1) as beside:
            prepared = beside.submit(_prepare, aws, sandbox, screen)
            build(aws, folder / "build")
            screen.done("sam build is through")
            prepared.result()
        with screen.doing("sam deploy"):
            parameters = {
                "NotificationEmail": NOTIFICATION_EMAIL,
                "OperationsEmail": OPERATIONS_EMAIL,
                "SlackSecretName": _SLACK_SECRET,
                "LogObjectArns": f"arn:aws:s3:::{_LOG_BUCKET}/{_LOG_FOLDER}/*",
            }
            deployment = deploy(aws, folder / "build", STACK_NAME, parameters)
        screen.done(f"sam deploy is through: stack {STACK_NAME}")
        connections = {job.connection.name: job.connection for job in JOBS}
        for name, connection in connections.items():
            server = connection.server(sandbox)
            document = {**connection.document, "base_url": server.url, "secret": connection.secret_name}
            deployment.configure(name, document, server.secret)
        screen.done(f"Configured, each with its secret: {', '.join(connections)}")
        yield Environment(
            sandbox, deployment, deployment.listen("NotificationTopicArn"), deployment.listen("OperationsTopicArn")
        )


def _prepare(aws: MiniStack, sandbox: Sandbox, screen: Screen) -> None:
    """Start the embedded AWS, with what jobwatch finds there before it comes."""
    aws.start()
    aws.client("s3").create_bucket(Bucket=_LOG_BUCKET)
    aws.client("secretsmanager").create_secret(
        Name=_SLACK_SECRET, SecretString=json.dumps(sandbox.slack.webhook_secret)
    )
    screen.done("MiniStack is up and enforces IAM; Slack secret and log bucket are in it")
