"""The shape of a log's lines, learned from its head: one pattern that passes over the lines where nothing is wrong."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from jobwatch.logs.levels import DEBUG, INFO, LEVEL_OF_WORD, PROBLEM_LEVELS, TRACE, Head, head_of, level_of_value
from jobwatch.logs.messages import INDENTED
from jobwatch.logs.records import Record, Table, read_json, table_of
from jobwatch.logs.shortcuts import Shortcut, shortcut_to_value, shortcut_to_words

LONGEST_LINE_BYTES = 8192
_SAMPLED_LINES = 1000
_COUNTED_APART = 0.05
"""The share of lines from which passing over a level and counting it in a second go is quicker than one by one."""
_CONFORMING = 0.95
_TEXT = b"([^\\n]{0,%d}+)" % LONGEST_LINE_BYTES
_STRING = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+"'
_PLAIN_STRING = rb'"[^"\\\n]*+"'
"""Without escapes it is twice as fast to pass over; a line with one is looked at closely."""
_WITHOUT_SHAPE = re.compile(rb"\n(?:(?!)())?" + _TEXT)


@dataclass(frozen=True)
class Layout:
    """How to read the lines of one log.

    `pattern` begins at the line feed before a line and matches every line but those whose level, at the place
    where this log keeps it, is `passed_level`: those are by far the most and need no work. Group 1 is the level
    word of a line of the usual shape, group 2 the text from that word on (or the whole line).
    """

    kind: str
    """text, json or table."""
    pattern: re.Pattern[bytes]
    shortcut: "Shortcut | None" = None
    passed_level: str | None = None
    also_passed: tuple[tuple[str, re.Pattern[bytes]], ...] = ()
    """Other levels that `pattern` passes over, each with a pattern that counts them."""
    headed: bool = False
    """Whether most lines begin with a time or a level: then one that does not belongs to the one before."""
    timed: bool = False
    """Whether most lines that state a level begin with a time."""
    levelled: bool = False
    """Whether any line of the sample states a level."""
    table: Table | None = None
    message_key: bytes | None = None
    """For JSON lines: the bytes before a message's text."""


def learn(sample: Sequence[bytes], *, from_start: bool = True) -> Layout:
    """The layout of a log whose first lines (without line feeds) are `sample`."""
    lines = [line[:LONGEST_LINE_BYTES] for line in sample[:_SAMPLED_LINES] if line.strip()]
    if not lines:
        return Layout("text", _WITHOUT_SHAPE)
    objects = [line for line in lines if line[:1] == b"{"]
    if len(objects) > 0.6 * len(lines):
        return _json_layout(objects)
    if from_start and (table := table_of(lines[0], lines[1:])):
        return _table_layout(table, lines[1:])
    return _text_layout(lines)


def _text_layout(lines: Sequence[bytes]) -> Layout:
    heads = [head_of(line) for line in lines]
    levelled = any(head.level for head in heads)
    stated = [head for head in heads if head.level]
    timed = sum(head.timed for head in stated) > 0.5 * len(stated)
    whole = [head for line, head in zip(lines, heads, strict=True) if not INDENTED.match(line)]
    headed = sum(1 for head in whole if head.level or head.timed) > 0.5 * len(whole)
    words = Counter(
        line[head.level_at : head.rest]
        for line, head in zip(lines, heads, strict=True)
        if head.level_at >= 0 and head.level in (INFO, DEBUG, TRACE)
    )
    if words:
        word, _ = words.most_common(1)[0]
        with_word = [
            (line, head)
            for line, head in zip(lines, heads, strict=True)
            if head.level_at >= 0 and line[head.level_at : head.rest] == word
        ]
        prefix = _prefix(with_word)
        if prefix is not None and len(with_word) > 0.2 * len(lines):
            quick, exact = prefix
            others = [each for each, count in words.items() if each != word and count > _COUNTED_APART * len(lines)]
            passed = quick + b"(?:%s)" % b"|".join(map(re.escape, (word, *others)))
            return Layout(
                "text",
                re.compile(rb"\n(?!%s\b)(?:%s(?=([A-Za-z]{3,13}+)\b))?+%s" % (passed, exact, _TEXT)),
                shortcut=shortcut_to_words(lines, passed, word) if len(words) == 1 else None,
                passed_level=LEVEL_OF_WORD[word],
                also_passed=tuple(
                    (LEVEL_OF_WORD[each], re.compile(rb"\n(?=%s%s\b)" % (quick, re.escape(each)))) for each in others
                ),
                headed=headed,
                timed=timed,
                levelled=levelled,
            )
    return Layout("text", _WITHOUT_SHAPE, headed=headed, timed=timed, levelled=levelled)


