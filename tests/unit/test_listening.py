"""Whether anybody listens: an address that does not hear is told of through the other topic."""

import json
from datetime import timedelta

import pytest

from jobwatch.domain.listening import Hearing, Subscription, hearing, somebody_hears
from jobwatch.usecases.listening import Heard, Listening, Topic
from jobwatch.usecases.once import Once
from tests.fakes import (
    FakeClock,
    FakeDeliveries,
    FakeIds,
    FakeOperations,
    FakePace,
    FakePublisher,
    FakeSubscriptions,
)

TEAM, OPS = "team@example.com", "ops@example.com"
JOBS, TROUBLES = "arn:aws:sns:eu-west-1:123456789012:jobs", "arn:aws:sns:eu-west-1:123456789012:troubles"


def subscribed(address: str, arn: str = "", protocol: str = "email") -> Subscription:
    return Subscription(protocol, address, arn or f"{JOBS}:5f1e")


PENDING_TEAM, PENDING_OPS = subscribed(TEAM, "PendingConfirmation"), subscribed(OPS, "PendingConfirmation")
DELETED_TEAM = subscribed(TEAM, "Deleted")
SLACK = subscribed("arn:aws:lambda:eu-west-1:123456789012:function:slack", protocol="lambda")


class World:
    """Two topics with what is subscribed to them, and those who are told."""

    def __init__(self, jobs: list[Subscription], troubles: list[Subscription], address: str = TEAM) -> None:
        self.clock, self.operators, self.publisher = FakeClock(), FakeOperations(), FakePublisher()
        self.pace, self.jobs, self.troubles = FakePace(), FakeSubscriptions(jobs), FakeSubscriptions(troubles)
        self.listening = Listening(
            self.jobs,
            self.troubles,
            Topic(JOBS, address),
            Topic(TROUBLES, OPS),
            self.publisher,
            self.operators,
            self.pace,
            Once(FakeDeliveries(), self.clock, FakeIds()),
            self.clock,
        )


@pytest.mark.parametrize(
    ("subscriptions", "state"),
    [
        ([subscribed(TEAM)], Hearing.CONFIRMED),
        ([subscribed("Team@Example.com")], Hearing.CONFIRMED),
        ([PENDING_TEAM], Hearing.PENDING),
        ([PENDING_TEAM, subscribed(TEAM)], Hearing.CONFIRMED),
        ([DELETED_TEAM], Hearing.GONE),
        ([DELETED_TEAM, PENDING_TEAM], Hearing.PENDING),
        ([], Hearing.GONE),
        ([subscribed(OPS), SLACK], Hearing.GONE),
        ([subscribed(TEAM, protocol="email-json")], Hearing.GONE),
    ],
)
def test_where_an_address_stands(subscriptions: list[Subscription], state: Hearing) -> None:
    assert hearing(TEAM, subscriptions) is state


def test_whether_anybody_hears() -> None:
    assert somebody_hears([SLACK])
    assert somebody_hears([PENDING_TEAM, subscribed(OPS)])
    assert not somebody_hears([PENDING_TEAM, DELETED_TEAM])
    assert not somebody_hears([])


def test_where_all_is_well_nothing_is_said() -> None:
    world = World([subscribed(TEAM)], [subscribed(OPS)])
    assert world.listening.look() == Heard(Hearing.CONFIRMED, Hearing.CONFIRMED, True)
    assert (world.operators.told, world.publisher.published) == ([], [])


@pytest.mark.parametrize(("jobs", "said"), [([PENDING_TEAM, SLACK], "not confirmed"), ([SLACK], "gone")])
def test_the_operators_hear_of_the_teams_address_once_a_day(jobs: list[Subscription], said: str) -> None:
    world = World(jobs, [subscribed(OPS)])
    for _ in range(3):
        assert world.listening.look().somebody
    [(subject, text)] = world.operators.told
    assert subject == f"jobwatch: {TEAM} does not hear how jobs end ({said})"
    assert "--authenticate-on-unsubscribe true" in text
    assert JOBS in text
    world.clock.now += timedelta(days=1)
    world.listening.look()
    assert len(world.operators.told) == 2


@pytest.mark.parametrize(("troubles", "said"), [([PENDING_OPS], "not confirmed"), ([], "gone")])
def test_those_who_hear_of_jobs_hear_of_the_operators_address(troubles: list[Subscription], said: str) -> None:
    world = World([subscribed(TEAM)], troubles)
    for _ in range(3):
        world.listening.look()
    [(subject, parts, attributes)] = world.publisher.published
    assert subject == f"jobwatch: {OPS} does not hear of jobwatch's own troubles ({said})"
    document = json.loads(parts["default"])
    assert document["schema"] == "jobwatch.announcement.v1", "no notification"
    assert document["address"] == OPS
    assert TROUBLES in parts["email"]
    assert len(parts["sms"]) <= 140
    # Slack's function takes notices only; a filter by severity lets it through.
    assert attributes == {"severity": "bad"}


def test_a_state_that_changes_is_told_at_once() -> None:
    world = World([PENDING_TEAM, SLACK], [subscribed(OPS)])
    world.listening.look()
    world.jobs.all = [SLACK]
    world.listening.look()
    assert len(world.operators.told) == 2


def test_ends_that_nobody_heard_are_counted_and_told_once_a_day() -> None:
    world = World([subscribed(TEAM)], [subscribed(OPS)], address="")
    world.pace.ends = 10
    world.listening.look()
    world.jobs.all = [PENDING_TEAM]
    assert not world.listening.look().somebody
    assert world.operators.told == [], "nothing was missed yet"
    world.pace.ends += 3
    for _ in range(3):
        world.listening.look()
    [(subject, text)] = world.operators.told
    assert subject == "jobwatch: nobody heard how 3 jobs ended"
    assert "since 2024-03-01 10:00 UTC" in text
    world.pace.ends += 500
    world.clock.now += timedelta(days=1)
    world.listening.look()
    assert world.operators.told[-1][0] == "jobwatch: nobody heard how 503 jobs ended"


def test_no_address_is_looked_for_where_none_is_configured() -> None:
    world = World([SLACK], [subscribed(OPS)], address="")
    assert world.listening.look() == Heard(None, Hearing.CONFIRMED, True)
    assert world.operators.told == []
