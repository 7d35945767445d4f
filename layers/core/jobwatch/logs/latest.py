"""The latest entry of each group, whose line number is counted only when it matters."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from jobwatch.logs.groups import TEXT_BYTES, Group, Place

GENERATION_BUFFERS = 8


def line_feeds(text: bytes) -> int:
    """Replacing counts line feeds at the speed of memchr; bytes.count is half as fast before Python 3.13."""
    return len(text) - len(text.replace(b"\n", b""))


@dataclass(frozen=True)
class _Buffer:
    """A buffer gone through: its first line begins at `start` + 1."""

    start: int
    base: int
    lines_before: int | None
    """Lines of the text before that one; None where they were not counted."""


@dataclass
class _Generation:
    """What a few buffers on end had."""

    matches: dict[Group | None, re.Match[bytes]] = field(default_factory=dict)
    buffers: dict[int, _Buffer] = field(default_factory=dict)


class LatestEntries:
    """Keeps the last few buffers.

    Most groups have an entry in nearly every buffer: only when a group falls silent is its line number counted.
    """

    def __init__(self) -> None:
        self._now = _Generation()
        self._before = _Generation()

    def note_entries(self, groups: Sequence[Group | None], matches: Sequence[re.Match[bytes]]) -> None:
        """The entries of one buffer in their order, each a match that begins at the line feed before it."""
        self._now.matches.update(zip(groups, matches, strict=True))

    def note_buffer(self, buffer: bytes, start: int, base: int, lines_before: int | None) -> None:
        """The buffer of those entries; `base` is the offset of its first byte in the text."""
        # The matches keep their buffer alive, so no other one that they could mean has its id meanwhile.
        self._now.buffers[id(buffer)] = _Buffer(start, base, lines_before)
        if len(self._now.buffers) >= GENERATION_BUFFERS:
            self._end_generation()

    def settle(self) -> None:
        """Finds the lines of all: no more buffers come."""
        self._end_generation()
        self._end_generation()

    def _end_generation(self) -> None:
        before, self._before, self._now = self._before, self._now, _Generation()
        silent = [
            (id(match.string), match.start(), match, group)
            for group, match in before.matches.items()
            if group is not None and group not in self._before.matches
        ]
        silent.sort(key=_buffer_and_start)
        counted, lines, at = -1, 0, 0
        for identity, line_feed, match, group in silent:
            buffer = before.buffers[identity]
            offset = buffer.base + line_feed + 1
            if offset <= group.last.offset:
                continue
            if identity != counted:
                counted, lines, at = identity, 0, buffer.start + 1
            lines += line_feeds(match.string[at : line_feed + 1])
            at = line_feed + 1
            line = None if buffer.lines_before is None else buffer.lines_before + lines + 1
            group.last = Place(offset, match.string[at : min(match.end(), at + TEXT_BYTES)], line)


def _buffer_and_start(entry: tuple[int, int, re.Match[bytes], Group]) -> tuple[int, int]:
    return entry[:2]
