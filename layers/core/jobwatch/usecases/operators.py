"""Telling the operators: one by one while it is little, as a count once it is much."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from jobwatch.domain.telling import Telling
from jobwatch.messages.operations import summary
from jobwatch.ports import Clock, OperationsTopic, TellingLedger

# What is left of a function's time when the summary is published: the publish, and the ledger's write after it.
_PUBLISH_SECONDS = 90.0


@dataclass(frozen=True)
class Operators:
    """`jobwatch.ports.Operations` on a topic and the ledger of what was said, which all functions share."""

    topic: OperationsTopic
    ledger: TellingLedger
    now: Clock
    sleep: Callable[[float], None] = time.sleep

    def tell(self, telling: Telling) -> None:
        """Publish it, or have it counted where as many as people read were told within a minute.

        Raises ServiceUnavailableError: then try again.
        """
        if self.ledger.admit(telling.kind, self.now()):
            self.topic.publish(telling.subject, telling.text)

    def count(self, telling: Telling) -> None:
        """Have it counted in the next summary only. Raises ServiceUnavailableError."""
        self.ledger.hold(telling.kind, self.now())

    def summarise(self, remaining_seconds: Callable[[], float]) -> int:
        """Publish how many were held back since the last summary, if any; returns how many.

        It is one of the minute's messages too, and waits for its turn, before all others. What is held back meanwhile
        stays for the next one. Raises ServiceUnavailableError; the next call does what this one did not.
        """
        while (held := self.ledger.held()).kinds:
            wait_seconds = self.ledger.wait_for_summary(self.now())
            if wait_seconds <= 0:
                self.topic.publish(*summary(held.kinds, held.since))
                self.ledger.let_go(held)
                return sum(each.count for each in held.kinds)
            if wait_seconds + _PUBLISH_SECONDS > remaining_seconds():
                return 0
            self.sleep(wait_seconds)
        return 0
