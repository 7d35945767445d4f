"""Text from outside, and times as vendors write them."""

import unicodedata
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobwatch.domain.text import clean, clean_or_none
from jobwatch.domain.times import parse_rfc3339, read_vendor_time, write_time
from jobwatch.messages.numbers import counted, duration, size, span


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  two\n lines\t\r\n", "two lines"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("abc\u202edef", "abc def"),
        ("\u061cabc\u2067def\u2069", "abc def"),
        ("zero\u200bwidth", "zero width"),
        ("half \ud800 pair", "half pair"),
        ("no character \ufffe\uffff", "no character"),
        ("tag\U000e0041s", "tag s"),
        ("Émile 日本語 🎉", "Émile 日本語 🎉"),
        ("x" * 20, "x" * 20),
        ("x" * 21, "x" * 19 + "…"),
        ("", ""),
    ],
)
def test_clean(text: str, shown: str) -> None:
    assert clean(text, 20) == shown


@given(st.text(), st.integers(1, 50))
def test_clean_text_is_one_short_line_that_can_be_sent(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert len(line) <= limit
    assert line.splitlines() in ([], [line])
    assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in line)
    line.encode()
    assert clean(line, limit) == line


def test_a_megabyte_of_blanks_costs_nothing() -> None:
    """The x would be seen by whoever read to the end."""
    assert clean(" " * 1_000_000 + "x", 100) == "…"


@pytest.mark.parametrize("value", [None, True, [], {}, "", " \n", "\u200b"])
def test_what_is_no_text(value: object) -> None:
    assert clean_or_none(value, 10) is None


def test_numbers_are_text() -> None:
    assert clean_or_none(5, 10) == "5"


@pytest.mark.parametrize(
    "written",
    [
        "2024-03-01T10:00:00.000Z",
        "2024-03-01T10:00:00Z",
        "2024-03-01T10:00:00+0000",
        "2024-03-01T10:00:00+00:00",
        "2024-03-01T10:00:00",
        "2024-03-01 10:00:00",
        "2024-03-01t10:00:00z",
        "2024-03-01T12:00:00+02:00",
        "  2024-03-01T10:00:00Z ",
    ],
)
def test_vendor_times(written: str) -> None:
    assert read_vendor_time(written) == datetime(2024, 3, 1, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        *("", "null", "soon", "2024-13-01T10:00:00Z", "01/03/2024 10:00", "9999-12-31T23:59:59-12:00", "x" * 1000),
        *(None, 1709287200, True, [], {}),
    ],
)
def test_what_is_no_time(written: object) -> None:
    assert read_vendor_time(written) is None


@given(st.integers(-62_135_510_400_000_000, 253_402_214_400_000_000))
def test_times_survive_to_the_millisecond(microseconds: int) -> None:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)
    written = write_time(moment)
    assert written.endswith("Z")
    assert timedelta(0) <= moment - parse_rfc3339(written) < timedelta(milliseconds=1)


def test_times_are_written_in_utc() -> None:
    assert write_time(datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))) == "2024-03-01T10:00:00Z"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (45, "45 s"),
        (119.6, "2 min"),
        (720, "12 min"),
        (4500, "75 min"),
        (7200, "2 h"),
        (8100, "2 h 15 min"),
        (172_799, "2 d"),
        (4 * 86400 + 3 * 3600, "4 d 3 h"),
    ],
)
def test_durations(seconds: float, said: str) -> None:
    assert duration(seconds) == said


def test_counts_and_sizes() -> None:
    assert [counted(number, "error") for number in (0, 1, 4985)] == ["0 errors", "1 error", "4,985 errors"]
    assert counted(2, "query", "queries") == "2 queries"
    assert [size(number) for number in (1, 999, 1000, 1_234_567, 999_949_999, 2**40)] == [
        "1 byte",
        "999 bytes",
        "1.0 kB",
        "1.2 MB",
        "999.9 MB",
        "1.1 TB",
    ]


def test_spans() -> None:
    start = datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert span(start, start + timedelta(minutes=75)) == "1 Mar 2024, 10:00–11:15 UTC"
    assert span(start, start + timedelta(hours=15)) == "1 Mar 2024, 10:00 – 2 Mar 2024, 01:00 UTC"
