"""What a function fails with, in its log."""

from collections.abc import Iterator
from contextlib import contextmanager

from aws_lambda_powertools import Logger


@contextmanager
def logging_failures(logger: Logger) -> Iterator[None]:
    """Log what is raised inside and raise it on; also a decorator.

    Lambda logs it too, but in a line of its own without the logger's keys, so nobody who looks for a `watch_id` would
    find it.
    """
    try:
        yield
    except Exception as error:
        logger.exception("failed: %s", error)
        raise
