"""What an answer says besides the status, cut to what a notification can show."""

from collections import Counter
from collections.abc import Iterable

from jobwatch.domain.snapshot import Item, Message

# A notification shows 50 of each (jobwatch.messages.notification), and the record of a watch (400 KiB, DynamoDB) has
# to hold them: a vendor that names ten thousand files is cut here.
MOST_ITEMS = 50
MOST_MESSAGES = 50

_WORST_FIRST = {"error": 0, "warning": 1}


def worst_items(items: Iterable[Item]) -> tuple[tuple[Item, ...], tuple[str, ...]]:
    """The items to keep, failed ones first, and a remark when some are left out."""
    ordered = sorted(items, key=lambda item: not item.failed)
    return tuple(ordered[:MOST_ITEMS]), _left_out("items", MOST_ITEMS, len(ordered))


def worst_messages(messages: Iterable[Message]) -> tuple[tuple[Message, ...], tuple[str, ...]]:
    """The messages in the vendor's order, a repeated one once with how often it came.

    Where there are too many, the worst are kept, and a remark says so.
    """
    counted = [
        message if times == 1 else Message(message.level, f"{message.text} ({times:,} times)")
        for message, times in Counter(messages).items()
    ]
    left_out = _left_out("kinds of message", MOST_MESSAGES, len(counted))
    if left_out:
        counted.sort(key=lambda message: _WORST_FIRST.get(message.level, 2))
    return tuple(counted[:MOST_MESSAGES]), left_out


def _left_out(what: str, most: int, total: int) -> tuple[str, ...]:
    return (f"Shows {most} of {total:,} {what}, the worst ones.",) if total > most else ()
