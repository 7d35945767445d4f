"""What a subscriber reads, and what AWS would have refused to send."""

import json
from collections.abc import Iterator

import pytest
import requests

from sandbox import ministack_mail
from sandbox.inbox import SnsRefusedError, check_publish, mail_of
from sandbox.server import Sandbox

PARTS = json.dumps({"default": "{}", "email": "Dear all\n", "sms": "hi"})


def test_the_email_part_is_what_arrives() -> None:
    assert mail_of("Done", PARTS, "json").text == "Dear all\n"
    assert mail_of("Done", '{"default": "d", "email": 5}', "json").text == "d"
    assert mail_of("Done", PARTS).text == PARTS
    assert mail_of(None, "x").subject == "AWS Notification Message"


@pytest.mark.parametrize("subject", ["x" * 100, "a\nb", "Grüße", " leading", "tab\there"])
def test_subjects_that_sns_refuses(subject: str) -> None:
    with pytest.raises(SnsRefusedError, match="Subject"):
        check_publish(subject, "x")


def test_subjects_that_sns_takes() -> None:
    for subject in ("x" * 99, "[jobwatch] 5 errors", "7A84 failed", "", None):
        check_publish(subject, "x")


@pytest.mark.parametrize("message", ["{", "[]", '{"email": "x"}', '{"default": 1}'])
def test_structures_that_sns_refuses(message: str) -> None:
    with pytest.raises(SnsRefusedError, match="Message Structure"):
        check_publish("s", message, "json")


def test_size_counts_in_bytes() -> None:
    check_publish("s", "x" * 262_144)
    with pytest.raises(SnsRefusedError, match="too long"):
        check_publish("s", "ü" * 131_073)


def test_mails_are_kept_by_address(sandbox: Sandbox) -> None:
    mail = {"to": "a@example.com", "subject": "s", "text": "t", "topic_arn": "arn"}
    assert requests.post(f"{sandbox.inbox.url}/mail", json=mail, timeout=5).status_code == 201
    assert [m.text for m in sandbox.inbox.to("a@example.com")] == ["t"]
    assert sandbox.inbox.to("b@example.com") == []
    with pytest.raises(TimeoutError, match="1 of 2 mails"):
        sandbox.inbox.wait_for(2, 0.05)


class TestMiniStack:
    """The completed delivery, within this process, on MiniStack's own topics and subscriptions."""

    @pytest.fixture
    def topic(self, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
        from ministack.services import sns

        for name in ("publish_internal", "_fanout"):
            monkeypatch.setattr(sns, name, getattr(sns, name))
        ministack_mail.install(sandbox.inbox.url)
        sns._create_topic({"Name": ["notices"]})
        (arn,) = sns._topics
        yield arn
        sns.reset()

    def subscribe(self, arn: str, address: str, policy: str = "") -> None:
        from ministack.services import sns

        attributes = {"Attributes.entry.1.key": ["FilterPolicy"], "Attributes.entry.1.value": [policy]}
        params = {"TopicArn": [arn], "Protocol": ["email"], "Endpoint": [address]}
        sns._subscribe(params | (attributes if policy else {}))

    def publish(self, arn: str, **more: str) -> tuple[int, bytes]:
        from ministack.services import sns

        params = {"TopicArn": [arn], "Message": [PARTS], "MessageStructure": ["json"], "Subject": ["Done"]}
        status, _, body = sns._publish(params | {name: [value] for name, value in more.items()})
        return status, body

    def test_a_publish_reaches_those_whose_filter_lets_it(self, sandbox: Sandbox, topic: str) -> None:
        self.subscribe(topic, "all@example.com")
        self.subscribe(topic, "stalls@example.com", '{"notice": ["stalled"]}')
        notice = {
            "MessageAttributes.entry.1.Name": "notice",
            "MessageAttributes.entry.1.Value.DataType": "String",
            "MessageAttributes.entry.1.Value.StringValue": "finished",
        }
        assert self.publish(topic, **notice)[0] == 200
        assert [(m.to, m.subject, m.text) for m in sandbox.inbox.mails] == [("all@example.com", "Done", "Dear all\n")]

    def test_a_publish_that_aws_refuses_is_refused(self, sandbox: Sandbox, topic: str) -> None:
        self.subscribe(topic, "all@example.com")
        status, body = self.publish(topic, Subject="Grüße")
        assert (status, b"<Code>InvalidParameter</Code>" in body) == (400, True)
        assert sandbox.inbox.mails == []
