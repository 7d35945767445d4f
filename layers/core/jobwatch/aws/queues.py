"""The queues that jobwatch fills itself: refused submissions, and notifications that a channel refused."""

import json
import re
from collections.abc import Mapping
from typing import Any

from jobwatch.aws.clients import calling, client

# SQS takes a mebibyte, EventBridge events of a megabyte; beside the event stands the reason.
_LARGEST_MESSAGE_BYTES = 1024 * 1024
# In a string every quote and backslash is escaped once more.
_LARGEST_CUT_CHARACTERS = 400_000


class SqsRejectedSubmissions:
    """`jobwatch.ports.RejectedSubmissions` on an SQS queue."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url
        self.name = queue_url.rpartition("/")[2]

    def keep(self, reason: str, event: Mapping[str, Any]) -> None:
        body = message_body({"reason": reason, "event": event})
        if len(body) > _LARGEST_MESSAGE_BYTES:
            # What stands in it counts; as text it can be cut anywhere.
            text = json.dumps(event, separators=(",", ":"))[:_LARGEST_CUT_CHARACTERS]
            cut = {"reason": reason, "event_cut": "the event is too large for a queue; it begins so", "event": text}
            body = message_body(cut)
        _send(self._queue_url, "the rejected-submissions queue", body)


class SqsUndelivered:
    """`jobwatch.ports.Undelivered` on an SQS queue.

    The body has the form of the record that Lambda sends to a failure destination, so that one way leads back for all
    that is there: invoke the function with `requestPayload`.
    """

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url
        self.name = queue_url.rpartition("/")[2]

    def keep(self, reason: str, notification_json: str) -> None:
        record = {
            "requestContext": {"condition": "Refused"},
            "requestPayload": {"Records": [{"Sns": {"Message": notification_json}}]},
            "responsePayload": {"errorType": "ChannelRefusedError", "errorMessage": reason},
        }
        _send(self._queue_url, f"the dead-letter queue {self.name}", message_body(record))


def message_body(document: Mapping[str, Any]) -> bytes:
    """A document as the body of a message: JSON that SQS takes, whatever texts are in it."""
    # Escaped is what SQS takes in no message (its SendMessage reference); all of ASCII would triple some events.
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[\ud800-\udfff\ufffe\uffff]", lambda found: f"\\u{ord(found.group()):04x}", text).encode()


def _send(queue_url: str, queue: str, body: bytes) -> None:
    with calling(f"SQS SendMessage to {queue}"):
        client("sqs").send_message(QueueUrl=queue_url, MessageBody=body.decode())
