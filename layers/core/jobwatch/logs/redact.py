"""Text of a log made fit to show: on one line, without controls, with secrets taken out."""

from jobwatch.domain.redact import redact
from jobwatch.domain.text import clean

_EXAMINED_CHARACTERS = 1000


def showable(raw: bytes, limit: int) -> str:
    """A piece of a log as text to show: cleaned, redacted, at most `limit` characters."""
    return clean(redact(clean(raw.decode("utf-8", "replace").rstrip("\ufffd"), _EXAMINED_CHARACTERS)), limit)
