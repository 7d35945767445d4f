"""The notification as one line for a text message."""

import re
from collections.abc import Iterator

from jobwatch.domain.text import shorten
from jobwatch.messages.document import Notification
from jobwatch.messages.gsm import fits_one_message, typed
from jobwatch.messages.story import Story, story_of
from jobwatch.messages.subject import headline_within

# SNS puts the topic's display name and this before a text message ("Sending SMS messages using Amazon SNS").
PREFIX = "JOBWATCH> "
_LEAST_CAUSE = 24
_LONGEST = 99


def sms_line(notification: Notification) -> str:
    """The headline, the cause and the next step, as far as one text message holds them with its sender's prefix."""
    return next(line for line in _lines(notification, story_of(notification)) if _fits(line))


def _lines(note: Notification, story: Story) -> Iterator[str]:
    """What could be sent, the fullest first."""
    head = typed(headline_within(note, _LONGEST))
    cause = story.gist
    step = f" {typed(_first_clause(story.next_step))}."
    if cause:
        why = typed(cause).rstrip(".")
        yield f"{head}. {why}.{step}"
        yield f"{head}. {why}."
        for length in range(len(why), _LEAST_CAUSE, -4):
            yield f"{head}. {typed(shorten(why, length))}"
    yield f"{head}.{step}"
    for length in range(_LONGEST, 0, -1):
        yield typed(headline_within(note, length))


def _first_clause(text: str) -> str:
    """The step itself, without its reason."""
    return re.split(r"[;:.](?:\s|$)", text, maxsplit=1)[0]


def _fits(line: str) -> bool:
    return fits_one_message(f"{PREFIX}{line}")
