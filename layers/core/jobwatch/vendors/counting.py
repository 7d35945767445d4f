"""Counts as vendors write them: read where they can be, and told where they cannot, so that none is lost unseen."""

import math
import re
from unicodedata import digit

from jobwatch.domain.text import clean

_LARGEST = 1e15
# How vendors write that there is no count. -1 is "unknown" in many of them.
_NO_COUNT = frozenset(
    {"", "-", "\u2013", "\u2014", "n/a", "na", "nan", "none", "null", "nil", "unknown", "undefined", "-1"}
)
# The same sign between all groups of three digits: comma, any blank, apostrophe, _ or dot.
_GROUPED = re.compile(r"[1-9]\d{0,2}(?P<sign>[,.'\u2019_ ])\d{3}(?:(?P=sign)\d{3})*")
_PLAIN = re.compile(r"\d{1,15}")
# A fraction of nothing, behind the other sign than the one between the groups.
_NO_FRACTION = re.compile(r"(?P<whole>.*\d)(?P<sign>[.,])0{1,9}")


class Counting:
    """Reads the counts of one answer. `doubts`: a sentence for each that was given and could not be read for sure."""

    def __init__(self) -> None:
        self.doubts: list[str] = []

    def whole(self, name: str, value: object) -> int | None:
        """A whole number of things: how many are `name`, such as "errors"; None where nothing or no count is given."""
        size = self.amount(name, value)
        if size is not None and not size.is_integer():
            self._cannot_read(name, value)
            return None
        return None if size is None else int(size)

    def amount(self, name: str, value: object) -> float | None:
        """The same, of something that may come in parts, as items of a progress can."""
        # A condition that does not hold gives false; an empty list or object is no count of what it would hold.
        if value is None or value is False or value in ([], {}):
            return None
        size = self._text(name, value) if isinstance(value, str) else _size(value)
        if size is None and not _is_no_count(value):
            self._cannot_read(name, value)
        return size

    def _text(self, name: str, text: str) -> float | None:
        digits = _with_plain_digits(text)
        if digits is None:
            return None
        if re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
            # As many people write 1204 as write 1.204, and a count has no thousandth parts.
            size = float(digits.replace(".", ""))
            self.doubts.append(f'The count of {name} came as "{clean(text, 60)}" and was read as {size:,.0f}.')
            return size
        return _read(digits)

    def _cannot_read(self, name: str, value: object) -> None:
        shown = f"a list of {len(value):,}" if isinstance(value, list) else f'"{clean(_shown(value), 60)}"'
        self.doubts.append(f"The count of {name} came as {shown}, which cannot be read as a number: it is not known.")


def _read(digits: str) -> float | None:
    if _PLAIN.fullmatch(digits) or _GROUPED.fullmatch(digits):
        return _size(int(re.sub(r"\D", "", digits)))
    whole = _NO_FRACTION.fullmatch(digits)
    if whole and whole["sign"] not in whole["whole"]:
        return _read(whole["whole"])
    return _size(float(digits)) if re.fullmatch(r"\d{1,15}\.\d{1,15}", digits) else None


def _with_plain_digits(text: str) -> str | None:
    """The text with the digits of any script as 0 to 9 and every blank as a plain one; None for a long one."""
    stripped = text.strip().removeprefix("+").strip()
    if not 0 < len(stripped) <= 40:
        return None
    return "".join(
        " " if each.isspace() else str(digit(each)) if each.isdecimal() else _SIGNS.get(each, each) for each in stripped
    )


# Arabic separators, and full-width ones.
_SIGNS = {"\u066c": ",", "\u066b": ".", "\uff0c": ",", "\uff0e": "."}


def _size(value: object) -> float | None:
    """A finite, non-negative number of a size that can be meant."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        size = float(value)
    except OverflowError:
        return None
    return size if math.isfinite(size) and 0 <= size <= _LARGEST else None


def _is_no_count(value: object) -> bool:
    return value == -1 or (isinstance(value, str) and value.strip().lower() in _NO_COUNT)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "an object"
    try:
        return str(value)
    except ValueError:  # a whole number of more digits than Python turns into text
        return "a number of thousands of digits"
