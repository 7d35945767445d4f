"""Who hears what is published: where a configured address stands, and whether anybody does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Hearing(StrEnum):
    """Where an address stands at a topic."""

    CONFIRMED = "confirmed"
    PENDING = "not confirmed"
    GONE = "gone"


@dataclass(frozen=True)
class Subscription:
    """One entry of ListSubscriptionsByTopic.

    `arn`: "PendingConfirmation" until it is confirmed, and again once SNS has switched it off; "Deleted" for a while
    after somebody unsubscribed (https://github.com/ansible/ansible/pull/20086).
    """

    protocol: str
    endpoint: str
    arn: str

    @property
    def hears(self) -> bool:
        return self.arn.startswith("arn:")


@dataclass(frozen=True)
class Unheard:
    """How many jobs' ends were published since somebody was last seen to hear (None: nobody ever was)."""

    ends: int
    since: datetime | None


def hearing(address: str, subscriptions: Sequence[Subscription]) -> Hearing:
    """Where an email address stands among the subscriptions of its topic."""
    own = [
        each for each in subscriptions if each.protocol == "email" and each.endpoint.casefold() == address.casefold()
    ]
    if any(each.hears for each in own):
        return Hearing.CONFIRMED
    return Hearing.PENDING if any(each.arn != "Deleted" for each in own) else Hearing.GONE


def somebody_hears(subscriptions: Sequence[Subscription]) -> bool:
    """Whether what is published reaches anybody: a person, a function, a queue."""
    return any(each.hears for each in subscriptions)
