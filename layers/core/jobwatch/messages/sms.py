"""The notification as one line for a text message."""

from collections.abc import Mapping
from typing import Any

from jobwatch.messages.email import subject
from jobwatch.messages.facts import counts_line

# One GSM text message.
_LIMIT = 160


def sms_line(notification: Mapping[str, Any]) -> str:
    """The headline in ASCII with the counts, as far as they fit into one text message."""
    line = subject(notification)
    counts = counts_line(notification)
    longer = f"{line} ({counts})"
    return longer if counts and longer.isascii() and len(longer) <= _LIMIT else line
