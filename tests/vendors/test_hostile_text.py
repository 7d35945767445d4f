"""Every text in every recorded answer, turned hostile: nothing of it reaches a log line, a record or a person raw."""

import copy
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

import pytest

from tests.vendors.recordings import Recording, load_profiles, load_recordings

HOSTILE = "\x1b[2J\x1b]0;title\x07\x9b31m\u202e\u2028\r\nsecond line"
RECORDINGS = [recording for profile in load_profiles() for recording in load_recordings(profile)]


def turned(document: Any) -> Iterator[Any]:
    """The document once for each of its texts, with that text ending in HOSTILE."""
    for place, text in _texts(document):
        changed = copy.deepcopy(document)
        holder = changed
        for step in place[:-1]:
            holder = holder[step]
        holder[place[-1]] = text + HOSTILE
        yield changed


def _texts(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    match value:
        case str() if place:
            yield place, value
        case dict():
            for key, part in value.items():
                yield from _texts(part, (*place, key))
        case list():
            for number, part in enumerate(value):
                yield from _texts(part, (*place, number))


def unfit(value: Any) -> list[str]:
    """The texts of an answer that hold a control character, a line end or a mark that turns the reading order."""
    bad = {"Cc", "Zl", "Zp"}
    texts = [text for _, text in _texts(value, ("answer",))]
    return [text for text in texts if "\u202e" in text or {unicodedata.category(each) for each in text} & bad]


def plain(value: Any) -> Any:
    return {key: plain(each) for key, each in value.items()} if isinstance(value, dict) else _listed(value)


def _listed(value: Any) -> Any:
    return [plain(each) for each in value] if isinstance(value, tuple | list) else value


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda each: each.name)
def test_no_vendors_text_moves_a_terminal_or_starts_a_line(recording: Recording) -> None:
    for body in turned(recording.body):
        answer = recording.read(replace(recording.response, body=json.dumps(body).encode()))
        assert unfit(plain(asdict(answer))) == [], body
