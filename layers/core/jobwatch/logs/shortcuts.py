"""Finding the lines worth a look without looking at every line, in a log whose lines are all of one shape.

`bytes.find` of one byte runs at the speed of memory, twenty times that of a pattern that stops at every line. Every
problem word has a letter that the log's other text rarely has (such as the E of ERROR among INFO lines): only lines
with such a letter are looked at. Where there is none, the text before the level leads to it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Protocol

from jobwatch.logs.levels import LEVEL_OF_WORD, PROBLEM_LEVELS

_WORDS = (b"ERROR", b"WARN", b"FATAL", b"CRITICAL", b"SEVERE", b"ALERT", b"EMERG", b"PANIC")
"""Spelt in capitals; ERR, WARNING, CRIT and EMERGENCY have the same letters or begin with one of these."""
_MOST_HITS_A_LINE = 0.1
_LONGEST_ANCHOR_BYTES = 12


class Shortcut(Protocol):
    """A quicker way to the matches of a layout's pattern, in a log of uniform lines."""

    def matches(self, buffer: bytes, start: int, end: int, pattern: re.Pattern[bytes]) -> list[re.Match[bytes]]:
        """The matches of `pattern` in buffer[start:end], each at the line feed before its line."""
        ...


@dataclass(frozen=True)
class ByLetters:
    """Lines that have one of a few rare letters."""

    letters: tuple[bytes, ...]

    def matches(self, buffer: bytes, start: int, end: int, pattern: re.Pattern[bytes]) -> list[re.Match[bytes]]:
        """See Shortcut.matches."""
        found: dict[int, re.Match[bytes]] = {}
        find, match = buffer.find, pattern.match
        for letter in self.letters:
            at = find(letter, start, end)
            while at >= 0:
                line = buffer.rfind(b"\n", start, at)
                if line not in found and (matched := match(buffer, line, end)):
                    found[line] = matched
                line_end = find(b"\n", at, end)
                if line_end < 0:
                    break
                at = find(letter, line_end, end)
        return [found[line] for line in sorted(found)]


@dataclass(frozen=True)
class ByAnchor:
    """Lines in which what stands before the level is followed by something else than the usual level."""

    anchor: re.Pattern[bytes]

    def matches(self, buffer: bytes, start: int, end: int, pattern: re.Pattern[bytes]) -> list[re.Match[bytes]]:
        """See Shortcut.matches."""
        lines = dict.fromkeys(buffer.rfind(b"\n", start, at.start()) for at in self.anchor.finditer(buffer, start, end))
        return [matched for line in lines if (matched := pattern.match(buffer, line, end))]


def shortcut_to_words(lines: Sequence[bytes], prefix: bytes, passed: bytes) -> Shortcut | None:
    """The shortcut for levels in capitals after `prefix`, if their letters are rare enough in the log's other lines."""
    if not passed.isupper():
        return None
    fine = b"\n".join(line for line in lines if re.match(prefix + re.escape(passed), line))
    most = _MOST_HITS_A_LINE * (fine.count(b"\n") + 1)
    counts = {letter: fine.count(letter) for letter in {bytes((byte,)) for word in _WORDS for byte in word}}
    rare = [sorted({bytes((byte,)) for byte in word if counts[bytes((byte,))] <= most}) for word in _WORDS]
    if not all(rare):
        return None
    covers = {tuple(sorted(set(choice))) for choice in product(*rare)}
    best = min(covers, key=lambda cover: sum(counts[letter] for letter in cover) + len(cover) * most)
    return ByLetters(best) if sum(counts[letter] for letter in best) <= most else None


def shortcut_to_value(lines: Sequence[bytes], value: bytes) -> Shortcut | None:
    """The shortcut for JSON lines whose level key is always written the same and appears once a line."""
    keys = {
        line[max(line.find(value) - _LONGEST_ANCHOR_BYTES, 0) : line.find(value)] for line in lines if value in line
    }
    if len(keys) != 1:
        return None
    anchor = keys.pop()
    anchor = anchor[anchor.rfind(b'"', 0, anchor.rfind(b'"')) :]
    if anchor.count(b'"') != 2 or any(line.count(anchor) != 1 for line in lines):
        return None
    return ByAnchor(re.compile(re.escape(anchor) + b"(?!" + re.escape(value) + rb'[",}\s])'))


assert all(LEVEL_OF_WORD[word] in PROBLEM_LEVELS for word in _WORDS)
