"""Sweeping: a watch that lost its execution gets another one; one that is followed is left alone."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from jobwatch.domain.watch import Watch
from jobwatch.usecases.sweep import Sweeper, Swept
from tests.fakes import FakeClock, FakeExecutions, FakeWatches
from tests.unit.examples import T0, finished, submission, watch


class World:
    """A table with one watch, ten minutes after it should have woken."""

    def __init__(self, start: Watch) -> None:
        self.clock = FakeClock(start.next_poll_at + timedelta(minutes=10))
        self.watches, self.executions = FakeWatches(), FakeExecutions()
        self.watches.add(start)
        self.watch_id = start.watch_id
        self.sweeper = Sweeper(self.watches, self.executions, self.clock, timedelta(minutes=5), random.Random(0))

    def sweep(self) -> list[str]:
        swept = list(self.sweeper.sweep())
        assert [each for each in swept if each.failure] == []
        return [each.watch_id for each in swept]


@pytest.mark.parametrize("start", [watch(), finished()])
def test_a_watch_without_an_execution_gets_the_next_one(start: Watch) -> None:
    """Open: not ended, or ended and nobody told."""
    world = World(start)
    assert world.sweep() == [world.watch_id]
    assert world.executions.started == [(world.watch_id, 2)]
    assert world.watches.get(world.watch_id).generation == 2


def test_a_watch_that_is_followed_is_left_alone() -> None:
    world = World(watch())
    world.executions.running.add((world.watch_id, 1))
    assert world.sweep() == []
    assert world.watches.get(world.watch_id) == watch()


@pytest.mark.parametrize("start", [replace(finished(), due=()), watch(next_poll_at=T0 + timedelta(days=1))])
def test_what_is_told_or_not_yet_due_is_left_alone(start: Watch) -> None:
    world = World(start)
    world.clock.now = T0 + timedelta(hours=3)
    assert world.sweep() == []
    assert world.executions.started == []


def test_a_late_wake_is_given_some_minutes() -> None:
    world = World(watch())
    world.clock.now = T0 + timedelta(minutes=4)
    assert world.sweep() == []


def test_a_start_that_fails_is_made_good_by_the_next_sweep() -> None:
    world = World(watch())
    world.executions.fails = 1
    [swept] = world.sweeper.sweep()
    assert swept.watch_id == world.watch_id
    assert swept.failure
    assert world.executions.started == []
    assert world.sweep() == [world.watch_id]
    [(_, generation)] = world.executions.started
    assert world.watches.get(world.watch_id).generation == generation


def test_one_watchs_trouble_is_not_anothers() -> None:
    world = World(watch())
    other = watch(submission(job_id="another"))
    world.watches.add(other)
    world.executions.fails = 1
    failed, started = sorted(world.sweeper.sweep(), key=lambda swept: swept.failure is None)
    assert "Throttling" in str(failed.failure)
    assert {failed.watch_id, started.watch_id} == {world.watch_id, other.watch_id}


def test_not_even_an_item_that_cannot_be_read_keeps_the_others_from_being_found() -> None:
    world = World(watch())

    class OneBroken(FakeWatches):
        def overdue(self, since: object) -> "iter[str]":  # type: ignore[valid-type]
            return iter(["broken-1", world.watch_id])

        def get(self, watch_id: str) -> Watch:
            if watch_id == "broken-1":
                raise KeyError("connection")
            return world.watches.get(watch_id)

        def save(self, watch: Watch) -> Watch:
            return world.watches.save(watch)

    world.sweeper = replace(world.sweeper, watches=OneBroken())
    swept = sorted(world.sweeper.sweep(), key=lambda swept: swept.watch_id)
    assert swept == [Swept("broken-1", "KeyError: 'connection'"), Swept(world.watch_id)]


def test_each_sweep_begins_with_others() -> None:
    """One that always runs out of time must come to all of them sooner or later."""
    world = World(watch())
    for number in range(20):
        world.watches.add(watch(submission(job_id=str(number))))
    # So that all of them are there each time.
    world.executions.fails = 1000
    first = {next(world.sweeper.sweep()).watch_id for _ in range(10)}
    assert len(first) > 3


def test_a_watch_that_was_written_meanwhile_is_left_alone() -> None:
    world = World(watch())

    class Meanwhile(FakeExecutions):
        def runs(self, watch_id: str, generation: int) -> bool:
            world.watches.save(world.watches.get(watch_id))
            return False

    world.sweeper = replace(world.sweeper, executions=Meanwhile())
    assert world.sweep() == []


def test_a_removed_watch_is_no_matter() -> None:
    world = World(watch())

    class Removed(FakeWatches):
        def overdue(self, since: object) -> "iter[str]":  # type: ignore[valid-type]
            return iter(["gone-1"])

    world.sweeper = replace(world.sweeper, watches=Removed())
    assert world.sweep() == []
