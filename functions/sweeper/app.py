"""Sweeper: on a schedule, finds the watches that nothing follows any more, and follows them again."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobwatch import metrics, wiring

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A scheduled event; the answer names the watches that were started again."""
    del event, context
    restarted = []
    for watch_id in wiring.sweeper().sweep():
        logger.warning("watch started again: its execution was gone", extra={"watch_id": watch_id})
        metrics.emit(metrics.of_restart(), watch_id)
        restarted.append(watch_id)
    return {"restarted": restarted}
