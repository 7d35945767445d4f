"""SNS topics: the notifications, and what the operators are told."""

import json
from collections.abc import Mapping

from jobwatch.aws.clients import calling, client


class SnsPublisher:
    """`jobwatch.ports.Publisher` on the notification topic."""

    def __init__(self, topic_arn: str) -> None:
        self._topic_arn = topic_arn

    def publish(self, subject: str, parts: Mapping[str, str], attributes: Mapping[str, str]) -> None:
        with calling("SNS Publish to the notification topic"):
            client("sns").publish(
                TopicArn=self._topic_arn,
                Subject=subject,
                MessageStructure="json",
                Message=json.dumps(parts, ensure_ascii=False),
                MessageAttributes={
                    name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
                },
            )


class SnsOperations:
    """`jobwatch.ports.OperationsTopic`."""

    def __init__(self, topic_arn: str) -> None:
        self._topic_arn = topic_arn

    def publish(self, subject: str, text: str) -> None:
        with calling("SNS Publish to the operations topic"):
            client("sns").publish(TopicArn=self._topic_arn, Subject=subject, Message=text)
