"""Logs whose records are not lines: each record becomes one line, whatever it was spread over.

An indented JSON array or object, XML records, and CSV with line breaks in quoted cells. A line break inside a record
becomes BREAK, so that who counts both line feeds and BREAKs counts the lines of the log. A plain log passes untouched.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from jobwatch.logs.json_documents import JsonJoiner
from jobwatch.logs.record_lines import BREAK
from jobwatch.logs.rows import RowJoiner
from jobwatch.logs.tables import table_of
from jobwatch.logs.xml_records import XmlJoiner, record_names

_LOOKED_AT_BYTES = 1 << 16


class _Joiner(Protocol):
    def join(self, text: bytes, *, last: bool) -> tuple[bytes, bytes]:
        """The whole records of the text, each on a line, and what is left for later; of the `last` text nothing is."""
        ...


@dataclass
class Records:
    """What was found out about a log while its records were put together."""

    joined: bool = False
    """Whether BREAK stands for line feeds; in any other log it is a character like others."""


def whole_records(pieces: Iterable[bytes], found: Records) -> Iterator[bytes]:
    """The same text with each record on one line; pieces may be cut anywhere, the last line may lack its line feed.

    What is kept back is at most a record of a mebibyte: a longer one is given as the lines that it consists of. Of
    records that share a line each counts as a line.
    """
    source = iter(pieces)
    head = b""
    for piece in source:
        head += piece
        if len(head) >= _LOOKED_AT_BYTES:
            break
    joiner = _joiner_of(head[: 4 * _LOOKED_AT_BYTES])
    if joiner is None:
        if head:
            yield head
        yield from source
        return
    found.joined = True
    joined, rest = joiner.join(head.replace(BREAK, b" "), last=False)
    if joined:
        yield joined
    for piece in source:
        joined, rest = joiner.join(rest + piece.replace(BREAK, b" "), last=False)
        if joined:
            yield joined
    joined, rest = joiner.join(rest, last=True)
    if joined or rest:
        yield joined + rest


_ARRAY = re.compile(rb"\s*\[\s*(?:\{\s*[\"}]|\])|\s*\[[ \t]*\n\s*[\[\"]")
_INDENTED_OBJECT = re.compile(rb"\s*\{[ \t]*\n\s*[\"}]")
_OBJECT_OF_RECORDS = re.compile(rb"\s*\{\s*\"[^\n]{0,4000}?\"\s*:\s*\[\s*\{")
_ONE_LINE_OBJECT = re.compile(rb"\s*\{[^\n]*\}[,;]?[ \t]*\n\s*\S")
_TAG = re.compile(rb"\s*<(?:\?xml\b|!--|!DOCTYPE (?!html)|[A-Za-z][\w:.-]*(?:\s[^<>\n]*)?/?>)")


def _joiner_of(head: bytes) -> _Joiner | None:
    if _ARRAY.match(head) or _INDENTED_OBJECT.match(head):
        return JsonJoiner(stream=_is_stream(head))
    if _OBJECT_OF_RECORDS.match(head) and not _ONE_LINE_OBJECT.match(head):
        return JsonJoiner(stream=False)
    if _TAG.match(head) and (names := record_names(head)):
        return XmlJoiner(names)
    if b'"' in head and (delimiter := _table_delimiter(head)):
        return RowJoiner(delimiter)
    return None


def _is_stream(head: bytes) -> bool:
    """Whether one object follows another, as entries that are printed with indents do."""
    return re.search(rb"\n\}[ \t]*,?[ \t]*\n?[ \t]*\{", head) is not None and head.lstrip()[:1] == b"{"


def _table_delimiter(head: bytes) -> bytes | None:
    for delimiter in (b",", b";", b"\t", b"|"):
        rows = RowJoiner(delimiter).join(head, last=False)[0].split(b"\n")[:400]
        if (found := table_of(rows)) and found[0].delimiter.encode() == delimiter:
            return delimiter
    return None
