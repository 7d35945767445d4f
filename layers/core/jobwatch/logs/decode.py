"""Bytes of a log as they are stored, made into lines of UTF-8 that end in a line feed: gzip, UTF-16, CR, NUL bytes."""

import codecs
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

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
_HOLE_BYTES = 4096
"""A hole that truncating or a crash left in a file has the size of a block or more; single NUL bytes do no harm."""


class NotTextError(Exception):
    """The log is not text; the message says what it looks like."""


@dataclass
class Encoding:
    """What was found out about a log's bytes while reading them."""

    gzip: bool = False
    name: str = "utf-8"
    carriage_returns: bool = False
    stored_bytes: int = 0
    cut: str | None = None
    """Why reading stopped before the end of the data."""
    remarks: list[str] = field(default_factory=list)


def text_pieces(pieces: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The text of a whole log from its first byte on; fills `encoding`. Raises NotTextError."""
    stored = _counted(pieces, encoding)
    head, rest = _head_of(stored)
    if head.startswith(_GZIP):
        encoding.gzip = True
        head, rest = _head_of(_inflated(_chained(head, rest), encoding))
    yield from window_pieces(_chained(_recognise(head, encoding), rest), encoding)


def window_pieces(pieces: Iterable[bytes], encoding: Encoding) -> Iterator[bytes]:
    """The text of a part of a log whose encoding is known."""
    if encoding.name != "utf-8":
        pieces = _transcoded(pieces, encoding.name)
    if encoding.carriage_returns:
        pieces = (piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n") for piece in pieces)
    for piece in pieces:
        if b"\0" in piece[::_HOLE_BYTES]:
            if "NUL bytes were left out" not in encoding.remarks:
                encoding.remarks.append("NUL bytes were left out")
            yield piece.replace(b"\0", b"")
        else:
            yield piece


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
                    encoding.remarks.append("bytes after the end of the gzip data were left out")
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
    encoding.carriage_returns = b"\r" in sample and b"\n" not in sample
    return head


def _utf16_without_mark(head: bytes) -> str | None:
    """Latin text in UTF-16 has a NUL in nearly every second place."""
    half = len(head) // 2
    if half < 8:
        return None
    low, high = head[: half * 2 : 2].count(0), head[1 : half * 2 : 2].count(0)
    if high > 0.7 * half and low < 0.1 * half:
        return "utf-16-le"
    if low > 0.7 * half and high < 0.1 * half:
        return "utf-16-be"
    return None


def _transcoded(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(name)("replace")
    for piece in pieces:
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
