"""Which watch a person means: by watch id, job id, name, or the beginning of an id, in this order."""

from dataclasses import dataclass
from typing import Annotated

import typer

from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Operation
from jobwatch_cli.listing import DynamoListing
from jobwatch_cli.stack import CommandError

ConnectionOption = Annotated[str | None, typer.Option("--connection", help="Where several have the job id.")]
OperationOption = Annotated[Operation | None, typer.Option("--operation", help="Where several have the job id.")]
_AMONG = 1000
_SHOWN = 8


@dataclass(frozen=True)
class Narrowing:
    """Of several with one job id: those of a connection or an operation."""

    connection: str | None = None
    operation: str | None = None

    def takes(self, watch: Watch) -> bool:
        """Whether a watch is meant."""
        about = watch.submission
        return self.connection in (None, about.connection) and self.operation in (None, about.operation.value)


def find(listing: DynamoListing, job: str, narrowing: Narrowing = Narrowing(), *, whole: bool = False) -> Watch | None:
    """The one watch that `job` means, or None where there is none.

    A job id means its latest attempt, a name its latest run. `whole`: no beginnings are taken, as something will be
    done to it. Raises CommandError where several are meant, and lists them.
    """
    exact = [each for each in listing.get([job]) if narrowing.takes(each)]
    if exact:
        return exact[0]
    of_job = [each for each in listing.of_job(job) if narrowing.takes(each)]
    if of_job:
        latest = {(each.submission.connection, each.submission.operation): each for each in reversed(of_job)}
        return _only(list(latest.values()), f"Job id {job!r}", "Narrow it with --connection or --operation")
    named = [each for each in listing.of_name(job) if narrowing.takes(each)]
    if named:
        return named[0]
    if whole or not job:
        return None
    begun = [each for each in listing.beginning_with(job, among=_AMONG) if narrowing.takes(each)]
    return _only(begun, f"{job!r}", "Give more of it") if begun else None


def must_find(listing: DynamoListing, job: str, narrowing: Narrowing, *, whole: bool = False) -> Watch:
    """As `find`; raises CommandError where there is none."""
    found = find(listing, job, narrowing, whole=whole)
    if found is None:
        beginnings = "" if whole else f" nor begins one of the newest {_AMONG:,}"
        raise CommandError(f"No job {job!r}: it is no watch id, job id or name{beginnings}. Latest: jobwatch list")
    return found


def _only(watches: list[Watch], what: str, hint: str) -> Watch:
    if len(watches) == 1:
        return watches[0]
    shown = "; ".join(
        f"{each.submission.job_id} ({each.submission.connection}, {each.submission.operation.value})"
        for each in watches[:_SHOWN]
    )
    more = f"; and {len(watches) - _SHOWN} more" if len(watches) > _SHOWN else ""
    raise CommandError(f"{what} fits {len(watches)} jobs: {shown}{more}. {hint}.")
