"""A round: what fails in one part of it is said, and holds no other up."""

import random
from datetime import timedelta
from typing import Any

from jobwatch.domain.listening import Hearing
from jobwatch.domain.telling import Kind
from jobwatch.ports import ServiceUnavailableError
from jobwatch.usecases.operators import Operators
from jobwatch.usecases.rounds import Rounds
from jobwatch.usecases.sweep import Sweeper
from tests.fakes import FakeExecutions, FakeOperationsTopic, FakeTellingLedger, FakeWatches
from tests.unit.examples import watch
from tests.unit.test_listening import OPS, TEAM, World, subscribed


class Round:
    """A round of an otherwise healthy stack in which three refusals were held back and one watch was lost."""

    def __init__(self) -> None:
        self.world = World([subscribed(TEAM)], [subscribed(OPS)])
        self.topic, ledger = FakeOperationsTopic(self.world.clock), FakeTellingLedger()
        for _ in range(3):
            ledger.hold(Kind("submissions refused", "no such connection", "egain", "kept"), self.world.clock())
        watches = FakeWatches()
        watches.add(watch())
        self.world.clock.now += timedelta(hours=1)
        sweeper = Sweeper(watches, FakeExecutions(), self.world.clock, timedelta(minutes=5), random.Random(0))
        self.rounds = Rounds(self.world.listening, Operators(self.topic, ledger, self.world.clock), sweeper)


def test_all_is_done() -> None:
    a = Round()
    told = a.rounds.tell(lambda: 240.0)
    assert told.heard is not None
    assert told.heard.notifications is Hearing.CONFIRMED
    assert (told.summarised, told.failures) == (3, ())
    assert len(list(a.rounds.sweeper.sweep())) == 1


def test_where_sns_is_down_the_sweep_goes_on(monkeypatch: Any) -> None:
    a = Round()

    def down() -> None:
        raise ServiceUnavailableError("SNS ListSubscriptionsByTopic: InternalError")

    monkeypatch.setattr(a.world.jobs, "listed", down)
    a.topic.fails = 1
    told = a.rounds.tell(lambda: 240.0)
    assert told.heard is None
    assert [failure.split(":")[0] for failure in told.failures] == ["looking who listens", "telling what was held back"]
    assert len(list(a.rounds.sweeper.sweep())) == 1
    assert a.rounds.tell(lambda: 240.0).summarised == 3, "nothing was lost"
