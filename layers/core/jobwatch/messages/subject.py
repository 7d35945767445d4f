"""Subjects of what SNS publishes, whose limits they keep."""

from typing import TYPE_CHECKING

from jobwatch.domain.text import clean, isolated, shorten_utf16, utf16_units

if TYPE_CHECKING:
    # Functions that tell the operators need subjects, and no document.
    from jobwatch.messages.document import Notification

# SNS: UTF-8 without line breaks and control characters, less than 100 characters (Publish, Subject). Which kind of
# characters is not said: counted as UTF-16 they fit any.
_LIMIT = 99
_LEAST_NAME = 12


def subject(notification: "Notification") -> str:
    """The headline, at most 99 characters on one line: the job's name first."""
    return headline_within(notification, _LIMIT)


def headline_within(notification: "Notification", limit: int) -> str:
    """The headline, at most `limit` long in UTF-16; the name is cut before what happened to it is."""
    headline = notification["headline"]
    name = notification["name"] or ""
    event = headline.removeprefix(isolated(name)) if name else ""
    if not event or event == headline:
        return shorten_utf16(headline, limit)
    room = max(limit - utf16_units(event) - 2, _LEAST_NAME)
    return shorten_utf16(f"{isolated(shorten_utf16(name, room))}{event}", limit)


def subject_line(text: str) -> str:
    """`text` as SNS takes it for a subject: on one line, at most 99 characters."""
    return shorten_utf16(clean(text, 4 * _LIMIT), _LIMIT)
