"""Keeping a message under SNS's limit in bytes, whatever the vendor or the log said."""

import json
from collections.abc import Callable, Mapping
from typing import Any, cast

from jobwatch.domain.text import shorten
from jobwatch.messages.document import Notification

# SNS: 256 KiB for the whole message, subject and attributes included; those are small beside the margin.
LARGEST_MESSAGE_BYTES = 256 * 1024
_MARGIN_BYTES = 16 * 1024

# Longest text and longest list, tried one after the other; the last one fits whatever comes.
_STEPS = ((1000, 30), (400, 20), (160, 10), (60, 3))


def message_bytes(parts: Mapping[str, str]) -> int:
    """The size of an SNS message with a text for each protocol (`MessageStructure: json`), in bytes."""
    return len(json.dumps(parts, ensure_ascii=False).encode())


def fit(
    notification: Notification,
    size_bytes: Callable[[Notification], int],
    limit_bytes: int = LARGEST_MESSAGE_BYTES - _MARGIN_BYTES,
) -> Notification:
    """`notification`, cut as little as makes `size_bytes` of it fit, with a remark that says so.

    `size_bytes`: the size of the message that would be sent for a notification.
    """
    if size_bytes(notification) <= limit_bytes:
        return notification
    for longest_text, longest_list in _STEPS:
        cut = cast("Notification", _cut(notification, longest_text, longest_list))
        # The ids are the contract's, and short: they stay whole, and so do addresses, which lead nowhere when cut.
        for name in ("schema", "watch_id", "notification_id", "job_id", "connection", "links", "times"):
            cut[name] = notification[name]
        cut["remarks"] = [*cut["remarks"], "Long texts and lists were cut to fit into one message."]
        if size_bytes(cut) <= limit_bytes:
            break
    return cut


def _cut(value: Any, longest_text: int, longest_list: int) -> Any:
    if isinstance(value, str):
        return shorten(value, longest_text)
    if isinstance(value, list):
        return [_cut(each, longest_text, longest_list) for each in value[:longest_list]]
    if isinstance(value, dict):
        return {key: _cut(each, longest_text, longest_list) for key, each in value.items()}
    return value
