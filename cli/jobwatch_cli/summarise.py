"""`jobwatch summarise`: what a log says, in seconds, as text or as JSON. The same code as the notifier's."""

import json
import math
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

from jobwatch.logs import FileLogSource, LogSource, LogSummary, LogUnreadable, StreamLogSource, summarise
from jobwatch.logs.times import LogTime

_BAR_FROM_BYTES = 100 << 20
_SHOWN_PROBLEMS = 12

_Mark = TypeVar("_Mark", int, LogTime)


def summarise_command(
    log: Annotated[str, typer.Argument(metavar="FILE|s3://BUCKET/KEY|-", help="The log; - is standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as a JSON object.")] = False,
    seconds: Annotated[
        float, typer.Option(min=0.1, help="Spend at most this long; a log too long for it is sampled.")
    ] = math.inf,
) -> None:
    """Say what went wrong in a log: counts by level, grouped problems, the first and the last error."""
    ends = time.monotonic() + seconds
    try:
        with Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            DownloadColumn(),
            TransferSpeedColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        ) as progress:
            source = _Watched(_source(log), progress)
            summary = summarise(source, remaining_seconds=lambda: ends - time.monotonic())
    except LogUnreadable as error:
        typer.echo(f"{log} cannot be read: {error}", err=True)
        raise typer.Exit(1) from error
    if as_json:
        typer.echo(json.dumps(summary.as_document(log), indent=2, ensure_ascii=False))
    else:
        typer.echo(text_of(summary, log), nl=False)


def _source(log: str) -> LogSource:
    if log == "-":
        return StreamLogSource(sys.stdin.buffer)
    if log.startswith("s3://"):
        from jobwatch.aws.clients import client
        from jobwatch.aws.log_objects import S3LogSource

        bucket, _, key = log.removeprefix("s3://").partition("/")
        return S3LogSource(client("s3"), bucket, key)
    return FileLogSource(Path(log))


class _Watched:
    """A source whose reading a progress bar follows, once it is clear that it takes a while."""

    def __init__(self, source: LogSource, progress: Progress) -> None:
        self._source = source
        self._progress = progress
        self._task = progress.add_task("Reading", visible=False)
        self._read_bytes = 0

    @property
    def size_bytes(self) -> int | None:
        return self._source.size_bytes

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        for piece in self._source.read(start, end):
            self._read_bytes += len(piece)
            size_bytes = self._source.size_bytes
            long = (size_bytes or self._read_bytes) > _BAR_FROM_BYTES
            self._progress.update(self._task, completed=self._read_bytes, total=size_bytes, visible=long)
            yield piece


def text_of(summary: LogSummary, location: str) -> str:
    """The summary as lines of text for a person, 100 columns or so, ending in a line feed."""
    lines = [f"{location}: {summary.lines:,} lines, {_size(summary.size_bytes)}"]
    if summary.note:
        lines.append(summary.note)
    if summary.has_levels:
        lines.append("  ".join(f"{level} {count:,}" for level, count in summary.levels.items()))
    lines += _paragraph(_errors(summary))
    if summary.problems:
        lines.append("")
        for problem in summary.problems[:_SHOWN_PROBLEMS]:
            lines.append(f"{problem.count:>9,} × {problem.level:<7} {problem.template}")
            where = _span("line", problem.first_line, problem.last_line, "{:,}".format)
            when = _span("at", problem.first_time, problem.last_time, LogTime.text)
            lines.append(" " * 12 + ", ".join(part for part in (f"{problem.share:.0%}", where, when) if part))
            lines.append(" " * 12 + problem.examples[0])
        more = summary.kinds - min(len(summary.problems), _SHOWN_PROBLEMS)
        if more > 0:
            lines.append(f"{'':12}and {more:,} more kinds")
    elif summary.complete and summary.understood:
        lines += ["", "No warnings and no errors."]
    return "\n".join(lines) + "\n"


def _errors(summary: LogSummary) -> Iterator[str]:
    for name, occurrence in (("First error", summary.first_error), ("Last error", summary.last_error)):
        if occurrence:
            line = f" (line {occurrence.line:,})" if occurrence.line is not None else ""
            yield f"{name}{line}: {occurrence.text}"
    if items := summary.failed_items:
        count = f"{'at least ' if items.at_least else ''}{items.count:,}"
        more = ", …" if items.count > len(items.names) else ""
        yield f"Failed items: {count} ({', '.join(items.names)}{more})"
    if burst := summary.burst:
        yield (f"Burst: {burst.share_of_errors:.0%} of the errors between {burst.start.text()} and {burst.end.text()}")


def _paragraph(lines: Iterator[str]) -> list[str]:
    found = list(lines)
    return ["", *found] if found else []


def _span(word: str, first: _Mark | None, last: _Mark | None, write: Callable[[_Mark], str]) -> str:
    if first is None:
        return ""
    return f"{word} {write(first)}" + (f" to {write(last)}" if last is not None and last != first else "")


def _size(size_bytes: int) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= factor:
            return f"{size_bytes / factor:.1f} {unit}"
    return f"{size_bytes} bytes"
