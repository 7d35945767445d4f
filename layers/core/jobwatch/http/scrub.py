"""Keeping secrets out of what is remembered and shown of an answer: some services echo what they were sent."""

import base64
import re
from collections.abc import Iterable
from dataclasses import replace

from jobwatch.vendors.vendor import Response

_MASK = "***"
# Shorter values stand in ordinary words and numbers; masking them would spoil the answer.
_SHORTEST = 6


def scrub(response: Response, secrets: Iterable[str]) -> Response:
    """`response` with every one of `secrets` masked in body and headers, however it is written there.

    That is: as it stands, as base64, and with any of its characters percent-encoded, escaped with a backslash or
    written as \\uXXXX, as writers of JSON do with quotes, slashes and what matters in HTML.
    """
    body, headers = response.body, dict(response.headers)
    for pattern in _patterns(secrets):
        body = re.sub(pattern.encode(), _MASK.encode(), body)
        headers = {name: re.sub(pattern, _MASK, value) for name, value in headers.items()}
    return replace(response, body=body, headers=headers)


def _patterns(secrets: Iterable[str]) -> list[str]:
    """A pattern for each form of each secret, the longest first: one secret may stand within another."""
    patterns: list[str] = []
    for secret in sorted({each for each in secrets if len(each) >= _SHORTEST}, key=len, reverse=True):
        patterns.append("".join(_character(each) for each in secret))
        patterns.append(re.escape(base64.b64encode(secret.encode()).decode().rstrip("=")))
    return patterns


def _character(character: str) -> str:
    if character.isascii() and character.isalnum():
        # Writers escape these for no reason, and one pattern for each would make the search many times slower.
        return character
    escaped = re.escape(character)
    encoded = "".join(f"%{byte:02x}" for byte in character.encode())
    wide = character.encode("utf-16-be").hex()
    units = "".join(rf"\\u{wide[at : at + 4]}" for at in range(0, len(wide), 4))
    space = r"|\+" if character == " " else ""
    return rf"(?:\\?{escaped}|(?i:{encoded}|{units}){space})"
