"""Subjects of what SNS publishes, whose limits they keep."""

import unicodedata
from collections.abc import Mapping
from typing import Any

# SNS: fewer than 100 ASCII characters, no line breaks, starting with a letter, digit or punctuation mark.
_LIMIT = 99


def subject(notification: Mapping[str, Any]) -> str:
    """The headline in ASCII, at most 99 characters on one line."""
    plain = notification["headline"]
    name = _ascii(notification["name"] or "")
    if notification["name"] and name.count("?") > len(name) // 2:
        # A name in another script says nothing as question marks; the job id says which one it is.
        plain = plain.replace(notification["name"], f"job {notification['job_id']}")
    return subject_line(plain)


def subject_line(text: str) -> str:
    """`text` as SNS takes it for a subject: ASCII, on one line, at most 99 characters."""
    line = " ".join(_ascii(text).split())
    return line if len(line) <= _LIMIT else line[: _LIMIT - 3].rstrip() + "..."


def _ascii(text: str) -> str:
    """Letters without their accents; typographic dashes, quotes and the ellipsis as typed; a ? for the rest."""
    for typographic, typed in (("…", "..."), ("–", "-"), ("—", "-"), ("’", "'"), ("‘", "'"), ("“", '"'), ("”", '"')):
        text = text.replace(typographic, typed)
    decomposed = unicodedata.normalize("NFKD", text)
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return "".join(character if character.isascii() and character.isprintable() else "?" for character in bare)
