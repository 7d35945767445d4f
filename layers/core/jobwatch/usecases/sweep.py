"""Sweeping: find the watches that nothing follows any more, and follow them again."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from jobwatch.domain.watch import Watch
from jobwatch.ports import (
    Clock,
    Executions,
    WatchChangedError,
    Watches,
    WatchMissingError,
)


class SweepIncompleteError(Exception):
    """Some watches could not be swept; the log has them, and the next sweep tries again."""


@dataclass(frozen=True)
class Swept:
    """What the sweep did for a watch: `failure` is None where it is followed again, or says why it is not yet."""

    watch_id: str
    failure: str | None = None


@dataclass(frozen=True)
class Sweeper:
    """The parts that sweeping needs.

    `patience`: past a wake's time by less than this, an execution may just be slow to start, or between two retries.
    `order`: of looking at them, another one each time. A sweep may run out of time among late ones that are followed
    after all, and would never come to the others.
    """

    watches: Watches
    executions: Executions
    now: Clock
    patience: timedelta
    order: random.Random

    def sweep(self) -> Iterator[Swept]:
        """Start a fresh execution for every open watch whose wake is long due and whose execution is gone.

        Gone: failed, aborted, deleted, or never started because intake died in between. Open: not ended, or ended and
        not told. The fresh execution has the next generation, so that an old one that comes back ends quietly. One
        watch's trouble is not another's, and the next sweep does what this one did not. Raises
        ServiceUnavailableError where the open watches cannot be read.
        """
        overdue = list(self.watches.overdue(self.now() - self.patience))
        self.order.shuffle(overdue)
        for watch_id in overdue:
            try:
                if self._restart(watch_id):
                    yield Swept(watch_id)
            except Exception as error:  # noqa: BLE001 - not even a broken item may keep the others from being found
                yield Swept(watch_id, f"{type(error).__name__}: {error}")

    def _restart(self, watch_id: str) -> bool:
        """Whether the watch was abandoned and is followed again."""
        watch = self._abandoned(watch_id)
        if watch is None:
            return False
        try:
            watch = self.watches.save(replace(watch, generation=watch.generation + 1, wakes=0))
        except WatchChangedError:
            return False  # it is followed after all
        self.executions.start(watch.watch_id, watch.generation)
        return True

    def _abandoned(self, watch_id: str) -> Watch | None:
        """The watch, if no execution follows it. The index lags behind the table, so the table is asked again."""
        try:
            watch = self.watches.get(watch_id)
        except WatchMissingError:
            return None
        still_open = watch.outcome is None or watch.due
        if not still_open or watch.next_poll_at > self.now() - self.patience:
            return None
        return None if self.executions.runs(watch.watch_id, watch.generation) else watch
