"""Intake: `Job Submitted` events from their queue become watches and executions."""

import json
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobwatch import metrics, wiring
from jobwatch.failures import logging_failures
from jobwatch.usecases.accept import Accepted

logger = Logger()
# So long a call to AWS takes at worst. One begun with less would end with the function, and take the whole batch along.
BEGUN_WITH_MILLISECONDS = 25_000


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A batch of the queue's messages, an EventBridge event in each; the answer names those that have to come again.

    An event by itself was handed over without the queue; where it fails, the call does.
    """
    if "Records" not in event:
        with logging_failures(logger):
            _accept(event)
        return {"batchItemFailures": []}
    left = [record["messageId"] for record in event["Records"] if not _accepted(record, context)]
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in left]}


def _accepted(record: dict[str, Any], context: LambdaContext) -> bool:
    """Whether a message was processed. One's trouble is not another's."""
    logger.remove_keys(["watch_id"])
    logger.append_keys(message_id=record["messageId"])
    if context.get_remaining_time_in_millis() < BEGUN_WITH_MILLISECONDS:
        logger.warning("submission put off")
        return False
    try:
        with logging_failures(logger):
            _accept(json.loads(record["body"]))
    except Exception:  # noqa: BLE001 - whatever it is, it is logged, and the others of the batch are not to blame
        return False
    return True


def _accept(event: dict[str, Any]) -> None:
    result = wiring.intake().accept(event, lambda watch_id: logger.append_keys(watch_id=watch_id))
    if isinstance(result, Accepted):
        metrics.emit(metrics.of_acceptance(result), result.watch_id)
        logger.info("submission accepted" if result.new else "submission of a watch that exists")
        return
    metrics.emit(metrics.of_rejection())
    logger.warning("submission rejected", extra={"reason": result.reason, "event_id": event.get("id")})
