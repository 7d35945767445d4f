"""Text from outside, made fit to show: one line, nothing that moves a terminal's cursor or turns the reading order."""

import re
import unicodedata

# C0 and C1 controls, line and paragraph separators, bidi controls, zero-width and tag characters, lone surrogates,
# and the two that are no characters (SQS refuses a message with one).
_UNFIT = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u2028\\u2029\\u200b\\u200e\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufffe\\uffff\\ud800-\\udfff"
    "\\U000e0000-\\U000e007f]+"
)
# Emoji are joined by U+200D, and Persian and Indian words need it and U+200C (Unicode 16, 23.2). They stay between two
# characters beyond ASCII; anywhere else they only hide something.
_JOINED = "[^\\x00-\\x7f\\s\\u200c\\u200d]"
_STRAY_JOINER = re.compile(f"(?<!{_JOINED})[\\u200c\\u200d]+|[\\u200c\\u200d]+(?!{_JOINED})|[\\u200c\\u200d]{{2,}}")
_JOINER = "\u200d"
# The longest run of joined characters that is looked through for a place to cut.
_LONGEST_CLUSTER = 40
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"


def clean(text: str, limit: int) -> str:
    """`text` on one line without control characters, at most `limit` characters (a cut is shown as …)."""
    # Four times the limit is read at most: a megabyte of blanks costs no more than a line.
    read = text[: 4 * limit + 64]
    line = " ".join(_STRAY_JOINER.sub(" ", _UNFIT.sub(" ", read)).split())
    return shorten(line if len(read) == len(text) else f"{line}{'…' * (limit + 1)}", limit)


def clean_or_none(value: object, limit: int) -> str | None:
    """`clean` for a value that may be missing or of another type; None when nothing is left to show."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return clean(str(value), limit) or None


def shorten(line: str, limit: int) -> str:
    """`line`, at most `limit` characters: a cut is shown as …, and takes no letter's accent or part of an emoji."""
    if len(line) <= limit:
        return line
    at = max(limit - 1, 0)
    while at > limit - 1 - _LONGEST_CLUSTER and at > 0 and _clings(line, at):
        at -= 1
    return line[:at].rstrip(" …\u200d\u200c") + "…"


def shorten_utf16(line: str, limit: int) -> str:
    """`shorten` for those who count in UTF-16: `line`, at most `limit` units."""
    length = limit
    while utf16_units(shortened := shorten(line, length)) > limit:
        length -= 1
    return shortened


def isolated(text: str) -> str:
    """`text`, set apart where it holds letters that are written from the right: it cannot turn the line around it.

    Unicode's bidirectional algorithm (UAX 9), first strong isolate.
    """
    turns = any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in text)
    return f"{_ISOLATE}{text}{_END_OF_ISOLATE}" if turns else text


def utf16_units(text: str) -> int:
    """How long `text` is for those who count in UTF-16, such as JavaScript and text messages: an emoji is two."""
    return len(text.encode("utf-16-le")) // 2


def _clings(line: str, at: int) -> bool:
    """Whether the character at a place belongs to the one before it."""
    character, before = line[at], line[at - 1]
    return (
        unicodedata.category(character)[0] == "M"
        or character in "\u200c\u200d"
        or before == _JOINER
        or "\U0001f3fb" <= character <= "\U0001f3ff"  # skin tones
        or all("\U0001f1e6" <= each <= "\U0001f1ff" for each in (before, character))  # flags are two letters
    )
