"""Intake: a `Job Submitted` event becomes a watch and its execution."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobwatch import metrics, wiring
from jobwatch.failures import logging_failures
from jobwatch.usecases.accept import Accepted

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@logging_failures(logger)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """One EventBridge event; the answer says what became of it."""
    del context
    result = wiring.intake().accept(event, lambda watch_id: logger.append_keys(watch_id=watch_id))
    if isinstance(result, Accepted):
        metrics.emit(metrics.of_acceptance(result), result.watch_id)
        logger.info("submission accepted" if result.new else "submission of a watch that exists")
        return {"watch_id": result.watch_id, "new": result.new}
    metrics.emit(metrics.of_rejection())
    logger.warning("submission rejected", extra={"reason": result.reason, "event_id": event.get("id")})
    return {"rejected": result.reason}
