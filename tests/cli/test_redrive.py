"""`jobwatch redrive`: what is on a dead-letter queue goes its way again, and nothing is lost on it."""

import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from typer.testing import CliRunner

from jobwatch.aws.clients import client
from jobwatch.aws.queues import SqsUndelivered, message_body
from jobwatch_cli import redrive as redriving
from jobwatch_cli.main import app
from jobwatch_cli.redrive import NotThereError, Queue, Redriven, event_of, redrive
from tests.architecture.deployment import FUNCTIONS, RESOURCES

EVENT = {"detail-type": "Job Submitted", "detail": {"job_id": "1"}}
NOTIFICATION = {"Type": "Notification", "MessageId": "m-1", "Message": '{"watch_id": "w"}'}


class FakeLambda:
    """Takes invocations; refuses as many as a test says."""

    class exceptions:  # noqa: N801 - boto3's name
        ClientError = ClientError

    def __init__(self) -> None:
        self.invoked: list[tuple[str, str, Any]] = []
        self.refuses = 0

    def invoke(self, FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803 - boto3's names
        if self.refuses:
            self.refuses -= 1
            raise ClientError({"Error": {"Code": "TooManyRequestsException", "Message": "Rate exceeded"}}, "Invoke")
        self.invoked.append((FunctionName, InvocationType, json.loads(Payload)))


class FakeCloudFormation:
    """A stack whose physical ids are those of `there`."""

    class exceptions:  # noqa: N801 - boto3's name
        ClientError = ClientError

    def __init__(self, there: Mapping[str, str]) -> None:
        self.there = there

    def describe_stack_resource(self, StackName: str, LogicalResourceId: str) -> dict[str, Any]:  # noqa: N803
        if LogicalResourceId not in self.there:
            message = f"Resource {LogicalResourceId} does not exist for stack {StackName}"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, "DescribeStackResource")
        return {"StackResourceDetail": {"PhysicalResourceId": self.there[LogicalResourceId]}}


class Stack:
    """A stack of which the queue of Slack and that of submissions stand."""

    def __init__(self) -> None:
        self.sqs, self.function = boto3.client("sqs"), FakeLambda()
        self.urls = {
            name: self.sqs.create_queue(QueueName=name)["QueueUrl"]
            for name in ("SlackDeadLetters", "SubmissionDeadLetters", "SubmissionQueue")
        }
        there = {**self.urls, "SlackFunction": "the-slack-function"}
        self.clients = {"cloudformation": FakeCloudFormation(there), "sqs": self.sqs, "lambda": self.function}

    def put(self, document: Any, queue: str = "SlackDeadLetters") -> None:
        body = document if isinstance(document, str) else json.dumps(document)
        self.sqs.send_message(QueueUrl=self.urls[queue], MessageBody=body)

    def redrive(self, queue: Queue = Queue.SLACK) -> Redriven:
        return redrive(self.clients, "prod", queue)

    def submitted(self) -> list[Any]:
        """What is on intake's queue, removed from it."""
        bodies = []
        while found := self.sqs.receive_message(QueueUrl=self.urls["SubmissionQueue"]).get("Messages"):
            for message in found:
                bodies.append(json.loads(message["Body"]))
                self.sqs.delete_message(QueueUrl=self.urls["SubmissionQueue"], ReceiptHandle=message["ReceiptHandle"])
        return bodies

    def left(self, queue: str = "SlackDeadLetters") -> int:
        found = self.sqs.get_queue_attributes(QueueUrl=self.urls[queue], AttributeNames=["All"])["Attributes"]
        return int(found["ApproximateNumberOfMessages"]) + int(found["ApproximateNumberOfMessagesNotVisible"])


