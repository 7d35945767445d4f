"""The things that failed, each with its reason: kept for the report, the first few named in the summary."""

from collections.abc import Iterator
from dataclasses import dataclass

from jobwatch.logs.redact import showable

MAX_ITEMS = 20_000
_NAME_BYTES = 200
_REASON_BYTES = 2000
_NAME_CHARACTERS = 80
_REASON_CHARACTERS = 500


@dataclass(frozen=True)
class FailedThing:
    """One thing that failed, as the log tells it; redacted."""

    item: str
    reason: str
    """What the entry says."""
    level: str
    line: int | None
    """Counted from 1; None where lines before it were not read."""


class FailedThings:
    """Distinct things that failed, up to MAX_ITEMS, in the order in which they failed; the first reason counts.

    Their text is redacted when it is asked for: of twenty thousand, mostly five are.
    """

    def __init__(self) -> None:
        self._found: dict[bytes, tuple[int, bytes, str, int | None]] = {}
        self.at_least = False
        """Whether there may be more."""

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[FailedThing]:
        for item, (_, reason, level, line) in sorted(self._found.items(), key=_by_order):
            yield FailedThing(showable(item, _NAME_CHARACTERS), showable(reason, _REASON_CHARACTERS), level, line)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FailedThings) and self._found == other._found and self.at_least == other.at_least

    def __hash__(self) -> int:
        return hash((len(self._found), self.at_least))

    def lacks(self, item: bytes, order: int) -> bool:
        """Whether the thing is new, or failed before where it was found so far."""
        known = self._found.get(item[:_NAME_BYTES])
        return known is None or order < known[0]

    def add(self, item: bytes, order: int, reason: bytes, level: str, line: int | None) -> None:
        """Takes one that it lacks. `order`: where it stands in the text."""
        name = item[:_NAME_BYTES]
        if len(self._found) >= MAX_ITEMS and name not in self._found:
            self.at_least = True
        else:
            self._found[name] = order, reason[:_REASON_BYTES], level, line


def _by_order(entry: tuple[bytes, tuple[int, bytes, str, int | None]]) -> int:
    return entry[1][0]
