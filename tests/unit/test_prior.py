"""What earlier runs say of the next poll: examples, then what must hold whatever they took."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobwatch.domain.prior import Prior
from jobwatch.domain.waiting import Pace, Sighting, next_wait

STEADY = (3600.0, 3500.0, 3700.0, 3650.0, 3550.0, 3600.0, 3580.0, 3620.0)


def polls(earlier: tuple[float, ...], end: float, eta: float | None = None) -> tuple[int, float]:
    """Polls until the end of a silent job is seen, and seconds from the end to that poll."""
    pace, elapsed, count, prior = Pace(), 0.0, 0, Prior.of(earlier)
    while elapsed < end:
        sighting = Sighting(elapsed, predicted_end_seconds=eta)
        wait, pace = next_wait(pace, sighting, min_seconds=15, max_seconds=300, jitter=0.5, prior=prior)
        elapsed += wait
        count += 1
    return count, elapsed - end


def test_a_run_like_those_before_is_seen_as_soon_for_far_fewer_polls() -> None:
    (silent, _), (known, delay) = polls((), 3600), polls(STEADY, 3600)
    assert known < silent / 1.6
    assert delay < 16


@pytest.mark.parametrize("end", [300, 1200, 10_800, 36_000])
def test_a_run_unlike_those_before_costs_little_more_than_without_history(end: float) -> None:
    (silent, _), (known, delay) = polls((), end), polls(STEADY, end)
    assert known < 1.4 * silent
    assert delay < 120


def test_one_earlier_run_already_saves_polls() -> None:
    assert polls((3600.0,), 3600)[0] < 0.85 * polls((), 3600)[0]


def test_progress_that_is_surer_than_the_history_is_followed() -> None:
    pace, elapsed, prior = Pace(), 0.0, Prior.of(STEADY)
    while elapsed < 14_400:
        sighting = Sighting(elapsed, processed=float(int(1000 * elapsed / 14_400)), total=1000)
        wait, pace = next_wait(pace, sighting, min_seconds=15, max_seconds=300, jitter=0.5, prior=prior)
        elapsed += wait
    assert elapsed - 14_400 < 20


def test_a_poll_still_comes_just_behind_an_eta_that_never_moves() -> None:
    assert 0 < polls(STEADY, 1700, eta=1700)[1] < 12


def test_no_run_that_says_anything_is_no_prior() -> None:
    assert Prior.of(()) is None
    assert Prior.of((0.0, math.nan, math.inf)) is None
    assert Prior.from_json([]) is None
    assert Prior.from_json({"runs": 3}) is None


@given(st.lists(st.floats(1, 1e7), min_size=1, max_size=20), st.floats(0, 1e8), st.floats(0.05, 40))
def test_the_wait_is_bounded_whatever_the_runs_took(earlier: list[float], elapsed: float, scale: float) -> None:
    prior = Prior.of(earlier)
    assert prior is not None
    assert 0 < prior.wait_seconds(elapsed, scale) <= 120 * scale


@given(st.lists(st.floats(1, 1e7), min_size=1, max_size=20))
def test_it_survives_the_table_in_a_few_bytes(earlier: list[float]) -> None:
    prior = Prior.of(earlier)
    assert prior is not None
    stored = json.dumps(prior.as_json())
    kept = Prior.from_json(json.loads(stored))
    assert kept is not None
    assert len(stored) < 40
    assert kept.middle == pytest.approx(prior.middle, abs=1e-3)
