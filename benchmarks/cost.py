"""What watching costs: counted from real executions on the embedded stack, priced by a table with its date.

    python -m benchmarks.cost [--jobs N]

Deploys jobwatch to MiniStack, follows some jobs to their end, and counts: state transitions in the executions'
histories, Lambda milliseconds in the functions' REPORT lines, DynamoDB units from the sizes of the real items. Polls a
job come from the polling policy, simulated as in benchmarks.polling. docs/cost.md explains the figures.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.embedded import standing
from benchmarks.polling_traces import KINDS, Job
from jobwatch.domain.connection import Polling
from jobwatch.domain.waiting import Pace, next_wait
from sandbox import scripts
from stack.deployment import Deployment

PRICES_OF: Final = "2026-11, us-east-1, to be checked against the price lists before relying on them"
TRANSITION: Final = 25.00 / 1e6
LAMBDA_GB_SECOND: Final = 0.0000133334  # arm64
LAMBDA_REQUEST: Final = 0.20 / 1e6
WRITE_UNIT: Final = 0.625 / 1e6
READ_UNIT: Final = 0.125 / 1e6

LENGTHS: Final = {"5 min": 300, "1 h": 3600, "4 h": 14_400, "24 h": 86_400}
PROGRESS: Final = ("none", "linear", "live ETA")
JOBS_A_DAY: Final = (10, 1000, 100_000)
SAMPLED: Final = 40
"""Simulated jobs of each length and kind: they differ in jitter, and in how an ETA wavers."""

SAMPLE: Final = "AWS Job Poller sample"
SAMPLE_WAIT_SECONDS: Final = 60
SAMPLE_LOOP: Final = 3
"""The AWS Job Poller sample's states a poll: Wait X Seconds, Get Job Status, Job Complete?"""
SAMPLE_ONCE: Final = 2
"""And once a job: Submit Job, Get Final Job Status."""
SAMPLE_LAMBDA_GB_SECONDS: Final = 0.128 * 0.1
"""128 MB for a tenth of a second: its function makes one call. Taken, not measured."""

INDEX_WRITES: Final = 2
"""The index of open watches is sorted by next_poll_at: a poll takes one entry out and puts another in."""

LIST_WRITES: Final = 4
"""The indexes that people list and find watches by (all, by job id, by name): an entry each at acceptance, and one of
all again at the end, for it holds the outcome. A poll changes none of them."""
SERIES_WRITES: Final = 2
SERIES_READS: Final = 1.0
"""A run of a series: its item (up to 2 KB with twenty runs) is read at acceptance and at the end, eventually consistent
(half a unit each), and written at the end."""

COLD_CORE_MILLISECONDS: Final = 400.0
"""What a whole poll that starts cold takes of a core (`make bench-cold`). MiniStack's functions stay warm."""
MEGABYTES_OF_A_CORE: Final = 1769
"""Lambda's documentation: so much memory comes with one core, less with its share of one."""
WAITING_MILLISECONDS: Final = 300.0
"""For the vendor and AWS to answer. Taken, not measured."""
FAST: Final = {"min_seconds": 1, "max_seconds": 2, "requests_per_minute": 6000}
SPEED: Final = 100.0
"""Script seconds a second: a job of 75 minutes takes 45 s, and a good twenty polls."""


@dataclass(frozen=True)
class Counted:
    """What real executions used."""

    jobs: int
    polls: int
    wakes: int
    transitions_per_wake: float
    transitions_per_job: float
    notices_per_job: float
    lambda_milliseconds: dict[str, list[float]]
    lambda_megabytes: dict[str, int]
    running_item_bytes: list[int]
    ended_item_bytes: list[int]
    timetable_item_bytes: int
    watch_writes_per_job: float

    @property
    def write_units_per_poll(self) -> float:
        """The watch's item, its entry in the index, and the slot on the timetable."""
        watch = fmean(write_units(size) for size in self.running_item_bytes)
        return watch + INDEX_WRITES + write_units(self.timetable_item_bytes)

    @property
    def read_units_per_poll(self) -> float:
        """The watch's item, strongly consistent."""
        return fmean(read_units(size) for size in self.running_item_bytes)

    @property
    def write_units_per_job(self) -> float:
        """Beside the polls: the submission, its entries in the indexes, the series, every other write of the watch."""
        others = self.watch_writes_per_job - self.wakes / self.jobs
        writes = others * fmean(write_units(size) for size in self.ended_item_bytes)
        return 2 + LIST_WRITES + SERIES_WRITES + writes

    @property
    def read_units_per_job(self) -> float:
        return SERIES_READS + self.notices_per_job * fmean(read_units(size) for size in self.ended_item_bytes)


