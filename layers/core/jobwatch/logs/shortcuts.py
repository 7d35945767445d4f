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

_WORDS = (b"ERROR", b"WARN", b"FATAL", b"CRITICAL", b"SEVERE", b"ALERT", b"EMERG")
"""In capitals; ERR and WARNING have the same letters. PANIC would cost another letter, and nothing follows a panic: it
stands in a log's tail, which is looked at line by line."""
_MOST_HITS_A_LINE = 0.1
_WINDOW_BYTES = 1 << 16
"""Small enough that the second letter is looked for in the processor's own cache."""


class Shortcut(Protocol):
    """A quicker way to the matches of a layout's pattern, in a log of uniform lines."""

    @property
    def sees_every_level(self) -> bool:
        """Whether it finds lines of other harmless levels, too, and not only problems."""
        ...

    def matches(self, buffer: bytes, start: int, end: int, pattern: re.Pattern[bytes]) -> list[re.Match[bytes]]:
        """The matches of `pattern` in buffer[start:end], each at the line feed before its line."""
        ...


@dataclass(frozen=True)
class ByLetters:
    """Lines that have one of a few rare letters."""

    letters: tuple[bytes, ...]
    sees_every_level = False

    def matches(self, buffer: bytes, start: int, end: int, pattern: re.Pattern[bytes]) -> list[re.Match[bytes]]:
        """See Shortcut.matches."""
        found: dict[int, re.Match[bytes]] = {}
        find, match = buffer.find, pattern.match
        for window in range(start, end, _WINDOW_BYTES):
            window_end = min(window + _WINDOW_BYTES, end)
            for letter in self.letters:
                at = find(letter, window, window_end)
                while at >= 0:
                    line = buffer.rfind(b"\n", start, at)
                    if line not in found and (matched := match(buffer, line, end)):
                        found[line] = matched
                    line_end = find(b"\n", at, window_end)
                    if line_end < 0:
                        break
                    at = find(letter, line_end, window_end)
        return [found[line] for line in sorted(found)]


@dataclass(frozen=True)
class ByAnchor:
    """Lines in which what stands before the level is followed by something else than the usual level."""

    anchor: re.Pattern[bytes]
    sees_every_level = True

    def matches(self, buffer: bytes, start: int, end: int, pattern: re.Pattern[bytes]) -> list[re.Match[bytes]]:
        """See Shortcut.matches."""
        lines = dict.fromkeys(buffer.rfind(b"\n", start, at.start()) for at in self.anchor.finditer(buffer, start, end))
        return [matched for line in lines if (matched := pattern.match(buffer, line, end))]


def shortcut_to_words(lines: Sequence[bytes], passed: bytes, word: bytes) -> Shortcut | None:
    """The shortcut for levels in capitals, if their letters are rare enough in the lines that match `passed`.

    `word` is the level word of those lines.
    """
    if not word.isupper():
        return None
    fine = b"\n".join(line for line in lines if re.match(passed, line))
    most = _MOST_HITS_A_LINE * (fine.count(b"\n") + 1)
    counts = {letter: fine.count(letter) for letter in {bytes((byte,)) for word in _WORDS for byte in word}}
    rare = [sorted({bytes((byte,)) for byte in word if counts[bytes((byte,))] <= most}) for word in _WORDS]
    if not all(rare):
        return None
    covers = {tuple(sorted(set(choice))) for choice in product(*rare)}
    best = min(covers, key=lambda cover: sum(counts[letter] for letter in cover) + len(cover) * most / 3)
    return ByLetters(best) if sum(counts[letter] for letter in best) <= most else None


def shortcut_to_value(lines: Sequence[bytes], value: bytes) -> Shortcut | None:
    """The shortcut for JSON lines whose level key is always written the same and appears once a line."""
    before = {line[: line.find(value)] for line in lines if value in line}
    anchors = {text[text.rfind(b'"', 0, text.rfind(b'"')) :] for text in before}
    anchor = anchors.pop()
    if anchors or anchor.count(b'"') != 2 or any(line.count(anchor) != 1 for line in lines):
        return None
    # The shorter what is searched for, the faster; every end of the anchor that is as rare as the whole will do.
    ends = (anchor[-size:] for size in range(1, len(anchor) + 1))
    end = next(end for end in ends if all(line.count(end) == 1 for line in lines))
    return ByAnchor(re.compile(re.escape(end) + b"(?!" + re.escape(value) + rb'[",}\s])'))


assert all(LEVEL_OF_WORD[word] in PROBLEM_LEVELS for word in _WORDS)
