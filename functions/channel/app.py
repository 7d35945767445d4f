"""A channel: posts the notifications of the topic to Slack, or to whatever CHANNEL names."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobwatch import metrics, wiring
from jobwatch.failures import logging_failures
from jobwatch.messages.document import read_notification
from jobwatch.usecases.deliver import Fate

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@logging_failures(logger)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """One SNS event. SNS sends one record an event; whatever fails is tried again by Lambda as a whole."""
    delivery = wiring.delivery()
    for record in event["Records"]:
        notification = read_notification(record["Sns"]["Message"])
        logger.append_keys(watch_id=notification["watch_id"])
        with metrics.counting_failures(delivery.channel.name, notification["watch_id"]):
            delivered = delivery.deliver(notification, lambda: context.get_remaining_time_in_millis() / 1000)
        metrics.emit(metrics.of_delivery(delivered), delivered.watch_id)
        log = logger.info if delivered.fate in (Fate.POSTED, Fate.POSTED_BEFORE) else logger.error
        log(
            str(delivered.fate),
            extra={"notification_id": delivered.notification_id, "reason": delivered.reason},
        )
