"""SNS topics: the notifications, and what the operators are told."""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from jobwatch.aws.clients import calling, client
from jobwatch.domain.words import Notice
from jobwatch.ports import Pace, ServiceUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_sns.type_defs import MessageAttributeValueTypeDef


class SnsPublisher:
    """`jobwatch.ports.Publisher` on the notification topic, at the pace that all functions share.

    Sleeps until its slot; `time_now` in seconds since the epoch.
    """

    def __init__(
        self,
        topic_arn: str,
        pace: Pace,
        time_now: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._topic_arn = topic_arn
        self.pace = pace
        self._time_now = time_now
        self._sleep = sleep

    def publish(self, subject: str, parts: Mapping[str, str], attributes: Mapping[str, str | list[str]]) -> None:
        ends = 1 if attributes.get("notice") == Notice.FINISHED else 0
        at = self.pace.reserve(self._time_now(), ends)
        self._sleep(max(at - self._time_now(), 0))
        try:
            self._publish(subject, parts, attributes)
        except ServiceUnavailableError:
            if ends:
                with suppress(ServiceUnavailableError):
                    self.pace.unpublished(ends)
            raise

    def _publish(self, subject: str, parts: Mapping[str, str], attributes: Mapping[str, str | list[str]]) -> None:
        with calling("SNS Publish to the notification topic"):
            client("sns").publish(
                TopicArn=self._topic_arn,
                Subject=subject,
                MessageStructure="json",
                Message=json.dumps(parts, ensure_ascii=False),
                MessageAttributes={name: _attribute(value) for name, value in attributes.items()},
            )


def _attribute(value: str | list[str]) -> "MessageAttributeValueTypeDef":
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    return {"DataType": "String.Array", "StringValue": json.dumps(value, ensure_ascii=False)}


class SnsOperations:
    """`jobwatch.ports.OperationsTopic`."""

    def __init__(self, topic_arn: str) -> None:
        self._topic_arn = topic_arn

    def publish(self, subject: str, text: str) -> None:
        with calling("SNS Publish to the operations topic"):
            client("sns").publish(TopicArn=self._topic_arn, Subject=subject, Message=text)
