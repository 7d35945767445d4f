"""Reading each distinct line once: lines that differ in their digits only are looked up together, a block at a time."""

import re
from collections.abc import Sequence
from copy import copy
from itertools import islice

from jobwatch.logs.failed import NamedBetween, NamedWords
from jobwatch.logs.groups import Group
from jobwatch.logs.items import ItemPlace, place_of
from jobwatch.logs.layout import Layout
from jobwatch.logs.levels import ERROR, FATAL, PROBLEM_LEVELS
from jobwatch.logs.lines import LEVEL_DIGITS, Line, alarming
from jobwatch.logs.messages import CRASH, INDENTED, continues_entry, is_reason
from jobwatch.logs.summary import UNKNOWN

_DIGITS = b"0123456789"
_MOST_KNOWN = 12_000
_HEX = re.compile(rb"\b(?=[a-f-]*+\d)[\da-f-]{8,}+\b|\b(?=[A-F-]*+\d)[\dA-F-]{8,}+\b")
"""Hexadecimal ids: what deleting digits leaves of them still differs."""
_FAILURES = frozenset((ERROR, FATAL))


class Reading:
    """What all lines of one form say."""

    __slots__ = (
        "_in_doubt",
        "alarming",
        "blank",
        "crash",
        "exception",
        "failure",
        "group",
        "indented",
        "item",
        "item_words",
        "level",
        "message_word",
        "plain",
        "problem",
        "reason",
        "record",
        "status",
        "timed",
        "waits",
    )

    def __init__(self, line: bytes, said: Line, layout: Layout) -> None:
        self.crash = not said.timed and bool(CRASH.match(line))
        """Whether a crash report begins, which no entry need announce."""
        level = said.level
        self.level = level or UNKNOWN
        self.problem = level in PROBLEM_LEVELS
        self.failure = level in _FAILURES
        self.waits = said.waits
        """Whether the entry's own text is to come on the next line."""
        own_time = said.timed and not continues_entry(line)
        self.reason = not own_time and is_reason(line)
        self.exception = said.weak == "exception" or (self.reason and level is not None)
        self.status = said.weak == "status"
        self.timed = said.timed
        self.group: Group | None = None
        """Where such lines are counted, if they are shown at all; set with the first that is."""
        self.blank = level is None and (said.waits or not _has_letters(line))
        """Whether it says nothing of its own: no word, or a heading whose level comes on the next line."""
        self.indented = bool(INDENTED.match(line))
        self.record = said.structured
        unlevelled = level is None and not self.blank
        self.alarming = unlevelled and alarming(line)
        own = own_time or self.record or not (layout.headed or self.indented or self.reason)
        part = self.crash or self.exception or self.status or (layout.headed and self.indented and not said.timed)
        self.plain = self.blank or (not self.waits and (own if unlevelled else not part))
        """Whether such a line means the same wherever it stands (but right below one that waits for it)."""
        self.item: ItemPlace | None = place_of(said.message) if self.failure and not said.structured else None
        self.item_words: NamedWords | NamedBetween | None = None
        """Where such lines name what failed, once that is known."""
        self.message_word = _word_at_end(line, said.message)
        self._in_doubt: Reading | None = None

    def in_doubt(self) -> "Reading":
        """The same without its level: an exception's name below an entry that says nothing is wrong."""
        if self._in_doubt is None:
            doubt = self._in_doubt = copy(self)
            doubt.level, doubt.problem, doubt.failure, doubt.alarming = UNKNOWN, False, False, True
            doubt.group = doubt.item = None
        return self._in_doubt

    def outside_the_table(self) -> "Reading":
        """The same for a line before a table's first row: it says nothing of a row, unless it alarms."""
        outside = copy(self)
        outside.group = None
        outside.blank = self.level == UNKNOWN and not self.alarming
        outside.plain = outside.plain or outside.blank
        return outside


def _has_letters(line: bytes) -> bool:
    return any(map(str.isalpha, line.decode("utf-8", "replace")))


def _word_at_end(line: bytes, message: bytes) -> int | None:
    """From which word on the line is the message; None where it is not its end."""
    line = line.rstrip()
    if not message or not line.endswith(message):
        return None
    before = line[: len(line) - len(message)]
    return None if before[-1:].strip() else len(before.split())


class _ByDigits:
    """Lines whose digits tell their level: found by those."""

    __slots__ = ("readings",)

    def __init__(self) -> None:
        self.readings: dict[bytes, Reading] = {}


class Readings:
    """What has been read of a log's lines, within a fixed size.

    Lines are found by the hash of what they are without digits: 64 bits from a secret of the process, so that two
    forms among thousands share one as good as never, and a form of any length takes the same room.
    """

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._known: dict[int, Reading | _ByDigits] = {}
        self._known_by_words: dict[int, Reading | _ByDigits] = {}
        self._some_by_digits = False

    def of(self, lines: Sequence[bytes], text: bytes) -> list[Reading]:
        """What each of the lines says; `text` is all of them, with line feeds between."""
        keys = list(map(hash, text.translate(None, _DIGITS).split(b"\n")))
        found: list[Reading | _ByDigits | None] = list(map(self._known.get, keys))
        if None in found:
            self._read_new(lines, keys, found)
        if self._some_by_digits:
            for index, each in enumerate(found):
                if type(each) is _ByDigits:
                    found[index] = self._by_digits(each, lines[index])
        return found  # type: ignore[return-value]

    def line(self, line: bytes) -> Line:
        """What that very line says."""
        return self._layout.read(line)

    def message(self, reading: Reading, line: bytes) -> bytes:
        """The message of one of the lines that the reading is of."""
        if reading.message_word is None:
            return self._layout.read(line).message
        return line.split(None, reading.message_word)[reading.message_word].rstrip()

    def _read_new(self, lines: Sequence[bytes], keys: Sequence[int], found: list[Reading | _ByDigits | None]) -> None:
        known, by_words = self._known, self._known_by_words
        if len(known) > _MOST_KNOWN:
            _drop_oldest(known)
        if len(by_words) > _MOST_KNOWN:
            _drop_oldest(by_words)
        for index, each in enumerate(found):
            if each is not None:
                continue
            key = keys[index]
            reading = known.get(key)
            if reading is None:
                line = lines[index]
                words = hash(_HEX.sub(b"", line).translate(None, _DIGITS))
                reading = by_words.get(words)
                if reading is None:
                    if self._layout.digits_matter(line):
                        reading = _ByDigits()
                        self._some_by_digits = True
                    else:
                        reading = Reading(line, self._layout.read(line), self._layout)
                    known[key] = by_words[words] = reading
            found[index] = reading

    def _by_digits(self, forms: _ByDigits, line: bytes) -> Reading:
        digits = b",".join(LEVEL_DIGITS.findall(line))
        reading = forms.readings.get(digits)
        if reading is None:
            if len(forms.readings) > 100:
                forms.readings.clear()
            reading = forms.readings[digits] = Reading(line, self._layout.read(line), self._layout)
        return reading


def _drop_oldest(known: dict[int, Reading | _ByDigits]) -> None:
    for key in list(islice(known, len(known) // 2)):
        del known[key]
