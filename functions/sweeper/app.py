"""Sweeper: on a schedule, follows again what nothing follows any more, and tells what nobody was told."""

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from jobwatch import metrics, wiring
from jobwatch.failures import logging_failures
from jobwatch.usecases.rounds import Rounds
from jobwatch.usecases.sweep import SweepIncompleteError

logger = Logger()


@logger.inject_lambda_context(clear_state=True)
@logging_failures(logger)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """A scheduled event; the answer names the watches that were started again. Raises SweepIncompleteError."""
    del event
    rounds = wiring.rounds()
    # One's trouble is not another's, and watches that are lost wait for none of it.
    failed = [
        what
        for what, do in {
            "looking who listens": lambda: _look(rounds),
            "telling what was held back": lambda: _summarise(rounds, context),
        }.items()
        if not _done(what, do)
    ]
    restarted = []
    for swept in rounds.sweeper.sweep():
        if swept.failure is not None:
            failed.append(f"the watch {swept.watch_id}")
            logger.error("watch not swept", extra={"watch_id": swept.watch_id, "reason": swept.failure})
            continue
        logger.warning("watch started again: its execution was gone", extra={"watch_id": swept.watch_id})
        metrics.emit(metrics.of_restart(), swept.watch_id)
        restarted.append(swept.watch_id)
    if failed:
        raise SweepIncompleteError(f"{len(failed)} things were not done; the lines above say which and why")
    return {"restarted": restarted}


def _look(rounds: Rounds) -> None:
    heard = rounds.listening.look()
    metrics.emit(metrics.of_listening(heard))
    logger.info(
        "who listens",
        extra={"notifications": heard.notifications, "operations": heard.operations, "somebody": heard.somebody},
    )


def _summarise(rounds: Rounds, context: LambdaContext) -> None:
    # Sweeping gets half of the time at least.
    half_seconds = context.get_remaining_time_in_millis() / 2000
    told = rounds.operators.summarise(lambda: context.get_remaining_time_in_millis() / 1000 - half_seconds)
    if told:
        logger.info("summary told", extra={"count": told})


def _done(what: str, do: Callable[[], None]) -> bool:
    try:
        do()
    except Exception:
        logger.exception("not done", extra={"what": what})
        return False
    return True
