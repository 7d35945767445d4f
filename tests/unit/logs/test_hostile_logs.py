"""Logs that are broken, endless, changing or no logs at all hold nothing up, and the summary says what they are."""

import gzip
import time
import tracemalloc
import zlib
from collections.abc import Iterator
from itertools import pairwise

import pytest

from jobwatch.logs import LogUnreadable, summarise
from tests.unit.logs.memory_source import MemorySource, summary_of

LINE = b"2026-01-02 03:04:05 INFO all is well\n"
ERROR = b"2026-01-02 03:04:06 ERROR part 7 is missing\n"


class EndlessLine:
    """One line of so many megabytes."""

    def __init__(self, megabytes: int, start: bytes) -> None:
        self.size_bytes: int | None = len(start) + (megabytes << 20)
        self._megabytes = megabytes
        self._start = start

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        yield self._start
        for _ in range(self._megabytes):
            yield b"x" * (1 << 20)


def test_one_line_without_end_takes_no_memory() -> None:
    source = EndlessLine(400, LINE * 9000 + b"2026-01-02 03:04:06 ERROR then ")
    tracemalloc.start()
    try:
        summary = summarise(source)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert summary.lines == 9001
    assert summary.errors == 1
    assert peak_bytes < 16 << 20


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_other_encodings_say_the_same(encoding: str) -> None:
    text = (LINE * 20 + ERROR).decode()
    summary = summary_of(text.encode(encoding))
    assert summary.levels == {"error": 1, "warning": 0, "info": 20}
    assert summary.problems[0].template == "part <*> is missing"


def test_latin1_is_counted_and_shown() -> None:
    summary = summary_of(
        (LINE * 5).decode().encode("latin-1") + "2026-01-02 03:04:06 ERROR Größe fehlt\n".encode("latin-1")
    )
    assert summary.problems[0].template == "Größe fehlt"


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_other_line_ends(end: bytes) -> None:
    summary = summary_of((LINE * 5 + ERROR).replace(b"\n", end))
    assert (summary.lines, summary.errors, summary.problems[0].first_line) == (6, 1, 6)
    assert summary.problems[0].template == "part <*> is missing"


def test_the_last_line_counts_without_a_line_feed() -> None:
    summary = summary_of(LINE * 5 + ERROR.rstrip())
    assert (summary.lines, summary.errors) == (6, 1)


def test_nul_bytes_are_left_out_and_said() -> None:
    summary = summary_of(b"\0" * 5000 + LINE * 5 + ERROR)
    assert summary.errors == 1
    assert summary.note is not None
    assert "NUL" in summary.note


def test_a_few_nul_bytes_hide_no_error() -> None:
    summary = summary_of(LINE * 5 + b"\0\0\0" + ERROR + LINE * 5)
    assert summary.levels == {"error": 1, "warning": 0, "info": 10}
    assert summary.problems[0].template == "part <*> is missing"


@pytest.mark.parametrize(
    "data",
    [bytes(range(256)) * 40, b"PK\x03\x04" + b"\0" * 99, b"\x7fELF" + b"\1\2" * 99, zlib.compress(LINE * 99)[2:] * 9],
)
def test_what_is_not_text_is_not_summarised(data: bytes) -> None:
    summary = summary_of(data)
    assert not summary.complete
    assert summary.note is not None
    assert "not text" in summary.note
    assert summary.problems == ()


@pytest.mark.parametrize("data", [b"", b"\n", b"\n\n\n", b" ", b"\xef\xbb\xbf"])
def test_an_empty_log_is_no_problem(data: bytes) -> None:
    summary = summary_of(data)
    assert summary.complete
    assert summary.errors == 0


def test_gzip_members_are_one_log() -> None:
    summary = summary_of(gzip.compress(LINE * 5) + gzip.compress(ERROR))
    assert (summary.lines, summary.errors, summary.complete) == (6, 1, True)


def test_gzip_that_ends_early_or_breaks_says_so() -> None:
    packed = gzip.compress(b"".join(b"2026-01-02 03:04:05 INFO x%d\n" % n for n in range(9000)))
    early, broken = summary_of(packed[:-9000]), summary_of(packed[:-8] + b"\xff" * 8)
    assert not early.complete
    assert not broken.complete
    assert early.note is not None
    assert "ends early" in early.note
    assert broken.note is not None
    assert "broken" in broken.note


