"""What the readers of a line's head share: its result, and which words count or name a title."""

import re
from typing import NamedTuple

from jobwatch.logs.level_words import words

EXAMINED_CHARACTERS = 4096
_COUNT_FOLLOWS = re.compile(
    r"(?!\s*\d\d?[/.-]\d\d?[/.-]\d{4})(?:\(s\)|[\])}\"'|]*\s*[:=|]?\s*(?:\d[\d,.' ]*|none|no|nil|zero|-+"
    r"|n/a)\s*(?:%|x|×)?\s*"
    r"(?:$|[;,)|&]\s*(?:$|\d|[\w ]{1,30}[:=|]\s*\d)|\.\s|\.$|[\w ]{1,20}[:=]\s*\d))",
    re.IGNORECASE,
)
_COUNTER_FOLLOWS = re.compile(r"[\s_-]*(?:count|rate|total|ratio)s?\b", re.IGNORECASE)
_DONE = frozenset(
    words(
        "imported created updated published stored indexed saved exported added skipped deleted copied processed"
        " loaded uploaded done ok read written translated moved archived importiert erstellt ok. done. imported."
    )
)


class Head(NamedTuple):
    """What the head of a line states; offsets count characters of the text."""

    level: str | None
    start: int
    """Where the level's word begins; -1 without one, or where it is no word of its own."""
    end: int
    """Where the text after the level begins; without a level 0."""
    timed: bool
    """Whether the line begins with something like a time."""
    after: int = 0
    """Where the text after the level and its brackets begins."""
    message: str | None = None
    """The entry's own text, where it is not what follows the level."""
    weak: str = ""
    """What else than a level says so: the "exception" whose name the line begins with, or a "status" at its end."""
    waits: bool = False
    """Whether the entry's text is to follow on the next line."""


def titled(head: str, end: int) -> bool:
    """Whether the line tells of something that was done: then the word is part of a title."""
    words = head[end:].split()
    return bool(words) and len(words) > 1 and words[-1].lower() in _DONE


def counts(head: str, end: int) -> bool:
    """Whether the word is a counter such as "ERROR: 0" or "WARN count 3" and no level."""
    return bool(_COUNT_FOLLOWS.match(head, end) or _COUNTER_FOLLOWS.match(head, end))
