"""`jobwatch wait`: blocks until jobs have ended, for pipelines that started them."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch.ports import ServiceUnavailableError
from jobwatch_cli import rows
from jobwatch_cli.jobs import ConnectionOption, Narrowing, OperationOption, find
from jobwatch_cli.listing import DynamoListing
from jobwatch_cli.stack import CommandError, JsonOption, ProfileOption, RegionOption, StackOption, errors_told, output
from jobwatch_cli.terminal import as_json, line

EXIT_CODES = {
    Outcome.SUCCEEDED: 0,
    Outcome.FAILED: 10,
    Outcome.COMPLETED_WITH_ERRORS: 11,
    Outcome.CANCELLED: 12,
    Outcome.NOT_FOUND: 12,
    Outcome.GAVE_UP: 12,
    Outcome.STOPPED: 12,
}
TIMED_OUT = 124
INTERRUPTED = 130
_GRAVEST_FIRST = (10, 12, 11, 0)

# Nothing changes before the next poll; somebody may stop the job. 3,600 / 4 is below 1,000 reads an hour.
_LEAST_SECONDS = 4.0
_MOST_SECONDS = 30.0
_BEHIND_A_POLL_SECONDS = 3.0
# A job that is not submitted yet is looked for in three ways, a read each.
_UNKNOWN_SECONDS = 15.0
# The log can make a success one with errors: the outcome is final once people were told, or could not be for so long.
_SETTLED_AFTER = timedelta(minutes=15)
_UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True)
class Waiting:
    """The parts that waiting needs. `seconds`: a clock that only goes forward; `progress`: where its lines go."""

    listing: DynamoListing
    now: Callable[[], datetime]
    seconds: Callable[[], float]
    sleep: Callable[[float], None]
    progress: Callable[[str], None]

    def wait(self, jobs: Sequence[str], narrowing: Narrowing, timeout: float | None) -> tuple[dict[str, Watch], bool]:
        """The watches of the jobs that ended, by what was asked for, and whether all did in time.

        A job that is not submitted yet is waited for; a name means the run that runs, or the next one.
        """
        until = None if timeout is None else self.seconds() + timeout
        ended: dict[str, Watch] = {}
        known: dict[str, str] = {}
        before = {job: self._ended_run_of_name(job, narrowing) for job in jobs}
        said: dict[str, str] = {}
        while True:
            pauses = []
            for job in jobs:
                if job in ended:
                    continue
                watch = self._look(job, known, before, narrowing)
                if watch is not None and _is_final(watch, self.now()):
                    ended[job] = watch
                    self.progress(f"{rows.sign(watch)} {rows.name_of(watch)}: {rows.state_words(watch)}")
                    continue
                self._say(job, watch, said)
                pauses.append(self._pause(watch))
            if not pauses:
                return ended, True
            pause = min(pauses)
            if until is not None:
                if self.seconds() >= until:
                    return ended, False
                pause = min(pause, until - self.seconds())
            self.sleep(pause)

    def _ended_run_of_name(self, job: str, narrowing: Narrowing) -> str | None:
        """The id of a run that has ended already and is not meant: people who name a job mean one to come."""
        found = find(self.listing, job, narrowing, whole=True)
        by_name = found is not None and job not in (found.watch_id, found.submission.job_id)
        return found.watch_id if found is not None and by_name and found.outcome is not None else None

    def _look(
        self, job: str, known: dict[str, str], before: dict[str, str | None], narrowing: Narrowing
    ) -> Watch | None:
        try:
            if job in known:
                found = self.listing.get([known[job]])
                return found[0] if found else None
            watch = find(self.listing, job, narrowing, whole=True)
        except ServiceUnavailableError as error:
            self.progress(f"{error}; reading again")
            return None
        if watch is None or watch.watch_id == before[job]:
            return None
        known[job] = watch.watch_id
        return watch

    def _say(self, job: str, watch: Watch | None, said: dict[str, str]) -> None:
        if watch is None:
            text = f"● {job}: not submitted yet"
        else:
            share = rows.share(watch)
            text = f"● {rows.name_of(watch)}: {rows.state_words(watch)}" + (f", {share}" if share else "")
        if said.get(job) != text:
            said[job] = text
            self.progress(text)

    def _pause(self, watch: Watch | None) -> float:
        if watch is None:
            return _UNKNOWN_SECONDS
        to_poll = (watch.next_poll_at - self.now()).total_seconds() + _BEHIND_A_POLL_SECONDS
        return min(max(to_poll, _LEAST_SECONDS), _MOST_SECONDS)


def _is_final(watch: Watch, now: datetime) -> bool:
    if watch.outcome is None:
        return False
    settled = watch.detected_at is not None and now - watch.detected_at > _SETTLED_AFTER
    return Notice.FINISHED not in watch.due or settled


def exit_code(watches: Sequence[Watch]) -> int:
    """Of several ends, the gravest: failed, then cancelled and the like, then with errors."""
    codes = {EXIT_CODES[watch.outcome] for watch in watches if watch.outcome is not None}
    return next((code for code in _GRAVEST_FIRST if code in codes), 0)


def seconds_of(text: str) -> float:
    """The seconds in 90s, 45m, 2h or 1d. Raises CommandError."""
    found = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if not found:
        raise CommandError(f"--timeout {text!r}: write 90s, 45m or 2h.")
    return int(found[1]) * _UNITS[found[2]]


def wait_command(
    job: Annotated[list[str], typer.Argument(help="Watch ids, job ids or names.")],
    timeout: Annotated[str | None, typer.Option(help="Give up waiting after 90s, 45m, 2h; else never.")] = None,
    connection: ConnectionOption = None,
    operation: OperationOption = None,
    json: JsonOption = False,
    stack_name: StackOption = "jobwatch",
    region: RegionOption = None,
    profile: ProfileOption = None,
) -> None:
    """Block until all jobs have ended; a job that is not submitted yet is waited for.

    Exit code: 0 succeeded, 10 failed, 11 completed with errors, 12 cancelled, not found, given up or stopped,
    124 time-out, 130 Ctrl-C. 1 and 2: the end is not known.
    """
    with errors_told(stack_name, region, profile):
        seconds = seconds_of(timeout) if timeout else None
        listing = DynamoListing(output(stack_name, "WatchTableName"))
        waiting = Waiting(
            listing, lambda: datetime.now(UTC), time.monotonic, time.sleep, lambda text: line(text, err=True)
        )
        try:
            ended, in_time = waiting.wait(job, Narrowing(connection, operation), seconds)
        except KeyboardInterrupt:
            names = " ".join(f"'{each}'" if " " in each else each for each in job)
            line(f"Interrupted; the jobs go on. Resume: jobwatch wait {names} --stack-name {stack_name}", err=True)
            raise typer.Exit(INTERRUPTED) from None
        if json:
            found = [ended.get(each) for each in job]
            as_json(
                {
                    "jobs": [
                        {
                            "watch_id": each.watch_id if each else None,
                            "outcome": each.outcome.value if each and each.outcome else None,
                        }
                        for each in found
                    ]
                }
            )
        if not in_time:
            line(f"error: Time is up after {timeout}: {len(job) - len(ended)} of {len(job)} have not ended.", err=True)
            raise typer.Exit(TIMED_OUT)
        raise typer.Exit(exit_code(list(ended.values())))
