"""The notification as Slack blocks. Everything from outside is literal text: it cannot ping, link or format.

Rich text and plain text are shown as they are, unlike mrkdwn, where `<!channel>`, `*` and bare addresses act. The
`text` alone, which pushes and screen readers read, is mrkdwn: it is escaped and broken up. Limits: Slack's Block Kit
reference.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jobwatch.domain.text import isolated, shorten, shorten_utf16, utf16_units
from jobwatch.messages.document import Notification
from jobwatch.messages.numbers import counted, span
from jobwatch.messages.story import Also, Story, story_of
from jobwatch.messages.zones import split_at_times

_HEADER_LIMIT = 150
_CONTEXT_ELEMENTS = 10
# A job id of 500 characters, an attempt of 40 and a watch id of 68, with their words.
_LONGEST_JOB = 640
# No document gives a limit for all blocks together. Senders met msg_blocks_too_long at 13,297 characters, and with
# many small blocks at 11,341 (github.com/slackapi/bolt-js/issues/2509 and 2867): structure counts, so all of it does
# here; characters, not their escapes.
_BLOCKS_LIMIT = 10_000
_PUSH_CAUSE = 300
# Slack asks for at most 4,000 characters of text (chat.postMessage).
_PUSH_STEP = 500
# A time of its own zone for each reader (Block Kit, date element).
_TIME_FORMAT = "{time}"
_DAY_FORMAT = "{date_short_pretty}, {time}"
_WORD_JOINER = "\u2060"

Block = dict[str, Any]


@dataclass(frozen=True)
class _Room:
    """How much is shown: characters a text, problems, items and remarks."""

    text: int
    problems: int
    remarks: int


# Tried one after the other. The last one fits whatever comes.
_ROOMS = (_Room(600, 5, 6), _Room(300, 5, 4), _Room(300, 3, 2), _Room(150, 2, 1), _Room(80, 1, 0))


def slack_message(notification: Notification) -> dict[str, Any]:
    """The message for a webhook or chat.postMessage, without the channel: `text` (fallback) and `blocks`."""
    for room in _ROOMS:
        blocks = _blocks(notification, story_of(notification, room.problems, room.problems), room)
        if _length(blocks) <= _BLOCKS_LIMIT:
            break
    text = _push(story_of(notification))
    return {"text": text, "mrkdwn": False, "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def _blocks(note: Notification, story: Story, room: _Room) -> list[Block]:
    blocks: list[Block] = [{"type": "header", "text": _plain(shorten_utf16(story.title, _HEADER_LIMIT))}]
    summary = list(_summary(note, story, room))
    if summary:
        blocks.append(_rich(_section(*_lines(summary))))
    blocks.append(_rich(_section(_bold("Next: "), _text(story.next_step, room))))
    groups = [element for also in story.also for element in _also(also, room)]
    if groups:
        blocks.append(_rich(*groups))
    if story.links:
        blocks.append(_rich(_section(*_link_line(story.links))))
    blocks.append({"type": "context", "elements": _context(story, room)})
    return blocks


def _summary(note: Notification, story: Story, room: _Room) -> Iterator[list[Block]]:
    """The cause, what contradicts itself, how bad, and how it stands, a line each."""
    if story.cause:
        yield [_bold(shorten(story.cause, room.text))]
    # The contradictions are the last to go.
    for doubt in story.doubts[: max(room.remarks, 1)]:
        yield [_bold("In doubt: "), _text(doubt, room)]
    hidden = len(story.doubts) - max(room.remarks, 1)
    if hidden > 0:
        yield [_text(f"and {hidden:,} more doubts, in the mail", room)]
    if story.measure:
        yield [_text(" ".join(story.measure), room)]
    if story.standing:
        yield list(_with_dates(shorten(story.standing, room.text), note["times"]))


def _with_dates(text: str, times: Mapping[str, str]) -> Iterator[Block]:
    for piece, moment in split_at_times(text, times):
        if moment is None:
            yield {"type": "text", "text": piece}
        else:
            yield _date(moment, piece, _DAY_FORMAT if "," in piece else _TIME_FORMAT)


def _date(moment: datetime, fallback: str, form: str) -> Block:
    return {"type": "date", "timestamp": int(moment.timestamp()), "format": form, "fallback": fallback}


def _also(also: Also, room: _Room) -> Iterator[Block]:
    yield _section(_bold(also.heading))
    lines = [_section(_text(line, room)) for line in also.lines]
    if also.hidden:
        lines.append(_section(_text(f"and {also.hidden:,} more kinds", room)))
    yield {"type": "rich_text_list", "style": "bullet", "elements": lines}


def _link_line(links: Iterable[tuple[str, str]]) -> Iterator[Block]:
    for number, (label, address) in enumerate(links):
        if number:
            yield {"type": "text", "text": " · "}
        yield {
            "type": "link",
            "url": address,
            "text": label if label[0] == "W" else f"Open {label[0].lower()}{label[1:]}",
        }


def _context(story: Story, room: _Room) -> list[Block]:
    """The facts in small. The time is mrkdwn of jobwatch's own, without a word from outside."""
    took = f"Took {story.took}{_span(story.moments)}"
    elements: list[Block] = [{"type": "mrkdwn", "text": took, "verbatim": True}] if story.took else []
    facts = [" · ".join((story.identity, *([story.labels] if story.labels else []))), *story.log]
    elements += [_plain(shorten(fact, 2 * room.text)) for fact in facts]
    places = _CONTEXT_ELEMENTS - len(elements) - 2
    shown = story.remarks[: min(room.remarks, places)]
    elements += [_plain(shorten(remark, room.text)) for remark in shown]
    hidden = len(story.remarks) - len(shown)
    elements += [_plain(f"and {counted(hidden, 'more remark')}, in the mail")] if hidden else []
    return [*elements, _plain(shorten(story.job, _LONGEST_JOB))]


