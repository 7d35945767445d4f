"""The operators: five messages a minute, one summary of the rest."""

import re
from datetime import datetime, timedelta

import pytest

from jobwatch.domain.telling import Kind, Telling
from jobwatch.ports import ServiceUnavailableError
from jobwatch.usecases.operators import Operators
from tests.fakes import FakeClock, FakeOperationsTopic, FakeTellingLedger

QUEUE = "they are kept on the queue rejected-queue"


def refused(number: int = 0, connection: str = "egain-prd") -> Telling:
    kind = Kind("submissions refused", f"connection {connection}: there is no parameter", connection, QUEUE)
    return Telling(f"refused {number}", f"text of {number}", kind)


class World:
    """The operators and their topic, in simulated time."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.topic = FakeOperationsTopic(self.clock)
        self.operators = Operators(self.topic, FakeTellingLedger(), self.clock, self.clock.advance)  # type: ignore[arg-type]

    def sweep(self, seconds_left: float = 200.0) -> int:
        ends = self.clock.now + timedelta(seconds=seconds_left)
        return self.operators.summarise(lambda: (ends - self.clock.now).total_seconds())

    @property
    def subjects(self) -> list[str]:
        return [subject for _, subject, _ in self.topic.published]


def most_within_a_minute(moments: list[datetime]) -> int:
    return max(sum(start <= each < start + timedelta(minutes=1) for each in moments) for start in moments)


def test_500_refused_submissions_are_six_messages() -> None:
    world = World()
    for number in range(500):
        world.operators.tell(refused(number, "egain-prd" if number < 400 else "zilliz"))
        world.clock.advance(0.01)
    assert world.subjects == [f"refused {number}" for number in range(5)]
    assert world.sweep() == 495
    _, subject, text = world.topic.published[-1]
    assert len(world.topic.published) == 6
    assert subject == "jobwatch: 495 more: 495 submissions refused"
    assert f"495 submissions refused; {QUEUE}:" in text
    assert "- 395 x (connection egain-prd) connection egain-prd: there is no parameter" in text
    assert "- 100 x (connection zilliz) connection zilliz: there is no parameter" in text
    assert most_within_a_minute([at for at, _, _ in world.topic.published]) <= 5
    assert (world.sweep(), len(world.topic.published)) == (0, 6)


def test_little_is_told_one_by_one_for_ever() -> None:
    world = World()
    for number in range(60):
        world.operators.tell(refused(number))
        world.clock.advance(13)
    assert world.subjects == [f"refused {number}" for number in range(60)]
    assert world.sweep() == 0


def test_however_it_comes_no_minute_has_six_and_nothing_is_lost() -> None:
    world = World()
    for number in range(3000):
        world.operators.tell(refused(number))
        world.clock.advance(0.5)
        if number % 600 == 599:
            world.sweep()
    world.clock.advance(60)
    world.sweep()
    assert most_within_a_minute([at for at, _, _ in world.topic.published]) <= 5
    one_by_one = sum(subject.startswith("refused") for subject in world.subjects)
    counted = [int(found[1]) for each in world.subjects if (found := re.match(r"jobwatch: (\d+) more", each))]
    assert one_by_one + sum(counted) == 3000


def test_a_summary_that_would_outlast_the_function_is_left_to_the_next() -> None:
    world = World()
    for number in range(7):
        world.operators.tell(refused(number))
    assert world.sweep(seconds_left=100) == 0
    assert len(world.topic.published) == 5
    assert world.sweep() == 2


def test_a_summary_that_could_not_be_published_is_not_lost() -> None:
    world = World()
    for number in range(6):
        world.operators.tell(refused(number))
    world.clock.advance(60)
    world.topic.fails = 1
    with pytest.raises(ServiceUnavailableError):
        world.sweep()
    assert world.sweep() == 1
    assert world.subjects[-1] == "jobwatch: 1 more: 1 submissions refused"


def test_what_is_only_counted_is_in_the_summary() -> None:
    world = World()
    world.operators.count(refused())
    assert world.topic.published == []
    assert world.sweep() == 1