def test_a_gzip_bomb_is_stopped() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(b"A" * (1 << 20)) for _ in range(100)) + packer.flush()
    summary = summary_of(bomb)
    assert not summary.complete
    assert summary.note is not None
    assert "inflates" in summary.note


def test_a_log_that_cannot_be_read_at_all_is_told_from_one_that_breaks_off() -> None:
    with pytest.raises(LogUnreadable, match="missing"):
        summarise(MemorySource(ERROR, unreadable_at=0))
    summary = summarise(MemorySource(ERROR * 10_000, unreadable_at=100_000, piece_bytes=50_000))
    assert 2000 < summary.errors < 10_000
    assert not summary.complete
    assert summary.note is not None
    assert "broke off" in summary.note


def test_a_log_replaced_while_it_is_read_is_read_anew() -> None:
    source = MemorySource(LINE * 9000, replaced_at=1 << 16, replacements=(ERROR * 10,), piece_bytes=1 << 15)
    summary = summarise(source)
    assert summary.levels == {"error": 10, "warning": 0}
    assert summary.complete
    assert summary.note is not None
    assert "replaced" in summary.note


def test_a_log_replaced_again_and_again_is_given_up() -> None:
    source = MemorySource(
        LINE * 9000, replaced_at=1 << 17, replacements=(LINE * 9000, LINE * 9000), piece_bytes=1 << 15
    )
    summary = summarise(source)
    assert not summary.complete
    assert summary.lines > 0


class SlowSource(MemorySource):
    """Every piece takes its time, on a clock of its own."""

    def __init__(
        self, data: bytes, seconds_a_piece: float, seconds: float, piece_bytes: int, *, size_known: bool = True
    ) -> None:
        super().__init__(data, piece_bytes=piece_bytes, size_known=size_known)
        self.seconds_left = seconds
        self._seconds_a_piece = seconds_a_piece

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        for piece in super().read(start, end):
            self.seconds_left -= self._seconds_a_piece
            yield piece


def _numbered(lines: int) -> bytes:
    return b"".join(
        b"2026-01-02 03:04:05 %s entry %09d of a log that is long\n" % (b"ERROR" if n % 50 == 0 else b"INFO", n)
        for n in range(lines)
    )


def test_a_log_too_long_for_the_time_is_sampled_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    source = SlowSource(_numbered(1_500_000), seconds_a_piece=1, seconds=60, piece_bytes=1 << 20)
    ticks = iter(range(1_000_000))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(ticks)))
    summary = summarise(source, remaining_seconds=lambda: source.seconds_left)
    assert source.seconds_left > 0
    assert not summary.complete
    assert 0.3 < summary.share_read < 0.9
    assert summary.note is not None
    assert "% of it was read" in summary.note
    assert summary.last_error is not None
    assert "001499950" in summary.last_error.text
    assert summary.first_error is not None
    assert summary.first_error.line == 1
    assert 0.015 < summary.errors / summary.lines < 0.025
    starts = sorted(start for start, _ in source.ranges_read)
    assert max(b - a for a, b in pairwise(starts)) < 0.5 * len(source.data)


def test_a_stream_too_long_for_the_time_is_cut_and_said() -> None:
    source = SlowSource(LINE * 200_000, seconds_a_piece=1, seconds=10, piece_bytes=1 << 18, size_known=False)
    summary = summarise(source, remaining_seconds=lambda: source.seconds_left)
    assert source.seconds_left >= 1
    assert not summary.complete
    assert summary.note is not None
    assert "time was up" in summary.note


@pytest.mark.parametrize(
    "unit",
    [b"a.", b"password", b"x=", b'"', b"ERROR ", b"[", b'{"a":', b"a,", b"\\", b"<*> ", b"at ", b"- ", b"://", b"0"],
)
def test_no_text_is_slow(unit: bytes) -> None:
    line = (unit * 40_000)[:60_000] + b"\n"
    began = time.process_time()
    summary_of(line * 40)
    summary_of(b"2026-01-02 03:04:05 ERROR " + line + LINE * 100 + (b"2026-01-02 03:04:05 ERROR " + line) * 40)
    assert time.process_time() - began < 10