@pytest.fixture
def stack(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    client.cache_clear()
    with mock_aws():
        made = Stack()
        receive = made.sqs.receive_message

        def receive_at_once(**call: Any) -> Any:
            """Without the long poll, and with the date that AWS sends and moto does not."""
            answer = receive(**{**call, "WaitTimeSeconds": 0})
            answer["ResponseMetadata"]["HTTPHeaders"]["date"] = format_datetime(datetime.now(UTC), usegmt=True)
            return answer

        monkeypatch.setattr(made.sqs, "receive_message", receive_at_once)
        yield made
    client.cache_clear()


@pytest.mark.parametrize(
    ("body", "event"),
    [
        ({"requestContext": {"condition": "RetriesExhausted"}, "requestPayload": EVENT}, EVENT),
        (EVENT, EVENT),
        (NOTIFICATION, {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": NOTIFICATION}]}),
        ({"Records": [{"Sns": NOTIFICATION}]}, {"Records": [{"Sns": NOTIFICATION}]}),
    ],
)
def test_what_each_kind_of_message_is_invoked_with(body: Any, event: Any) -> None:
    """Of Lambda's failure destination, a rule's dead-letter queue, and a subscription's."""
    assert event_of(json.dumps(body)) == event


def test_every_message_is_handed_over_and_gone(stack: Stack) -> None:
    for number in range(25):
        stack.put({"requestPayload": {"number": number}})
    assert stack.redrive() == Redriven(25, ())
    assert sorted(event["number"] for _, _, event in stack.function.invoked) == list(range(25))
    assert {(name, kind) for name, kind, _ in stack.function.invoked} == {("the-slack-function", "Event")}
    assert stack.left() == 0


@pytest.mark.parametrize(
    "body",
    [
        {"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": EVENT},
        EVENT,
    ],
    ids=["of a failed invocation, from before the queue", "of the queue or the rule"],
)
def test_submissions_go_to_the_queue_before_intake(stack: Stack, body: Any) -> None:
    """Thousands of dead letters handed to the function would be as many calls at once as made them."""
    stack.put(body, "SubmissionDeadLetters")
    assert stack.redrive(Queue.SUBMISSIONS) == Redriven(1, ())
    assert stack.submitted() == [EVENT]
    assert stack.function.invoked == []
    assert stack.left("SubmissionDeadLetters") == 0


def test_a_submission_of_any_texts_fits_onto_the_queue_again(stack: Stack) -> None:
    """Escaped to ASCII, it would be three times as long, and SQS would not take it."""
    event = {**EVENT, "detail": {"name": "\u5b57" * 300_000, "job_id": "\udc80\uffff"}}
    stack.put({"requestPayload": EVENT}, "SubmissionDeadLetters")
    body = json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogatepass")
    assert len(message_body(event)) < len(body) + 20
    assert json.loads(message_body(event)) == event


def test_what_slack_refused_reaches_the_function_as_sns_brings_it(stack: Stack) -> None:
    SqsUndelivered(stack.urls["SlackDeadLetters"]).keep("no_service", '{"watch_id": "w"}')
    stack.redrive()
    [(_, _, event)] = stack.function.invoked
    assert event["Records"][0]["Sns"]["Message"] == '{"watch_id": "w"}'


def test_what_lambda_did_not_take_stays(stack: Stack) -> None:
    for number in range(3):
        stack.put({"requestPayload": {"number": number}})
    stack.function.refuses = 1
    redriven = stack.redrive()
    assert redriven.handed_over == 2
    assert "TooManyRequestsException" in redriven.left[0]
    assert stack.left() == 1


@pytest.mark.parametrize("body", ["no JSON", "[]", "{}", '{"requestContext": {}}'])
def test_what_it_does_not_understand_stays_and_is_told(stack: Stack, body: str) -> None:
    stack.put(body)
    stack.put(EVENT)
    redriven = stack.redrive()
    assert (redriven.handed_over, len(redriven.left)) == (1, 1)
    assert stack.left() == 1


def test_what_fails_again_at_once_is_not_chased(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Slack still refuses: the function puts each back while the redrive runs. It ends all the same."""
    invoke = stack.function.invoke

    def refused_again(**call: Any) -> None:
        invoke(**call)
        time.sleep(1.1)  # longer than the second to which a date is exact
        stack.put(json.loads(call["Payload"]))

    monkeypatch.setattr(stack.function, "invoke", refused_again)
    stack.put({"requestPayload": NOTIFICATION})
    assert stack.redrive() == Redriven(1, ())
    assert stack.left() == 1


def test_a_stack_without_the_queue_is_named(stack: Stack) -> None:
    with pytest.raises(NotThereError, match="AlertDeadLetters does not exist for stack prod"):
        stack.redrive(Queue.ALERTS)


def test_every_queue_and_function_is_in_the_template() -> None:
    for queue, (letters, function) in redriving._RESOURCES.items():
        if function in FUNCTIONS:
            destination = FUNCTIONS[function]["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"]
        else:
            destination = RESOURCES[function]["Properties"]["RedrivePolicy"]["deadLetterTargetArn"]
        assert destination == {"Fn::GetAtt": f"{letters}.Arn"}, queue
    queues = {name for name, each in RESOURCES.items() if each["Type"] == "AWS::SQS::Queue"}
    assert queues == {name for names in redriving._RESOURCES.values() for name in names} - set(FUNCTIONS) | {
        "RejectedSubmissions"
    }


class TestCommand:
    @pytest.fixture(autouse=True)
    def _clients(self, stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(boto3, "client", lambda service: stack.clients[service])

    def test_all_queues_that_the_stack_has(self, stack: Stack) -> None:
        stack.put({"requestPayload": NOTIFICATION})
        stack.put(EVENT, "SubmissionDeadLetters")
        result = CliRunner().invoke(app, ["redrive", "--stack-name", "prod"])
        assert result.exit_code == 0, result.output
        assert len(stack.function.invoked) == 1
        assert stack.submitted() == [EVENT]
        assert "slack" in result.output
        assert "submissions" in result.output

    def test_one_queue(self, stack: Stack) -> None:
        stack.put(EVENT, "SubmissionDeadLetters")
        stack.put({"requestPayload": NOTIFICATION})
        result = CliRunner().invoke(app, ["redrive", "--stack-name", "prod", "--queue", "submissions"])
        assert result.exit_code == 0, result.output
        assert stack.submitted() == [EVENT]
        assert stack.function.invoked == []

    @pytest.mark.parametrize("arguments", [["--queue", "alerts"], ["--queue", "slack"]])
    def test_what_is_left_or_not_there_is_an_error(self, stack: Stack, arguments: list[str]) -> None:
        stack.put("no JSON")
        result = CliRunner().invoke(app, ["redrive", "--stack-name", "prod", *arguments])
        assert result.exit_code == 1, result.output


def test_the_readme_or_the_docs_name_it() -> None:
    root = Path(__file__).parents[2]
    documents = [root / "README.md", *(root / "docs").rglob("*.md")]
    assert any("jobwatch redrive" in document.read_text() for document in documents)
