"""Delivering to Slack: waits as long as it may, and leaves the rest to the retry."""

import json

import pytest

from jobwatch.domain.words import Notice
from jobwatch.messages.notification import build_notification, write_notification
from jobwatch.ports import SlackRefusedError, SlackThrottledError, SlackUnavailableError
from jobwatch.usecases.deliver import Delivery
from tests.fakes import FakeSlackChannel
from tests.unit.examples import finished

END = finished()
NOTIFICATION = write_notification(build_notification(END, Notice.FINISHED, END.outcome, None))


def test_a_notification_is_posted_once() -> None:
    slack = FakeSlackChannel()
    assert Delivery(slack).deliver(NOTIFICATION, lambda: 60.0) == END.watch_id
    assert len(slack.posted) == 1
    assert "Import finished" in json.dumps(slack.posted[0])


def test_it_waits_as_long_as_slack_asks_and_no_longer() -> None:
    slept: list[float] = []
    slack = FakeSlackChannel([SlackThrottledError(7), SlackThrottledError(30)])
    Delivery(slack, slept.append).deliver(NOTIFICATION, lambda: 60.0)
    assert slept == [7, 30]
    assert len(slack.posted) == 1


def test_a_wait_that_does_not_fit_is_left_to_the_retry() -> None:
    slept: list[float] = []
    slack = FakeSlackChannel([SlackThrottledError(56)])
    with pytest.raises(SlackThrottledError):
        Delivery(slack, slept.append).deliver(NOTIFICATION, lambda: 60.0)
    assert slept == []


@pytest.mark.parametrize("error", [SlackRefusedError("invalid_token"), SlackUnavailableError("HTTP 500")])
def test_other_failures_are_raised_at_once(error: Exception) -> None:
    slack = FakeSlackChannel([error])
    with pytest.raises(type(error)):
        Delivery(slack).deliver(NOTIFICATION, lambda: 60.0)
    assert slack.posted == []
