"""Alerting: an execution has failed, and with it the watch stops; the operators are told, once a day for a cause."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobwatch.domain.text import clean
from jobwatch.domain.watch import Watch
from jobwatch.messages.wording import job_name
from jobwatch.ports import Clock, Operations, ServiceUnavailableError, Watches, WatchMissingError
from jobwatch.usecases.once import Once

_HOW = {"FAILED": "failed", "TIMED_OUT": "ran out of time", "ABORTED": "was aborted"}


@dataclass(frozen=True)
class StoppedExecution:
    """An execution that ended without an end of its watch.

    `status`: FAILED, TIMED_OUT or ABORTED. `error`: the name of its error.
    """

    watch_id: str
    execution_arn: str
    status: str
    error: str
    cause: str


def read_status_change(event: Mapping[str, Any]) -> StoppedExecution:
    """The execution in a "Step Functions Execution Status Change" event.

    Its input names the watch; where the event is without it, its name does, before the generation.
    """
    detail = event["detail"]
    cause = ": ".join(part for part in (detail.get("error"), detail.get("cause")) if part)
    try:
        watch_id = str(json.loads(detail["input"])["watch_id"])
    except (KeyError, ValueError, TypeError):
        watch_id = detail["name"].rpartition("-")[0]
    return StoppedExecution(watch_id, detail["executionArn"], detail["status"], str(detail.get("error")), cause)


@dataclass(frozen=True)
class Alerts:
    """The parts that alerting needs."""

    watches: Watches
    operations: Operations
    once: Once
    now: Clock

    def alert(self, stopped: StoppedExecution) -> None:
        """Tell the operators which job is no longer followed, why, and what to do.

        Once a day for a watch and error: the sweeper follows the watch again, and what is broken for good fails again
        and again. Raises ServiceUnavailableError, DeliveryBusyError.
        """
        day = self.now().date().isoformat()
        what = f"{stopped.watch_id} {day} {stopped.status} {stopped.error}"
        self.once.tell("stopped", what, lambda: self._tell(stopped))

    def _tell(self, stopped: StoppedExecution) -> None:
        unreadable = None
        try:
            watch: Watch | None = self.watches.get(stopped.watch_id)
        except WatchMissingError:
            watch = None
        except ServiceUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - it may be what stopped the execution, and must not stop this too
            watch, unreadable = None, f"{type(error).__name__}: {error}"
        how = _HOW.get(stopped.status, stopped.status.lower())
        if unreadable is not None:
            job = f"The table's item of the watch {stopped.watch_id} cannot be read ({clean(unreadable, 200)})."
            again = "delete the item from the table, and send the job's submission again."
        elif watch is None:
            job = f"The watch {stopped.watch_id} is not in the table."
            again = "if it should be watched, send its submission again."
        else:
            submission = watch.submission
            told = "It had ended, but that may not have been told." if watch.outcome else "The job may still run."
            job = (
                f"Job: {clean(job_name(watch), 120)} (id {submission.job_id})\n"
                f"Connection: {submission.connection}, {submission.operation}\n"
                f"Polls so far: {watch.polls}. {told}"
            )
            again = (
                "mend the cause. Within ten minutes the sweeper follows the watch again by itself, and fails again "
                "while the cause lasts, which is told once a day; to stop it for good, delete the watch's item from "
                "the table."
            )
        self.operations.tell(
            "jobwatch stopped following a job: its execution " + how,
            f"jobwatch no longer follows this job, because its Step Functions execution {how}.\n\n{job}\n\n"
            f"Cause: {clean(stopped.cause, 1000) or 'none given'}\n\n"
            f"Execution: {stopped.execution_arn}\n\n"
            f"What to do: look at the job at the vendor if it is urgent, and {again}\n",
        )
