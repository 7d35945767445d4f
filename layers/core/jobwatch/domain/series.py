"""The runs of one recurring job, as its series' item keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from jobwatch.domain.words import Outcome

RUNS_KEPT: Final = 20
_CAUSE_CHARACTERS: Final = 120


@dataclass(frozen=True)
class Run:
    """One ended run; what nobody knows is None."""

    outcome: Outcome
    seconds: float | None = None
    """How long it took by the vendor's clock, where the vendor names start and end."""
    watched_seconds: float | None = None
    """From its submission to the poll that saw its end, by jobwatch's clock: what deadline and polling go by."""
    successful: int | None = None
    errors: int | None = None
    cause: str | None = None
    watch_id: str | None = None
    ended_at: datetime | None = None
    """When its end was seen, to the second."""


@dataclass(frozen=True)
class History:
    """The last runs of a series, oldest first."""

    runs: tuple[Run, ...] = ()

    def with_run(self, run: Run) -> History:
        """The history after one more run, which pushes out the oldest of too many."""
        cause = run.cause and run.cause[:_CAUSE_CHARACTERS]
        return History((*self.runs, replace(run, cause=cause))[-RUNS_KEPT:])

    def as_json(self) -> list[list[Any]]:
        """A row of plain values for each run; what is not known at its end is left out."""
        rows = []
        for run in self.runs:
            ended_at = round(run.ended_at.timestamp()) if run.ended_at else None
            row = [run.outcome.value, run.seconds, run.watched_seconds, run.successful, run.errors, run.cause]
            row += [run.watch_id, ended_at]
            while row[-1] is None:
                row.pop()
            rows.append(row)
        return rows

    @classmethod
    def from_json(cls, rows: Any) -> History:
        """The reverse of `as_json`. A row that is none, as another version may have written, is left out."""
        runs = (_run_of(row) for row in rows) if isinstance(rows, list) else ()
        return cls(tuple(run for run in runs if run is not None)[-RUNS_KEPT:])


def _run_of(row: Any) -> Run | None:
    if not (isinstance(row, list) and row and row[0] in _OUTCOMES):
        return None
    seconds, watched, successful, errors, cause, watch_id, ended_at = [*row[1:8], *(None,) * 7][:7]
    return Run(
        _OUTCOMES[row[0]],
        seconds=_number(seconds),
        watched_seconds=_number(watched),
        successful=successful if isinstance(successful, int) else None,
        errors=errors if isinstance(errors, int) else None,
        cause=cause if isinstance(cause, str) else None,
        watch_id=watch_id if isinstance(watch_id, str) else None,
        ended_at=datetime.fromtimestamp(ended_at, UTC) if isinstance(ended_at, int) else None,
    )


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) else None


NO_RUNS: Final = History()
_OUTCOMES: Final[Mapping[str, Outcome]] = {outcome.value: outcome for outcome in Outcome}
