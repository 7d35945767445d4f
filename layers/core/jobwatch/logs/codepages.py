"""Lines that are not UTF-8, read in the code page that they were written in.

Which page that is, is recognised by the letters: under each page and language that writes it, a sample of such lines
has a likelihood, and the likeliest wins. Deterministic, and nothing but a few tables (why: docs/decisions.md).
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache

from jobwatch.logs.letters import LANGUAGES, Language

_EVIDENCE_BYTES = 1 << 14
_LINE_BYTES = 400
"""So much of a line is evidence."""
_FALLBACK = "cp1252"
_PLAUSIBLE = {"alphabet": -7.0, "han": -10.0, "kana": -10.0, "hangul": -10.0}
"""Mean logarithm of a letter's probability; below it the bytes are no text of any language known here."""
_LONE_LINES = 200
"""So many lines that do not fit the log's page are recognised on their own."""
_ASCII = bytes(range(128))
_NAMES = {
    "cp932": "Shift JIS", "euc_jp": "EUC-JP", "gb18030": "GB 18030", "big5hkscs": "Big5", "cp950": "Big5",
    "cp949": "EUC-KR", "koi8_r": "KOI8-R", "koi8_u": "KOI8-U", "mac_roman": "Mac Roman",
}  # fmt: skip

_IMPOSSIBLE, _STRANGE, _RARE_LETTER, _COMMON_LETTER, _MARK = -14.0, -11.0, -12.5, -9.0, -6.0
_MARKS = frozenset("«»„“”‘’‚–—…°§€©®·•№→×±²³µ\xa0")
_CAPITAL = -1.1
_PRIOR = {"koi8_r": -3.0, "koi8_u": -4.0, "cp866": -2.0, "cp1125": -4.0, "iso8859_5": -6.0, "iso8859_7": -3.0}
_PRIOR |= {"cp850": -2.0, "mac_roman": -4.0, "cp852": -3.0, "iso8859_2": -3.0, "iso8859_16": -4.0, "cp857": -4.0}
_PRIOR |= {"cp737": -4.0, "cp862": -4.0, "cp720": -5.0, "euc_jp": -1.0, "cp950": -0.5, "cp1257": -1.0, "cp1250": -1.5}
_COVERED = {"alphabet": 0.97, "han": 0.72, "kana": 0.88, "hangul": 0.85}
_CORE = {"gb18030": "gb2312", "cp949": "euc_kr", "cp932": "shift_jis", "euc_jp": "shift_jis"}
"""The older set in which a page's usual letters lie."""


class CodePages:
    """What the lines that are not UTF-8 are read as: grows more certain with each of them."""

    def __init__(self) -> None:
        self.page: str | None = None
        self.lines = 0
        """How many lines were not UTF-8."""
        self.damaged_lines = 0
        """How many were UTF-8 but for a few bytes, which are shown as the replacement character."""
        self._evidence: list[bytes] = []
        self._evidence_bytes = 0
        self._weighed_bytes = 0
        self._lone_lines = 0

    def remark(self) -> str | None:
        """What was done, for a person; None where every line was UTF-8."""
        if not self.lines:
            return None
        lines = "1 line is" if self.lines == 1 else f"{self.lines:,} lines are"
        if self.page is None:
            return f"{lines} neither UTF-8 nor in a code page that was recognised"
        return f"{lines} not UTF-8 and read as {_NAMES.get(self.page) or self.page.replace('cp125', 'Windows-125')}"

    def as_utf8(self, text: bytes) -> bytes:
        """Whole lines as UTF-8; the lines that are UTF-8 stay as they are."""
        if text.isascii() or _is_utf8(text):
            return text
        lines = text.split(b"\n")
        at = [index for index, line in enumerate(lines) if not line.isascii()]
        whole: list[int] = []
        damaged: list[int] = []
        for index, strays in zip(at, _strays([lines[index] for index in at]), strict=True):
            if strays:
                (damaged if _is_damaged(lines[index], strays) else whole).append(index)
        self.lines += len(whole)
        self.damaged_lines += len(damaged)
        if whole and self._evidence_bytes < _EVIDENCE_BYTES:
            self._weigh(lines[index] for index in whole)
        for index, read in zip(whole, self._read([lines[index] for index in whole]), strict=True):
            lines[index] = read
        for index in damaged:
            lines[index] = lines[index].decode("utf-8", "replace").encode()
        return b"\n".join(lines)

    def _weigh(self, lines: Iterable[bytes]) -> None:
        for line in lines:
            if self._evidence_bytes >= _EVIDENCE_BYTES:
                break
            self._evidence.append(line[:_LINE_BYTES])
            self._evidence_bytes += len(self._evidence[-1])
        if self._evidence_bytes > self._weighed_bytes:
            self._weighed_bytes = self._evidence_bytes
            self.page = recognise(b"\n".join(self._evidence))

    def _read(self, lines: Sequence[bytes]) -> list[bytes]:
        try:
            return b"\n".join(lines).decode(self.page or _FALLBACK).encode().split(b"\n") if lines else []
        except UnicodeDecodeError:
            return [self._read_alone(line).encode() for line in lines]

    def _read_alone(self, line: bytes) -> str:
        page = self.page or _FALLBACK
        try:
            return line.decode(page)
        except UnicodeDecodeError:
            if self._lone_lines < _LONE_LINES:
                self._lone_lines += 1
                page = recognise(line[:_LINE_BYTES]) or page
            return line.decode(page, "replace")


