"""The tables of a summary: kinds of messages with their counts, within a fixed size however long the log."""

from jobwatch.logs.levels import SEVERITY
from jobwatch.logs.templates import template_of

MAX_GROUPS = 3000
_MAX_KEYS = 20_000
TEXT_BYTES = 600


class Place:
    """Where an entry stands: its offset in the text, its line number once that is counted, and how it begins."""

    __slots__ = ("line", "offset", "text")

    def __init__(self, offset: int, text: bytes, line: int | None = None) -> None:
        self.offset = offset
        self.text = text
        self.line = line


class Group:
    """The messages of one level and one template."""

    __slots__ = ("count", "first", "item", "last", "level", "second_text", "template")

    def __init__(self, level: str, template: bytes, first: Place) -> None:
        self.level = level
        self.template = template
        self.count = 0
        self.first = self.last = first
        self.second_text: bytes | None = None
        self.item: tuple[int, bytes] | None = None

    def absorb(self, other: "Group") -> None:
        """Takes over another group's messages."""
        self.count += other.count
        if other.first.offset < self.first.offset:
            self.second_text = self.first.text
            self.first = other.first
        elif self.second_text is None:
            self.second_text = other.first.text
        if other.last.offset > self.last.offset:
            self.last = other.last


class GroupTable:
    """All groups, found by level and message.

    Full, it drops the rarest half of its least grave groups (as lossy counting does, Manku and Motwani 2002):
    what is kept is then counted too low by at most `undercount`, and nothing that was more frequent is missing.
    """

    def __init__(self) -> None:
        self._groups: dict[tuple[str, bytes], Group] = {}
        self._keys: dict[tuple[str, bytes], Group] = {}
        self.dropped_groups = 0
        self.undercount = 0

    def __len__(self) -> int:
        return len(self._groups)

    def groups(self) -> list[Group]:
        """All that are kept."""
        return list(self._groups.values())

    def known(self, level: str, key: bytes) -> Group | None:
        """The group that a message (with its digits as zeroes) was found to belong to before."""
        return self._keys.get((level, key))

    def find(self, level: str, message: bytes, place: Place, key: bytes) -> Group:
        """The group of a message, made at `place` if it is the first of its kind; `known` finds it by `key` then."""
        template = template_of(message)
        group = self._groups.get((level, template))
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                self._drop()
            group = self._groups[level, template] = Group(level, template, place)
        if len(self._keys) >= _MAX_KEYS:
            self._keys.clear()
        self._keys[level, key] = group
        return group

    def _drop(self) -> None:
        ranked = sorted(self._groups.items(), key=lambda entry: (-SEVERITY.get(entry[0][0], 9), entry[1].count))
        cut = ranked[: MAX_GROUPS // 2]
        for key, group in cut:
            del self._groups[key]
            self.undercount = max(self.undercount, group.count)
        self.dropped_groups += len(cut)
        self._keys.clear()
