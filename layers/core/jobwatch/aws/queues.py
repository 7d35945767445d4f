"""The queue on which rejected submissions are kept."""

import json
import re
from collections.abc import Mapping
from typing import Any

from jobwatch.aws.clients import calling, client


class SqsRejectedSubmissions:
    """`jobwatch.ports.RejectedSubmissions` on an SQS queue."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def keep(self, reason: str, event: Mapping[str, Any]) -> None:
        # Escaped is what SQS takes in no message (its SendMessage reference); all of ASCII would triple some events.
        body = json.dumps({"reason": reason, "event": event}, ensure_ascii=False)
        body = re.sub("[\ud800-\udfff\ufffe\uffff]", lambda found: f"\\u{ord(found.group()):04x}", body)
        with calling("SQS SendMessage to the rejected-submissions queue"):
            client("sqs").send_message(QueueUrl=self._queue_url, MessageBody=body)
