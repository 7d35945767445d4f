"""Delivering: one notification to one channel, once however often it is brought."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from jobwatch.domain.telling import Kind, Telling
from jobwatch.messages.document import Notification, write_notification
from jobwatch.messages.email import email_text
from jobwatch.messages.subject import subject
from jobwatch.ports import (
    Channel,
    ChannelRefusedError,
    ChannelThrottledError,
    ChannelUnavailableError,
    Clock,
    Deliveries,
    NewId,
    Operations,
    ServiceUnavailableError,
    Standing,
    Undelivered,
)

# What stays of the function's time after a wait, for the post and its mark.
_AFTER_A_WAIT_SECONDS = 5


class Fate(StrEnum):
    """What became of a delivery."""

    POSTED = "posted"
    POSTED_UNRECORDED = "posted, but not recorded: it is posted again if it is brought again"
    POSTED_BEFORE = "not posted: it was before"
    REFUSED = "refused by the channel, kept on the dead-letter queue"


@dataclass(frozen=True)
class Delivered:
    """A delivery that needs no other try."""

    channel: str
    watch_id: str | None
    notification_id: str
    fate: Fate
    reason: str | None = None


@dataclass(frozen=True)
class Delivery:
    """The parts that delivering needs."""

    channel: Channel
    deliveries: Deliveries
    undelivered: Undelivered
    operations: Operations
    now: Clock
    new_id: NewId
    sleep: Callable[[float], None] = time.sleep

    def deliver(self, notification: Notification, remaining_seconds: Callable[[], float]) -> Delivered:
        """Post the notification document that SNS carried.

        Waits as long as the channel asks to, if that fits into `remaining_seconds`, what is left of the function's
        time. What the channel will never take is told to the operators and kept; trying it again would change nothing.
        Raises ChannelThrottledError, ChannelUnavailableError, ServiceUnavailableError and DeliveryBusyError (another
        run is at it): then try again, and the dead-letter queue keeps what stays undelivered.
        """
        delivery_id, run = f"{notification['notification_id']}/{self.channel.name}", self.new_id()
        # No run outlives its function's time, and the next try comes after the end of the one before.
        until = self.now() + timedelta(seconds=remaining_seconds())
        standing = self.deliveries.claim(delivery_id, run, now=self.now(), until=until)

        def delivered(fate: Fate, reason: str | None = None) -> Delivered:
            return Delivered(self.channel.name, notification["watch_id"], notification["notification_id"], fate, reason)

        if standing is Standing.DELIVERED:
            return delivered(Fate.POSTED_BEFORE)
        try:
            self._post(notification, remaining_seconds)
        except ChannelRefusedError as refused:
            self._keep(notification, str(refused), told=standing is Standing.REFUSED)
            with suppress(ServiceUnavailableError):
                # Raised, it would be tried again, and surely told twice.
                self.deliveries.refused(delivery_id)
            return delivered(Fate.REFUSED, str(refused))
        except (ChannelThrottledError, ChannelUnavailableError, ServiceUnavailableError):
            self._release(delivery_id, run)
            raise
        try:
            self.deliveries.delivered(delivery_id, at=self.now())
        except ServiceUnavailableError:
            # Raised, it would be tried again, and surely posted twice.
            return delivered(Fate.POSTED_UNRECORDED)
        return delivered(Fate.POSTED)

    def _post(self, notification: Notification, remaining_seconds: Callable[[], float]) -> None:
        while True:
            try:
                return self.channel.post(notification)
            except ChannelThrottledError as throttled:
                if throttled.retry_after_seconds + _AFTER_A_WAIT_SECONDS > remaining_seconds():
                    raise
                self.sleep(throttled.retry_after_seconds)

    def _keep(self, notification: Notification, reason: str, *, told: bool) -> None:
        # The queue first: what is kept twice after a failure in between is better than what is lost.
        self.undelivered.keep(reason, write_notification(notification))
        if told:
            return
        title = self.channel.title
        text = (
            f"{title} refuses this notification, so nobody reads it there.\n\nReason: {reason}"
            f"\n\nWhat to do: {self.channel.remedy}. The notification "
            f"is kept on the {title} dead-letter queue for 14 days. To post it then: "
            f"jobwatch redrive --stack-name STACK --queue {self.channel.name}, with your stack's name."
            f"\n\nThe notification: {subject(notification)}\n\n{email_text(notification)}"
        )
        kind = Kind(
            f"notifications that {title} refused",
            reason,
            str(notification["connection"]),
            f"kept on the queue {self.undelivered.name}",
        )
        self.operations.tell(Telling(f"jobwatch cannot post to {title}", text, kind))

    def _release(self, delivery_id: str, run: str) -> None:
        """Give the claim up, so that the next try need not wait for its end; that comes anyway."""
        try:
            self.deliveries.release(delivery_id, run)
        except ServiceUnavailableError:
            return
