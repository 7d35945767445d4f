"""What may be claimed of a job that ended: the one place that decides it, and every text asks it.

Never more than is known: that there were no errors is said only where somebody counted them, the vendor, or a log that
was read whole and whose levels were understood. A success that contradicts itself, or of which nobody counted the
errors, stays the outcome that the vendor stated, and is told in doubt.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jobwatch.domain.snapshot import Snapshot
from jobwatch.domain.words import Notice, Outcome, Severity, of_notice, of_outcome

_ERRORS = ("fatal", "error")
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Claims:
    """What may be said of a notice. `doubts`: why a success is not plain, as sentences, the contradictions first.

    `uncounted`: why nobody knows whether there were errors; None where somebody counted, or it does not matter.
    `log_errors`: how many entries the log has at error level or above.
    """

    severity: Severity
    doubts: tuple[str, ...] = ()
    uncounted: str | None = None
    log_errors: int = 0

    @property
    def plain_success(self) -> bool:
        """Whether it may be said that nothing is to be done, and of a validation that it found no errors."""
        return self.severity is Severity.GOOD


def claims(
    notice: Notice,
    outcome: Outcome | None,
    snapshot: Snapshot | None,
    vendor_title: str,
    log: Mapping[str, Any] | None,
    doubts: tuple[str, ...],
) -> Claims:
    """What may be claimed. `log`: the contract's log object, or None. `doubts`: the contradictions that were found."""
    errors = log_errors(log)
    if notice is not Notice.FINISHED or outcome is None:
        return Claims(of_notice(notice).severity, doubts, log_errors=errors)
    if outcome is not Outcome.SUCCEEDED:
        return Claims(of_outcome(outcome).severity, doubts, log_errors=errors)
    uncounted = None if _counted(snapshot, log) else f"Nobody counted errors: {_why_uncounted(vendor_title, log)}."
    doubtful = bool(doubts) or uncounted is not None or errors > 0
    severity = Severity.DOUBT if doubtful else of_outcome(outcome).severity
    return Claims(severity, (*doubts, *((uncounted,) if uncounted else ())), uncounted, errors)


def log_errors(log: Mapping[str, Any] | None) -> int:
    """How many entries of a log are at error level or above, as far as it was read."""
    return sum(log["levels"].get(level, 0) for level in _ERRORS) if log else 0


def log_says(log: Mapping[str, Any] | None) -> bool:
    """Whether a log tells how many errors there were: read whole, its levels found and understood."""
    return log is not None and _why_silent(log) is None


def _counted(snapshot: Snapshot | None, log: Mapping[str, Any] | None) -> bool:
    if log_says(log):
        return True
    if snapshot is None:
        return False
    results, progress = snapshot.results, snapshot.progress
    if results.errors is not None:
        return True
    done = None if results.successful is None else results.successful + (results.warnings or 0)
    all_done = done is not None and progress.total is not None and done >= progress.total
    # A vendor that lists every item with its state, or what its job said with a level, counted the failed ones too.
    return all_done or bool(snapshot.items) or bool(snapshot.messages)


def _why_uncounted(vendor_title: str, log: Mapping[str, Any] | None) -> str:
    no_count = f"{vendor_title} gave no count of them"
    return f"{no_count} and names no log" if log is None else f"{no_count}, and {_why_silent(log)}"


def _why_silent(log: Mapping[str, Any]) -> str | None:
    """Why a log does not tell how many errors there were; None where it does."""
    if not log["complete"]:
        return "the log was read in part only" if log.get("lines") else "the log was not read"
    if log.get("lines") == 0:
        return "the log is empty"
    if not any(level != _UNKNOWN for level in log["levels"]):
        return "the log states no levels"
    if not log.get("understood", True):
        unknown = log["levels"].get(_UNKNOWN)
        return f"{unknown:,} lines of the log state no known level" if unknown else "the log was not understood whole"
    return None
