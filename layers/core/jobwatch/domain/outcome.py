"""How a watch ended, from what the vendor said and what its log holds."""

from jobwatch.domain.snapshot import Snapshot
from jobwatch.domain.words import Outcome


def settle(snapshot: Snapshot) -> Outcome:
    """The outcome of an ended job: a success with errors in it is never a plain success.

    `completed_with_errors` when the counts name errors, an item failed, or an error-level message came.
    Raises ValueError when the job has not ended.
    """
    if snapshot.verdict is None:
        raise ValueError("the job has not ended")
    if snapshot.verdict is not Outcome.SUCCEEDED:
        return snapshot.verdict
    if (
        (snapshot.results.errors or 0) > 0
        or any(item.failed for item in snapshot.items)
        or any(message.level == "error" for message in snapshot.messages)
    ):
        return Outcome.COMPLETED_WITH_ERRORS
    return Outcome.SUCCEEDED


def settle_with_log(outcome: Outcome, counted_errors: int | None, log_errors: int) -> tuple[Outcome, str | None]:
    """The outcome once the log has been read, and a remark on a contradiction.

    Without counts, errors in the log make a success `completed_with_errors`. Counts of zero with errors in the log
    stay a success, with a remark: the vendor counted, and a log may call errors what the vendor does not.
    """
    if outcome is not Outcome.SUCCEEDED or log_errors == 0:
        return outcome, None
    if counted_errors is None:
        return Outcome.COMPLETED_WITH_ERRORS, None
    return outcome, f"The vendor counted 0 errors, yet the log has {log_errors:,} lines at error level."
