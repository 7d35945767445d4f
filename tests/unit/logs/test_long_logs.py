"""Every byte of a log is read, wherever in it the crash stands and however uniform the rest is."""

import pytest

from benchmarks.log_generator import blocks
from jobwatch.logs import summarise
from tests.unit.logs.memory_source import MemorySource

_SIZE = 3_000_000


def _with(crash: bytes, at: int) -> bytes:
    log = b"".join(blocks(_SIZE, 0.02, seed=7))
    cut = log.index(b"\n", at) + 1
    return log[:cut] + crash + log[cut:]


@pytest.mark.parametrize("at", [100_000, _SIZE // 2, _SIZE - 100_000])
@pytest.mark.parametrize(
    ("crash", "word"),
    [
        (b"panic: runtime error: index out of range [3] with length 3\n\ngoroutine 1 [running]:\n\t/a.go:9\n", "panic"),
        (b'Traceback (most recent call last):\n  File "/a.py", line 3\nMemoryError: cannot allocate\n', "MemoryError"),
        (b"2026-01-01T00:09:00.000Z error [worker-2] import.index - index is read-only\n" * 3, "read-only"),
        (b"killed\n", "killed"),
    ],
)
def test_a_crash_in_a_uniform_log_is_told(crash: bytes, word: str, at: int) -> None:
    log = _with(crash, at)
    summary = summarise(MemorySource(log, piece_bytes=1 << 18))
    assert summary.complete
    assert summary.lines == log.count(b"\n")
    assert any(word in example for problem in summary.problems for example in problem.examples)


def test_harmless_levels_are_told_apart_however_many_there_are() -> None:
    log = b"".join(blocks(400_000, 0.02, seed=7)).replace(b" INFO ", b" DEBUG ", 300)
    summary = summarise(MemorySource(log, piece_bytes=3000))
    assert summary.levels["debug"] == log.count(b" DEBUG ")
    assert summary.levels["info"] == log.count(b" INFO ")
