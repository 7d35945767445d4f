"""Alert: an execution that failed, timed out or was aborted reaches the operations topic."""

from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobwatch import wiring
from jobwatch.failures import logging_failures
from jobwatch.usecases.alert import read_status_change

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@logging_failures(logger)
def handler(event: dict[str, Any], context: LambdaContext) -> None:
    """One "Step Functions Execution Status Change" event."""
    del context
    stopped = read_status_change(event)
    logger.append_keys(watch_id=stopped.watch_id)
    wiring.alerts().alert(stopped)
    logger.error("execution stopped", extra={"status": stopped.status, "cause": stopped.cause[:1000]})
