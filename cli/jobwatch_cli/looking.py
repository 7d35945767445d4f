"""`jobwatch list` and `jobwatch show`: what runs, what ended, and all that is known of one job."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from jobwatch.domain.text import clean
from jobwatch.domain.times import write_time
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Outcome
from jobwatch_cli import rows
from jobwatch_cli.jobs import ConnectionOption, Narrowing, OperationOption, must_find
from jobwatch_cli.listing import DynamoListing, Filter
from jobwatch_cli.stack import (
    CommandError,
    JsonOption,
    ProfileOption,
    RegionOption,
    StackOption,
    errors_told,
    output,
)
from jobwatch_cli.terminal import as_json, line, table

_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def list_command(
    running: Annotated[bool, typer.Option("--running", help="Only those that have not ended.")] = False,
    outcome: Annotated[Outcome | None, typer.Option(help="Only those that ended so.")] = None,
    connection: Annotated[str | None, typer.Option(help="Only those of a connection.")] = None,
    label: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="Only those with a label.")] = None,
    since: Annotated[str | None, typer.Option(help="Submitted since: 2h, 3d, or 2026-11-03.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many at most.")] = 50,
    after: Annotated[str | None, typer.Option(help="Go on behind a page: its `next`.")] = None,
    json: JsonOption = False,
    stack_name: StackOption = "jobwatch",
    region: RegionOption = None,
    profile: ProfileOption = None,
) -> None:
    """Watches, newest first. In a pipe: tabs, no header, nothing cut."""
    with errors_told(stack_name, region, profile):
        now = datetime.now(UTC)
        wanted = Filter(connection, running, outcome, _labels(label or []), _since(since, now) if since else None)
        page = DynamoListing(output(stack_name, "WatchTableName")).page(wanted, limit=limit, after=after)
        if json:
            as_json({"watches": [rows.row_document(each) for each in page.watches], "next": page.next})
            return
        if not page.watches:
            filters = wanted != Filter()
            line("No watch fits." if filters else f"No watches in {stack_name} yet.", err=True)
            if not filters:
                line("Next: submit a job, as the README shows.", err=True)
            return
        table(
            ("", "JOB", "CONNECTION", "STATE", "TIME", "BEGAN", "JOB ID"),
            [_row(each, now) for each in page.watches],
            [_plain_row(each) for each in page.watches],
        )
        if page.next:
            line(f"There are more: --limit, or --after '{page.next}'", err=True)


def _row(watch: Watch, now: datetime) -> tuple[str, ...]:
    state = rows.state_words(watch)
    beside = rows.share(watch) if watch.outcome is None else _errors(watch)
    return (
        rows.sign(watch),
        rows.name_of(watch),
        watch.submission.connection,
        f"{state}, {beside}" if beside else state,
        rows.took(watch, now),
        rows.ago(watch.submission.submitted_at, now),
        clean(watch.submission.job_id, 200),
    )


def _errors(watch: Watch) -> str | None:
    errors = watch.snapshot.results.errors if watch.snapshot else None
    return f"{errors:,} errors" if errors else None


def _plain_row(watch: Watch) -> tuple[str, ...]:
    return (
        watch.watch_id,
        rows.state_words(watch),
        watch.submission.connection,
        watch.submission.operation.value,
        clean(watch.submission.job_id, 500),
        rows.name_of(watch),
        write_time(watch.submission.submitted_at),
        write_time(watch.detected_at) if watch.detected_at else "",
    )


def _labels(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    wrong = [text for text, (_, equals, _) in zip(given, pairs, strict=True) if not equals]
    if wrong:
        raise CommandError(f"--label {wrong[0]!r}: write KEY=VALUE, such as team=search.")
    return {key: value for key, _, value in pairs}


def _since(text: str, now: datetime) -> datetime:
    if found := re.fullmatch(r"(\d{1,5})([mhdw])", text):
        return now - timedelta(**{_UNITS[found[2]]: int(found[1])})
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--since {text!r}: write 2h, 3d or 2026-11-03.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def show_command(
    job: Annotated[str, typer.Argument(help="A watch id, job id, name, or the beginning of an id.")],
    connection: ConnectionOption = None,
    operation: OperationOption = None,
    json: JsonOption = False,
    stack_name: StackOption = "jobwatch",
    region: RegionOption = None,
    profile: ProfileOption = None,
) -> None:
    """All that is known of one job: state, progress, what was told and when, the last answer, what comes next."""
    with errors_told(stack_name, region, profile):
        listing = DynamoListing(output(stack_name, "WatchTableName"))
        watch = must_find(listing, job, Narrowing(connection, operation))
        if json:
            as_json(rows.detail_document(watch))
            return
        for text in _detail(watch, datetime.now(UTC)):
            line(text)


def _detail(watch: Watch, now: datetime) -> list[str]:
    about, snapshot = watch.submission, watch.snapshot
    attempt = f", attempt {clean(about.attempt, 40)}" if about.attempt else ""
    lines = [
        f"{rows.sign(watch)} {rows.name_of(watch)}: {rows.state_words(watch)}",
        f"  Job      {about.connection} · {watch.noun or about.operation} · {clean(about.job_id, 500)}{attempt}",
        f"  Watch    {watch.watch_id}",
    ]
    if cause := watch.cause or (snapshot.error if snapshot else None):
        lines.append(f"  Cause    {clean(cause, 600)}")
    progress, counts = rows.share(watch), rows.counts(watch)
    if watch.outcome is None and progress:
        seen = f", seen {rows.ago(watch.seen_at, now)}" if watch.seen_at else ""
        lines.append(f"  Progress {progress}{seen}")
    if counts:
        lines.append(f"  Counts   {counts}")
    if snapshot:
        lines.append(f"  Vendor   says {clean(snapshot.vendor_status, 200)}")
        if snapshot.waits_for:
            lines.append(f"  Waits    {clean(snapshot.waits_for, 300)}")
    if watch.failing:
        lines.append(f"  No answer since {rows.ago(watch.failing.since, now)}: {clean(watch.failing.detail, 300)}")
    submitted = f"submitted {write_time(about.submitted_at)}"
    by = f" by {clean(about.submitted_by, 120)}" if about.submitted_by else ""
    ended = f", end seen {write_time(watch.detected_at)}" if watch.detected_at else ""
    lines.append(f"  Time     {rows.took(watch, now)}: {submitted}{by}{ended}; {watch.polls} polls")
    told = sorted(watch.tellings.items(), key=lambda each: each[1].last_at)
    for notice, telling in told:
        times = f" ({telling.times} times, last)" if telling.times > 1 else ""
        lines.append(f"  Told     {notice}{times} {write_time(telling.last_at)}")
    if not told:
        lines.append("  Told     nobody yet" if watch.outcome is None or watch.due else "  Told     nobody")
    if snapshot and snapshot.log_location:
        lines.append(f"  Log      {clean(snapshot.log_location, 1000)}")
    if watch.outcome is None or watch.due:
        lines.append(f"  Next     {rows.next_words(watch)}")
    return lines
