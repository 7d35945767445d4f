"""Text from outside, made fit to show: one line, nothing that moves a terminal's cursor or turns the reading order."""

import re

# C0 and C1 controls, line and paragraph separators, bidi controls, zero-width and tag characters, lone surrogates,
# and the two that are no characters (SQS refuses a message with one).
_UNFIT = re.compile(
    "[\\x00-\\x1f\\x7f-\\x9f\\u061c\\u2028\\u2029\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u206f\\ufeff\\ufffe\\uffff\\ud800-\\udfff"
    "\\U000e0000-\\U000e007f]+"
)


def clean(text: str, limit: int) -> str:
    """`text` on one line without control characters, at most `limit` characters (a cut is shown as …)."""
    # Four times the limit is read at most: a megabyte of blanks costs no more than a line.
    line = " ".join(_UNFIT.sub(" ", text[: 4 * limit + 64]).split())
    return line if len(line) <= limit and len(text) <= 4 * limit + 64 else line[: limit - 1].rstrip() + "…"


def clean_or_none(value: object, limit: int) -> str | None:
    """`clean` for a value that may be missing or of another type; None when nothing is left to show."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return clean(str(value), limit) or None
