"""The notification as one line for a text message."""

from collections.abc import Mapping
from typing import Any

from jobwatch.messages.facts import counts_line, situation_line
from jobwatch.messages.subject import subject

# One GSM text message.
_LIMIT = 160


def sms_line(notification: Mapping[str, Any]) -> str:
    """The headline in ASCII with the situation, or its first sentence, and the counts, as far as one message holds."""
    line = subject(notification)
    counts, situation = counts_line(notification), situation_line(notification)
    counted = f"{line} ({counts})" if counts else line
    longer = []
    if situation:
        first = f"{situation.split('. ')[0].removesuffix('.')}."
        longer = [f"{start}. {rest}" for rest in (situation, first) for start in (counted, line)]
    return next((each for each in (*longer, counted) if each.isascii() and len(each) <= _LIMIT), line)
