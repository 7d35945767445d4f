"""Summarising a log: all of it where the time allows, else its head, its tail and parts spread evenly between."""

import math
import time
from collections.abc import Callable, Iterator

from jobwatch.logs.blocks import whole_lines
from jobwatch.logs.decode import Encoding, NotTextError, text_pieces, window_pieces
from jobwatch.logs.documents import whole_records
from jobwatch.logs.report import report
from jobwatch.logs.source import LogChanged, LogSource, LogUnreadable
from jobwatch.logs.summary import LogSummary
from jobwatch.logs.tally import Tally

STOP_MARGIN_SECONDS = 4.0
"""Kept for the report and for what the caller does with it."""
_PROBE_BYTES = 16 << 20
_WINDOW_BYTES = 4 << 20
_TAIL_BYTES = 16 << 20


def _unlimited() -> float:
    return math.inf


def summarise(source: LogSource, *, remaining_seconds: Callable[[], float] = _unlimited) -> LogSummary:
    """What the log says. Memory does not grow with the log.

    `remaining_seconds`: what is left of the time the caller has; reading stops in good time before it runs out, and
    a log too long for it is sampled. Raises LogUnreadable when not even its beginning can be read. A log that cannot
    be read to its end gives the summary of what was read; one replaced meanwhile is read anew, once.
    """
    attempt = _Attempt(source, remaining_seconds)
    try:
        attempt.run()
    except LogChanged:
        attempt = _Attempt(source, remaining_seconds)
        attempt.notes.append("The log was replaced while it was read; this is the new one.")
        try:
            attempt.run()
        except LogChanged:
            attempt.cut("The log was replaced again while it was read; this is what was read of it.")
            attempt.tally.end_stretch()
    return attempt.summary()


class _Attempt:
    """One reading of a log."""

    def __init__(self, source: LogSource, remaining_seconds: Callable[[], float]) -> None:
        self.tally = Tally()
        self.notes: list[str] = []
        self._source = source
        self._remaining_seconds = remaining_seconds
        self._margin_seconds = min(STOP_MARGIN_SECONDS, 0.2 * max(remaining_seconds(), 0))
        self._encoding = Encoding()
        self._complete = True
        self._share_read = 1.0
        self._sampled_bytes = 0

    def cut(self, note: str) -> None:
        """Notes why the summary does not cover the whole log."""
        self.notes.append(note)
        self._complete = False

    def summary(self) -> LogSummary:
        """The summary of what was read."""
        size_bytes = self._source.size_bytes
        stored = self._encoding.stored_bytes + self._sampled_bytes
        if not self._complete and size_bytes:
            self._share_read = min(stored / size_bytes, 1.0)
        if self._encoding.name != "utf-8":
            self.notes.append(f"The log is in {self._encoding.name.upper()}.")
        self.notes.extend(f"{remark[0].upper()}{remark[1:]}." for remark in self._encoding.remarks)
        return report(
            self.tally,
            size_bytes=stored if size_bytes is None else size_bytes,
            share_read=self._share_read,
            complete=self._complete,
            notes=self.notes,
        )

    def run(self) -> None:
        """Reads. Raises LogUnreadable when nothing could be read, LogChanged."""
        began = time.monotonic()
        text = whole_lines(whole_records(text_pieces(self._source.read(0, None), self._encoding), self.tally.records))
        read_all = False
        try:
            for lines in text:
                self.tally.feed(lines)
                if self._out_of_time():
                    break
                if self._too_long(time.monotonic() - began):
                    break
            else:
                read_all = True
        except NotTextError as error:
            self.cut(f"The log was not summarised: {error}.")
            return
        except LogUnreadable as error:
            if self._encoding.stored_bytes == 0:
                raise
            self.cut(f"Reading broke off after {self._read_so_far()}: {error}.")
            read_all = True
        self.tally.end_stretch()
        if self._encoding.cut:
            self.cut(f"Only a part was read: {self._encoding.cut}.")
        elif not read_all:
            self._sample()

    def _read_so_far(self) -> str:
        return f"{self._encoding.stored_bytes:,} bytes"

    def _out_of_time(self) -> bool:
        return self._remaining_seconds() < self._margin_seconds

    def _too_long(self, seconds: float) -> bool:
        """Whether, at the speed so far, the rest cannot be read in the time that is left."""
        read = self._encoding.stored_bytes
        size_bytes = self._source.size_bytes
        if size_bytes is None or self._encoding.gzip or read < _PROBE_BYTES:
            return False
        left_seconds = self._remaining_seconds() - self._margin_seconds
        return seconds / read * (size_bytes - read) > left_seconds

    def _sample(self) -> None:
        """Reads the tail, then parts of the rest in an order that spreads them evenly whenever time runs out."""
        size_bytes = self._source.size_bytes
        if size_bytes is None or self._encoding.gzip:
            self.cut(f"The time was up after {self._read_so_far()}: only the beginning was read.")
            return
        head_bytes = self._encoding.stored_bytes
        stopped = None
        for start, end in _windows(head_bytes, size_bytes):
            if self._out_of_time():
                break
            try:
                self._read_window(start, end)
            except LogUnreadable as error:
                stopped = str(error)
                break
        share = 100 * (head_bytes + self._sampled_bytes) / size_bytes
        what = "its head, its tail and parts spread evenly between" if self._sampled_bytes else "its head"
        note = f"The log is too long for the time there was: {share:.2g} % of it was read ({what}), and counted."
        self.cut(f"{note[:-1]}; then reading broke off: {stopped}." if stopped else note)

    def _read_window(self, start: int, end: int) -> None:
        """One part; its first line counts only from its beginning on, which may lie before the part."""
        self.tally.begin_stretch(start)
        begun = False
        for lines in whole_lines(window_pieces(self._counted(self._source.read(start, end)), self._encoding)):
            text = lines if begun else lines[lines.index(b"\n") + 1 :]
            begun = True
            self.tally.feed(text)
            if self._out_of_time():
                break
        self.tally.end_stretch()

    def _counted(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._sampled_bytes += len(piece)
            yield piece


def _windows(head_bytes: int, size_bytes: int) -> Iterator[tuple[int, int]]:
    """Parts of what follows the head: the tail first, then the others in bit-reversed order (van der Corput)."""
    tail_start = max(head_bytes, size_bytes - _TAIL_BYTES) & ~3
    yield max(tail_start, head_bytes), size_bytes
    slots = max((tail_start - head_bytes) // _WINDOW_BYTES, 0)
    bits = max(slots - 1, 0).bit_length()
    for number in range(1 << bits):
        slot = int(f"{number:0{bits}b}"[::-1], 2) if bits else 0
        if slot < slots:
            start = (head_bytes + slot * _WINDOW_BYTES) & ~3
            yield start, start + _WINDOW_BYTES
