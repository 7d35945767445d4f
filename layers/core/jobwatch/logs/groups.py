"""The table of a summary: kinds of messages with their counts, within a fixed size however long the log."""

from jobwatch.logs.levels import SEVERITY
from jobwatch.logs.templates import template_of

MAX_GROUPS = 3000
TEXT_BYTES = 600
_LINE_BYTES = 2000


class Place:
    """Where an entry stands: its order in the text, its line number (None where that is not known), and its line.

    `message`: what it says, where that is more than its line tells.
    """

    __slots__ = ("line", "message", "number", "order")

    def __init__(self, order: int, number: int | None, line: bytes, message: bytes | None = None) -> None:
        self.order = order
        self.number = number
        self.line = line if len(line) <= _LINE_BYTES else line[:TEXT_BYTES]
        self.message = message and message[:TEXT_BYTES]


class Group:
    """The messages of one level and one template."""

    __slots__ = ("alarming", "count", "dropped", "first", "last", "level", "template")

    def __init__(self, level: str, template: bytes, first: Place, *, alarming: bool) -> None:
        self.level = level
        self.template = template
        self.alarming = alarming
        """For lines that state no level: whether their words alarm."""
        self.count = 0
        self.first = self.last = first
        self.dropped = False

    def seen_at(self, place: Place) -> None:
        """One of its entries; they come in any order."""
        if place.order < self.first.order:
            self.first = place
        if place.order > self.last.order:
            self.last = place

    def absorb(self, other: "Group") -> None:
        """Takes over another group's messages."""
        self.count += other.count
        self.alarming = self.alarming or other.alarming
        self.seen_at(other.first)
        self.seen_at(other.last)


class GroupTable:
    """All groups, found by level and message.

    Full, it drops the rarest half of its least grave groups (as lossy counting does, Manku and Motwani 2002):
    what is kept is then counted too low by at most `undercount`, and nothing that was more frequent is missing.
    """

    def __init__(self) -> None:
        self._groups: dict[tuple[str, bytes], Group] = {}
        self.dropped_groups = 0
        self.undercount = 0

    def groups(self) -> list[Group]:
        """All that are kept."""
        return list(self._groups.values())

    def find(self, level: str, message: bytes, place: Place, *, alarming: bool = False) -> Group:
        """The group of a message, made at `place` if it is the first of its kind."""
        template = template_of(message)
        group = self._groups.get((level, template))
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                self._drop()
            group = self._groups[level, template] = Group(level, template, place, alarming=alarming)
        return group

    def _drop(self) -> None:
        ranked = sorted(self._groups.items(), key=lambda entry: _worth(entry[1]))
        cut = ranked[: MAX_GROUPS // 2]
        for key, group in cut:
            del self._groups[key]
            group.dropped = True
            self.undercount = max(self.undercount, group.count)
        self.dropped_groups += len(cut)


def _worth(group: Group) -> tuple[float, int]:
    severity = SEVERITY.get(group.level, 1.5 if group.alarming else len(SEVERITY))
    return -severity, group.count
