"""Poller: asks the vendor once about a watch's job and says what the state machine does next."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobwatch import metrics, wiring
from jobwatch.domain.snapshot import NotFound, PollFailure
from jobwatch.failures import logging_failures
from jobwatch.usecases.poll import NextStep, PutOff

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@logging_failures(logger)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """`{"watch_id", "generation", "retry"}` in; `{"watch_id", "generation", "next", "wait_seconds"}` out."""
    del context
    watch_id = event["watch_id"]
    logger.append_keys(watch_id=watch_id)
    # A number, from executions that began before the machine said it as a word.
    polled = wiring.poller().poll(watch_id, event["generation"], is_retry=bool(event.get("retry")))
    metrics.emit(metrics.of_poll(polled), watch_id)
    answer = polled.answer
    if isinstance(answer, PollFailure):
        logger.warning("poll failed", extra={"kind": answer.kind, "detail": answer.detail})
    elif isinstance(answer, PutOff):
        logger.warning("poll put off", extra={"detail": answer.detail, "wait_seconds": polled.step.wait_seconds})
    elif isinstance(answer, NotFound):
        logger.warning("job not found", extra={"detail": answer.detail})
    elif answer is not None:
        logger.info("polled", extra={"vendor_status": answer.vendor_status, "wait_seconds": polled.step.wait_seconds})
    generation = event["generation"] + (1 if polled.step.next is NextStep.CONTINUE else 0)
    return {
        "watch_id": watch_id,
        "generation": generation,
        "next": polled.step.next,
        "wait_seconds": polled.step.wait_seconds,
    }
