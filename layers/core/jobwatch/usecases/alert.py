"""Alerting: an execution has failed, and its watch with it; the operators are told, by cause."""

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from jobwatch.domain.telling import Kind, Telling
from jobwatch.domain.text import clean
from jobwatch.domain.watch import Watch
from jobwatch.messages.subject import subject_line
from jobwatch.ports import Clock, DeliveryBusyError, Operations, ServiceUnavailableError, Watches, WatchMissingError
from jobwatch.usecases.once import Once

_HOW = {"FAILED": "failed", "TIMED_OUT": "ran out of time", "ABORTED": "was aborted"}
_RUNBOOK = {"TIMED_OUT": "timedoutexecutionsalarm", "ABORTED": "abortedexecutionsalarm"}
_STANDS = (
    "the sweeper follows each again, if its watch is in the table; the log of the function alert has their watch_id"
)


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
    watch_table_name: str

    def alert(self, stopped: StoppedExecution) -> None:
        """Tell the operators of the first job that a cause stops in a day: which, why, and what to do.

        The others that it stops are counted in the next summary, each once a day: the sweeper follows them again, and
        what is broken for good fails again and again. Raises ServiceUnavailableError, DeliveryBusyError.
        """
        day, cause = self.now().date().isoformat(), _cause(stopped)
        what = f"{stopped.watch_id} {day} {stopped.status} {stopped.error}"
        self.once.tell("stopped", what, lambda: self._tell_first(stopped, day, cause))

    def _tell_first(self, stopped: StoppedExecution, day: str, cause: str) -> None:
        told: list[Telling] = []

        def tell() -> None:
            told.append(self._telling(stopped, cause))
            self.operations.tell(told[0])

        with suppress(DeliveryBusyError):
            # Another run tells of this cause; where that fails, its event comes again.
            self.once.tell("stopped-cause", f"{day} {cause}", tell)
        if not told:
            self.operations.count(self._telling(stopped, cause))

    def _telling(self, stopped: StoppedExecution, cause: str) -> Telling:
        try:
            told = _of_watch(self.watches.get(stopped.watch_id))
        except WatchMissingError:
            told = _Told(
                stopped.watch_id,
                f"Nobody hears how this job ends: its watch {stopped.watch_id} is not in the table.",
                "if it should be watched, send its submission again.",
            )
        except ServiceUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - it may be what stopped the execution, and must not stop this too
            reason = clean(f"{type(error).__name__}: {error}", 200)
            told = _Told(
                stopped.watch_id,
                f"Nobody hears how this job ends: the table's item of the watch {stopped.watch_id} cannot be read "
                f"({reason}).",
                "delete the item from the table, and send the job's submission again.",
            )
        how = _HOW.get(stopped.status, stopped.status.lower())
        text = (
            f"{told.job}\n\n"
            f"Why: its Step Functions execution {how}. {clean(stopped.cause, 1000) or 'No cause is given.'}\n\n"
            f"What to do: {told.step}\n\n"
            f"Watch: {stopped.watch_id} (the table {self.watch_table_name}; in the functions' logs, watch_id)\n"
            f"Execution: {stopped.execution_arn}\n"
            f"Runbook: docs/runbook.md#{_RUNBOOK.get(stopped.status, 'failedexecutionsalarm')}\n\n"
            "Others that the same cause stops today are told as a count, not one by one.\n"
        )
        return Telling(
            subject_line(f"jobwatch: an execution {how}: {told.name}"),
            text,
            Kind(f"executions that stopped ({how})", cause, "", _STANDS),
        )


def _cause(stopped: StoppedExecution) -> str:
    """What the executions that one trouble stops have in common: without the ids and numbers of each."""
    cause = stopped.cause.replace(stopped.watch_id, "…")
    with suppress(ValueError, LookupError, TypeError, AttributeError):
        # What Lambda says of an exception: its name and message, with the call's own id and lines of code beside them.
        document = json.loads(cause[cause.index("{") :])
        cause = f"{document.get('errorType', stopped.error)}: {document['errorMessage']}"
    except_ids = re.sub(r"[\w-]*\d[\w-]*", "#", cause)
    return clean(f"{stopped.status} {except_ids}" if cause else f"{stopped.status} without a cause", 200)


@dataclass(frozen=True)
class _Told:
    """`name`: for the subject. `job`: what becomes of which job. `step`: what to do."""

    name: str
    job: str
    step: str


def _of_watch(watch: Watch) -> _Told:
    submission = watch.submission
    name = clean(watch.job_name, 120)
    state = "It had ended, but that may not have been told." if watch.outcome else "The job may still run."
    return _Told(
        f"{clean(name, 30)} ({submission.connection})",
        "Nothing is lost: the sweeper follows this job again by itself, within ten minutes after its next poll was due "
        f"({watch.next_poll_at:%Y-%m-%d %H:%M} UTC).\n\n"
        f"Job: {name} (id {submission.job_id})\n"
        f"Connection: {submission.connection}, {watch.vendor_title} {submission.operation}\n"
        f"Polls so far: {watch.polls}. {state}",
        "nothing, if this was a passing trouble. If it comes again, mend the cause; it is told once a day while it "
        f"lasts. Look at the job in {watch.vendor_title} if it is urgent. To follow it no more, stop the execution if "
        f"one runs, and delete the watch's item from the table.",
    )
