"""The queue on which rejected submissions are kept."""

import json
from collections.abc import Mapping
from typing import Any

from jobwatch.aws.clients import calling, client


class SqsRejectedSubmissions:
    """`jobwatch.ports.RejectedSubmissions` on an SQS queue."""

    def __init__(self, queue_url: str) -> None:
        self._queue_url = queue_url

    def keep(self, reason: str, event: Mapping[str, Any]) -> None:
        # ASCII: an SQS message may not hold every character that JSON can name.
        body = json.dumps({"reason": reason, "event": event})
        with calling("SQS SendMessage to the rejected-submissions queue"):
            client("sqs").send_message(QueueUrl=self._queue_url, MessageBody=body)
