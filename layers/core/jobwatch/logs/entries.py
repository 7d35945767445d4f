"""Which lines make one entry: what a line that states no level of its own belongs to."""

import re
from collections.abc import Callable

from jobwatch.logs.blocks import Block
from jobwatch.logs.messages import continues_entry, same_entry
from jobwatch.logs.readings import Reading
from jobwatch.logs.summary import UNKNOWN

_MOST_FOLLOWING = 8
_ANNOUNCING = (b":", b"{", b"[", b"(", b"=", b",", b"\\")
_DUMPED = re.compile(
    rb"[^A-Za-z0-9\x80-\xff]|[\w.\-]+\s*[=:](?:\s|$)|(?:SELECT|FROM|WHERE|INSERT|UPDATE|DELETE|SET|AND|OR|ORDER|GROUP|HAVING|LIMIT|VALUES"
    rb"|(?:LEFT |RIGHT |INNER |OUTER )*JOIN|ON|WITH|CREATE|ALTER|UNION)\b"
)
"""How the further lines of a harmless entry look: settings, objects, statements that somebody printed."""
_FRAME = re.compile(rb'\s+(?:at \S|File "|from \S+:\d|\.\.\. \d+ |\S+\(\S*\)$|\^+$)')


class Entry:
    """An entry that may go on: its line, where that stands, and what follows it."""

    __slots__ = ("block", "following", "index", "line", "reading")

    def __init__(self, reading: Reading, block: Block, index: int) -> None:
        self.reading = reading
        self.block = block
        self.index = index
        self.line = block.lines[index]
        self.following: list[bytes] = []
        """Lines below it that tell its text or its reason."""

    def follow(self, reading: Reading, line: bytes) -> None:
        """Takes a further line, if it is worth keeping."""
        if len(self.following) < _MOST_FOLLOWING and (
            reading.reason
            or (self.reading.waits and not self.following and not (self.reading.crash and reading.indented))
        ):
            self.following.append(line)


class Entries:
    """Puts the lines of a log together: most entries are one line, and are told by the block; others one by one."""

    def __init__(self, *, headed: bool, settle: Callable[[Entry], None]) -> None:
        self._headed = headed
        self._settle = settle
        self._open: Entry | None = None
        self._below_passed = False
        """Whether the next line stands below one that was passed over, which is a harmless entry."""

    def take(self, block: Block, readings: list[Reading]) -> list[int]:
        """The lines of the block that are whole entries. Its last entry stays open; longer ones are settled."""
        kinds = set(readings)
        if (self._open is None or not self._open.reading.waits) and all(kind.plain for kind in kinds):
            whole = list(range(len(readings)))
            if any(kind.blank for kind in kinds):
                whole = [index for index in whole if not readings[index].blank]
            if whole:
                self.close()
                self._open = Entry(readings[whole[-1]], block, whole.pop())
                self._below_passed = False
        else:
            whole = self._walk(block, readings)
        if block.ends_passed:
            self._end(block, whole)
            self._below_passed = True
        return whole

    def close(self) -> None:
        """Nothing more comes of the open entry."""
        if self._open is not None:
            entry, self._open = self._open, None
            self._settle(entry)

    def _walk(self, block: Block, readings: list[Reading]) -> list[int]:
        whole: list[int] = []
        for index, reading in enumerate(readings):
            if reading.blank:
                continue
            if not reading.plain and not block.joins(index):
                self._end(block, whole)
                self._below_passed = True
            line = block.lines[index]
            if self._goes_on(reading, line):
                if self._open is not None:
                    self._open.follow(reading, line)
            elif reading.exception and self._below_harmless:
                self._end(block, whole)
                self._open = Entry(reading.in_doubt(), block, index)
            elif reading.alarming and not reading.plain and self._below_harmless:
                whole.append(index)
            else:
                self._end(block, whole)
                self._open = Entry(reading, block, index)
        whole.sort()
        return whole

    def _end(self, block: Block, whole: list[int]) -> None:
        """The open entry has no more lines; one of a single line of this block is counted with the others."""
        entry = self._open
        if entry is not None and entry.block is block and not entry.following:
            whole.append(entry.index)
            self._open = None
        else:
            self.close()
        self._below_passed = False

    @property
    def _below_harmless(self) -> bool:
        """Whether the next line stands below an entry in which nothing is wrong."""
        if self._open is None:
            return self._below_passed
        return self._open.reading.level != UNKNOWN and not self._open.reading.problem

    def _goes_on(self, reading: Reading, line: bytes) -> bool:
        """Whether the line is a further one of the entry above it."""
        above = self._open.reading if self._open is not None else None
        if reading.level != UNKNOWN:
            if reading.timed or above is None or not above.problem:
                return False
            if reading.exception or reading.crash:
                return not above.exception
            return self._headed and (reading.status or reading.indented)
        if reading.timed:
            return self._open is not None and (continues_entry(line) or same_entry(self._open.line, line))
        if self._below_harmless:
            return not reading.alarming and (
                reading.indented or self._announced() or (self._headed and bool(_DUMPED.match(line)))
            )
        if above is None or reading.record:
            return False
        if above.level == UNKNOWN:
            return bool(_FRAME.match(line)) or (above.exception and reading.indented)
        return above.waits or self._headed or reading.indented or reading.reason

    def _announced(self) -> bool:
        return self._open is not None and self._open.line.rstrip().endswith(_ANNOUNCING)
