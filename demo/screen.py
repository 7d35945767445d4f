"""What the demo prints: live on a terminal, plain lines anywhere else."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console, Group
from rich.panel import Panel
from rich.progress import BarColumn, Progress, TextColumn
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from sandbox.inbox import Mail
from sandbox.slack import ReceivedMessage
from sandbox.slack_view import draw


@dataclass(frozen=True)
class Sight:
    """How a job stands in the watch table. `share` of it is done, 0 to 1; None where the vendor does not say."""

    state: str
    share: float | None = None
    polls: int = 0
    told_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class Row:
    """A line of the closing table; the seconds run from the job's end at its vendor, None where nothing came."""

    name: str
    outcome: str
    polls: int
    email_seconds: float | None
    slack_seconds: float | None


Show = Callable[[str, Sight], None]


class Screen:
    """Everything on one console, each step with the seconds since the start."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self._started

    def done(self, what: str) -> None:
        """A step that is behind us."""
        self.console.print(Text.assemble((f"{self.seconds:5.1f} s  ", "cyan"), what), soft_wrap=True)

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """A step that takes a while: a spinner on a terminal, nothing elsewhere."""
        if not self.console.is_interactive:
            yield
            return
        with self.console.status(f"{what} …"):
            yield

    @contextmanager
    def progress(self, names: Sequence[str]) -> Iterator[Show]:
        """A bar for each job on a terminal, elsewhere a line whenever a job has moved. Yields what shows a sight."""
        if not self.console.is_interactive:
            yield self._lines(max(map(len, names)))
            return
        columns = (
            TextColumn("{task.description}", style="bold"),
            BarColumn(bar_width=None),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn("{task.fields[polls]}", style="dim"),
            TextColumn("{task.fields[state]:<21}"),
            TextColumn("{task.fields[told]:<11}", style="green"),
        )
        with Progress(*columns, console=self.console, expand=True) as progress:
            bars = {
                name: progress.add_task(name, total=1, polls=_polls(0), state="not submitted", told="")
                for name in names
            }

            def show(name: str, sight: Sight) -> None:
                told = " ".join(sight.told_on)
                progress.update(
                    bars[name], completed=sight.share or 0, polls=_polls(sight.polls), state=sight.state, told=told
                )

            yield show

    def _lines(self, width: int) -> Show:
        shown: dict[str, Sight] = {}

        def show(name: str, sight: Sight) -> None:
            if shown.get(name) == sight:
                return
            shown[name] = sight
            share = "    –" if sight.share is None else f"{sight.share:5.0%}"
            told = " ".join(sight.told_on)
            self.done(f"{name:<{width}} {share} {_polls(sight.polls)}  {sight.state:<21} {told}".rstrip())

        return show

    def mail(self, mail: Mail) -> None:
        """An email as its reader sees it."""
        head = Text.assemble(("To       ", "dim"), mail.to, "\n", ("Subject  ", "dim"), (mail.subject, "bold"))
        content = Group(head, Rule(style="dim"), Text(mail.text.rstrip()))
        self.console.print(Panel(content, title="Email", title_align="left", border_style="green"))

    def slack(self, message: ReceivedMessage) -> None:
        """A Slack message as its reader sees it."""
        self.console.print(draw(message.payload))

    def title(self, name: str) -> None:
        """What follows is about one job."""
        self.console.print()
        self.console.rule(Text(name, "bold"), align="left")

    def table(self, rows: Sequence[Row]) -> None:
        """All jobs at a glance."""
        table = Table("Job", "Outcome", title="From the job's end at its vendor to the reader", title_justify="left")
        for heading in ("Polls", "Email", "Slack"):
            table.add_column(heading, justify="right")
        for row in rows:
            table.add_row(
                row.name, row.outcome, str(row.polls), _seconds(row.email_seconds), _seconds(row.slack_seconds)
            )
        self.console.print()
        self.console.print(table)

    def faults(self, faults: Sequence[str]) -> None:
        """Why the demo failed."""
        self.console.print(Text("\nThe demo failed:", "bold red"))
        for fault in faults:
            self.console.print(Text(f"  - {fault}"))


def _polls(count: int) -> str:
    return f"{count:>2} poll{' ' if count == 1 else 's'}"


def _seconds(seconds: float | None) -> str:
    return "–" if seconds is None else f"{seconds:.1f} s"
