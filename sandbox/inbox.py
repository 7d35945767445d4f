"""What an email subscriber of an SNS topic would get.

The embedded AWS confirms email subscriptions at once, chooses the `email` part of a message and applies filter
policies, and then only logs the endpoint; the text is kept nowhere and no listing shows it. `sandbox.ministack_mail`
runs it with that last step completed: it posts what would be mailed to `Inbox`. The rules of SNS that the embedded AWS
leaves out stand here as `check_publish`; they are those of the SNS API reference, Publish.
"""

import json
import re
import threading
from dataclasses import dataclass
from datetime import datetime

from flask import Response, jsonify, request

from sandbox.jobs import Clock
from sandbox.serving import Server

MAX_BYTES = 262_144
_SUBJECT = re.compile(r"[!-~][ -~]{0,98}")


class SnsRefusedError(ValueError):
    """AWS would refuse the publish; the text is what InvalidParameter would say."""


@dataclass(frozen=True)
class Mail:
    """One mail as it arrives: `text` is the `email` part, `footer` what SNS puts below it."""

    subject: str
    text: str
    to: str = ""
    topic_arn: str = ""
    received_at: datetime | None = None

    @property
    def footer(self) -> str:
        """The lines that SNS adds to each mail."""
        return (
            "--\nIf you wish to stop receiving notifications from this topic, please click or visit the link below "
            f"to unsubscribe:\nhttps://sns.example/unsubscribe.html?SubscriptionArn={self.topic_arn}:…\n"
        )


def check_publish(subject: str | None, message: str, message_structure: str | None = None) -> None:
    """Raise SnsRefusedError for what SNS refuses.

    Subject: ASCII, begins with a letter, number or punctuation mark, no line break or control character, fewer than
    100 characters. Message: not empty, at most 262,144 bytes of UTF-8. With `json` as the structure: a JSON object
    with a string under `default`.
    """
    if subject and not _SUBJECT.fullmatch(subject):
        raise SnsRefusedError("Invalid parameter: Subject")
    if not message:
        raise SnsRefusedError("Invalid parameter: Empty message")
    if len(message.encode()) > MAX_BYTES:
        raise SnsRefusedError("Invalid parameter: Message too long")
    if message_structure not in (None, "", "json"):
        raise SnsRefusedError("Invalid parameter: MessageStructure")
    if message_structure == "json":
        try:
            parts = json.loads(message)
        except ValueError:
            reason = "Invalid parameter: Message Structure - JSON message body failed to parse"
            raise SnsRefusedError(reason) from None
        if not isinstance(parts, dict) or not isinstance(parts.get("default"), str):
            raise SnsRefusedError("Invalid parameter: Message Structure - No default entry in JSON message body")


def mail_of(subject: str | None, message: str, message_structure: str | None = None) -> Mail:
    """The mail that a publish becomes: its `email` part, or `default` where it has none that is a string.

    Raises SnsRefusedError as `check_publish` does. A publish without a subject gets the one that SNS gives it.
    """
    check_publish(subject, message, message_structure)
    text = message
    if message_structure == "json":
        parts = json.loads(message)
        text = parts["email"] if isinstance(parts.get("email"), str) else parts["default"]
    return Mail(subject or "AWS Notification Message", text)


class Inbox(Server):
    """Takes the mails of every address; `POST /mail` with `{to, topic_arn, subject, text}` delivers one."""

    name = "inbox"

    def __init__(self, clock: Clock, seed: int = 0) -> None:
        super().__init__(clock, seed)
        self.mails: list[Mail] = []
        self._arrived = threading.Condition()
        self.app.add_url_rule("/mail", view_func=self._deliver, methods=["POST"])
        self.app.add_url_rule("/mail", "list", self._list)

    def to(self, address: str) -> list[Mail]:
        """The mails of one address, oldest first."""
        return [mail for mail in self.mails if mail.to == address]

    def wait_for(self, count: int, timeout_seconds: float) -> list[Mail]:
        """The mails, as soon as there are so many; TimeoutError where that takes longer."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.mails) >= count, timeout_seconds):
                raise TimeoutError(f"{len(self.mails)} of {count} mails came within {timeout_seconds} s")
            return list(self.mails)

    def _deliver(self) -> tuple[Response, int]:
        body = request.get_json()
        mail = Mail(
            body.get("subject") or "AWS Notification Message",
            body["text"],
            body.get("to", ""),
            body.get("topic_arn", ""),
            self.clock.now(),
        )
        with self._arrived:
            self.mails.append(mail)
            self._arrived.notify_all()
        return jsonify({"mails": len(self.mails)}), 201

    def _list(self) -> Response:
        return jsonify([{"to": mail.to, "subject": mail.subject, "text": mail.text} for mail in self.mails])