def write_units(item_bytes: int) -> int:
    """Write request units of one item: a KB each, begun ones count."""
    return max(math.ceil(item_bytes / 1024), 1)


def read_units(item_bytes: int) -> int:
    """Read request units of one item, strongly consistent: 4 KB each, begun ones count."""
    return max(math.ceil(item_bytes / 4096), 1)


def item_bytes(item: dict[str, Any]) -> int:
    """An item's size by DynamoDB's rules: names and texts in UTF-8 bytes, a byte for two digits of a number and one
    more, 3 bytes and one an element for lists and maps."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(attribute: dict[str, Any]) -> int:
    [(kind, value)] = attribute.items()
    match kind:
        case "S":
            return len(str(value).encode())
        case "N":
            digits = len(value.strip("-").replace(".", "").strip("0"))
            return math.ceil(digits / 2) + 1 + int(value.startswith("-"))
        case "L":
            return 3 + sum(1 + _value_bytes(each) for each in value)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _value_bytes(each) for name, each in value.items())
    return 1


def count(jobs: int, console: Console) -> Counted:
    """Follow `jobs` jobs on the embedded stack and count."""
    with standing("jobwatch-cost", speed=SPEED, polling=FAST, console=console) as (sandbox, stack):
        for number in range(jobs):
            script = scripts.import_with_errors() if number % 2 else scripts.noisy(number)
            stack.submit(connection="egain-prod", job_id=sandbox.egain.jobs.add(script).id, name="Nightly KB sync")
            time.sleep(3)  # one after the other, so that most calls find a warm function
        with console.status(f"following {jobs} jobs"):
            running, ended = _sizes_until_ended(stack, jobs)
        return _counted(stack, running, ended)


def _sizes_until_ended(stack: Deployment, jobs: int) -> tuple[list[int], list[int]]:
    """The sizes of the watches' items, seen every second while they run, and at their end."""
    running: list[int] = []
    for _ in range(180):
        items = _items(stack, "WatchTable")
        running += [item_bytes(item) for item in items if "outcome" not in item and "snapshot" in item]
        ended = [item_bytes(item) for item in items if {"S": "finished"} in item.get("told", {}).get("L", [])]
        statuses = [execution["status"] for execution in stack.executions()]
        if len(ended) == jobs and "RUNNING" not in statuses:
            return running, ended
        time.sleep(1)
    raise SystemExit(f"the jobs did not end within three minutes: {stack.watches()}")


def _items(stack: Deployment, table: str) -> list[dict[str, Any]]:
    dynamodb = stack.aws.client("dynamodb")
    name = stack.aws.client("cloudformation").describe_stack_resource(
        StackName="jobwatch-cost", LogicalResourceId=table
    )
    items: list[dict[str, Any]] = dynamodb.scan(
        TableName=name["StackResourceDetail"]["PhysicalResourceId"], ConsistentRead=True
    )["Items"]
    return items


def _counted(stack: Deployment, running: list[int], ended: list[int]) -> Counted:
    entered: Counter[str] = Counter()
    for execution in stack.executions():
        for event in stack.history(execution["executionArn"]):
            if event["type"].endswith("StateEntered"):
                entered[event["stateEnteredEventDetails"]["name"]] += 1
    watches = list(stack.watches().values())
    jobs, polls = len(watches), sum(int(watch["polls"]) for watch in watches)
    wakes, notices = entered["Poll"], entered["Notify"]
    # A wake is a Wait, a Poll and a Choice; the rest of what was entered comes once a notice or once a job.
    per_wake = (entered["Wait"] + entered["Poll"] + entered["What next?"] - notices) / wakes
    milliseconds, megabytes = _reports(stack)
    [timetable] = _items(stack, "TimetableTable")
    return Counted(
        jobs=jobs,
        polls=polls,
        wakes=wakes,
        transitions_per_wake=per_wake,
        transitions_per_job=(sum(entered.values()) - per_wake * wakes) / jobs,
        notices_per_job=notices / jobs,
        lambda_milliseconds=milliseconds,
        lambda_megabytes=megabytes,
        running_item_bytes=running,
        ended_item_bytes=ended,
        timetable_item_bytes=item_bytes(timetable),
        watch_writes_per_job=fmean(int(watch["version"]) for watch in watches),
    )


