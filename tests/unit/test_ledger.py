"""The ledger of notifications: whatever stops a notifier, and wherever, people are told; twice only in one window."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jobwatch.domain.watch import Claim, Watch
from jobwatch.domain.words import Notice
from jobwatch.ports import ServiceUnavailableError
from jobwatch.usecases.notify import Notified, Notifier
from jobwatch.usecases.poll import NextStep
from tests.fakes import FakeClock, FakeIds, FakeLogs, FakePublisher, FakeSeries, FakeWatches
from tests.unit.examples import T0, ended, finished, running, watch


class KilledError(BaseException):
    """The process is gone: nothing after this runs, no handler catches it."""


class Watches(FakeWatches):
    """The table, beside which the notifier dies: before or after its n-th write."""

    def __init__(self, dies_before: int = 0, dies_after: int = 0) -> None:
        super().__init__()
        self.dies_before, self.dies_after, self.writes = dies_before, dies_after, 0

    def save(self, watch: Watch) -> Watch:
        self.writes += 1
        if self.writes == self.dies_before:
            raise KilledError
        saved = super().save(watch)
        if self.writes == self.dies_after:
            raise KilledError
        return saved


class World:
    """One watch, its notifiers, and what SNS took."""

    def __init__(
        self, start: Watch, watches: FakeWatches | None = None, publisher: FakePublisher | None = None
    ) -> None:
        self.clock = FakeClock(T0 + timedelta(hours=2))
        self.watches, self.publisher = watches or FakeWatches(), publisher or FakePublisher()
        self.watches.add(start)
        self.watch_id = start.watch_id
        self.notifier = Notifier(self.watches, FakeLogs(), self.publisher, (), self.clock, FakeIds(), FakeSeries())

    def notify(self) -> Notified:
        return self.notifier.notify(self.watch_id, lambda: 300.0)

    @property
    def ids(self) -> list[str]:
        return [json.loads(parts["default"])["notification_id"] for _, parts, _ in self.publisher.published]

    @property
    def watch(self) -> Watch:
        return self.watches.get(self.watch_id)


END = finished(ended(log_location=None))
ID = f"{END.watch_id}/finished/1"


@pytest.mark.parametrize(
    ("place", "watches", "told"),
    [
        ("before the claim", Watches(dies_before=1), 1),
        ("after the claim", Watches(dies_after=1), 1),
        ("after the publish", Watches(dies_before=2), 2),
        ("after the mark", Watches(dies_after=2), 1),
    ],
)
def test_a_crash_anywhere_leads_to_delivery(place: str, watches: Watches, told: int) -> None:
    world = World(END, watches)
    with pytest.raises(KilledError):
        world.notify()
    step = world.notify().step
    if step.next is NextStep.WAIT:
        assert world.watch.claim is not None, place
        world.clock.advance(step.wait_seconds)
        step = world.notify().step
    assert step.next is NextStep.DONE
    assert world.ids == [ID] * told, "a second publish of a notification has its id"
    assert world.watch.due == ()
    assert world.watch.claim is None


def test_two_at_once_publish_once() -> None:
    """The other one comes while the first is between its claim and SNS's answer."""

    class AnotherOnTheWay(FakePublisher):
        def publish(self, subject: str, parts: Mapping[str, str], attributes: Mapping[str, str | list[str]]) -> None:
            steps.append(replace(world.notifier, publisher=FakePublisher()).notify(world.watch_id, lambda: 300.0).step)
            super().publish(subject, parts, attributes)

    steps: list[Any] = []
    world = World(END, publisher=AnotherOnTheWay())
    world.notify()
    [step] = steps
    assert (step.next, step.wait_seconds) == (NextStep.WAIT, 135)
    assert world.ids == [ID]


def test_two_that_read_the_same_watch_publish_once() -> None:
    """The other one claims and publishes between this one's reading and its claim."""

    class AnotherFirst(FakeWatches):
        def save(self, watch: Watch) -> Watch:
            if not others:
                others.append(world.notifier)
                world.notify()
            return super().save(watch)

    others: list[Notifier] = []
    world = World(END, AnotherFirst())
    assert world.notify().step.next is NextStep.DONE
    assert world.ids == [ID]


@pytest.mark.parametrize("seconds", [0, 1, 59, 60])
def test_a_claim_is_waited_for_until_it_has_run_out(seconds: int) -> None:
    world = World(replace(END, claim=Claim("gone", T0 + timedelta(hours=2, seconds=seconds))))
    step = world.notify().step
    assert (step.next, step.wait_seconds) == ((NextStep.WAIT, seconds) if seconds else (NextStep.DONE, 0))
    assert len(world.ids) == (0 if seconds else 1)


def test_a_publish_that_failed_gives_its_claim_up() -> None:
    world = World(END)
    world.publisher.fails = 1
    with pytest.raises(ServiceUnavailableError):
        world.notify()
    assert world.notify().step.next is NextStep.DONE
    assert world.ids == [ID]


def test_a_claim_that_cannot_be_given_up_runs_out() -> None:
    class FailsToRelease(FakePublisher):
        def publish(self, subject: str, parts: Mapping[str, str], attributes: Mapping[str, str | list[str]]) -> None:
            if self.fails:
                world.watches.fails_on_save = 1
            super().publish(subject, parts, attributes)

    world = World(END, publisher=FailsToRelease(fails=1))
    with pytest.raises(ServiceUnavailableError, match="SNS"):
        world.notify()
    step = world.notify().step
    assert (step.next, step.wait_seconds) == (NextStep.WAIT, 135)
    world.clock.advance(135)
    world.notify()
    assert world.ids == [ID]


@pytest.mark.parametrize("lost", [1, 2])
def test_a_write_whose_answer_was_lost_is_known_as_its_own(lost: int) -> None:
    """The SDK writes again and is refused, because the first write had come through: claim, or claim and mark."""
    world = World(END)
    world.watches.loses_answers = lost
    assert world.notify().step.next is NextStep.DONE
    assert world.ids == [ID]
    assert world.watch.due == ()
    assert world.watch.tellings[Notice.FINISHED].times == 1


def test_a_mark_is_made_although_the_sweeper_wrote_in_between() -> None:
    class Swept(FakePublisher):
        def publish(self, subject: str, parts: Mapping[str, str], attributes: Mapping[str, str | list[str]]) -> None:
            super().publish(subject, parts, attributes)
            world.watches.save(replace(world.watch, generation=2))

    world = World(END, publisher=Swept())
    assert world.notify().step.next is NextStep.DONE
    assert (world.watch.due, world.watch.generation) == ((), 2)
    world.notify()
    assert world.ids == [ID]


def test_each_telling_of_a_notice_has_an_id_of_its_own() -> None:
    world = World(watch(snapshot=running(), due=(Notice.RECOVERED, Notice.OVERDUE)))
    world.notify()
    world.watches.save(replace(world.watch, due=(Notice.RECOVERED,)))
    world.notify()
    assert world.ids == [f"{world.watch_id}/{end}" for end in ("recovered/1", "overdue/1", "recovered/2")]
    assert world.watch.tellings[Notice.RECOVERED].times == 2
