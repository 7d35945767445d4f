"""Sweeping: find the watches that nothing follows any more, and follow them again."""

from dataclasses import dataclass, replace
from datetime import timedelta

from jobwatch.domain.watch import Watch
from jobwatch.ports import Clock, Executions, WatchChangedError, Watches, WatchMissingError

# Past a wake's time by less than this, an execution may just be slow to start, or between two retries.
_PATIENCE = timedelta(minutes=5)


@dataclass(frozen=True)
class Sweeper:
    """The parts that sweeping needs."""

    watches: Watches
    executions: Executions
    now: Clock

    def sweep(self) -> list[str]:
        """Start a fresh execution for every open watch whose wake is long due and whose execution is gone.

        Gone: failed, aborted, deleted, or never started because intake died in between. Open: not ended, or ended and
        not told. The fresh execution has the next generation, so that an old one that comes back ends quietly. Returns
        the ids of the watches that are followed again. Raises ServiceUnavailableError; the next sweep goes on.
        """
        restarted = []
        for watch_id in self.watches.overdue(self.now() - _PATIENCE):
            watch = self._abandoned(watch_id)
            if watch is None:
                continue
            try:
                watch = self.watches.save(replace(watch, generation=watch.generation + 1, wakes=0))
            except WatchChangedError:
                continue  # it is followed after all
            self.executions.start(watch.watch_id, watch.generation)
            restarted.append(watch.watch_id)
        return restarted

    def _abandoned(self, watch_id: str) -> Watch | None:
        """The watch, if no execution follows it. The index lags behind the table, so the table is asked again."""
        try:
            watch = self.watches.get(watch_id)
        except WatchMissingError:
            return None
        still_open = watch.outcome is None or watch.due
        if not still_open or watch.next_poll_at > self.now() - _PATIENCE:
            return None
        return None if self.executions.runs(watch.watch_id, watch.generation) else watch
