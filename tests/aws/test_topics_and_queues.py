"""What goes to SNS and SQS arrives as it was meant, or the call is tried again."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from jobwatch.aws.clients import client
from jobwatch.aws.queues import SqsRejectedSubmissions, SqsUndelivered
from jobwatch.aws.subscriptions import SnsSubscriptions
from jobwatch.aws.topics import SnsOperations, SnsPublisher
from jobwatch.ports import ServiceUnavailableError, TopicBusyError
from tests.fakes import FakePace


@pytest.fixture
def topic_arn(aws: None) -> str:
    return str(client("sns").create_topic(Name="topic")["TopicArn"])


@pytest.fixture
def queue_url(aws: None) -> str:
    return str(client("sqs").create_queue(QueueName="queue")["QueueUrl"])


@pytest.fixture
def subscribed_queue_url(topic_arn: str, queue_url: str) -> str:
    queue = client("sqs").get_queue_attributes(QueueUrl=queue_url, AttributeNames=["QueueArn"])["Attributes"]
    client("sns").subscribe(TopicArn=topic_arn, Protocol="sqs", Endpoint=queue["QueueArn"])
    return queue_url


def received(queue_url: str) -> dict[str, Any]:
    [message] = client("sqs").receive_message(QueueUrl=queue_url)["Messages"]
    return json.loads(message["Body"])  # type: ignore[no-any-return]


def test_a_notification_arrives_with_its_attributes(topic_arn: str, subscribed_queue_url: str) -> None:
    parts = {"default": '{"name": "日本語 🎉"}', "email": "text\n", "sms": "line"}
    SnsPublisher(topic_arn, FakePace()).publish("Import finished", parts, {"notice": "finished", "outcome": "failed"})
    message = received(subscribed_queue_url)
    assert message["Message"] == parts["default"]
    assert message["Subject"] == "Import finished"
    assert message["MessageAttributes"] == {
        "notice": {"Type": "String", "Value": "finished"},
        "outcome": {"Type": "String", "Value": "failed"},
    }


def test_operators_are_told(topic_arn: str, subscribed_queue_url: str) -> None:
    SnsOperations(topic_arn).publish("jobwatch stopped following a job", "text ü")
    message = received(subscribed_queue_url)
    assert (message["Subject"], message["Message"]) == ("jobwatch stopped following a job", "text ü")


@pytest.mark.parametrize("text", ["plain", "日本語 🎉", "\x00\x1f\x7f", "\ufffe\uffff", "\ud800", 'quotes " and \\'])
def test_a_rejected_event_is_kept_as_it_was(queue_url: str, text: str) -> None:
    event = {"id": "e-1", "detail": {"name": text, "count": 2**60}}
    SqsRejectedSubmissions(queue_url).keep(f"name: {text}", event)
    assert received(queue_url) == {"reason": f"name: {text}", "event": event}


def test_a_rejected_event_that_is_too_large_for_the_queue_is_kept_as_far_as_it_fits(queue_url: str) -> None:
    """An event may have as many bytes as a message, and the reason comes on top."""
    SqsRejectedSubmissions(queue_url).keep("labels: too many", {"id": "e-1", "detail": ['"'] * 350_000})
    kept = received(queue_url)
    assert kept["reason"] == "labels: too many"
    assert kept["event"].startswith('{"id":"e-1","detail":["')


def test_a_refused_notification_is_kept_as_lambda_keeps_what_failed(queue_url: str) -> None:
    SqsUndelivered(queue_url).keep("no_service", '{"name": "日本語 🎉"}')
    record = received(queue_url)
    assert record["requestPayload"] == {"Records": [{"Sns": {"Message": '{"name": "日本語 🎉"}'}}]}
    assert record["responsePayload"]["errorMessage"] == "no_service"


def test_the_kept_body_holds_only_what_sqs_takes(aws: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF; and no larger than the event."""
    bodies: list[str] = []
    monkeypatch.setattr(client("sqs"), "send_message", lambda **call: bodies.append(call["MessageBody"]))
    everything = "".join(map(chr, [*range(0x300), *range(0xD700, 0xE100), 0xFFFD, 0xFFFE, 0xFFFF, 0x10FFFF]))
    SqsRejectedSubmissions("https://queue").keep("x", {"detail": {"name": everything, "long": "é" * 100_000}})
    [body] = bodies
    assert all(
        character in "\t\n\r"
        or "\x20" <= character <= "\ud7ff"
        or "\ue000" <= character <= "\ufffd"
        or character > "\uffff"
        for character in body
    )
    assert len(body.encode()) < 250_000


@pytest.mark.parametrize("code", ["Throttling", "KMSThrottlingException", "AuthorizationError", "no connection"])
@pytest.mark.parametrize(
    "call",
    [
        lambda: SnsPublisher("arn:t", FakePace()).publish("s", {"default": "x"}, {}),
        lambda: SnsOperations("arn:t").publish("s", "x"),
        lambda: SqsRejectedSubmissions("https://queue").keep("r", {}),
        lambda: SqsUndelivered("https://queue").keep("r", "{}"),
    ],
)
def test_what_aws_refuses_is_unavailable(aws_fails: Callable[[str], None], code: str, call: Callable[[], None]) -> None:
    aws_fails(code)
    with pytest.raises(ServiceUnavailableError) as failed:
        call()
    assert "secret-in-message" not in str(failed.value)


class TestThePaceOfNotifications:
    def test_each_waits_for_its_slot(self, topic_arn: str, monkeypatch: pytest.MonkeyPatch) -> None:
        now, published = [1000.0], []

        def sleep(seconds: float) -> None:
            now[0] += seconds

        monkeypatch.setattr(client("sns"), "publish", lambda **_: published.append(now[0]))
        publisher = SnsPublisher(topic_arn, FakePace(), lambda: now[0], sleep)
        for _ in range(50):
            publisher.publish("s", {"default": "x"}, {})
        assert max(sum(start <= each < start + 1 for each in published) for start in published) <= 8

    def test_where_the_slot_is_too_far_nothing_is_published(
        self, topic_arn: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pace = FakePace(next_free=1021.0)
        monkeypatch.setattr(client("sns"), "publish", lambda **_: pytest.fail("published"))
        with pytest.raises(TopicBusyError) as busy:
            SnsPublisher(topic_arn, pace, lambda: 1000.0).publish("s", {"default": "x"}, {"notice": "finished"})
        assert (busy.value.come_back_seconds, pace.ends) == (20, 0)

    def test_ends_that_were_published_are_counted(self, topic_arn: str, aws_fails: Callable[[str], None]) -> None:
        pace = FakePace()
        publisher = SnsPublisher(topic_arn, pace, lambda: 1000.0, lambda _: None)
        publisher.publish("s", {"default": "x"}, {"notice": "finished"})
        publisher.publish("s", {"default": "x"}, {"notice": "stalled"})
        aws_fails("Throttling")
        with pytest.raises(ServiceUnavailableError):
            publisher.publish("s", {"default": "x"}, {"notice": "finished"})
        assert pace.ends == 1


def test_all_subscriptions_of_a_topic_are_listed(topic_arn: str) -> None:
    for number in range(120):
        client("sns").subscribe(TopicArn=topic_arn, Protocol="email", Endpoint=f"{number}@example.com")
    listed = SnsSubscriptions(topic_arn).listed()
    assert {each.endpoint for each in listed} == {f"{number}@example.com" for number in range(120)}
    assert {each.protocol for each in listed} == {"email"}
