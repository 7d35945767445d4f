"""What was written for a terminal reads as it stood there in the end, and nothing that went wrong is lost."""

import pytest

from jobwatch.logs.decode import Encoding, text_pieces
from tests.unit.logs.memory_source import summary_of


def read(data: bytes, piece_bytes: int = 1 << 18) -> str:
    pieces = (data[at : at + piece_bytes] for at in range(0, len(data), piece_bytes))
    return b"".join(text_pieces(pieces, Encoding())).decode()


COLOURED = [
    "\x1b[31mERROR\x1b[0m x",
    "\x1b[1;38;5;196mERROR\x1b[m x",
    "\x1b[38;2;255;0;0mERROR\x1b[39;49m x",
    "\x1b[38:2::255:0:0mERROR\x1b[0m x",
    "\x1b[K\x1b[2KERROR x\x1b[0K",
    "\x1b]0;a title\x07ERROR x",
    "\x1b]8;;https://example.com/a\x1b\\ERROR\x1b]8;;\x1b\\ x",
    "\x1bP1$r0m\x1b\\ERROR x",
    "\x1b(B\x1b[mERROR x",
    "\x1b)0\x1b%GERROR x",
    "\x1b7\x1b=ERROR x\x1b8\x1bM",
    "\x1b[?25lERROR x\x1b[?25h",
    "\x1b[?2004hERROR x",
    "\u009b31mERROR\u009b0m x",
    "ERROR\x1b[1Cx",
    "ERROR x\x1b",
    "ERROR x\x1b[",
    "ERROR x\x1b[1;3",
    "ERROR x\x1b]0;never ended",
]


@pytest.mark.parametrize("line", COLOURED)
@pytest.mark.parametrize("piece_bytes", [1, 3, 1 << 18])
def test_escape_sequences_are_no_text(line: str, piece_bytes: int) -> None:
    assert read(f"{line}\nnext\n".encode(), piece_bytes) == "ERROR x\nnext\n"


@pytest.mark.parametrize(
    "line",
    [
        r'{"level":"\u001b[31merror\u001b[39m"}',
        r'{"level":"\u001B[1;31merror\u001B[0m"}',
        r'{"level":"\x1b[31merror\x1b[0m"}',
        r'{"level":"\033[31merror\033[0m"}',
        r'{"level":"\e[31merror\e[0m"}',
        '{"level":"#033[31merror#033[0m"}',
        '{"level":"^[[31merror^[[0m"}',
        '{"level":"[31merror[0m"}',
    ],
)
def test_colours_in_writing_are_no_text_either(line: str) -> None:
    assert read(f"{line}\n".encode()) == '{"level":"error"}\n'


@pytest.mark.parametrize(
    "line",
    [
        "rate(x[5m]) is 3",
        "took [3m 20s]",
        "a[0] = b[1;2]",
        r"C:\\u001b[31mx",
        "[0m:01s] [10m:11s]",
    ],
)
def test_what_only_looks_like_a_colour_stays(line: str) -> None:
    assert read(f"{line}\n".encode()) == f"{line}\n"


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ("Copying 0%\rCopying 50%\rCopying 100%", ["Copying 100%"]),
        ("Copying 0%\rCopying 100%\rERROR disk full", ["ERROR disk full"]),
        ("Copying 0%\rERROR disk full\rCopying 100%", ["ERROR disk full", "Copying 100%"]),
        ("1.json failed\r2.json failed\r3.json ok", ["1.json failed", "2.json failed", "3.json ok"]),
        ("10% 0 errors\r20% 0 errors\r30% 2 errors", ["30% 2 errors"]),
        ("10% errors: 0\r20% errors: 1\r30% errors: 2", ["30% errors: 2"]),
        ("10%\r2026-05-06 07:00:00 INFO stored a\r20%", ["2026-05-06 07:00:00 INFO stored a", "20%"]),
        ("10%\x1b[1G20%\x1b[0G30%", ["30%"]),
        ("\x1b[2K\r10%\x1b[2K\r20%", ["20%"]),
        ("10%\r20%\r", ["20%"]),
        ("10%\r20%\r   \r", ["20%"]),
        ("10%\r\r\r20%\r\r", ["20%"]),
        ("10%\b\b\b20%\b\b\b30%", ["30%"]),
        ("|\b/\b-\b\\\bdone", ["done"]),
        ("one\x1b[5;1Htwo", ["one", "two"]),
        ("保存\r保存に失敗しました\r保存", ["保存に失敗しました", "保存"]),
    ],
)
@pytest.mark.parametrize("piece_bytes", [1, 7, 1 << 18])
def test_the_last_state_of_a_line_counts_and_no_failure_is_lost(
    written: str, lines: list[str], piece_bytes: int
) -> None:
    text = f"begin\n{written}\nend\n".encode()
    assert read(text, piece_bytes) == "\n".join(["begin", *lines, "end", ""])


@pytest.mark.parametrize("end", ["\r\n", "\r\r\n", "\r", "\n"])
def test_line_ends_of_all_systems(end: str) -> None:
    lines = ["2026-05-06 07:00:00 INFO a", "2026-05-06 07:00:01 ERROR b", "", "c"]
    assert read((end.join(lines) + end).encode()) == "\n".join(lines) + "\n"


def test_that_overwritten_texts_became_lines_is_said() -> None:
    summary = summary_of("2026-05-06 07:00:00 INFO a\n10%\rERROR b\r20%\n" * 2)
    assert summary.errors == 2
    assert summary.note is not None
    assert "2 texts overwritten by a carriage return count as lines of their own" in summary.note


def test_a_progress_bar_without_any_line_feed_is_one_line() -> None:
    bar = "".join(f"\rCopying {part}%" for part in range(200_000))
    assert len(read(bar.encode()).splitlines()) <= 3


def test_marks_in_the_middle_are_no_text() -> None:
    assert read("a\n\ufeffERROR b\n\0\0c\n".encode()) == "a\nERROR b\nc\n"
