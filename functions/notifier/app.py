"""Notifier: reads the job's log, says what happened and what to do next, publishes to SNS."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobwatch import metrics, wiring
from jobwatch.failures import logging_failures

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@logging_failures(logger)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"watch_id", "generation"}` in; `{"watch_id", "generation", "next", "wait_seconds"}` out."""
    watch_id = event["watch_id"]
    logger.append_keys(watch_id=watch_id)
    with metrics.counting_failures(metrics.SNS, watch_id):
        notified = wiring.notifier().notify(watch_id, lambda: context.get_remaining_time_in_millis() / 1000)
    metrics.emit(metrics.of_notifying(notified), watch_id)
    for notification in notified.told:
        logger.info("told", extra={"notice": notification["notice"], "outcome": notification["outcome"]})
    return {
        "watch_id": watch_id,
        "generation": event["generation"],
        "next": notified.step.next,
        "wait_seconds": notified.step.wait_seconds,
    }
