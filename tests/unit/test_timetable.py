"""The rules of a connection's timetable: the budget holds in every minute, a 429 slows down, calm recovers."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobwatch.domain.timetable import CALM_SECONDS, Timetable, spacing_ms
from tests.fakes import FakeTimetables

NOW = 1_709_287_200_000
CALM = CALM_SECONDS * 1000
# A Wait state counts whole seconds and a function starts cold: so much later than its slot may a request leave.
LATEST_MS = 2_900


def booked(slots: int, spacing: int = 1000) -> Timetable:
    """Numbers 0 and up, the first of them now."""
    return Timetable(slots, NOW + slots * spacing, 0, NOW, spacing)


def moments(timetable: Timetable, *numbers: int) -> list[int]:
    """In milliseconds from now."""
    return [timetable.moment_ms(number) - NOW for number in numbers]


@given(requests_per_minute=st.integers(1, 6000))
def test_no_sliding_minute_holds_more_than_the_budget(requests_per_minute: int) -> None:
    """At worst it opens with a request that leaves late and closes with a punctual one. From the 61st on, Document360
    answers 429."""
    one_too_many = requests_per_minute * spacing_ms(requests_per_minute)
    assert one_too_many - LATEST_MS >= 60_000


@pytest.mark.parametrize("requests_per_minute", [1, 7, 60, 77, 6000])
def test_the_budget_is_used_to_nine_tenths(requests_per_minute: int) -> None:
    assert 60_000 / spacing_ms(requests_per_minute) > 0.9 * requests_per_minute


class TestA429:
    def test_doubles_the_spacing_and_pauses_for_retry_after(self) -> None:
        slow = booked(10).slowed_down(0, NOW + 300, 1000, 30_000)
        assert moments(slow, 1, 2, 9, 10) == [30_300, 32_300, 46_300, 48_300]
        assert slow.next_free_ms == NOW + 48_300

    def test_also_pauses_those_who_are_late(self) -> None:
        """Slot 4 was two seconds ago and its function still starts; slot 1 should be through, and asks in no pause."""
        slow = booked(10).slowed_down(0, NOW + 6000, 1000, 30_000)
        assert moments(slow, 1, 3, 4) == [36_000, 36_000, 38_000]

    def test_frees_no_moment_twice_that_was_used(self) -> None:
        """Slots 7 to 9 leave their function while the vendor answers slot 6."""
        assert moments(booked(10).slowed_down(6, NOW + 6300, 1000, 0), 7, 8) == [7000, 9000]

    def test_without_a_queue_costs_no_slot(self) -> None:
        """A connection of one request a minute asks again right at the pause's end."""
        slow = booked(1, 63_000).slowed_down(0, NOW + 300, 63_000, 90_000)
        assert slow.next_free_ms == NOW + 90_300

    def test_of_the_same_moment_counts_once_and_the_longest_pause_counts(self) -> None:
        slow = booked(10).slowed_down(0, NOW + 300, 1000, 30_000)
        slow = slow.slowed_down(1, NOW + 5000, 1000, 600_000)
        assert slow.slowed_down(2, NOW + 6000, 1000, 1000) == slow
        assert moments(slow, 2, 3) == [605_000, 607_000]

    def test_later_doubles_again_up_to_eight_times(self) -> None:
        slow = booked(10)
        spacings = []
        for number in range(5):
            slow = slow.slowed_down(number, NOW + 60_000 * number, 1000, 0)
            spacings.append(slow.spacing_ms)
        assert spacings == [2000, 4000, 8000, 8000, 8000]

    def test_soon_after_a_step_of_the_recovery_counts(self) -> None:
        slow = booked(1).slowed_down(0, NOW, 1000, 0)
        recovered = slow.adjusted(NOW + CALM, 1000)
        assert recovered.slowed_down(0, NOW + CALM + 5000, 1000, 0).spacing_ms == 2000


