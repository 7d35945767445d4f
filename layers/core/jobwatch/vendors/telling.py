"""What an answer says besides the status, cut to what a notification can show."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from jobwatch.domain.snapshot import Item, Message
from jobwatch.domain.text import clean_or_none

# A notification shows 50 of each (jobwatch.messages.notification), and the record of a watch (400 KiB, DynamoDB) has
# to hold them: a vendor that names ten thousand files is cut here, before its texts cost any time.
MOST_ITEMS = 50
MOST_MESSAGES = 50

_MESSAGE_LIMIT = 500
_WORST_FIRST = {"error": 0, "warning": 1}


def worst_items(
    entries: Iterable[dict[str, Any]], *, has_failed: Callable[[dict[str, Any]], bool], read: Callable[[Any], Item]
) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The items to keep of a vendor's list, failed ones first, and a remark when some are left out."""
    ordered = sorted(entries, key=lambda entry: not has_failed(entry))
    return tuple(read(entry) for entry in ordered[:MOST_ITEMS]), _left_out("items", MOST_ITEMS, len(ordered))


def worst_messages(said: Iterable[tuple[str, object]]) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """The messages of (level, text as it came), in the vendor's order, a repeated one once with how often it came.

    What is no text is left out. Where there are too many, the worst are kept, and a remark says so.
    """
    counted = list(Counter((level, text) for level, text in said if isinstance(text, str)).items())
    left_out = _left_out("kinds of message", MOST_MESSAGES, len(counted))
    if left_out:
        counted.sort(key=lambda each: _WORST_FIRST.get(each[0][0], 2))
    messages = []
    for (level, text), times in counted[:MOST_MESSAGES]:
        shown = clean_or_none(text, _MESSAGE_LIMIT)
        if shown:
            messages.append(Message(level, shown if times == 1 else f"{shown} ({times:,} times)"))
    return tuple(messages), left_out


def _left_out(what: str, most: int, total: int) -> tuple[str, ...]:
    return (f"Shows {most} of {total:,} {what}, the worst ones.",) if total > most else ()