_REPORT: Final = re.compile(r"REPORT .*\tDuration: ([\d.]+) ms\t.*Memory Size: (\d+) MB")


def _reports(stack: Deployment) -> tuple[dict[str, list[float]], dict[str, int]]:
    """Milliseconds of each call, and megabytes, by function."""
    logs = stack.aws.client("logs")
    milliseconds: dict[str, list[float]] = {}
    megabytes: dict[str, int] = {}
    for group in logs.describe_log_groups()["logGroups"]:
        function = group["logGroupName"].rpartition("-")[2]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
            for event in page["events"]:
                if found := _REPORT.search(event["message"]):
                    milliseconds.setdefault(function, []).append(float(found[1]))
                    megabytes[function] = int(found[2])
    return milliseconds, megabytes


@dataclass(frozen=True)
class Polled:
    """Mean polls of a job, that at the submission too, and how late its end was seen."""

    polls: float
    delay_seconds: float


def polled(kind: str, duration_seconds: float) -> Polled:
    """What the policy does at default polling."""
    polls, delay = 0, 0.0
    polling = Polling()
    for number in range(SAMPLED):
        rng = random.Random(f"{kind} {duration_seconds} {number}")
        progress, eta = KINDS[kind](duration_seconds, rng)
        job = Job(kind, duration_seconds, progress=progress, eta=eta)
        pace, elapsed = Pace(), 0.0
        while elapsed < duration_seconds:
            polls += 1
            wait, pace = next_wait(
                pace,
                job.seen_at(elapsed),
                min_seconds=polling.min_seconds,
                max_seconds=polling.max_seconds,
                jitter=rng.random(),
            )
            elapsed += math.ceil(wait)
        polls += 1
        delay += elapsed - duration_seconds
    return Polled(polls / SAMPLED, delay / SAMPLED)


@dataclass(frozen=True)
class Bill:
    """Dollars by service."""

    transitions: float
    functions: float
    table: float

    @property
    def total(self) -> float:
        return self.transitions + self.functions + self.table


def bill(counted: Counted, polls: float) -> Bill:
    """What one job of so many polls costs. Its functions are priced as if every poll started cold."""
    once = [name for name in ("intake", "notifier") if name in counted.lambda_milliseconds]
    poll_gb_seconds = cold_gb_seconds(counted.lambda_megabytes["poller"])
    once_gb_seconds = sum(cold_gb_seconds(counted.lambda_megabytes[name]) for name in once)
    return Bill(
        transitions=TRANSITION * (polls * counted.transitions_per_wake + counted.transitions_per_job),
        functions=LAMBDA_GB_SECOND * (polls * poll_gb_seconds + once_gb_seconds) + LAMBDA_REQUEST * (polls + len(once)),
        table=WRITE_UNIT * (polls * counted.write_units_per_poll + counted.write_units_per_job)
        + READ_UNIT * (polls * counted.read_units_per_poll + counted.read_units_per_job),
    )


def cold_gb_seconds(megabytes: float) -> float:
    """What a call is billed for that starts cold."""
    milliseconds = COLD_CORE_MILLISECONDS * MEGABYTES_OF_A_CORE / megabytes + WAITING_MILLISECONDS
    return megabytes / 1024 * milliseconds / 1000


def sample_bill(duration_seconds: float) -> Bill:
    """What the AWS Job Poller sample costs for a job, asking every 60 s, without telling anybody."""
    polls = math.ceil(duration_seconds / SAMPLE_WAIT_SECONDS)
    return Bill(
        transitions=TRANSITION * (SAMPLE_LOOP * polls + SAMPLE_ONCE),
        functions=(polls + 1) * (LAMBDA_GB_SECOND * SAMPLE_LAMBDA_GB_SECONDS + LAMBDA_REQUEST),
        table=0.0,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Count, price, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=5, help="followed on the embedded stack")
    options = parser.parse_args(arguments)
    console = Console()
    if not console.is_terminal:
        console = Console(width=120)
    counted = count(options.jobs, console)
    polls = {kind: {name: polled(kind, seconds) for name, seconds in LENGTHS.items()} for kind in PROGRESS}
    console.print(_counted_table(counted))
    console.print(_jobs_table(counted, polls))
    console.print(_shares_table(counted, polls))
    console.print(_days_table(counted, polls))
    console.print(f"Prices: {PRICES_OF}.")


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left")
    for number, heading in enumerate(headings):
        table.add_column(heading, justify="right" if number else "left")
    return table