class TestRecovery:
    def test_each_calm_stretch_halves_the_spacing_until_the_budget_is_back(self) -> None:
        slow = booked(1, 4000).slowed_down(0, NOW, 1000, 600_000)
        spacings = []
        for seconds in range(0, 1200, 10):
            slow = slow.adjusted(NOW + 1000 * seconds, 1000)
            spacings.append(slow.spacing_ms)
        since = [10 * spacings.index(spacing) for spacing in (4000, 2000, 1000)]
        assert since == [600 + CALM_SECONDS * step for step in (1, 2, 3)], "a pause is no calm stretch"
        assert slow.slowed_at_ms == 0

    def test_takes_effect_behind_what_is_booked_one_step_at_a_time(self) -> None:
        slow = replace(booked(300, 4000), slowed_at_ms=NOW, calm_from_ms=NOW)
        recovered = slow.adjusted(NOW + CALM, 1000)
        assert moments(recovered, 0, 299, 300, 301) == [0, 299 * 4000, 300 * 4000, 300 * 4000 + 2000]
        assert recovered.adjusted(NOW + 300 * 4000 - 1, 1000) == recovered
        assert recovered.adjusted(NOW + 300 * 4000, 1000).spacing_ms == 1000

    def test_that_has_not_come_through_is_stretched_by_a_429_as_a_whole(self) -> None:
        slow = replace(booked(300, 4000), slowed_at_ms=NOW, calm_from_ms=NOW)
        slower = slow.adjusted(NOW + CALM, 1000).slowed_down(30, NOW + CALM + 500, 1000, 0)
        gaps = {slower.moment_ms(number + 1) - slower.moment_ms(number) for number in range(31, 310)}
        assert gaps == {8000}


class TestAnotherBudget:
    def test_that_is_lower_counts_for_what_is_held(self) -> None:
        """From 60 a minute to 6: whoever holds a slot from about now on waits for the new spacing."""
        assert moments(booked(100).adjusted(NOW + 50_000, 10_500), 47, 48, 50) == [50_000, 60_500, 81_500]

    def test_that_is_higher_counts_behind_what_is_held(self) -> None:
        faster = booked(100).adjusted(NOW + 50_000, 105)
        assert moments(faster, 99, 100, 101) == [99_000, 100_000, 100_105]

    def test_that_is_lower_counts_at_once_in_a_slowdown(self) -> None:
        """From 600 a minute to 6 while slowed to 210 ms: a slot each 210 ms would be 46 times the new budget."""
        slow = booked(100, 105).slowed_down(0, NOW, 105, 0)
        assert slow.adjusted(NOW + 1, 10_500).spacing_ms == 10_500
        assert slow.slowed_down(0, NOW + 60_000, 10_500, 0).spacing_ms >= 10_500

    def test_that_is_higher_is_not_held_back_by_an_old_slowdown(self) -> None:
        slow = booked(1, 10_500).slowed_down(0, NOW, 10_500, 0)
        assert slow.adjusted(NOW + 10_500, 105).spacing_ms == 8 * 105


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.sampled_from([1, 6, 60, 600, 6000])),
        st.tuples(st.just("look"), st.sampled_from([1, 6, 60, 600, 6000])),
        st.tuples(st.just("throttled"), st.sampled_from([0, 1, 20, 3600])),
        st.tuples(st.just("pass"), st.floats(0, 1000)),
    ),
    max_size=60,
)


@given(steps=STEPS)
def test_whatever_happens_a_held_slot_never_moves_ahead_nor_past_another(steps: list[tuple[str, float]]) -> None:
    """Its watch sleeps until the moment that it knew, so an earlier one would crowd others; a later one keeps its place
    in the queue, and nobody is asked for in a pause."""
    timetables, now, number, paused_until = FakeTimetables(), NOW / 1000, 0, 0.0
    timetables.reserve("a", 60, now)
    for step, value in steps:
        before = timetables.known["a"]
        held = [each for each in range(before.next_number) if before.moment_ms(each) > now * 1000]
        if step == "pass":
            now += value
        elif step == "reserve":
            slot = timetables.reserve("a", int(value), now)
            number = slot.number
            assert slot.at >= int(now * 1000) / 1000
        elif step == "look":
            timetables.slot("a", number, int(value), now)
        else:
            asked = max((each for each in range(before.next_number) if each not in held), default=0)
            timetables.throttled("a", asked, 60, now, value)
            paused_until = max(paused_until, int(now * 1000) / 1000 + value)
        after = timetables.known["a"]
        assert all(after.moment_ms(each) >= before.moment_ms(each) for each in held)
        if step != "pass":
            ahead = [*range(before.next_number, after.next_number), *held]
            assert all(after.moment_ms(each) >= paused_until * 1000 - 1 for each in ahead)
        order = [after.moment_ms(each) for each in [*held, *range(before.next_number, after.next_number + 1)]]
        assert order == sorted(order)
        assert after.next_free_ms == after.moment_ms(after.next_number)
