"""The subscriptions of an SNS topic."""

from typing import Any

from jobwatch.aws.clients import calling, client
from jobwatch.domain.listening import Subscription


class SnsSubscriptions:
    """`jobwatch.ports.Subscriptions` of one topic."""

    def __init__(self, topic_arn: str) -> None:
        self._topic_arn = topic_arn

    def listed(self) -> list[Subscription]:
        found: list[Subscription] = []
        more: dict[str, Any] = {}
        # A hundred an answer, 30 calls a second: https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
        with calling("SNS ListSubscriptionsByTopic"):
            while True:
                answer = client("sns").list_subscriptions_by_topic(TopicArn=self._topic_arn, **more)
                found += [
                    Subscription(each["Protocol"], each.get("Endpoint", ""), each["SubscriptionArn"])
                    for each in answer.get("Subscriptions", [])
                ]
                if not answer.get("NextToken"):
                    return found
                more = {"NextToken": answer["NextToken"]}
