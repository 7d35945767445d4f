"""`python -m chaos`: a storm over jobwatch on the embedded stack, and what is true after it."""

import argparse
import random
import time
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from rich.console import Console
from rich.table import Table

from chaos.evidence import keep_evidence
from chaos.reckoning import Reckoning, reckon, waits_for
from chaos.storm import Storm
from chaos.without import PARTS, SWEEPER, switch_off
from chaos.world import standing
from stack.ministack import ROOT, StackError

_LONGEST_CALM_SECONDS = 150.0
# As many as two cores bear: a burst, and in a long run a stream.
_BURST_MINUTES, _WATCHES_A_MINUTE, _WATCHES_A_MINUTE_LATER = 1.5, 140, 40
_EVIDENCE = ROOT / ".build" / "chaos"


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit code: 0 when nobody was lost, misled or told twice without an excuse, 1 with the reasons otherwise."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--watches", type=int, help="jobs in all; by default as many as two cores bear")
    parser.add_argument("--minutes", type=float, default=1.5, help="how long the storm lasts")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without", choices=PARTS, help="switch a part off, to see that its absence is found out")
    options = parser.parse_args(arguments)
    burst = min(options.minutes, _BURST_MINUTES)
    by_default = round(_WATCHES_A_MINUTE * burst + _WATCHES_A_MINUTE_LATER * (options.minutes - burst))
    watches = options.watches or by_default
    console = Console()
    if not console.is_terminal:
        console = Console(width=160)
    began = time.monotonic()
    try:
        with standing(options.seed) as world:
            if options.without:
                switch_off(world, options.without)
            storm = Storm(
                world,
                watches,
                options.minutes * 60,
                random.Random(options.seed),
                with_sweeper=options.without != SWEEPER,
            )
            with console.status("the storm") as status, storm.schedule():
                storm.rage(lambda what: status.update(f"storm: {what}"))
                settled = storm.calm(
                    lambda: waits_for(world, storm.running),
                    _LONGEST_CALM_SECONDS,
                    lambda what: status.update(f"calm: {what}"),
                )
                faults = storm.faults()
                reckoning = reckon(world, storm.running, storm.strikes.rejected_ids, faults)
                if reckoning.failures:
                    keep_evidence(world, _EVIDENCE)
    except StackError as error:
        console.print(f"[bold red]the stack did not stand:[/] {error}")
        return 1
    took = timedelta(seconds=round(time.monotonic() - began))
    _print(console, reckoning, faults)
    console.print(
        f"seed {options.seed}, {options.minutes:g} minutes of storm, {settled}, "
        f"{took} in all" + (f", without {options.without}" if options.without else "")
    )
    return 1 if reckoning.failures else 0


def _print(console: Console, reckoning: Reckoning, faults: Counter[str]) -> None:
    table = Table(title="faults", title_justify="left")
    table.add_column("kind")
    table.add_column("times", justify="right")
    for kind, count in sorted(faults.items()):
        table.add_row(kind, f"{count:,}")
    table.add_row("all", f"{faults.total():,}", style="bold")
    console.print(table)
    delays = reckoning.delays
    worst = f"{delays[-1]:.0f} s, half of them within {delays[len(delays) // 2]:.0f} s" if delays else "-"
    doubled = ", ".join(
        f"{channel} {count} (excused up to {reckoning.excused[channel]})"
        for channel, count in reckoning.doubled.items()
    )
    for name, value in (
        ("watches", f"{reckoning.watches:,}, up to {reckoning.at_once:,} jobs running at once"),
        ("notices", ", ".join(f"{name} {count:,}" for name, count in sorted(reckoning.notices.items()))),
        ("lost", ", ".join(f"{channel} {count:,}" for channel, count in reckoning.lost.items()) or "0"),
        ("false", f"{reckoning.false:,}"),
        ("doubled", doubled),
        ("worst delay", worst),
    ):
        console.print(f"{name:<12} {value}", highlight=False)
    for failure in reckoning.failures[:40]:
        console.print(f"[bold red]✗[/] {failure}", highlight=False, markup=True)
    if len(reckoning.failures) > 40:
        console.print(f"… and {len(reckoning.failures) - 40:,} more")
    if reckoning.failures:
        console.print(f"logs and tables of the run: {_EVIDENCE.relative_to(ROOT)}")


if __name__ == "__main__":
    raise SystemExit(main())
