"""The rules of a connection's timetable: the budget holds in every minute, a 429 slows down, calm recovers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobwatch.domain.timetable import CALM_SECONDS, Slowdown, recover, slow_down, spacing_seconds

NOW = 1_709_287_200.0
# A Wait state counts whole seconds and a function starts cold: so much later than its slot may a request leave.
LATEST_SECONDS = 2.9


@given(requests_per_minute=st.integers(1, 6000))
def test_no_sliding_minute_holds_more_than_the_budget(requests_per_minute: int) -> None:
    """At worst it opens with a request that leaves late and closes with a punctual one. From the 61st on, Document360
    answers 429."""
    one_too_many = requests_per_minute * spacing_seconds(requests_per_minute)
    assert one_too_many - LATEST_SECONDS >= 60


@pytest.mark.parametrize("requests_per_minute", [1, 7, 60, 77, 6000])
def test_the_budget_is_used_to_nine_tenths(requests_per_minute: int) -> None:
    assert 60 / spacing_seconds(requests_per_minute) > 0.9 * requests_per_minute


def test_a_429_doubles_the_spacing_and_pauses_for_retry_after() -> None:
    assert slow_down(None, NOW, 1.05, 30) == Slowdown(2.1, NOW, NOW + 30)


def test_many_429s_of_one_moment_slow_down_once_and_the_longest_pause_counts() -> None:
    slow = slow_down(None, NOW, 1.05, 30)
    slow = slow_down(slow, NOW + 5, 1.05, 600)
    slow = slow_down(slow, NOW + 6, 1.05, 1)
    assert slow == Slowdown(2.1, NOW, NOW + 605)


def test_each_later_429_doubles_again_up_to_eight_times() -> None:
    slow = None
    spacings = []
    for moment in range(5):
        slow = slow_down(slow, NOW + 60 * moment, 1.0, 0)
        spacings.append(slow.spacing_seconds)
    assert spacings == [2.0, 4.0, 8.0, 8.0, 8.0]


def test_each_calm_stretch_halves_the_spacing_until_the_budget_is_back() -> None:
    slow: Slowdown | None = Slowdown(8.0, NOW, NOW + 600)
    moment = NOW
    spacings = []
    while slow is not None:
        spacings.append(slow.spacing_seconds)
        moment += CALM_SECONDS
        slow = recover(slow, moment, 1.0)
    assert moment == NOW + 600 + 3 * CALM_SECONDS, "what the vendor asked for is no calm stretch"
    assert spacings == [8.0] * 6 + [4.0, 2.0]


def test_a_budget_that_was_lowered_counts_at_once_in_a_slowdown() -> None:
    """From 600 a minute to 6 while slowed to 210 ms: a slot each 210 ms would be 46 times the new budget."""
    slow = slow_down(None, NOW, spacing_seconds(600), 0)
    assert recover(slow, NOW + 1, spacing_seconds(6)) == Slowdown(spacing_seconds(6), NOW, NOW)
    assert slow_down(slow, NOW + 60, spacing_seconds(6), 0).spacing_seconds >= spacing_seconds(6)


def test_a_budget_that_was_raised_is_not_held_back_by_an_old_slowdown() -> None:
    slow = slow_down(None, NOW, spacing_seconds(6), 0)
    limited = recover(slow, NOW + 1, spacing_seconds(600))
    assert limited is not None
    assert limited.spacing_seconds == pytest.approx(8 * spacing_seconds(600))


@given(spacing=st.floats(0.01, 500), after=st.floats(0, 10_000), pause=st.floats(0, 3600), budget=st.floats(0.011, 63))
def test_recovery_never_undercuts_the_budget_nor_starts_in_the_pause(
    spacing: float, after: float, pause: float, budget: float
) -> None:
    recovered = recover(Slowdown(spacing, NOW, NOW + pause), NOW + after, budget)
    if recovered is None:
        assert after >= pause + CALM_SECONDS - 0.001
    else:
        assert budget <= recovered.spacing_seconds <= 8 * budget
        assert recovered.paused_until == NOW + pause
