"""Telling the operators of a state that no outcome names: without them, its watch would see no end."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from jobwatch.domain.telling import Kind, Telling
from jobwatch.domain.text import clean
from jobwatch.domain.watch import Watch
from jobwatch.messages.subject import subject_line
from jobwatch.ports import DeliveryBusyError, Operations, ServiceUnavailableError
from jobwatch.usecases.once import Once


@dataclass(frozen=True)
class UnnamedStates:
    """Tells each state of a connection once. `parts`: the ledger and the topic, made when they are first needed."""

    parts: Callable[[], tuple[Once, Operations]]

    def tell(self, watch: Watch) -> Watch:
        """The watch after the operators were told of its state, where no outcome names it and they were not yet.

        Where they cannot be told now, the watch stays as it is, so that its next poll tries again: no poll of a job
        waits for that.
        """
        snapshot = watch.snapshot
        if watch.outcome is not None or snapshot is None or snapshot.unnamed is None:
            return watch
        state = _kind(snapshot.vendor_status)
        if state == watch.unnamed_told:
            return watch
        try:
            once, operations = self.parts()
            once.tell("unnamed-state", f"{watch.submission.connection} {state}", lambda: _tell(operations, watch))
        except (ServiceUnavailableError, DeliveryBusyError):
            return watch
        return replace(watch, unnamed_told=state)


def _kind(state: str) -> str:
    """The state, with numbers in a text as one: "step 3 of 7" is told once, not seven times."""
    return re.sub(r"\d+", "#", state) if re.search(r"[^\W\d_].*\s|\s.*[^\W\d_]|%", state) else state


def _tell(operations: Operations, watch: Watch) -> None:
    snapshot, connection = watch.snapshot, watch.submission.connection
    if snapshot is None:
        return
    state = clean(snapshot.vendor_status, 80)
    mend = (
        f"look the state up at {watch.vendor_title}, and name it in the connection's rest.outcomes: under the end that "
        "it is, or under running. It counts from the next poll."
        if watch.vendor == "rest"
        else f"look the job up at {watch.vendor_title}. If the state is an end, jobwatch's adapter has to learn it."
    )
    text = (
        f'The state "{state}" is not named in {snapshot.unnamed}, so jobwatch cannot see an end: a job in it is taken '
        "as running, until a limit of the connection.\n\n"
        f"Job: {clean(watch.job_name, 120)} (id {watch.submission.job_id})\n"
        f"Connection: {connection}, {watch.vendor_title} {watch.submission.operation}\n\n"
        f"What to do: {mend}\n\n"
        "This is told once for a connection and state, and stands in every notice of such a job.\n"
    )
    kind = Kind("states that no outcome names", f'state "{state}"', connection, "jobs in them are taken as running")
    operations.tell(Telling(subject_line(f'jobwatch: unknown state "{clean(state, 30)}" ({connection})'), text, kind))
