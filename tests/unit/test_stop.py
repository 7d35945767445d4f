"""Stopping a watch: one write, nobody is told, the execution ends quietly."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jobwatch.domain.watch import Claim
from jobwatch.domain.watch_record import write_record
from jobwatch.domain.words import Notice, Outcome
from jobwatch.ports import WatchMissingError
from jobwatch.usecases.poll import NextStep, next_step
from jobwatch.usecases.stop import AlreadyEndedError, Stopping
from tests.fakes import FakeClock, FakeWatches
from tests.unit.examples import T0, finished, watch


def stopping(*watches: object) -> tuple[Stopping, FakeWatches, FakeClock]:
    table, clock = FakeWatches(), FakeClock(T0)
    for each in watches:
        table.add(each)  # type: ignore[arg-type]
    return Stopping(table, clock), table, clock


def test_a_stopped_watch_needs_nobody_any_more() -> None:
    stop, table, clock = stopping(watch(due=(Notice.STALLED, Notice.OVERDUE)))
    stopped = stop.stop(watch().watch_id)
    assert (stopped.outcome, stopped.due, stopped.detected_at) == (Outcome.STOPPED, (), T0)
    assert next_step(stopped, clock).next is NextStep.DONE
    record = write_record(stopped)
    assert "open_shard" not in record, "the sweeper leaves it alone"
    assert "expires_at" in record
    assert list(table.overdue(T0 + timedelta(days=30))) == []


def test_what_is_being_published_is_told_and_the_rest_is_not() -> None:
    claimed = watch(due=(Notice.STALLED, Notice.OVERDUE), claim=Claim("run", T0 + timedelta(seconds=30)))
    stop, _, clock = stopping(claimed)
    stopped = stop.stop(claimed.watch_id)
    assert stopped.due == (Notice.STALLED,)
    assert next_step(stopped, clock).next is not NextStep.DONE


def test_a_claim_that_has_run_out_publishes_nothing() -> None:
    late = watch(due=(Notice.STALLED,), claim=Claim("run", T0 - timedelta(seconds=1)))
    stop, _, _ = stopping(late)
    assert stop.stop(late.watch_id).due == ()


def test_what_has_ended_is_not_stopped() -> None:
    end = finished()
    stop, table, _ = stopping(end)
    with pytest.raises(AlreadyEndedError) as ended:
        stop.stop(end.watch_id)
    assert ended.value.watch == end
    assert table.get(end.watch_id) == end


def test_stopped_twice_says_so() -> None:
    stop, _, _ = stopping(watch())
    stop.stop(watch().watch_id)
    with pytest.raises(AlreadyEndedError):
        stop.stop(watch().watch_id)


def test_one_that_its_execution_writes_meanwhile_is_stopped_all_the_same() -> None:
    stop, table, _ = stopping(watch())
    table.loses_answers = 1
    with pytest.raises(AlreadyEndedError) as ended:
        stop.stop(watch().watch_id)
    assert ended.value.watch.outcome is Outcome.STOPPED
    assert replace(table.get(watch().watch_id), version=0).outcome is Outcome.STOPPED


def test_there_is_no_such_watch() -> None:
    stop, _, _ = stopping()
    with pytest.raises(WatchMissingError):
        stop.stop("no-such")
