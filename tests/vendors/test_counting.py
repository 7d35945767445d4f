"""Counts in other forms: each is read, or told as not read; none is dropped into a plain success."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobwatch.domain.doubts import doubts
from jobwatch.domain.outcome import settle
from jobwatch.domain.words import Outcome
from jobwatch.vendors.counting import Counting
from tests.unit.rest_examples import answered, described, submitted


@pytest.mark.parametrize(
    ("given_as", "count"),
    [
        (0, 0), (1204, 1204), (1204.0, 1204), ("0", 0), ("1204", 1204), (" 12 ", 12), ("+12", 12), ("0012", 12),
        ("1,204", 1204), ("12,000", 12_000), ("1,204,000", 1_204_000), ("1.204.000", 1_204_000), ("12 000", 12_000),
        ("12\u00a0000", 12_000), ("12\u202f000", 12_000), ("1_204", 1204), ("1'204", 1204), ("1\u2019204", 1204),
        ("12.0", 12), ("12.00", 12), ("12,0", 12), ("1,204.00", 1204), ("1.204,00", 1204), ("1204,0", 1204),
        ("0,000", 0),
        ("\u0661\u0662\u0660\u0664", 1204), ("\uff11\uff12", 12), ("\u0661\u066c\u0662\u0660\u0664", 1204),
    ],
)  # fmt: skip
def test_is_read(given_as: object, count: int) -> None:
    counting = Counting()
    assert counting.whole("errors", given_as) == count
    assert counting.doubts == []


@pytest.mark.parametrize("text", ["1.204", "12.000", "999.999", "\u0661.\u0662\u0660\u0664"])
def test_that_may_be_two_numbers_is_read_as_a_count_and_told(text: str) -> None:
    counting = Counting()
    assert counting.whole("errors", text) is not None
    [doubt] = counting.doubts
    assert text in doubt
    assert f"read as {counting.whole('errors', text):,}" in doubt


@pytest.mark.parametrize(
    "odd",
    ["12k", "1.2M", "41/44", "12 or so", "1,20,4", "12,04", "1,204 000", "-5", -5, 3.7, "3.7", 1.204, True, [1, 2, 3],
     {"count": 5}, "twelve", float("nan"), float("inf"), 10**400, 10**5000, "9" * 400, "1e3", "0x10", "\u00bd",
     "\u00b2"],
    ids=lambda odd: ascii(odd)[:20] if not isinstance(odd, int) or abs(odd) < 10**9 else "large",
)  # fmt: skip
def test_that_cannot_be_read_is_told_and_counts_as_unknown(odd: object) -> None:
    counting = Counting()
    assert counting.whole("errors", odd) is None
    [doubt] = counting.doubts
    assert "The count of errors came as" in doubt
    assert len(doubt) < 200


@pytest.mark.parametrize("nothing", [None, False, "", "  ", "-", "N/A", "none", "null", "unknown", -1, "-1", [], {}])
def test_that_is_none_is_no_doubt(nothing: object) -> None:
    counting = Counting()
    assert counting.whole("errors", nothing) is None
    assert counting.doubts == []


@given(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.lists(st.integers(), max_size=3)
)
def test_whatever_is_given_a_count_is_read_or_told_or_none_was_given(value: object) -> None:
    counting = Counting()
    count = counting.whole("errors", value)
    assert count is None or 0 <= count <= 1e15
    assert all(len(doubt) < 200 for doubt in counting.doubts)
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 0:
        assert count == value or counting.doubts


def test_of_a_described_api_makes_a_plain_success_doubtful() -> None:
    connection = described({"snapshot.results.errors": "body.errors"})
    unread = answered({"status": "done", "errors": "about a dozen"}, connection)
    assert settle(unread) is Outcome.SUCCEEDED
    assert any("results.errors" in doubt for doubt in doubts(submitted(), unread))
    assert settle(answered({"status": "done", "errors": "1,204"}, connection)) is Outcome.COMPLETED_WITH_ERRORS
