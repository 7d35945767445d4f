"""Delivering to Slack: one notification, as blocks, to a webhook or through the Web API."""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from jobwatch.domain.telling import Kind, Telling
from jobwatch.messages.document import Notification, write_notification
from jobwatch.messages.email import email_text
from jobwatch.messages.slack import slack_message
from jobwatch.messages.subject import subject
from jobwatch.ports import (
    Clock,
    Deliveries,
    NewId,
    Operations,
    ServiceUnavailableError,
    SlackChannel,
    SlackRefusedError,
    SlackThrottledError,
    SlackUnavailableError,
    Standing,
    Undelivered,
)


class Fate(StrEnum):
    """What became of a delivery."""

    POSTED = "posted to Slack"
    POSTED_UNRECORDED = "posted to Slack, but not recorded: it is posted again if SNS delivers it again"
    POSTED_BEFORE = "not posted: it was before"
    REFUSED = "refused by Slack, kept on the dead-letter queue"


@dataclass(frozen=True)
class Delivered:
    """A delivery that needs no other try of Lambda's."""

    watch_id: str | None
    notification_id: str
    fate: Fate
    reason: str | None = None


@dataclass(frozen=True)
class Delivery:
    """The parts that delivering needs."""

    slack: SlackChannel
    deliveries: Deliveries
    undelivered: Undelivered
    operations: Operations
    now: Clock
    new_id: NewId
    sleep: Callable[[float], None] = time.sleep

    def deliver(self, notification: Notification, remaining_seconds: Callable[[], float]) -> Delivered:
        """Post the notification document that SNS carried, once however often SNS brings it.

        Waits as long as Slack asks to, if that fits into `remaining_seconds`, what is left of the function's time.
        What Slack will never take is told to the operators and kept; trying it again would change nothing. Raises
        SlackThrottledError, SlackUnavailableError, ServiceUnavailableError and DeliveryBusyError (another run is at
        it): Lambda then tries again, and the dead-letter queue keeps what stays undelivered.
        """
        delivery_id, run = f"{notification['notification_id']}/slack", self.new_id()
        # No run outlives its function's time, and Lambda's first retry comes a minute after the end of the one before.
        until = self.now() + timedelta(seconds=remaining_seconds())
        standing = self.deliveries.claim(delivery_id, run, now=self.now(), until=until)

        def delivered(fate: Fate, reason: str | None = None) -> Delivered:
            return Delivered(notification["watch_id"], notification["notification_id"], fate, reason)

        if standing is Standing.DELIVERED:
            return delivered(Fate.POSTED_BEFORE)
        try:
            self._post(slack_message(notification), remaining_seconds)
        except SlackRefusedError as refused:
            self._keep(notification, str(refused), told=standing is Standing.REFUSED)
            with suppress(ServiceUnavailableError):
                # Raised, it would be tried again, and surely told twice.
                self.deliveries.refused(delivery_id)
            return delivered(Fate.REFUSED, str(refused))
        except (SlackThrottledError, SlackUnavailableError, ServiceUnavailableError):
            self._release(delivery_id, run)
            raise
        try:
            self.deliveries.delivered(delivery_id, at=self.now())
        except ServiceUnavailableError:
            # Raised, it would be tried again, and surely posted twice.
            return delivered(Fate.POSTED_UNRECORDED)
        return delivered(Fate.POSTED)

    def _post(self, message: Mapping[str, Any], remaining_seconds: Callable[[], float]) -> None:
        while True:
            try:
                return self.slack.post(message)
            except SlackThrottledError as throttled:
                if throttled.retry_after_seconds + 5 > remaining_seconds():
                    raise
                self.sleep(throttled.retry_after_seconds)

    def _keep(self, notification: Notification, reason: str, *, told: bool) -> None:
        # The queue first: what is kept twice after a failure in between is better than what is lost.
        self.undelivered.keep(reason, write_notification(notification))
        if not told:
            text = (
                f"Slack refuses this notification, so nobody reads it there.\n\nReason: {reason}"
                "\n\nWhat to do: correct the Slack secret, or what it names (webhook, bot, channel). The notification "
                "is kept on the Slack dead-letter queue for 14 days. To post it then: "
                "jobwatch redrive --stack-name STACK --queue slack, with your stack's name."
                f"\n\nThe notification: {subject(notification)}\n\n{email_text(notification)}"
            )
            kind = Kind(
                "notifications that Slack refused",
                reason,
                str(notification["connection"]),
                f"kept on the queue {self.undelivered.name}",
            )
            self.operations.tell(Telling("jobwatch cannot post to Slack", text, kind))

    def _release(self, delivery_id: str, run: str) -> None:
        """Give the claim up, so that the next try need not wait for its end; that comes anyway."""
        try:
            self.deliveries.release(delivery_id, run)
        except ServiceUnavailableError:
            return