def _prefix(lines: Sequence[tuple[bytes, Head]]) -> tuple[bytes, bytes] | None:
    """Two patterns for what stands before the level, where nearly all lines agree in it: a quick and an exact one.

    The quick one steps over a fixed width without looking; that a shorter line and the next one have the passed
    level just there together does not happen by chance.
    """
    width, same_width = Counter(head.level_at for _, head in lines).most_common(1)[0]
    if same_width >= _CONFORMING * len(lines):
        if width == 0:
            return b"", b""
        first = {line[:1] for line, _ in lines}
        start = re.escape(first.pop()) if len(first) == 1 else b"[^\\n]"
        return start + b"(?s:.{%d})" % (width - 1), start + b"[^\\n]{%d}" % (width - 1)
    shapes = Counter(_fields(line[: head.level_at]) for line, head in lines)
    (fields, bracket), agreeing = shapes.most_common(1)[0]
    if agreeing < _CONFORMING * len(lines) or fields > 8:
        return None
    exact = rb"[^ \t\n]++[ \t]++" * fields + re.escape(bracket)
    return exact, exact


def _fields(prefix: bytes) -> tuple[int, bytes]:
    """How many words stand before a level, and the bracket it opens with."""
    words = prefix.rstrip(b"[(<|")
    return len(words.split()), prefix[len(words) :]


def _json_layout(lines: Sequence[bytes]) -> Layout:
    records = [read_json(line) for line in lines]
    message_key = _message_key(lines, records)
    shapes: Counter[tuple[bytes, bytes, bytes]] = Counter()
    for line, record in zip(lines, records, strict=True):
        if record and record.level and record.level not in PROBLEM_LEVELS:
            shape = _json_prefix(line, record.level)
            if shape is not None:
                shapes[shape] += 1
    if shapes:
        # Shapes that differ in the width of a value only count together; the widest agreement is the quick one.
        (quick, exact, value), count = shapes.most_common(1)[0]
        together = sum(n for (_, each, written), n in shapes.items() if (each, written) == (exact, value))
        if together > 0.3 * len(lines):
            passed = (quick if count > _CONFORMING * together else exact) + re.escape(value) + rb'[",}\s]'
            return Layout(
                "json",
                re.compile(rb'\n(?!%s)(?:%s"?(?=(\w++)"?))?+%s' % (passed, exact, _TEXT)),
                shortcut=shortcut_to_value(lines, value),
                passed_level=level_of_value(json.loads(_closed(value))),
                headed=True,
                timed=True,
                levelled=True,
                message_key=message_key,
            )
    levelled = any(record and record.level for record in records)
    return Layout("json", _WITHOUT_SHAPE, headed=True, timed=True, levelled=levelled, message_key=message_key)


def _closed(value: bytes) -> bytes:
    return value + b'"' if value.startswith(b'"') else value


_OWN_LEVEL_KEYS = frozenset((b"level", b"severity", b"lvl", b"levelname", b"loglevel", b"log_level"))
_PAIR = re.compile(rb'("(?:[^"\\\n]|\\.)*")(\s*:\s*)(?:(%s)|(-?[\w.+]+))(\s*[,}]\s*)' % _STRING)


def _json_prefix(line: bytes, level: str) -> tuple[bytes, bytes, bytes] | None:
    """What stands before the level in a flat JSON object, as a quick and an exact pattern, and the level as written."""
    at = len(line) - len(line[1:].lstrip())
    quick = exact = re.escape(line[:at])
    while pair := _PAIR.match(line, at):
        key, colon, text, bare, comma = pair.groups()
        value = text or bare
        if key[1:-1].lower() in _OWN_LEVEL_KEYS:
            if level_of_value(json.loads(value)) != level:
                return None
            return quick + key + colon, exact + key + colon, value.removesuffix(b'"')
        name, separator = re.escape(key + colon), re.escape(comma)
        quick += name + (b'"(?s:.{%d})"' % (len(text) - 2) if text else rb"[^\",{}\[\]\n]++") + separator
        exact += name + (_PLAIN_STRING if text else rb"[^\",{}\[\]\n]++") + separator
        at = pair.end()
    return None


def _message_key(lines: Sequence[bytes], records: Sequence[Record | None]) -> bytes | None:
    keys: Counter[bytes] = Counter()
    for line, record in zip(lines[:200], records, strict=False):
        if record is None or record.message == line:
            continue
        found = re.search(
            rb'"[\w@.]+"\s*:\s*"(?=' + re.escape(json.dumps(record.message.decode())[1:-1].encode()) + rb'")', line
        )
        if found:
            keys[found[0]] += 1
    if not keys:
        return None
    key, count = keys.most_common(1)[0]
    return key if count > 0.5 * min(len(lines), 200) else None


def _table_layout(table: Table, rows: Sequence[bytes]) -> Layout:
    prefix = table.prefix()
    words = Counter(
        found[1]
        for row in rows
        if (found := re.match(prefix + rb"([\w ]++)", row))
        and level_of_value(found[1].decode("ascii", "replace")) == INFO
    )
    if not words:
        return Layout("table", _WITHOUT_SHAPE, headed=True, timed=True, levelled=True, table=table)
    word = words.most_common(1)[0][0]
    end = rb'"?(?:%s|\s*(?:\n|\Z))' % re.escape(table.delimiter.encode())
    pattern = re.compile(rb"\n(?!%s%s%s)(?:(?!)())?%s" % (prefix, re.escape(word), end, _TEXT))
    return Layout("table", pattern, passed_level=INFO, headed=True, timed=True, levelled=True, table=table)
