"""Keeping secrets out of what is remembered and shown of an answer: some services echo what they were sent."""

import base64
import re
from collections.abc import Iterable
from dataclasses import replace

from jobwatch.domain.exchange import Response
from jobwatch.domain.redact import redact
from jobwatch.domain.snapshot import Answer, Snapshot

_MASK = "***"
# Shorter values stand in ordinary words and numbers; masking them would spoil the answer.
_SHORTEST = 6


def scrub(response: Response, secrets: Iterable[str]) -> Response:
    """`response` with every one of `secrets` masked in body and headers, however it is written there.

    That is: as it stands, as base64, and with any of its characters percent-encoded, escaped with a backslash or
    written as \\uXXXX, as writers of JSON do with quotes, slashes and what matters in HTML.
    """
    body, headers = response.body, dict(response.headers)
    for pattern in patterns_of(secrets):
        body = re.sub(pattern.encode(), _MASK.encode(), body)
        headers = {name: re.sub(pattern, _MASK, value) for name, value in headers.items()}
    return replace(response, body=body, headers=headers)


def hide_secrets(answer: Answer) -> Answer:
    """`answer` without what looks like a secret in the texts that people are shown: a vendor may quote anybody's."""
    if not isinstance(answer, Snapshot):
        return replace(answer, detail=redact(answer.detail))
    return replace(
        answer,
        error=_redacted(answer.error),
        current_operation=_redacted(answer.current_operation),
        waits_for=_redacted(answer.waits_for),
        items=tuple(replace(item, name=redact(item.name), error=_redacted(item.error)) for item in answer.items),
        messages=tuple(replace(message, text=redact(message.text)) for message in answer.messages),
        remarks=tuple(map(redact, answer.remarks)),
        doubts=tuple(map(redact, answer.doubts)),
    )


def _redacted(text: str | None) -> str | None:
    return None if text is None else redact(text)


def patterns_of(secrets: Iterable[str]) -> list[str]:
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
