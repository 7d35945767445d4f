"""The notification as Slack blocks. Everything from outside is literal text: it cannot ping, link or format.

Rich text and plain text are shown as they are, unlike mrkdwn, where `<!channel>`, `*` and bare addresses act. The
fallback text alone is read as mrkdwn, so it is escaped and broken up. Limits: Slack's Block Kit reference.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from jobwatch.domain.text import clean
from jobwatch.messages import facts

_HEADER_LIMIT = 150
_MOST_PROBLEMS = 5
_MOST_ITEMS = 5
_TEXT_LIMIT = 600
# No document gives a limit for all blocks together, yet Slack refuses larger ones (msg_blocks_too_long, reported from
# about 11,300 characters on).
_BLOCKS_LIMIT = 9000

_SIGNS = {
    "succeeded": "✅",
    "completed_with_errors": "⚠️",
    "failed": "❌",
    "cancelled": "⏹️",
    "not_found": "❓",
    "gave_up": "❓",
}
_NOTICE_SIGNS = {
    "stalled": "🐢",
    "overdue": "⏰",
    "unreachable": "🔌",
    "recovered": "👍",
    "started": "▶️",
    "progress": "▶️",
}
_WORD_JOINER = "\u2060"

Block = dict[str, Any]


def slack_message(notification: Mapping[str, Any]) -> dict[str, Any]:
    """The message for a webhook or chat.postMessage, without the channel: `text` (fallback) and `blocks`."""
    for longest_text in (_TEXT_LIMIT, 300, 150, 60):
        message = _message(notification, longest_text)
        if len(json.dumps(message["blocks"])) <= _BLOCKS_LIMIT:
            break
    return message


def _message(notification: Mapping[str, Any], longest_text: int) -> dict[str, Any]:
    sign = _SIGNS.get(notification["outcome"] or "", _NOTICE_SIGNS.get(notification["notice"], ""))
    head = f"{sign} {notification['headline']}".strip()
    told = facts.told(notification, _MOST_PROBLEMS, _MOST_ITEMS)
    blocks: list[Block] = [
        {"type": "header", "text": _plain(clean(head, _HEADER_LIMIT))},
        _rich(_summary(notification, told, longest_text)),
    ]
    problems = _problems(notification, told, longest_text)
    if problems:
        blocks.append(_rich(*problems))
    blocks.append(_rich(_section(_bold("Next: "), _text(clean(notification["next_step"], longest_text)))))
    context = [line for line in _context(notification) if line]
    if context:
        blocks.append({"type": "context", "elements": [_plain(clean(line, 2 * longest_text)) for line in context]})
    return {"text": _fallback(head), "mrkdwn": False, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _summary(notification: Mapping[str, Any], told: facts.Told, longest_text: int) -> Block:
    elements = [_text(facts.origin_line(notification))]
    situation = facts.situation_line(notification)
    if situation:
        elements.append(_text(f"\n{clean(situation, longest_text)}"))
    counts = facts.counts_line(notification)
    if counts:
        elements += [_text("\n"), _bold(counts)]
    if told.error:
        elements.append(_text(f"\n{clean(told.error, longest_text)}"))
    return _section(*elements)


def _problems(notification: Mapping[str, Any], told: facts.Told, longest_text: int) -> list[Block]:
    bullets = [
        _section(_bold(f"{problem.count:,} × {problem.level}  "), _text(clean(problem.text, longest_text)))
        for problem in told.problems
    ]
    bullets += [_section(_text(clean(item, longest_text))) for item in told.items]
    hidden = [f"{told.more_problems:,} more kinds of problem"] if told.more_problems else []
    hidden += [f"{told.more_items:,} more items with errors"] if told.more_items else []
    named, when = facts.named_items_line(notification), facts.when_line(notification)
    lines = [f"and {' and '.join(hidden)}"] if hidden else []
    lines += [f"Failed items: {clean(named, longest_text)}"] if named else []
    lines += [f"Errors came: {when}"] if when else []
    parts: list[Block] = []
    if bullets:
        parts.append({"type": "rich_text_list", "style": "bullet", "elements": bullets})
    if lines:
        parts.append(_section(_text("\n".join(lines))))
    return parts


def _context(notification: Mapping[str, Any]) -> list[str | None]:
    location, log_size, took = (fact(notification) for fact in (facts.log_location, facts.log_size, facts.time_line))
    labels = ", ".join(f"{key}: {value}" for key, value in notification["labels"].items())
    return [
        f"Log: {location}{f' ({log_size})' if log_size else ''}" if location else None,
        facts.log_note(notification),
        f"Took {took}" if took else None,
        *(clean(remark, 300) for remark in facts.remarks(notification)[:3]),
        labels or None,
        f"Job {notification['job_id']}, watch {notification['watch_id']}",
    ]


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def _text(text: str) -> Block:
    return {"type": "text", "text": text}


def _bold(text: str) -> Block:
    return {"type": "text", "text": text, "style": {"bold": True}}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}


def _fallback(head: str) -> str:
    """The headline as mrkdwn that does nothing: escaped, and every sign that could act parted from its word."""
    escaped = head.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(
        r"([@#*_~`|]|://|(?<=\w)\.(?=\w)|(?<=\S):|:(?=\S)|\bmailto)", rf"{_WORD_JOINER}\1{_WORD_JOINER}", escaped
    )
