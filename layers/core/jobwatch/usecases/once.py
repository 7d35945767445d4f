"""Telling once: what the operators are told of an event, however often the event comes."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from jobwatch.ports import Clock, Deliveries, NewId, ServiceUnavailableError, Standing

# As long as a run of the slowest function that tells can take (tests/architecture/test_ties.py). Lambda tries again one
# and three minutes after a run that failed.
_CLAIMED_FOR = timedelta(seconds=90)


@dataclass(frozen=True)
class Once:
    """Telling by the ledger of deliveries. A crash before the telling leads to another try, never to none."""

    deliveries: Deliveries
    now: Clock
    new_id: NewId

    def tell(self, kind: str, what: str, telling: Callable[[], None]) -> None:
        """Call `telling`, unless it was called before for this `kind` and `what` (of any length).

        Raises what `telling` raises, ServiceUnavailableError, and DeliveryBusyError where another run is telling:
        then try again.
        """
        delivery_id = f"{kind}/{sha256(what.encode('utf-8', 'surrogatepass')).hexdigest()}"
        now, run = self.now(), self.new_id()
        if self.deliveries.claim(delivery_id, run, now=now, until=now + _CLAIMED_FOR) is Standing.DELIVERED:
            return
        try:
            telling()
        except Exception:
            # The next run need not wait for the claim's end, which comes anyway.
            with suppress(ServiceUnavailableError):
                self.deliveries.release(delivery_id, run)
            raise
        with suppress(ServiceUnavailableError):
            # Raised, it would be tried again, and surely told twice.
            self.deliveries.delivered(delivery_id, at=self.now())