def recognise(sample: bytes) -> str | None:
    """The code page (as Python names it) that `sample`, lines none of which is UTF-8, is most likely written in.

    None where it is no text of a language known here.
    """
    best, best_page, least = -math.inf, None, 0.0
    for page in _pages():
        letters = Counter(filter(_is_letter_beyond_ascii, sample.decode(page, "replace")))
        for language in LANGUAGES:
            if page in language.pages:
                known, others = _weights(language), _others(page, language)
                likelihood = _PRIOR.get(page, 0.0)
                for letter, count in letters.items():
                    weight = known.get(letter)
                    likelihood += count * (others(letter) if weight is None else weight)
                if likelihood > best:
                    best, best_page, least = likelihood, page, _PLAUSIBLE[language.script] * letters.total()
    return best_page if best >= least + _PRIOR.get(best_page or "", 0.0) else None


def _is_letter_beyond_ascii(character: str) -> bool:
    return character > "\x7f"


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _strays(lines: Sequence[bytes]) -> list[int]:
    """How many bytes of each line are no UTF-8."""
    kept = b"\n".join(lines).decode("utf-8", "ignore").encode().split(b"\n")
    return [len(line) - len(rest) for line, rest in zip(lines, kept, strict=True)]


def _is_damaged(line: bytes, strays: int) -> bool:
    """Whether a line is UTF-8 but for a few bytes, as where a writer cut it inside a character."""
    return strays > 0 and len(line.translate(None, _ASCII)) >= 4 * strays


@cache
def _pages() -> tuple[str, ...]:
    return tuple(dict.fromkeys(page for language in LANGUAGES for page in language.pages))


@cache
def _weights(language: Language) -> dict[str, float]:
    """The logarithm of each letter's probability, by rank (Zipf), capitals included."""
    flatness = 2 if language.script == "alphabet" else 20
    letters = dict.fromkeys(language.letters)
    total = sum(1 / (rank + flatness) for rank in range(len(letters)))
    weights: dict[str, float] = {}
    for rank, letter in enumerate(letters):
        weights[letter] = math.log(_COVERED[language.script] / (rank + flatness) / total)
        if language.script == "alphabet" and len(capital := letter.upper()) == 1 and capital != letter:
            weights.setdefault(capital, weights[letter] + _CAPITAL)
    return weights


def _others(page: str, language: Language) -> Callable[[str], float]:
    """The same for letters that are not among a language's frequent ones."""

    def of(letter: str) -> float:
        if letter == "\ufffd" or "\x80" <= letter <= "\x9f" or "\ue000" <= letter <= "\uf8ff":
            return _IMPOSSIBLE
        if language.script == "alphabet":
            return _MARK if letter in _MARKS else _STRANGE
        if language.script == "kana" and ("\u3040" <= letter <= "\u30ff" or "\uff61" <= letter <= "\uff9f"):
            return _COMMON_LETTER + 2
        return _COMMON_LETTER if _in_core(page, letter) else _RARE_LETTER

    return of


def _in_core(page: str, letter: str) -> bool:
    """Whether a letter is of the level that holds the common ones."""
    try:
        first = letter.encode(_CORE.get(page, page))[0]
    except UnicodeEncodeError:
        return False
    if page in ("cp932", "euc_jp"):
        return first <= 0x97
    if page == "gb18030":
        return first <= 0xD7
    if page == "cp949":
        return first <= 0xC8
    return first <= 0xC6
