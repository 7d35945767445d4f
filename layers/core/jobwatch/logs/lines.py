"""What one line of a log says, whatever its form: text, or an object behind any prefix."""

import ast
import json
import re
from typing import Any, NamedTuple

from jobwatch.logs.alarms import alarming
from jobwatch.logs.head_rules import Head
from jobwatch.logs.heads import head_of_text
from jobwatch.logs.level_words import LEVEL_OF
from jobwatch.logs.levels import level_of_value
from jobwatch.logs.messages import announces, joined, message_of_pairs, message_of_text, with_reason
from jobwatch.logs.objects import read_fields
from jobwatch.logs.prefixes import prefix_of
from jobwatch.logs.xml_records import xml_fields

_MOST_INNER = 3
_LONGEST_OBJECT = 4 << 20
_ELEMENT = re.compile(r"<[A-Za-z][\w:.-]*(?:\s[^<>]*)?(?:/>|>[\s\S]*</[\w:.-]+>)$")
_CUT_LEVEL = re.compile(
    r"[\"'](?:log[._]?)?(?:level|lvl|severity(?:_?text)?|level_?name|log_?level|@l|status)[\"']\s*:\s*[\"'](\w+)[\"']",
    re.IGNORECASE,
)
_CUT_MESSAGE = re.compile(r"[\"'](?:message|msg|@m|error|reason)[\"']\s*:\s*([\"'])((?:(?!\1)[^\\\n]|\\.)*+)\1")


_LEVEL_BELOW = re.compile(
    r"(?:[A-Z][a-z]{2} \d\d?, \d{4},? \d\d?:\d\d:\d\d ?[AP]M|\d\d?\.\d\d?\.\d{4},? \d\d?:\d\d:\d\d"
    r"|\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
    r"|[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d? \d\d:\d\d:\d\d [A-Z]{3,4} \d{4}) [a-z][\w$]*(?:\.[\w$]+)+ [\w$<>]+"
)
"""java.util.logging: time, class and method on one line, level and message on the next."""


LEVEL_DIGITS = re.compile(
    rb"(?<=<)\d{1,3}(?=>)"
    rb"|(?i:(?<![a-z])(?:level(?:_?(?:no|value|number))?|lvl|severity(?:_?number)?|priority|sev|loglevel"
    rb"|errors?|success|ok|failed)"
    rb"[\"']?\s?[=:]\s?[\"']?)\d{1,5}(?!\d)"
    rb"|(?i:\b(?:severity: |level )\d{1,2}, state)"
    rb"|\btype=\"\d\""
)
"""The digits that state a level or outcome: lines that differ in them differ in more than a value."""


__all__ = ["LEVEL_DIGITS", "Line", "alarming", "digits_matter", "read_line"]


class Line(NamedTuple):
    """What a line says."""

    level: str | None
    message: bytes
    """The entry's own sentence; of a line without a level the line without its prefixes."""
    item: bytes | None = None
    """What the entry is about, where a field of its own names it."""
    time: str | None = None
    """The time that a field of its own states, as it stands."""
    timed: bool = False
    """Whether the line begins with something like a time, or an object has one."""
    structured: bool = False
    """Whether the line is an object: then it is an entry, and no line below continues it."""
    weak: str = ""
    """What else than a level states it: an "exception", whose name the line begins with and which below an open entry
    is a part of it, or a "status" at the line's end."""
    waits: bool = False
    """Whether the entry's text or reason is to follow on the next lines; without a level, whether that does."""


def read_line(line: bytes) -> Line:
    """What the line (without its line feed) says. Reads in linear time, however long or hostile the line."""
    return _read(line.decode("utf-8", "surrogateescape").strip("\r\n").replace("\x0b", "\n"), _MOST_INNER)


