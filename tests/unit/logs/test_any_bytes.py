"""Whatever bytes a log is made of, there is a summary, its counts add up, and its pieces are not seen in it."""

import gzip
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobwatch.logs.levels import PROBLEM_LEVELS
from jobwatch.logs.lines import read_line
from jobwatch.logs.tally import Tally
from tests.unit.logs.memory_source import summary_of

LINE_STARTS = (
    "2026-01-02 03:04:05 INFO ",
    "2026-01-02 03:04:05 ERROR ",
    "2026-01-02 03:04:05 WARN ",
    "INFO ",
    "ERROR: ",
    "",
    "\t",
    "  at x",
    "Traceback (most recent call last):",
    '{"level":"info","message":"',
    '{"level":"error","message":"',
    '"}',
    "Caused by: ",
    "level=error msg=",
    "fail: A.B[0]",
    "<11>",
    "0 errors ",
    "a,b,status",
    "1,2,failed",
    "1,2,ok",
    "\ufeff",
)
lines = st.builds(
    lambda start, text: start + text,
    st.sampled_from(LINE_STARTS),
    st.text(alphabet="ab0 1=:[]\"',{}\\<*>ü\u202e\x1b\r", max_size=30),
)
logs = st.lists(lines, max_size=40).map("\n".join).map(str.encode)
SETTINGS = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SETTINGS
@given(st.binary(max_size=3000))
def test_any_bytes_give_a_summary(data: bytes) -> None:
    summary = summary_of(data)
    assert sum(summary.levels.values()) <= summary.lines
    assert json.dumps(summary.as_document("x"))


@SETTINGS
@given(logs)
def test_counts_add_up(data: bytes) -> None:
    summary = summary_of(data)
    if not summary.complete:
        return
    counted = dict.fromkeys(PROBLEM_LEVELS, 0)
    for problem in summary.problems:
        if problem.level in counted:
            counted[problem.level] += problem.count
    if summary.kinds == len(summary.problems):
        assert counted == {level: summary.levels.get(level, 0) for level in PROBLEM_LEVELS}
    assert sum(summary.levels.values()) <= summary.lines
    for problem in summary.problems:
        assert problem.first_line is not None
        assert problem.last_line is not None
        assert 1 <= problem.first_line <= problem.last_line <= summary.lines
        for text in (problem.template, *problem.examples):
            assert all(character.isprintable() for character in text)


@SETTINGS
@given(logs, st.integers(1, 64))
def test_pieces_of_any_size_give_the_same_summary(data: bytes, piece_bytes: int) -> None:
    assert summary_of(data, piece_bytes=piece_bytes) == summary_of(data)


@SETTINGS
@given(logs)
def test_gzip_changes_nothing_but_the_size(data: bytes) -> None:
    if data.startswith(b"\x1f\x8b"):
        return
    packed, plain = summary_of(gzip.compress(data)), summary_of(data)
    assert (packed.levels, packed.lines, packed.problems) == (plain.levels, plain.lines, plain.problems)


@SETTINGS
@given(
    st.lists(
        st.tuples(st.sampled_from(["INFO", "DEBUG", "WARN", "ERROR", "FATAL"]), st.text("ab 01:", max_size=20)),
        min_size=1,
    )
)
def test_lines_that_are_passed_over_are_those_that_say_nothing_is_wrong(entries: list[tuple[str, str]]) -> None:
    text = [f"2026-01-02 03:04:05.123 {level} [main] x.Y - m{message}".encode() for level, message in entries]
    tally = Tally()
    tally.feed(b"\n".join(text) + b"\n")
    tally.end_stretch()
    expected: dict[str, int] = {}
    for line in text:
        level = read_line(line).level
        assert level is not None
        expected[level] = expected.get(level, 0) + 1
    assert {level: count for level, count in tally.levels.items() if count} == expected
