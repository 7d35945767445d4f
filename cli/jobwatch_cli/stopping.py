"""`jobwatch stop`: follow jobs no more. The vendor's jobs go on."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from jobwatch.aws.watches import DynamoWatches
from jobwatch.domain.times import write_time
from jobwatch.usecases.stop import AlreadyEndedError, Stopping
from jobwatch_cli import rows
from jobwatch_cli.jobs import ConnectionOption, Narrowing, OperationOption, must_find
from jobwatch_cli.listing import DynamoListing
from jobwatch_cli.stack import ProfileOption, RegionOption, StackOption, errors_told, output
from jobwatch_cli.terminal import line


def stop_command(
    job: Annotated[list[str], typer.Argument(help="Watch ids, job ids or names; no beginnings.")],
    connection: ConnectionOption = None,
    operation: OperationOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before several are stopped.")] = False,
    stack_name: StackOption = "jobwatch",
    region: RegionOption = None,
    profile: ProfileOption = None,
) -> None:
    """Follow jobs no more: nobody is told of their end. The vendor's jobs go on.

    Exit code 1 when one has ended already, or is not there.
    """
    with errors_told(stack_name, region, profile):
        table_name = output(stack_name, "WatchTableName")
        listing, narrowing = DynamoListing(table_name), Narrowing(connection, operation)
        watches = [must_find(listing, each, narrowing, whole=True) for each in job]
        if len(watches) > 1 and not yes:
            for watch in watches:
                line(f"  {rows.name_of(watch)} ({watch.submission.connection}, {rows.state_words(watch)})", err=True)
            if not typer.confirm(f"Follow these {len(watches)} no more?", err=True):
                raise typer.Exit(1)
        stopping = Stopping(DynamoWatches(table_name), lambda: datetime.now(UTC))
        ended = False
        for watch in watches:
            try:
                stopped = stopping.stop(watch.watch_id)
            except AlreadyEndedError as error:
                at = f", {write_time(error.watch.detected_at)}" if error.watch.detected_at else ""
                words = rows.state_words(error.watch)
                line(f"error: {rows.name_of(error.watch)} has ended already ({words}{at}): nothing to stop.", err=True)
                ended = True
                continue
            about = stopped.submission
            line(f"■ {rows.name_of(stopped)} is followed no more; {stopped.vendor_title}'s job goes on.")
            line(
                f"  To follow it again, submit it with another attempt: connection {about.connection}, job_id "
                f'{about.job_id}, operation {about.operation.value}, "attempt": "again".'
            )
        raise typer.Exit(1 if ended else 0)
