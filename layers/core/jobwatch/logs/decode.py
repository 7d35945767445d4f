"""Bytes of a log as they are stored, made into whole lines of clean UTF-8.

Gzip is unpacked; UTF-16 and code pages become UTF-8; NUL bytes, byte order marks, escape sequences and overwritten
states are gone; every line ends in one line feed.
"""

import codecs
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from jobwatch.logs.codepages import CodePages
from jobwatch.logs.terminal import as_read, has_written_escapes, without_written_escapes

HEAD_BYTES = 1 << 16
_INFLATED_BYTES = 1 << 19
_GZIP = b"\x1f\x8b"
_RATIO_LIMIT = 300
"""Real logs shrink 5 to 100 times; deflate's own limit is 1032."""
_RATIO_APPLIES_FROM_BYTES = 64 << 20
_INFLATED_LIMIT_BYTES = 32 << 30
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ARCHIVES = (
    (b"PK\x03\x04", "a zip archive"),
    (b"BZh", "bzip2 data"),
    (b"\xfd7zXZ", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstd data"),
    (b"\x89PNG", "a PNG image"),
    (b"%PDF-", "a PDF document"),
    (b"\x7fELF", "a program"),
)
_CONTROLS = bytes({*range(1, 32), 127} - set(b"\t\n\r\f\b\x1b\v"))
_CONTROL_SHARE = 0.05
_LONGEST_HELD_BYTES = 1 << 20
"""A line is held back until it is whole, but not for longer than this: an endless one takes no memory."""
_BOM = b"\xef\xbb\xbf"


class NotTextError(Exception):
    """The log is not text; the message says what it looks like."""


@dataclass
class Encoding:
    """What was found out about a log's bytes while reading them."""

    gzip: bool = False
    name: str = "utf-8"
    old_line_ends: bool = False
    """Lines end in a carriage return alone, as on the first Macintosh."""
    written_escapes: bool = False
    """The log holds colours in writing, such as `\\u001b[31m`."""
    stored_bytes: int = 0
    cut: str | None = None
    """Why reading stopped before the end of the data."""
    code_pages: CodePages = field(default_factory=CodePages)
    nul_bytes: int = 0
    kept_states: int = 0
    """Overwritten states of lines that became lines of their own."""
    bytes_behind_gzip: bool = False

    @property
    def remarks(self) -> list[str]:
        """What was left out or taken otherwise than it stands, for a person; each begins in lower case."""
        remarks = []
        if self.bytes_behind_gzip:
            remarks.append("bytes after the end of the gzip data were left out")
        if self.nul_bytes:
            remarks.append("NUL bytes were left out")
        if self.kept_states:
            states = "1 text" if self.kept_states == 1 else f"{self.kept_states:,} texts"
            remarks.append(f"{states} overwritten by a carriage return count as lines of their own")
        if page := self.code_pages.remark():
            remarks.append(page)
        return remarks


def text_pieces(pieces: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The text of a whole log from its first byte on; fills `encoding`. Raises NotTextError."""
    stored = _counted(pieces, encoding)
    head, rest = _head_of(stored)
    if head.startswith(_GZIP):
        encoding.gzip = True
        head, rest = _head_of(_inflated(_chained(head, rest), encoding))
    yield from window_pieces(_chained(_recognise(head, encoding), rest), encoding)


def window_pieces(pieces: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The text of a part of a log whose encoding is known.

    Every piece but the last ends with a line, unless the line is longer than a megabyte.
    """
    if encoding.name != "utf-8":
        pieces = _transcoded(pieces, encoding.name)
    for lines in _whole_lines(pieces, b"\r" if encoding.old_line_ends else b"\n"):
        if text := _cleaned(lines, encoding):
            yield text


def _whole_lines(pieces: Iterable[bytes], line_end: bytes) -> Iterator[bytes]:
    held: list[bytes] = []
    held_bytes = 0
    for piece in pieces:
        end = piece.rfind(line_end) + 1
        if not end and held_bytes > _LONGEST_HELD_BYTES:
            # Of a long line the states that are overwritten are whole; else it ends nowhere, so anywhere will do.
            end = max(piece.rfind(b"\r"), 0) or len(piece)
        if end > 0:
            yield b"".join((*held, memoryview(piece)[:end]))
            held, held_bytes = [], 0
            piece = piece[end:]
        if piece:
            held.append(piece)
            held_bytes += len(piece)
    if held:
        yield b"".join(held)


def _cleaned(text: bytes, encoding: Encoding) -> bytes:
    if b"\0" in text:
        encoding.nul_bytes += text.count(b"\0")
        text = text.replace(b"\0", b"")
    if not (ascii_only := text.isascii()):
        text = encoding.code_pages.as_utf8(text)
        if _BOM in text:
            text = text.replace(_BOM, b"")
    if encoding.old_line_ends:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    text, kept = as_read(text, ascii_only=ascii_only)
    encoding.kept_states += kept
    return without_written_escapes(text) if encoding.written_escapes else text


def _counted(pieces: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    for piece in pieces:
        encoding.stored_bytes += len(piece)
        yield piece


def _head_of(pieces: Iterable[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """At least HEAD_BYTES, if there are as many, and what comes after."""
    iterator = iter(pieces)
    head = b""
    while len(head) < HEAD_BYTES and (piece := next(iterator, None)) is not None:
        head = head + piece if head else piece
    return head, iterator


def _chained(head: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    if head:
        yield head
    yield from rest


def _inflated(pieces: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """Gzip members one after another, within bounds: a small file must not become an endless log."""
    inflater = zlib.decompressobj(31)
    inflated_bytes = 0
    begun = False
    for piece in pieces:
        data = piece
        while data:
            begun = True
            try:
                text = inflater.decompress(data, _INFLATED_BYTES)
            except zlib.error:
                encoding.cut = f"the gzip data is broken after {inflated_bytes:,} bytes of text"
                return
            inflated_bytes += len(text)
            yield text
            if inflated_bytes > _RATIO_APPLIES_FROM_BYTES and inflated_bytes > _RATIO_LIMIT * encoding.stored_bytes:
                encoding.cut = (
                    f"the gzip data inflates more than {_RATIO_LIMIT} times, so reading stopped"
                    f" at {inflated_bytes:,} bytes of text"
                )
                return
            if inflated_bytes > _INFLATED_LIMIT_BYTES:
                encoding.cut = f"reading stopped at {inflated_bytes:,} bytes of unpacked text"
                return
            if inflater.eof:
                data = inflater.unused_data
                if data and not data.startswith(_GZIP[: len(data)]):
                    encoding.bytes_behind_gzip = True
                    return
                inflater = zlib.decompressobj(31)
                begun = False
            else:
                data = inflater.unconsumed_tail
    if not inflater.eof and begun:
        encoding.cut = "the gzip data ends early (perhaps it is still being written)"


def _recognise(head: bytes, encoding: Encoding) -> bytes:
    """Sets the encoding from a log's first bytes; the head without its byte order mark."""
    for magic, what in _ARCHIVES:
        if head.startswith(magic):
            raise NotTextError(f"not text: it looks like {what}")
    for bom, name in _BOMS:
        if head.startswith(bom):
            encoding.name = name
            head = head[len(bom) :]
            break
    else:
        encoding.name = _utf16_without_mark(head) or "utf-8"
    sample = head if encoding.name == "utf-8" else head[: len(head) & ~3].decode(encoding.name, "replace").encode()
    sample = sample.replace(b"\0", b"")
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > _CONTROL_SHARE * len(sample):
        raise NotTextError("not text: it looks like binary data")
    encoding.old_line_ends = _ends_lines_in_returns(sample)
    encoding.written_escapes = has_written_escapes(sample)
    return head


def _utf16_without_mark(head: bytes) -> str | None:
    """In UTF-16, what is ASCII of a text has a NUL in every second place; few letters have one in the others."""
    half = len(head) // 2
    if half < 8:
        return None
    low, high = head[: half * 2 : 2].count(0), head[1 : half * 2 : 2].count(0)
    if high > 0.2 * half and low < 0.25 * high:
        return "utf-16-le"
    if low > 0.2 * half and high < 0.25 * low:
        return "utf-16-be"
    return None


def _ends_lines_in_returns(sample: bytes) -> bool:
    """Whether carriage returns end this log's lines; else they go back to a line's start, as progress bars do.

    A progress bar alone has no line feed either, but its states differ in little more than digits.
    """
    if b"\r" not in sample or b"\n" in sample:
        return False
    shapes = [line.translate(None, b"0123456789 .#=>-|%\xe2\x96\x88") for line in sample.split(b"\r") if line]
    return len(set(shapes)) > 0.2 * len(shapes) or sample.count(b"\r20") > 0.2 * len(shapes)


def _transcoded(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
