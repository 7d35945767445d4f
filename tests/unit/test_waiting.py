"""When the vendor is asked next: plain examples to learn the rule from, then what must hold whatever was sighted."""

import json
import math
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import astuple, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobwatch.domain.waiting import Pace, Sighting, next_wait

Tell = Callable[[float], Sighting]


def waits(tell: Tell, until: float) -> list[tuple[float, float]]:
    """(elapsed, wait) of every poll before `until`, at the default bounds, of a job that tells this."""
    pace, elapsed, seen = Pace(), 0.0, []
    while elapsed < until:
        wait, pace = next_wait(pace, tell(elapsed), min_seconds=15, max_seconds=300, jitter=0.5)
        seen.append((elapsed, wait))
        elapsed += wait
    return seen


def delay(tell: Tell, end: float) -> float:
    """Seconds from the job's end to the poll that sees it."""
    elapsed, wait = waits(tell, end)[-1]
    return elapsed + wait - end


def silent(elapsed: float) -> Sighting:
    return Sighting(elapsed)


def evenly(end: float, total: float = 1000) -> Tell:
    """Progress at an even speed, in whole items."""
    return lambda elapsed: Sighting(elapsed, processed=float(int(total * elapsed / end)), total=total)


class TestExamples:
    def test_a_silent_job_is_asked_about_every_quarter_minute_at_first_and_less_often_after_an_hour(
        self,
    ) -> None:
        seen = waits(silent, 3700)
        assert all(15 <= wait < 25 for elapsed, wait in seen if elapsed < 300)
        assert all(24 < wait < 26 for elapsed, wait in seen if elapsed > 3600)

    def test_a_job_halfway_through_is_left_alone_and_caught_at_its_end(self) -> None:
        silent_waits, counted_waits = waits(silent, 7200), waits(evenly(7200), 7200)
        assert len(counted_waits) < len(silent_waits) / 2
        assert delay(evenly(7200), 7200) < 20

    @pytest.mark.parametrize("end", [400, 1000, 5000, 20000, 40000])
    def test_the_end_of_an_even_job_is_seen_within_seconds_whatever_its_length(self, end: float) -> None:
        assert delay(evenly(end), end) < 20

    def test_a_percentage_serves_where_the_vendor_counts_nothing(self) -> None:
        def percent(elapsed: float) -> Sighting:
            return Sighting(elapsed, processed=0, total=0, percentage=100 * elapsed / 5000)

        assert delay(percent, 5000) < 20
        assert len(waits(percent, 5000)) < len(waits(silent, 5000)) / 2

    @pytest.mark.parametrize("as_percentage", [False, True])
    def test_the_last_of_five_stages_is_watched_more_closely_than_the_third(self, as_percentage: bool) -> None:
        def stages(elapsed: float) -> Sighting:
            done = float(int(elapsed / 1000))
            return Sighting(elapsed, percentage=19.9 * done) if as_percentage else Sighting(elapsed, done, 5)

        seen = waits(stages, 5000)
        third = [wait for elapsed, wait in seen if 2100 < elapsed < 2900]
        last = [wait for elapsed, wait in seen if 4100 < elapsed < 4900]
        assert max(last) < min(third) / 1.5

    def test_while_nothing_of_many_is_done_yet_the_waits_are_twice_as_long(self) -> None:
        plain, _ = next_wait(Pace(), silent(3600), min_seconds=15, max_seconds=300, jitter=0.5)
        counted, _ = next_wait(Pace(), Sighting(3600, 0, 500), min_seconds=15, max_seconds=300, jitter=0.5)
        single, _ = next_wait(Pace(), Sighting(3600, 0, 1), min_seconds=15, max_seconds=300, jitter=0.5)
        assert counted == pytest.approx(2 * plain)
        assert single == plain

    def test_stuck_at_99_percent_the_polls_thin_out_to_the_plain_wait(self) -> None:
        def stuck(elapsed: float) -> Sighting:
            return Sighting(elapsed, processed=min(99, int(elapsed / 10)), total=100)

        seen = waits(stuck, 10000)
        assert all(wait < 17 for elapsed, wait in seen if 990 <= elapsed < 1010)
        assert all(23 < wait < 31 for elapsed, wait in seen if elapsed > 2000)

    @pytest.mark.parametrize("end", [200, 1000, 3000, 4321, 20000])
    def test_a_poll_comes_just_behind_an_eta_that_never_moves(self, end: float) -> None:
        def static(elapsed: float) -> Sighting:
            return Sighting(elapsed, predicted_end_seconds=end)

        assert 0 < delay(static, end) < 10

    @pytest.mark.parametrize("said", [300, 30000])
    def test_an_eta_that_never_moves_and_is_wrong_costs_two_polls_at_most(self, said: float) -> None:
        def wrong(elapsed: float) -> Sighting:
            return Sighting(elapsed, predicted_end_seconds=said)

        assert len(waits(wrong, 3000)) <= len(waits(silent, 3000)) + 2
        assert max(wait for _, wait in waits(wrong, 3000)) < 35

    def test_an_eta_that_moves_is_followed(self) -> None:
        def live(elapsed: float) -> Sighting:
            off_by = 0.3 * math.sin(elapsed / 200)
            return Sighting(elapsed, predicted_end_seconds=elapsed + (7200 - elapsed) * (1 + off_by))

        assert len(waits(live, 7200)) < len(waits(silent, 7200)) / 2
        assert delay(live, 7200) < 30

    def test_progress_is_believed_over_an_eta_that_never_moves(self) -> None:
        def both(elapsed: float) -> Sighting:
            return replace(evenly(3600)(elapsed), predicted_end_seconds=36000)

        assert delay(both, 3600) < 20

    def test_whatever_a_job_promises_it_is_asked_about_every_two_minutes(self) -> None:
        assert max(wait for _, wait in waits(evenly(40000), 40000)) <= 120

    def test_a_scheduled_job_is_not_polled_before_it_can_have_started(self) -> None:
        sighting = Sighting(0, processed=0, total=0, percentage=0, starts_in_seconds=7 * 86400)
        for jitter in (0.0, 0.5, 0.999):
            wait, pace = next_wait(Pace(), sighting, min_seconds=15, max_seconds=300, jitter=jitter)
            assert 7 * 86400 <= wait <= 7 * 86400 + 15
            assert pace == Pace()

    def test_a_start_that_has_passed_schedules_nothing(self) -> None:
        late, on_time = Sighting(3600, starts_in_seconds=-5), Sighting(3600)
        assert next_wait(Pace(), late, min_seconds=15, max_seconds=300, jitter=0.5) == next_wait(
            Pace(), on_time, min_seconds=15, max_seconds=300, jitter=0.5
        )

    def test_jitter_spreads_a_wait_by_a_tenth_either_way(self) -> None:
        least, most = (
            next_wait(Pace(), silent(3600), min_seconds=15, max_seconds=300, jitter=jitter)[0]
            for jitter in (0.0, 0.999)
        )
        assert most / least == pytest.approx(1.1 / 0.9, rel=0.01)

    def test_equal_bounds_leave_no_choice(self) -> None:
        wait, _ = next_wait(Pace(), silent(1e6), min_seconds=60, max_seconds=60, jitter=0.7)
        assert wait == 60


