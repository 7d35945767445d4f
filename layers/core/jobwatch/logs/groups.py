"""The tables of a summary: kinds of messages with their counts, within a fixed size however long the log."""

from jobwatch.logs.items import ItemPlace
from jobwatch.logs.levels import SEVERITY
from jobwatch.logs.templates import ZEROES, template_of

MAX_GROUPS = 3000
_MAX_KEYS = 12_000
_MAX_KEY_BYTES = 400
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
        self.item: ItemPlace | None = None

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
        self.known: dict[bytes, Group] = {}
        """The groups of texts seen before, each from its level word on and without digits."""
        self._alike: dict[bytes, Group] = {}
        self.dropped_groups = 0
        self.undercount = 0

    def __len__(self) -> int:
        return len(self._groups)

    def groups(self) -> list[Group]:
        """All that are kept."""
        return list(self._groups.values())

    def alike(self, key: bytes, text: bytes) -> Group | None:
        """The group in which a text with the same template was found before; remembers the key."""
        group = self._alike.get(template_of(text.translate(ZEROES)))
        if group is not None:
            _remember(self.known, key, group)
        return group

    def remember(self, key: bytes, text: bytes, group: Group) -> None:
        """The key belongs to the group, and so does every text with the same template."""
        _remember(self.known, key, group)
        _remember(self._alike, template_of(text.translate(ZEROES)), group)

    def find(self, level: str, message: bytes, place: Place) -> Group:
        """The group of a message, made at `place` if it is the first of its kind."""
        template = template_of(message)
        group = self._groups.get((level, template))
        if group is None:
            if len(self._groups) >= MAX_GROUPS:
                self._drop()
            group = self._groups[level, template] = Group(level, template, place)
        return group

    def _drop(self) -> None:
        ranked = sorted(self._groups.items(), key=lambda entry: (-SEVERITY.get(entry[0][0], 9), entry[1].count))
        cut = ranked[: MAX_GROUPS // 2]
        for key, group in cut:
            del self._groups[key]
            self.undercount = max(self.undercount, group.count)
        self.dropped_groups += len(cut)
        self.known.clear()
        self._alike.clear()


def _remember(known: dict[bytes, Group], key: bytes, group: Group) -> None:
    if len(key) > _MAX_KEY_BYTES:
        return
    if len(known) >= _MAX_KEYS:
        known.clear()
    known[key] = group
