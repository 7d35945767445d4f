"""A script that is played wrongly would let every other test pass or fail for the wrong reason."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox import scripts
from sandbox.jobs import ENDED, HandClock, Job, Jobs, Results, Script, State

START = datetime(2024, 3, 1, 10, tzinfo=UTC)


def at(job: Job, seconds: float) -> datetime:
    return job.submitted_at + timedelta(seconds=seconds)


def play(script: Script, speed: float = 1.0) -> Job:
    return Job("J1", script, START, speed)


def test_a_good_import_advances_and_ends_with_its_counts() -> None:
    job = play(scripts.good_import(4500))
    half = job.moment(at(job, 2250))
    assert (half.state, half.processed, half.estimated_end) == (State.RUNNING, 2500, at(job, 4500))
    assert half.results is None
    end = job.moment(at(job, 9000))
    assert (end.state, end.processed, end.ended_at) == (State.SUCCEEDED, 5000, at(job, 4500))
    assert end.results == Results(5000)


def test_a_failure_stops_where_the_document_says() -> None:
    job = play(scripts.failed_retryable())
    end = job.moment(at(job, 2700))
    assert (end.state, end.processed, end.total, end.retryable) == (State.FAILED, 1250, 5000, True)
    assert end.error == "Database connection timeout after processing 1250 items"
    assert job.moment(at(job, 2699)).error is None


def test_a_scheduled_job_waits_then_runs_its_whole_time() -> None:
    job = play(scripts.scheduled(7200, 100))
    assert job.moment(at(job, 7199)).state is State.WAITING
    assert job.moment(at(job, 7199)).started_at == at(job, 7200)
    assert job.moment(at(job, 7250)).processed == 2500
    assert job.moment(at(job, 7300)).state is State.SUCCEEDED


def test_a_stuck_job_never_moves_and_never_ends() -> None:
    job = play(scripts.stuck(0.6, 1000))
    seen = {job.moment(at(job, s)).processed for s in (600, 10_000, 10_000_000)}
    assert seen == {3000}
    assert job.moment(at(job, 10_000_000)).state is State.RUNNING
    assert job.moment(at(job, 700)).estimated_end is None


def test_a_stall_ends_and_progress_goes_on_from_where_it_stood() -> None:
    job = play(scripts.stalled_then_good(0.6, 7200, 1000))
    assert job.moment(at(job, 600 + 7200)).processed == 3000
    assert job.moment(at(job, 700 + 7200)).processed == 3500
    assert job.moment(at(job, 1000 + 7200)).state is State.SUCCEEDED


def test_unknown_at_first_then_known() -> None:
    job = play(scripts.late_known(60))
    assert job.moment(at(job, 59)).state is State.UNKNOWN
    assert job.moment(at(job, 61)).state is State.RUNNING
    assert play(scripts.never_known()).moment(at(job, 10**7)).state is State.UNKNOWN


def test_noise_is_seeded_and_never_goes_backwards() -> None:
    def steps(seed: int) -> list[int]:
        job = play(scripts.noisy(seed, 1000))
        return [job.moment(at(job, s)).processed for s in range(0, 1000, 10)]

    assert steps(1) == steps(1) != steps(2)
    assert steps(1) == sorted(steps(1))
    straight = [round(s * 5) for s in range(0, 1000, 10)]
    assert max(abs(a - b) for a, b in zip(steps(1), straight, strict=True)) > 100


def test_stages_jump() -> None:
    job = play(Script(1000, 100, steps=5))
    assert {job.moment(at(job, s)).processed for s in range(0, 1000, 10)} == {0, 20, 40, 60, 80}


def test_speed_shortens_the_job_and_keeps_its_times_on_the_clock() -> None:
    job = play(scripts.good_import(4500), speed=60)
    end = job.moment(at(job, 75))
    assert (end.state, end.ended_at) == (State.SUCCEEDED, at(job, 75))


def test_cancelling_takes_effect_at_its_time_and_not_after_the_end() -> None:
    job = play(scripts.good_import(1000))
    job.cancelled_at = at(job, 300)
    assert job.moment(at(job, 299)).state is State.RUNNING
    stopped = job.moment(at(job, 5000))
    assert (stopped.state, stopped.processed, stopped.ended_at) == (State.CANCELLED, 1500, at(job, 300))
    late = play(scripts.good_import(1000))
    late.cancelled_at = at(late, 1001)
    assert late.moment(at(late, 5000)).state is State.SUCCEEDED


@pytest.mark.parametrize("name", scripts.BY_NAME)
def test_every_story_ends_or_is_meant_not_to(name: str) -> None:
    job = play(scripts.BY_NAME[name]())
    ended = job.moment(at(job, 10**6)).state in ENDED
    assert ended == (name not in ("stuck", "never-known"))


def test_ids_are_told_apart_by_case_unless_the_vendor_does_not() -> None:
    clock = HandClock()
    strict, loose = Jobs(clock), Jobs(clock, fold_case=True)
    for jobs in (strict, loose):
        jobs.add(Script(), job_id="aB")
    assert strict.get("AB") is None
    assert loose.get("AB") is not None


def test_a_submission_may_be_scheduled() -> None:
    clock = HandClock()
    job = Jobs(clock, speed=10).submit("import", starts_at=clock.now() + timedelta(seconds=50))
    assert job.moment(clock.now()).started_at == clock.now() + timedelta(seconds=50)
