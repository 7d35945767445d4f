"""What is kept in memory: read once a while, used on while it cannot be read, gone when it is said to be gone."""

import pytest

from jobwatch.aws.kept import Kept
from jobwatch.ports import ServiceUnavailableError


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Source:
    """Something to read; `error` is raised instead of the value."""

    def __init__(self) -> None:
        self.value, self.reads = "first", 0
        self.error: Exception | None = None

    def __call__(self) -> str:
        self.reads += 1
        if self.error is not None:
            raise self.error
        return self.value


class World:
    def __init__(self) -> None:
        self.clock, self.source = Clock(), Source()
        self.kept: Kept[str] = Kept("connection", 60.0, self.clock)

    def get(self) -> str:
        return self.kept.get("egain-prod", self.source)


@pytest.fixture
def world() -> World:
    return World()


DOWN = ServiceUnavailableError("SSM GetParameter: ThrottlingException")


def test_many_uses_within_the_minute_read_once(world: World) -> None:
    for _ in range(44):
        assert world.get() == "first"
        world.clock.now += 1
    assert world.source.reads == 1


def test_a_change_counts_within_a_minute(world: World) -> None:
    world.get()
    world.source.value = "second"
    world.clock.now += 60
    assert world.get() == "second"


def test_processes_that_began_together_do_not_read_again_together() -> None:
    worlds = [World() for _ in range(100)]
    for world in worlds:
        world.get()
        world.clock.now += 52
        world.get()
    assert 20 < sum(world.source.reads == 2 for world in worlds) < 80


def test_the_old_one_is_used_for_an_hour_while_it_cannot_be_read(world: World) -> None:
    world.get()
    world.source.error = DOWN
    world.clock.now += 3599
    assert world.get() == "first"
    world.clock.now += 16
    with pytest.raises(ServiceUnavailableError, match="ThrottlingException"):
        world.get()


def test_an_outage_is_asked_about_now_and_then_not_at_every_use(world: World) -> None:
    """A call that fails takes seconds; each poll would wait for it."""
    world.get()
    world.source.error = DOWN
    world.clock.now += 60
    for _ in range(60):
        world.get()
        world.clock.now += 1
    assert world.source.reads == 1 + 4


def test_the_log_says_that_an_old_one_is_used(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.get()
    world.source.error = DOWN
    world.clock.now += 600
    world.get()
    [line] = caplog.records
    assert (line.levelname, line.message) == ("WARNING", "an old connection is used")
    assert vars(line)["name_of_it"] == "egain-prod"
    assert vars(line)["age_seconds"] == 600
    assert "ThrottlingException" in vars(line)["reason"]


def test_with_none_in_memory_an_outage_is_told(world: World) -> None:
    world.source.error = DOWN
    with pytest.raises(ServiceUnavailableError):
        world.get()


def test_what_is_said_to_be_gone_is_not_used_on(world: World) -> None:
    """Also not in an outage that follows."""
    world.get()
    world.clock.now += 60
    world.source.error = LookupError("there is no such parameter")
    with pytest.raises(LookupError):
        world.get()
    world.source.error = DOWN
    with pytest.raises(ServiceUnavailableError):
        world.get()


def test_what_is_forgotten_is_read_anew_at_once_and_kept_for_an_outage(world: World) -> None:
    world.get()
    world.source.value = "second"
    world.kept.forget("egain-prod")
    assert world.get() == "second"
    world.kept.forget("egain-prod")
    world.source.error = DOWN
    assert world.get() == "second"
    world.kept.forget("never read")


def test_a_clock_that_is_set_back_does_not_keep_for_ever(world: World) -> None:
    world.get()
    world.source.value = "second"
    world.clock.now -= 86_400
    assert world.get() == "second"


class TestOneThatCannotBeRead:
    """Others of the process are not tried for some seconds either: each would take of a limit that all share."""

    def test_spares_those_that_can_be_used_on(self, world: World) -> None:
        world.get()
        world.kept.get("docs", world.source)
        world.clock.now += 61
        world.source.error, reads = DOWN, world.source.reads
        assert world.get() == "first"
        assert world.kept.get("docs", world.source) == "first"
        assert world.source.reads == reads + 1

    def test_does_not_spare_one_that_there_is_none_of(self, world: World) -> None:
        world.get()
        world.clock.now += 61
        world.source.error = DOWN
        world.get()
        with pytest.raises(ServiceUnavailableError):
            world.kept.get("docs", world.source)
        world.source.error = None
        assert world.kept.get("docs", world.source) == "first"

    def test_spares_them_for_seconds_only(self, world: World) -> None:
        world.get()
        world.kept.get("docs", world.source)
        world.clock.now += 61
        world.source.error = DOWN
        world.get()
        world.source.error, world.source.value = None, "second"
        world.clock.now += 15
        assert world.kept.get("docs", world.source) == "second"

    def test_lets_none_be_used_for_more_than_an_hour(self, world: World) -> None:
        world.get()
        world.clock.now += 3599
        world.source.error = DOWN
        world.get()
        world.clock.now += 2
        with pytest.raises(ServiceUnavailableError):
            world.get()