def _counted_table(counted: Counted) -> Table:
    table = _table(
        f"Counted on MiniStack: {counted.jobs} jobs, {counted.polls} polls in {counted.wakes} wakes",
        "",
        "a poll",
        "a job",
    )
    table.add_row("state transitions", f"{counted.transitions_per_wake:.2f}", f"{counted.transitions_per_job:.2f}")
    table.add_row("DynamoDB write units", f"{counted.write_units_per_poll:.2f}", f"{counted.write_units_per_job:.2f}")
    table.add_row("DynamoDB read units", f"{counted.read_units_per_poll:.2f}", f"{counted.read_units_per_job:.2f}")
    sizes = f"{median(counted.running_item_bytes):.0f} / {max(counted.running_item_bytes)}"
    table.add_row("bytes of a watch's item, median / most", sizes, f"{max(counted.ended_item_bytes)} at its end")
    table.add_row("bytes of a timetable's item", str(counted.timetable_item_bytes), "")
    table.add_row("writes of a watch's item", "1", f"{counted.watch_writes_per_job:.1f} with its polls")
    for function, milliseconds in sorted(counted.lambda_milliseconds.items()):
        shown = f"{median(milliseconds):.0f} ms ({max(milliseconds):.0f} most, {counted.lambda_megabytes[function]} MB)"
        table.add_row(f"Lambda {function}, warm, a whole core", *(("", shown) if function != "poller" else (shown, "")))
    return table


def _jobs_table(counted: Counted, polls: dict[str, dict[str, Polled]]) -> Table:
    table = _table(
        "One job: polls, mean seconds from its end to the poll that sees it, $ for 1,000 such jobs", "", *LENGTHS
    )
    for kind, by_length in polls.items():
        table.add_row(
            kind,
            *(
                f"{of_job.polls:,.0f}, {of_job.delay_seconds:.0f} s, ${1000 * bill(counted, of_job.polls).total:.2f}"
                for of_job in by_length.values()
            ),
        )
    table.add_row(
        SAMPLE,
        *(
            f"{math.ceil(seconds / SAMPLE_WAIT_SECONDS):,}, {SAMPLE_WAIT_SECONDS / 2:.0f} s, "
            f"${1000 * sample_bill(seconds).total:.2f}"
            for seconds in LENGTHS.values()
        ),
    )
    return table


def _shares_table(counted: Counted, polls: dict[str, dict[str, Polled]]) -> Table:
    table = _table("Where the money goes, jobs of 1 h: $ for 1,000", "", "transitions", "Lambda, all cold", "DynamoDB")
    bills = {kind: bill(counted, by_length["1 h"].polls) for kind, by_length in polls.items()}
    for name, costs in (bills | {SAMPLE: sample_bill(LENGTHS["1 h"])}).items():
        table.add_row(name, *(f"{1000 * part:.2f}" for part in (costs.transitions, costs.functions, costs.table)))
    return table


def _days_table(counted: Counted, polls: dict[str, dict[str, Polled]]) -> Table:
    table = _table(
        "A connection with jobs of 1 h: $ a day, and the requests a minute that it needs on average",
        *("", *(f"{jobs:,} jobs a day" for jobs in JOBS_A_DAY)),
    )
    for kind, by_length in polls.items():
        of_job = by_length["1 h"]
        per_job = bill(counted, of_job.polls).total
        table.add_row(
            kind, *(f"${jobs * per_job:,.2f} ({math.ceil(jobs * of_job.polls / 1440):,}/min)" for jobs in JOBS_A_DAY)
        )
    per_job = sample_bill(LENGTHS["1 h"]).total
    table.add_row(SAMPLE, *(f"${jobs * per_job:,.2f} ({math.ceil(jobs / 24):,}/min)" for jobs in JOBS_A_DAY))
    return table


if __name__ == "__main__":
    main()
