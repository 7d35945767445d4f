"""Why it went as it did, in one sentence of the vendor's or the log's own: the first that there is."""

from collections.abc import Iterator, Sequence

from jobwatch.domain.claims import Claims
from jobwatch.domain.snapshot import Item, Snapshot
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.document import LogPart
from jobwatch.messages.problems import example_of, gravest, says_the_same

# What an error says that says nothing: it repeats the state.
_STATES = (
    *("failed", "failure", "error", "errors", "the job failed", "job failed", "unknown error", "an error occurred"),
    *("completed with errors", "finished with errors", "aborted", "cancelled", "canceled", "unknown"),
    *("import failed", "export failed", "validation failed", "none", "null", "n a"),
)


def cause_of(watch: Watch, notice: Notice, outcome: Outcome | None, log: LogPart | None, claims: Claims) -> str | None:
    """The cause of what a notice tells; None for a plain success, and where nobody gave one.

    For an unreachable vendor, a job that is gone, or one that was given up: what the last failed answers were.
    """
    if notice is Notice.RECOVERED or (outcome is Outcome.SUCCEEDED and claims.plain_success):
        return None
    return unanswered(watch, notice, outcome) or next(_stated(watch.snapshot, notice, log), None)


def unanswered(watch: Watch, notice: Notice, outcome: Outcome | None) -> str | None:
    """What the last failed answers were, of a notice that tells of these; None for every other."""
    if outcome is Outcome.NOT_FOUND and watch.missing:
        return watch.missing.detail
    if watch.failing and (notice is Notice.UNREACHABLE or outcome is Outcome.GAVE_UP):
        return watch.failing.detail
    return None


def shared_reason(items: Sequence[Item]) -> str | None:
    """The reason that all failed items give; None where they give several, or one gives none."""
    reasons = {item.error for item in items if item.failed}
    return reasons.pop() if len(reasons) == 1 else None


def only_repeats_the_state(error: str, vendor_status: str) -> bool:
    """Whether an error says no more than that the job failed."""
    words = (vendor_status, *_STATES)
    return any(says_the_same(error, word) for word in words if len(error) <= len(word) + 10)


def _stated(snapshot: Snapshot | None, notice: Notice, log: LogPart | None) -> Iterator[str]:
    if snapshot is None:
        return
    if snapshot.error and not only_repeats_the_state(snapshot.error, snapshot.vendor_status):
        yield snapshot.error
    if notice is not Notice.FINISHED:
        return
    yield from (message.text for message in snapshot.messages if message.level == "error")
    reason = shared_reason(snapshot.items)
    if reason:
        yield reason
    worst = gravest(log["problems"]) if log else None
    if worst is not None:
        yield example_of(worst)
