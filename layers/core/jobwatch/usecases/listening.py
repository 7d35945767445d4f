"""Looking whether anybody listens: an address that does not hear cannot be told so itself, so others are."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from jobwatch.domain.listening import Hearing, hearing, somebody_hears
from jobwatch.messages.listening import nobody_heard, notifications_unheard, operators_unheard
from jobwatch.ports import Clock, DeliveryBusyError, Operations, Pace, Publisher, Subscriptions
from jobwatch.usecases.once import Once

# Filters by severity let it through; those by notice do not, for it is none.
_ATTRIBUTES = {"severity": "bad"}


@dataclass(frozen=True)
class Topic:
    """A topic as it was deployed: `address` is the email address that is to hear it, "" for none."""

    arn: str
    address: str


@dataclass(frozen=True)
class Heard:
    """Where the configured addresses stand (None where there is none), and whether anybody hears how jobs end."""

    notifications: Hearing | None
    operations: Hearing | None
    somebody: bool


@dataclass(frozen=True)
class Listening:
    """The parts that looking needs: of each topic its subscriptions, and how it was deployed."""

    notification_subscriptions: Subscriptions
    operations_subscriptions: Subscriptions
    notifications: Topic
    operations: Topic
    publisher: Publisher
    operators: Operations
    pace: Pace
    once: Once
    now: Clock

    def look(self) -> Heard:
        """Where the addresses stand. Says so through the other topic where one does not hear, once a day.

        Where nobody at all hears how jobs end, the operators are told how many ends that were, once a day. Raises
        ServiceUnavailableError.
        """
        listed = self.notification_subscriptions.listed()
        of_jobs = hearing(self.notifications.address, listed) if self.notifications.address else None
        somebody = somebody_hears(listed)
        if somebody:
            self.pace.heard(self.now())
        else:
            self._tell_of_the_unheard()
        if of_jobs in (Hearing.PENDING, Hearing.GONE):
            telling = notifications_unheard(self.notifications.address, of_jobs, self.notifications.arn)
            self._once_a_day(f"{self.notifications.address} {of_jobs}", lambda: self.operators.tell(telling))
        of_troubles = None
        if self.operations.address:
            of_troubles = hearing(self.operations.address, self.operations_subscriptions.listed())
        if of_troubles in (Hearing.PENDING, Hearing.GONE):
            subject, parts = operators_unheard(self.operations.address, of_troubles, self.operations.arn, self.now())
            self._once_a_day(
                f"operators {self.operations.address} {of_troubles}",
                lambda: self.publisher.publish(subject, parts, _ATTRIBUTES),
            )
        return Heard(of_jobs, of_troubles, somebody)

    def _tell_of_the_unheard(self) -> None:
        unheard = self.pace.unheard()
        if unheard.ends > 0:
            telling = nobody_heard(unheard, self.notifications.arn)
            self._once_a_day("ends that nobody heard", lambda: self.operators.tell(telling))

    def _once_a_day(self, what: str, telling: Callable[[], None]) -> None:
        with suppress(DeliveryBusyError):
            # A sweep that died is telling it; the next one finds its claim run out.
            self.once.tell("listening", f"{self.now().date().isoformat()} {what}", telling)
