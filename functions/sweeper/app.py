"""Sweeper: on a schedule, follows again what nothing follows any more, and tells what nobody was told."""

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
    del event
    rounds = wiring.rounds()
    told = rounds.tell(lambda: context.get_remaining_time_in_millis() / 1000)
    for failure in told.failures:
        logger.error("not told", extra={"reason": failure})
    if told.heard is not None:
        metrics.emit(metrics.of_listening(told.heard))
        standing = {"notifications": told.heard.notifications, "operations": told.heard.operations}
        logger.info("who listens", extra={**standing, "somebody": told.heard.somebody, "summarised": told.summarised})
    restarted, failed = [], len(told.failures)
    for swept in rounds.sweeper.sweep():
        if swept.failure is not None:
            failed += 1
            logger.error("watch not swept", extra={"watch_id": swept.watch_id, "reason": swept.failure})
            continue
        logger.warning("watch started again: its execution was gone", extra={"watch_id": swept.watch_id})
        metrics.emit(metrics.of_restart(), swept.watch_id)
        restarted.append(swept.watch_id)
    if failed:
        raise SweepIncompleteError(f"{failed} things were not done; the lines above say which and why")
    return {"restarted": restarted}
