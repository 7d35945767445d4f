"""A log's text as blocks of whole lines, and the lines of a block that are worth a look."""

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate

from jobwatch.logs.layout import Layout

LONGEST_LINE_BYTES = 1 << 18
"""What is longer is cut; far more than this is no line of a log, and memory must not grow with it."""
_BLOCK_BYTES = 1 << 16
"""For logs of which every line is looked at: many short lines take sixty times the room of their text."""
RECORD_BREAK = b"\x0b"
"""Stands for the line feeds inside a record (see `documents`)."""


def whole_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The text in blocks that end with a line; overlong lines are cut."""
    begun = b""
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if not end:
            begun = (begun + piece)[:LONGEST_LINE_BYTES]
            continue
        yield begun + piece[:end] if begun else piece[:end]
        begun = piece[end:][:LONGEST_LINE_BYTES]
    if begun:
        yield begun + b"\n"


def line_feeds(text: bytes) -> int:
    """Replacing counts line feeds at the speed of memchr; bytes.count is half as fast before Python 3.13."""
    return len(text) - len(text.replace(b"\n", b""))


class Block:
    """Whole lines, and those of them that the layout does not pass over, in their order.

    `before`: how many lines of the log came before. `start`: where the block begins in the text.
    """

    def __init__(self, text: bytes, lines: list[bytes], *, start: int, before: int | None, records: bool) -> None:
        self.text = text
        """The lines, with line feeds between."""
        self.lines = lines
        self.start = start
        self.before = before
        self.passed = 0
        """Lines that the layout passes over."""
        self._records = records
        self._breaks: list[int] | None = None

    @property
    def all_lines(self) -> int:
        """How many lines of the log it has, those inside records included."""
        return len(self.lines) + (self.text.count(RECORD_BREAK) if self._records else 0)

    def joins(self, index: int) -> bool:
        """Whether the line follows the one before in the list (the last one of the block before) without a gap."""
        return index < len(self.lines)

    @property
    def ends_passed(self) -> bool:
        """Whether the last line was passed over."""
        return False

    def order(self, index: int) -> int:
        """Where a line stands in the text: grows with every line, whatever part of the text it is in."""
        return self.start + index

    def number(self, index: int) -> int | None:
        """The number of a line, counted from 1."""
        if self.before is None:
            return None
        if self._breaks is None:
            self._breaks = []
            if self._records:
                self._breaks = list(accumulate((line.count(RECORD_BREAK) for line in self.lines), initial=0))
        return self.before + index + 1 + (self._breaks[index] if self._breaks else 0)


class SiftedBlock(Block):
    """A block of which a layout's pattern found the lines worth a look."""

    def __init__(
        self, text: bytes, pattern: re.Pattern[bytes], *, start: int, before: int | None, records: bool
    ) -> None:
        # The pattern begins at the line feed before a line: the first line is looked at by itself, which spares a copy.
        first = text.index(b"\n")
        matches = list(pattern.finditer(text, 0, len(text) - 1))
        lines = [match[1] for match in matches]
        self._whole = text
        self._begins = [match.start() for match in matches]
        """Where the line feed before each line is."""
        if pattern.match(b"\n" + text[:first]):
            lines.insert(0, text[:first])
            self._begins.insert(0, -1)
        super().__init__(b"\n".join(lines), lines, start=start, before=before, records=records)
        self._counted_to = self._counted = 0

    @property
    def all_lines(self) -> int:
        """See Block.all_lines."""
        whole = self._whole
        breaks = whole.count(RECORD_BREAK) if self._records else 0
        if self._counted_to == 0:
            all_lines = line_feeds(whole) + breaks
        else:
            self._count(len(whole))
            all_lines = self._counted
        self.passed = all_lines - breaks - len(self.lines)
        return all_lines

    def joins(self, index: int) -> bool:
        """See Block.joins."""
        before = self._begins[index - 1] + 1 + len(self.lines[index - 1]) if index else -1
        return self._begins[index] == before

    @property
    def ends_passed(self) -> bool:
        """See Block.ends_passed."""
        return not self.lines or self._begins[-1] + 1 + len(self.lines[-1]) != len(self._whole) - 1

    def order(self, index: int) -> int:
        """See Block.order."""
        return self.start + self._begins[index] + 1

    def number(self, index: int) -> int | None:
        """See Block.number."""
        if self.before is None:
            return None
        self._count(self._begins[index] + 1)
        return self.before + self._counted + 1

    def _count(self, end: int) -> None:
        """Line feeds before `end`: going forward, each part of the text is counted once."""
        if end < self._counted_to:
            self._counted_to = self._counted = 0
        part = self._whole[self._counted_to : end]
        self._counted += line_feeds(part) + (part.count(RECORD_BREAK) if self._records else 0)
        self._counted_to = end


def blocks_of(text: bytes, layout: Layout, *, start: int, before: int | None, records: bool) -> Iterator[Block]:
    """Whole lines as one block, or as several where all of them are looked at."""
    if layout.others is not None:
        yield SiftedBlock(text, layout.others, start=start, before=before, records=records)
        return
    at = 0
    while at < len(text):
        end = text.find(b"\n", min(at + _BLOCK_BYTES, len(text) - 1)) + 1
        part = text[at : end - 1]
        block = Block(part, part.split(b"\n"), start=start + at, before=before, records=records)
        if before is not None:
            before += block.all_lines
        yield block
        at = end