def _span(moments: tuple[datetime, datetime] | None) -> str:
    if moments is None:
        return ""
    start, end = (int(moment.timestamp()) for moment in moments)
    first = f", <!date^{start}^{_DAY_FORMAT}|{span(moments[0], moments[0])}>"
    return first if end - start < 60 else f"{first} to <!date^{end}^{_TIME_FORMAT}|{moments[1]:%H:%M} UTC>"


def _push(story: Story) -> str:
    """Headline, cause and next step, as mrkdwn that does nothing."""
    parts = [story.title]
    parts += [isolated(shorten(story.gist, _PUSH_CAUSE).rstrip("."))] if story.gist else []
    return _inert(f"{'. '.join(parts)}. Next: {shorten(story.next_step, _PUSH_STEP)}")


def _inert(text: str) -> str:
    """Escaped, and every sign that could act parted from its word."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(
        r"([@#*_~`|]|://|(?<=\w)\.(?=\w)|(?<=\S):(?=\S)|(?<=\S):(?!\s|$)|(?<!\S):(?=\S)|\bmailto)",
        rf"{_WORD_JOINER}\1{_WORD_JOINER}",
        escaped,
    )


def _lines(lines: list[list[Block]]) -> Iterator[Block]:
    for number, line in enumerate(lines):
        if number:
            yield {"type": "text", "text": "\n"}
        yield from line


def _length(blocks: list[Block]) -> int:
    return utf16_units(json.dumps(blocks, ensure_ascii=False))


def _rich(*elements: Block) -> Block:
    return {"type": "rich_text", "elements": list(elements)}


def _section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def _text(text: str, room: _Room) -> Block:
    return {"type": "text", "text": shorten(text, room.text)}


def _bold(text: str) -> Block:
    return {"type": "text", "text": text, "style": {"bold": True}}


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text, "emoji": False}
