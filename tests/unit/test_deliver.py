"""Delivering to a channel: once, waiting as long as it may; what Slack never takes is told and kept."""

from datetime import timedelta

import pytest

from jobwatch.domain.words import Notice
from jobwatch.messages.document import write_notification
from jobwatch.messages.email import email_text
from jobwatch.messages.notification import build_notification
from jobwatch.ports import (
    ChannelRefusedError,
    ChannelThrottledError,
    ChannelUnavailableError,
    DeliveryBusyError,
    ServiceUnavailableError,
)
from jobwatch.usecases.deliver import Delivered, Delivery, Fate
from tests.fakes import FakeChannel, FakeClock, FakeDeliveries, FakeIds, FakeOperations, FakeUndelivered
from tests.unit.examples import T0, finished

END = finished()
DOCUMENT = build_notification(END, Notice.FINISHED, END.outcome, None, at=T0)
NOTIFICATION = write_notification(DOCUMENT)
DELIVERY_ID = f"{END.watch_id}/finished/1/slack"


class World:
    """The function of a channel with it, the ledger, the queue and the operators around it."""

    def __init__(self, *errors: Exception) -> None:
        self.clock, self.channel = FakeClock(), FakeChannel(errors)
        self.deliveries, self.undelivered, self.operations = FakeDeliveries(), FakeUndelivered(), FakeOperations()
        self.slept: list[float] = []
        self.delivery = Delivery(
            self.channel,
            self.deliveries,
            self.undelivered,
            self.operations,
            self.clock,
            FakeIds(),
            self.slept.append,
        )

    def deliver(self, remaining_seconds: float = 60.0) -> Delivered:
        return self.delivery.deliver(DOCUMENT, lambda: remaining_seconds)


def test_a_notification_is_posted_once_however_often_sns_brings_it() -> None:
    world = World()
    fates = [world.deliver().fate for _ in range(3)]
    assert fates == [Fate.POSTED, Fate.POSTED_BEFORE, Fate.POSTED_BEFORE]
    [message] = world.channel.posted
    assert message == DOCUMENT


def test_it_says_whose_notification_it_was() -> None:
    delivered = World().deliver()
    assert (delivered.watch_id, delivered.notification_id) == (END.watch_id, f"{END.watch_id}/finished/1")


def test_it_waits_as_long_as_slack_asks_and_no_longer() -> None:
    world = World(ChannelThrottledError("Slack", 7), ChannelThrottledError("Slack", 30))
    world.deliver()
    assert world.slept == [7, 30]
    assert len(world.channel.posted) == 1


def test_a_wait_that_does_not_fit_is_left_to_the_retry() -> None:
    world = World(ChannelThrottledError("Slack", 56))
    with pytest.raises(ChannelThrottledError):
        world.deliver()
    assert world.slept == []
    assert world.deliver().fate is Fate.POSTED, "the retry finds no claim in its way"


def test_slack_that_is_down_is_left_to_the_retry() -> None:
    world = World(ChannelUnavailableError("HTTP 500"))
    with pytest.raises(ChannelUnavailableError):
        world.deliver()
    assert world.operations.told == []
    assert world.deliver().fate is Fate.POSTED


class TestLedger:
    def test_a_run_that_was_killed_leaves_a_claim_that_runs_out(self) -> None:
        world = World()
        until = world.clock() + timedelta(seconds=60)
        world.deliveries.claim(DELIVERY_ID, "killed", now=world.clock(), until=until)
        with pytest.raises(DeliveryBusyError):
            world.deliver()
        assert world.channel.posted == []
        world.clock.advance(60)
        assert world.deliver().fate is Fate.POSTED

    def test_a_ledger_that_is_down_posts_nothing_yet(self) -> None:
        world = World()
        world.deliveries.fails = 1
        with pytest.raises(ServiceUnavailableError):
            world.deliver()
        assert world.channel.posted == []
        assert world.deliver().fate is Fate.POSTED

    def test_what_was_posted_and_not_recorded_is_not_tried_again(self) -> None:
        """Raising would make Lambda post it a second time for certain."""
        world = World()

        class FailsToRecord(FakeChannel):
            def post(self, notification: object) -> None:
                world.deliveries.fails = 1

        world.delivery = Delivery(
            FailsToRecord(), world.deliveries, world.undelivered, world.operations, world.clock, FakeIds()
        )
        assert world.deliver().fate is Fate.POSTED_UNRECORDED

    def test_a_claim_that_cannot_be_given_up_hides_no_error(self) -> None:
        world = World(ChannelUnavailableError("HTTP 500"))

        class FailsToRelease(FakeDeliveries):
            def release(self, delivery_id: str, run: str) -> None:
                raise ServiceUnavailableError("DynamoDB")

        world.delivery = Delivery(
            world.channel, FailsToRelease(), world.undelivered, world.operations, world.clock, FakeIds()
        )
        with pytest.raises(ChannelUnavailableError):
            world.deliver()


class TestRefused:
    """A revoked webhook, a deleted channel: trying again changes nothing."""

    def test_it_is_told_with_the_reason_what_to_do_and_the_text(self) -> None:
        world = World(ChannelRefusedError("Slack refused the message with HTTP 404: no_service"))
        delivered = world.deliver()
        assert (delivered.fate, delivered.reason) == (
            Fate.REFUSED,
            "Slack refused the message with HTTP 404: no_service",
        )
        [(_, text)] = world.operations.told
        assert "Reason: Slack refused the message with HTTP 404: no_service" in text
        assert "What to do:" in text
        assert "redrive" in text
        assert email_text(DOCUMENT) in text

    def test_it_is_kept(self) -> None:
        world = World(ChannelRefusedError("no_service"))
        world.deliver()
        assert world.undelivered.kept == [("no_service", NOTIFICATION)]

    def test_brought_again_it_is_told_once(self) -> None:
        world = World(*[ChannelRefusedError("no_service")] * 2)
        assert [world.deliver().fate, world.deliver().fate] == [Fate.REFUSED, Fate.REFUSED]
        assert len(world.operations.told) == 1
        assert len(world.undelivered.kept) == 2, "what a redrive took off the queue is on it again"

    def test_once_slack_takes_it_again_it_is_posted_once(self) -> None:
        world = World(ChannelRefusedError("no_service"))
        fates = [world.deliver().fate for _ in range(3)]
        assert fates == [Fate.REFUSED, Fate.POSTED, Fate.POSTED_BEFORE]

    def test_what_cannot_be_kept_is_left_to_the_retry(self) -> None:
        world = World(*[ChannelRefusedError("no_service")] * 2)
        world.undelivered.fails = 1
        with pytest.raises(ServiceUnavailableError):
            world.deliver()
        world.clock.advance(60)
        world.deliver()
        assert len(world.operations.told) == 1
        assert len(world.undelivered.kept) == 1