NUMBERS = st.one_of(
    st.none(),
    st.floats(allow_nan=True, allow_infinity=True),
    st.floats(-10, 110),
    st.floats(0, 1e6),
    st.integers(-5, 10**6).map(float),
)
SIGHTINGS = st.builds(
    Sighting,
    elapsed_seconds=st.one_of(st.floats(0, 1e7), st.floats(allow_nan=True, allow_infinity=True)),
    processed=NUMBERS,
    total=NUMBERS,
    percentage=NUMBERS,
    predicted_end_seconds=NUMBERS,
    starts_in_seconds=st.none(),
)
JITTERS = st.floats(0, 1, exclude_max=True)
BOUNDS = st.integers(1, 3600).flatmap(lambda least: st.tuples(st.just(least), st.integers(least, 86400)))


def numbers(pace: Pace) -> list[float]:
    """All that a pace remembers; -1e12 where it knows nothing."""
    guesses = [number for guess in (pace.from_progress, pace.from_eta) for number in (astuple(guess) if guess else ())]
    first_eta = -1e12 if pace.first_eta is None else pace.first_eta
    return [pace.progress, pace.stood_still, pace.step, first_eta, pace.first_eta_at, *guesses]


class TestWhateverWasSighted:
    @given(st.lists(st.tuples(SIGHTINGS, JITTERS), min_size=1, max_size=30), BOUNDS)
    def test_the_wait_is_finite_and_within_its_bounds(
        self, polls: list[tuple[Sighting, float]], bounds: tuple[int, int]
    ) -> None:
        pace = Pace()
        for sighting, jitter in polls:
            wait, pace = next_wait(pace, sighting, min_seconds=bounds[0], max_seconds=bounds[1], jitter=jitter)
            assert bounds[0] <= wait <= bounds[1]

    @given(st.lists(st.tuples(SIGHTINGS, JITTERS), max_size=30))
    def test_what_is_remembered_survives_the_table_and_stays_small(self, polls: list[tuple[Sighting, float]]) -> None:
        pace = Pace()
        for sighting, jitter in polls:
            _, pace = next_wait(pace, sighting, min_seconds=15, max_seconds=300, jitter=jitter)
            stored = json.dumps(pace.as_json(), allow_nan=False)
            kept = Pace.from_json(json.loads(stored))
            assert numbers(kept) == pytest.approx(numbers(pace), rel=0, abs=0.00051)
            assert len(stored) < 300
            pace = kept

    @given(SIGHTINGS, st.integers())
    @settings(max_examples=10, deadline=None)
    def test_what_is_remembered_stays_small_over_thousands_of_polls(self, odd: Sighting, seed: int) -> None:
        pace, rng = Pace(), random.Random(seed)
        for poll in range(3000):
            usual = Sighting(60.0 * poll, poll % 977, 977, None, 60.0 * poll + rng.uniform(-100, 1e5))
            sighting = odd if poll % 100 == 99 else usual
            _, pace = next_wait(pace, sighting, min_seconds=15, max_seconds=300, jitter=rng.random())
        assert len(json.dumps(pace.as_json(), allow_nan=False)) < 300

    @given(st.floats(0.001, 1e8), JITTERS, BOUNDS)
    def test_no_scheduled_job_is_polled_early(self, starts_in: float, jitter: float, bounds: tuple[int, int]) -> None:
        wait, _ = next_wait(
            Pace(),
            Sighting(0, starts_in_seconds=starts_in),
            min_seconds=bounds[0],
            max_seconds=bounds[1],
            jitter=jitter,
        )
        assert wait >= max(starts_in, bounds[0])

    @given(st.lists(SIGHTINGS, min_size=1, max_size=10), JITTERS)
    def test_the_same_news_and_jitter_give_the_same_wait(self, sightings: list[Sighting], jitter: float) -> None:
        def last_wait() -> float:
            pace = Pace()
            for sighting in sightings:
                wait, pace = next_wait(pace, sighting, min_seconds=15, max_seconds=300, jitter=jitter)
            return wait

        assert last_wait() == last_wait()


class TestTogether:
    @pytest.mark.parametrize(
        "tell",
        [
            pytest.param(silent, id="silent"),
            pytest.param(evenly(3000), id="even progress"),
            pytest.param(lambda elapsed: Sighting(elapsed, predicted_end_seconds=3000), id="the same ETA"),
        ],
    )
    def test_a_thousand_jobs_submitted_at_once_are_not_polled_at_once(self, tell: Tell) -> None:
        polls: Counter[int] = Counter()
        for job in range(1000):
            pace, elapsed = Pace(), 0.0
            for poll in range(12):
                # The golden ratio's multiples fill [0, 1) evenly, and differently for every poll.
                jitter = (job * 0.6180339887 + poll * job * 0.7548776662) % 1.0
                wait, pace = next_wait(pace, tell(elapsed), min_seconds=15, max_seconds=300, jitter=jitter)
                elapsed += wait
                polls[int(elapsed)] += 1
        assert max(polls.values()) <= 200


def test_a_pace_of_another_version_does_not_end_a_watch() -> None:
    older = {"progress": 0.5, "gone": 1, "from_progress": {"end": 100.0}}
    assert Pace.from_json(older) == Pace(progress=0.5)
