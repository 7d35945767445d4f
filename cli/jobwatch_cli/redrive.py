"""`jobwatch redrive`: what could not be processed goes from its dead-letter queue the way that it came, once more."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from jobwatch.aws.queues import message_body

# Long enough to invoke ten times; what is left on the queue is seen again after it.
_HIDDEN_SECONDS = 60


class Queue(StrEnum):
    """The dead-letter queues of a stack."""

    SLACK = "slack"
    SUBMISSIONS = "submissions"
    ALERTS = "alerts"


# The dead-letter queue, and where its messages go: a function, or the queue before one.
_RESOURCES = {
    Queue.SLACK: ("SlackDeadLetters", "SlackFunction"),
    Queue.SUBMISSIONS: ("SubmissionDeadLetters", "SubmissionQueue"),
    Queue.ALERTS: ("AlertDeadLetters", "AlertFunction"),
}


class NotThereError(Exception):
    """The stack has no such queue or function; `str()` says which."""


@dataclass(frozen=True)
class Redriven:
    """What became of a queue's messages: how many were handed over, and why the others are still there."""

    handed_over: int
    left: tuple[str, ...]


def event_of(body: str) -> Any:
    """The event that is to be handed over again. Raises ValueError for a body of none of these shapes.

    Lambda's record for a failure destination (as `jobwatch.aws.queues` writes it too, and of submissions until they had
    a queue) has the event in `requestPayload`; a subscription's dead-letter queue has what SNS could not deliver; a
    rule's, and that of the submissions' queue, has the event itself.
    """
    document = json.loads(body)
    if not isinstance(document, dict):
        raise ValueError("not a JSON object")
    if "requestPayload" in document:
        return document["requestPayload"]
    if document.get("Type") == "Notification":
        return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": document}]}
    if "Records" in document or "detail-type" in document:
        return document
    raise ValueError("neither a record of Lambda's nor a message of SNS or EventBridge")


def redrive(clients: Mapping[str, Any], stack_name: str, queue: Queue) -> Redriven:
    """Hand over every message that is on the queue now, and delete each after that.

    Slack's and alerts to their function, submissions to the queue before intake, which takes no more at once than AWS
    allows. `clients`: boto3's for cloudformation, sqs and lambda. The functions know what they have done before: a
    submission whose watch exists changes nothing, and a notification is posted to Slack once. Raises NotThereError.
    """
    queue_url, target = (_physical_id(clients["cloudformation"], stack_name, name) for name in _RESOURCES[queue])
    handed_over, left = 0, []
    for message in _messages(clients["sqs"], queue_url):
        try:
            event = message_body(event_of(message["Body"]))
            if queue is Queue.SUBMISSIONS:
                clients["sqs"].send_message(QueueUrl=target, MessageBody=event.decode())
            else:
                clients["lambda"].invoke(FunctionName=target, InvocationType="Event", Payload=event)
        except (ValueError, clients["sqs"].exceptions.ClientError) as error:
            left.append(f"message {message['MessageId']}: {error}")
            continue
        clients["sqs"].delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])
        handed_over += 1
    return Redriven(handed_over, tuple(left))


def _messages(sqs: Any, queue_url: str) -> Iterator[Mapping[str, Any]]:
    """The messages of the queue, each once. What fails again comes back while this runs: it stays there."""
    seen: set[str] = set()
    began_ms: float | None = None
    while True:
        answer = sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=_HIDDEN_SECONDS,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        received = answer.get("Messages", [])
        if not received:
            return
        for message in received:
            is_older = began_ms is None or float(message["Attributes"]["SentTimestamp"]) <= began_ms
            if is_older and message["MessageId"] not in seen:
                seen.add(message["MessageId"])
                yield message
        if began_ms is None:
            # By the queue's clock, since this machine's may be off; to the end of the second that it names.
            date = parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])
            began_ms = (date.timestamp() + 1) * 1000


def _physical_id(cloudformation: Any, stack_name: str, logical_id: str) -> str:
    try:
        found = cloudformation.describe_stack_resource(StackName=stack_name, LogicalResourceId=logical_id)
    except cloudformation.exceptions.ClientError as error:
        raise NotThereError(f"stack {stack_name}: {error}") from error
    return str(found["StackResourceDetail"]["PhysicalResourceId"])


def redrive_command(
    stack_name: Annotated[str, typer.Option(help="The stack that jobwatch is deployed as.")],
    queue: Annotated[Queue | None, typer.Option(help="One queue only; without it, each that the stack has.")] = None,
) -> None:
    """Process what is on the dead-letter queues once more, after its cause was mended.

    Slack posts, submissions and alerts; none is processed twice that was processed before. Uses your AWS credentials:
    cloudformation:DescribeStackResource, sqs:ReceiveMessage, sqs:DeleteMessage, sqs:SendMessage, lambda:InvokeFunction.
    Exit code 1 when messages are left.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    left = False
    try:
        clients = {service: boto3.client(service) for service in ("cloudformation", "sqs", "lambda")}
        for each in [queue] if queue else Queue:
            try:
                redriven = redrive(clients, stack_name, each)
            except NotThereError as error:
                # Without Slack there is no queue for it: that matters to those only who asked for it.
                typer.echo(f"  {'✗' if queue else '-'} {each:<12} {error}")
                left = left or queue is not None
                continue
            typer.echo(
                f"  {'✗' if redriven.left else '✓'} {each:<12} handed over {redriven.handed_over}, "
                f"left {len(redriven.left)}"
            )
            for reason in redriven.left:
                typer.echo(f"{'':17}{reason}")
            left = left or bool(redriven.left)
    except (BotoCoreError, ClientError) as error:
        typer.echo(f"  ✗ AWS          {error}\n\nNext: check AWS_REGION, AWS_PROFILE and your permissions.")
        left = True
    raise typer.Exit(1 if left else 0)
