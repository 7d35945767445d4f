"""The things that failed, each with its reason: kept for the report, the first few named in the summary."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jobwatch.logs.redact import showable

MAX_ITEMS = 20_000
_NAME_BYTES = 200
_REASON_BYTES = 2000
_NAME_CHARACTERS = 80
_REASON_CHARACTERS = 500
_AROUND_BYTES = 24
_DIGITS = re.compile(rb"\d")


@dataclass(frozen=True)
class NamedWords:
    """Which words of a message name the thing: the same in every message that differs from it in digits only."""

    first: int
    end: int
    lead: bytes
    """What stands before the name in its first word, and behind it in its last."""
    trail: bytes

    def name(self, text: bytes) -> bytes | None:
        """What the words of another text name."""
        words = text.split(None, self.end)
        if len(words) < self.end:
            return None
        named = words[self.first] if self.end - self.first == 1 else b" ".join(words[self.first : self.end])
        return named[len(self.lead) : len(named) - len(self.trail)] or None


@dataclass(frozen=True)
class NamedBetween:
    """What stands before and behind the name, where an object's text has no words to count."""

    lead: bytes
    trail: bytes

    def name(self, text: bytes) -> bytes | None:
        """What another object of the same form names."""
        at = text.find(self.lead)
        end = text.find(self.trail, at + len(self.lead)) if at >= 0 else -1
        return text[at + len(self.lead) : end] or None if end >= 0 else None


def named_between(text: bytes, name: bytes) -> NamedBetween | None:
    """Where an object's text names `name`; None where that cannot be told by what stands around it."""
    at = text.rfind(name)
    if at < 0:
        return None
    before, behind = text[max(at - _AROUND_BYTES, 0) : at], text[at + len(name) : at + len(name) + _AROUND_BYTES // 2]
    lead, trail = _DIGITS.split(before)[-1], _DIGITS.split(behind)[0]
    found = NamedBetween(lead, trail)
    if not trail or len(lead) < _AROUND_BYTES // 4 or text.count(lead) != 1 or found.name(text) != name:
        return None
    return found


def named_words(text: bytes, name: bytes) -> NamedWords | None:
    """The words of `text` that are `name`; None where those cannot be told by counting."""
    at = text.rfind(name)
    if at < 0:
        return None
    before, behind = text[:at], text[at + len(name) :]
    lead = b"" if before[-1:].isspace() or not before else before.split()[-1]
    trail = b"" if behind[:1].isspace() or not behind else behind.split(None, 1)[0]
    first = len(before.split()) - (1 if lead else 0)
    found = NamedWords(first, first + len(name.split()), lead, trail)
    if any(48 <= byte <= 57 for byte in lead + trail) or found.name(text) != name:
        return None
    return found


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
        """Whether the thing is new, or has been found only behind `order`."""
        known = self._found.get(item if len(item) <= _NAME_BYTES else item[:_NAME_BYTES])
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
