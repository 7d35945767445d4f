"""Sweeper: on a schedule, finds the watches that nothing follows any more, and follows them again."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobwatch import metrics, wiring
from jobwatch.failures import logging_failures
from jobwatch.usecases.sweep import SweepIncompleteError

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@logging_failures(logger)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A scheduled event; the answer names the watches that were started again. Raises SweepIncompleteError."""
    del event, context
    restarted, failed = [], 0
    for swept in wiring.sweeper().sweep():
        if swept.failure is not None:
            failed += 1
            logger.error("watch not swept", extra={"watch_id": swept.watch_id, "reason": swept.failure})
            continue
        logger.warning("watch started again: its execution was gone", extra={"watch_id": swept.watch_id})
        metrics.emit(metrics.of_restart(), swept.watch_id)
        restarted.append(swept.watch_id)
    if failed:
        raise SweepIncompleteError(f"{failed} watches were not swept; the lines above say which and why")
    return {"restarted": restarted}
