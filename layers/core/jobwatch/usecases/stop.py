"""Stopping: a person tells jobwatch to follow a job no more. The vendor's job goes on."""

from dataclasses import dataclass

from jobwatch.domain.follow import stop
from jobwatch.domain.watch import Watch
from jobwatch.ports import Clock, WatchChangedError, Watches

# Its execution may write the watch at the same moment, and its notifier twice more.
_TRIES = 5


class AlreadyEndedError(Exception):
    """The watch has ended: there is nothing to stop. `watch` says how and when."""

    def __init__(self, watch: Watch) -> None:
        super().__init__(f"{watch.watch_id} has ended: {watch.outcome}")
        self.watch = watch


@dataclass(frozen=True)
class Stopping:
    """The parts that stopping needs."""

    watches: Watches
    now: Clock

    def stop(self, watch_id: str) -> Watch:
        """The watch, stopped: one write, whatever its execution is doing; that ends quietly when it wakes next.

        Raises AlreadyEndedError, WatchMissingError, ServiceUnavailableError, and WatchChangedError where others write
        it again and again: then try again.
        """
        for attempt in range(_TRIES):
            watch = self.watches.get(watch_id)
            if watch.outcome is not None:
                raise AlreadyEndedError(watch)
            try:
                return self.watches.save(stop(watch, now=self.now()))
            except WatchChangedError:
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError("the last try returns or raises")
