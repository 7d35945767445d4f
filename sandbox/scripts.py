"""The stories that the demo and the tests tell, each a `Script` with a name.

Numbers and messages of the eGain ones are the examples of its status document (5000 items, 4985 / 10 / 5,
"Database connection timeout after processing 1250 items").
"""

import math
from collections.abc import Callable

from sandbox.jobs import Item, Message, Results, Script, State


def good_import(duration_seconds: float = 4500, total: int = 5000) -> Script:
    """Ends well, without a warning."""
    return Script(duration_seconds, total, results=Results(total))


def import_with_errors(duration_seconds: float = 4500) -> Script:
    """Ends as successful with ten warnings and five errors."""
    return Script(
        duration_seconds,
        results=Results(4985, 10, 5),
        messages=(
            Message("error", "Article 1042: link target not found"),
            Message("warning", "Article 1107: image larger than 5 MB was scaled"),
        ),
        items=(Item("a.json"), Item("b.json", error="schema mismatch in row 40"), Item("c.json")),
    )


def clean_validation(duration_seconds: float = 600) -> Script:
    """A validation with zero errors: the import may be started."""
    return Script(duration_seconds, results=Results(5000), operation="Validating content items")


def validation_with_errors(duration_seconds: float = 600) -> Script:
    """A validation that ends as successful and names five errors."""
    return Script(duration_seconds, results=Results(4985, 10, 5), operation="Validating content items")


def failed_retryable(duration_seconds: float = 2700) -> Script:
    """Fails at a quarter; the vendor says that another attempt may work."""
    return Script(
        duration_seconds,
        end=State.FAILED,
        end_fraction=0.25,
        error="Database connection timeout after processing 1250 items",
        retryable=True,
        items=(Item("a.json"), Item("b.json", error="connection timeout")),
    )


def failed_for_good(duration_seconds: float = 300) -> Script:
    """Fails early; another attempt is pointless."""
    return Script(
        duration_seconds,
        end=State.FAILED,
        end_fraction=0.02,
        error="Access to the data source was denied",
        retryable=False,
    )


def cancelled(duration_seconds: float = 1200) -> Script:
    """Somebody stops it at forty percent."""
    return Script(duration_seconds, end=State.CANCELLED, end_fraction=0.4)


def scheduled(starts_after_seconds: float = 7200, duration_seconds: float = 4500) -> Script:
    """Waits for its scheduled start, then ends well."""
    return Script(duration_seconds, starts_after_seconds=starts_after_seconds, results=Results(5000))


def stuck(at: float = 0.6, duration_seconds: float = 4500) -> Script:
    """Stands still at a fraction of its progress and never ends."""
    return Script(duration_seconds, stalls_at=at, stalls_for_seconds=math.inf)


def stalled_then_good(at: float = 0.6, stalls_for_seconds: float = 7200, duration_seconds: float = 4500) -> Script:
    """Stands still for a while, then goes on and ends well."""
    return Script(duration_seconds, stalls_at=at, stalls_for_seconds=stalls_for_seconds, results=Results(5000))


def never_known() -> Script:
    """The vendor never knows the job."""
    return Script(known_after_seconds=None)


def late_known(known_after_seconds: float = 60, duration_seconds: float = 4500) -> Script:
    """Not found at first, as right after a submission, then found."""
    return Script(duration_seconds, known_after_seconds=known_after_seconds, results=Results(5000))


def noisy(seed: int, duration_seconds: float = 4500) -> Script:
    """Ends well after uneven progress."""
    return Script(duration_seconds, noise=0.8, seed=seed, results=Results(5000))


BY_NAME: dict[str, Callable[[], Script]] = {
    "good": good_import,
    "errors": import_with_errors,
    "clean-validation": clean_validation,
    "validation-errors": validation_with_errors,
    "failed-retryable": failed_retryable,
    "failed": failed_for_good,
    "cancelled": cancelled,
    "scheduled": scheduled,
    "stuck": stuck,
    "stalled": stalled_then_good,
    "never-known": never_known,
    "late-known": late_known,
    "noisy": lambda: noisy(1),
}