def _read(text: str, inner: int) -> Line:
    prefix = prefix_of(text)
    own = text[prefix.end :].strip()
    if inner and (read := _read_object(own, inner)):
        return read._replace(timed=read.timed or prefix.timed)
    brace = _object_at(own) if inner else None
    head = head_of_text(own if brace is None else own[:brace])
    if brace is not None and (head.level is None or head.weak):
        if (read := _read_object(own[brace:], inner)) and (read.level or not head.level):
            return read._replace(timed=read.timed or prefix.timed or head.timed)
        head = head_of_text(own)
    elif brace is not None:
        head = head_of_text(own)
    timed = prefix.timed or head.timed
    level = head.level or prefix.level
    message = _message(own, head)
    encoded = _bytes(message or own)
    if level is None:
        return Line(None, encoded, timed=timed, waits=bool(_LEVEL_BELOW.fullmatch(own)))
    waits = head.waits or not message or announces(encoded)
    return Line(level, encoded, timed=timed, weak=head.weak, waits=waits)


def _message(own: str, head: Head) -> str:
    if head.level is None:
        return own
    if head.message is not None:
        return message_of_pairs(own) or head.message
    rest = own[head.after :]
    if head.start > 0 and "=" in own and (pairs := message_of_text(own)) and re.match(r"(?:[\w.@/-]{1,80}=|\{)", own):
        return message_of_pairs(own) or pairs
    message = message_of_text(rest)
    return message or (own if head.start >= 0 and own[head.start : head.end].lower() not in LEVEL_OF else message)


def _object_at(text: str) -> int | None:
    """Where an object begins that the line ends with."""
    if not text.endswith("}"):
        return None
    at = text.find('{"', 0, 4096)
    return at if at > 0 else None


def _read_object(text: str, inner: int) -> Line | None:
    """A line that is an object of JSON, or as Python prints one; one that was cut too, as far as it goes."""
    if text[:1] == "[" and text[:2] in ("[{", '["') and text.endswith("]"):
        value = _parsed(text)
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            return _of_object(value[0], inner)
        return None
    if text[:1] == "<" and text[-1:] == ">" and _ELEMENT.match(text):
        fields = xml_fields(text)
        return _of_object(fields, inner) if fields else None
    if text[:1] != "{" or text[1:2] not in ('"', "'", " ", "}", "\n", "\t"):
        return None
    value = _parsed(text.rstrip(",") if text.endswith("},") else text)
    if isinstance(value, dict):
        return _of_object(value, inner)
    level = next((found for each in _CUT_LEVEL.finditer(text[:65536]) if (found := level_of_value(each[1]))), None)
    message = _CUT_MESSAGE.search(text[:65536])
    if level is None and message is None:
        return None
    return Line(level, _bytes(message[2] if message else text), structured=True)


def _parsed(text: str) -> Any:
    if len(text) > _LONGEST_OBJECT:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if text[1:2] != "'" or len(text) > 65536:
        return None
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def _of_object(value: dict[str, Any], inner: int) -> Line:
    fields = read_fields(value)
    level, message = fields.level, fields.message
    if message and inner and (level is None or fields.wrapped or not fields.stated):
        within = _read(message.rstrip("\n"), inner - 1)
        if within.level and not within.weak:
            return within._replace(
                item=within.item or (_bytes(fields.item) if fields.item else None),
                time=fields.time or within.time,
                timed=True,
                structured=True,
            )
    told = joined(_first_part(message), _first_part(fields.reason)) or ""
    return Line(
        level,
        _bytes(told),
        _bytes(fields.item) if fields.item else None,
        fields.time,
        timed=fields.time is not None,
        structured=True,
    )


def _first_part(text: str | None) -> str | None:
    """Of a text of several lines, such as a stack, its first line and the cause."""
    if text is None or "\n" not in text:
        return text
    first, *rest = text.split("\n")[:200]
    return with_reason(_bytes(first.strip()), [_bytes(line) for line in rest if line.strip()]).decode(
        "utf-8", "surrogateescape"
    )


def _bytes(text: str) -> bytes:
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:  # half a character, from an escape of JSON
        return text.encode("utf-8", "replace")


def digits_matter(line: bytes) -> bool:
    """Whether what `read_line` says of such lines may depend on digits; the same for all that differ only in them."""
    return LEVEL_DIGITS.search(line) is not None
