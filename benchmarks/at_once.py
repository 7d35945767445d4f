"""Many watches submitted together, in real time, on the whole stack as deployed to MiniStack: when people hear.

Run by `python -m benchmarks.scale`, after the simulation.
"""

import json
import random
import time
from datetime import datetime
from statistics import fmean
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.embedded import standing
from benchmarks.figures import bar, most_in_a_minute, share_of
from sandbox import scripts
from sandbox.jobs import Job as SandboxJob
from sandbox.server import Sandbox
from stack.deployment import Deployment

AT_ONCE_BUDGET: Final = 600
CONCURRENCY: Final = 6
SPEED: Final = 60.0
JOB_SECONDS: Final = (45.0, 120.0)
LONGEST_SECONDS: Final = 600.0


def in_real_time(count: int, seed: int, console: Console) -> bool:
    """Submit `count` jobs together to jobwatch on MiniStack and print when people heard of each end."""
    began = time.monotonic()
    polling = {"requests_per_minute": AT_ONCE_BUDGET}
    with standing("jobwatch-scale", speed=SPEED, polling=polling, console=console) as (sandbox, stack):
        _cap_concurrency(stack)
        queue = stack.listen("NotificationTopicArn")
        deployed_in = time.monotonic() - began
        jobs = _submit(sandbox, stack, count, seed)
        told_at = _told(stack, queue, count, console)
        polls = [int(watch["polls"]) for watch in stack.watches().values()]
        asked = [request.at.timestamp() for request in sandbox.egain.seen("/status")]
    return _print_real(jobs, told_at, polls, asked, deployed_in, console)


def _cap_concurrency(stack: Deployment) -> None:
    """Without it, MiniStack starts a process for each of the watches."""
    functions = stack.aws.client("lambda")
    for function in functions.list_functions()["Functions"]:
        functions.put_function_concurrency(
            FunctionName=function["FunctionName"], ReservedConcurrentExecutions=CONCURRENCY
        )


def _submit(sandbox: Sandbox, stack: Deployment, count: int, seed: int) -> dict[str, SandboxJob]:
    """All at once; they wait on intake's queue."""
    rng = random.Random(seed)
    jobs: dict[str, SandboxJob] = {}
    for _ in range(count):
        job = sandbox.egain.jobs.add(scripts.noisy(rng.randrange(1000), rng.uniform(*JOB_SECONDS) * SPEED))
        jobs[job.id] = job
        stack.submit(connection="egain-prod", job_id=job.id)
    return jobs


def _told(stack: Deployment, queue: str, count: int, console: Console) -> dict[str, list[datetime]]:
    """When SNS published the finished notice of each job."""
    told_at: dict[str, list[datetime]] = {}
    give_up_at = time.monotonic() + LONGEST_SECONDS
    with bar(console) as progress:
        task = progress.add_task("finished notices (real time)", total=count)
        while len(told_at) < count and time.monotonic() < give_up_at:
            for message in stack.receive(queue):
                notification = json.loads(message["Message"])
                if notification["notice"] == "finished":
                    moment = datetime.fromisoformat(message["Timestamp"])
                    told_at.setdefault(notification["job_id"], []).append(moment)
            progress.update(task, completed=len(told_at))
            time.sleep(0.5)
    return told_at


def _print_real(
    jobs: dict[str, SandboxJob],
    told_at: dict[str, list[datetime]],
    polls: list[int],
    asked: list[float],
    deployed_in: float,
    console: Console,
) -> bool:
    delays = [
        (told_at[job.id][0] - job.at(job.script.ends_after_seconds)).total_seconds()
        for job in jobs.values()
        if job.id in told_at
    ]
    most = most_in_a_minute(asked)
    once = sum(len(moments) == 1 for moments in told_at.values())
    table = Table(title=f"{len(jobs)} at once on MiniStack, in real time", title_justify="left")
    for heading in (
        *("told once", "end to notification s: median", "p95", "worst", "polls a job: mean", "most"),
        *("budget a minute", "most in any minute"),
    ):
        table.add_column(heading, justify="right")
    table.add_row(
        f"{once} of {len(jobs)}",
        *((f"{share_of(delays, share):.1f}" for share in (0.5, 0.95, 1.0)) if delays else ("-", "-", "-")),
        f"{fmean(polls):.1f}" if polls else "-",
        str(max(polls, default=0)),
        str(AT_ONCE_BUDGET),
        f"[{'green' if most <= AT_ONCE_BUDGET else 'bold red'}]{most}[/]",
    )
    console.print(table)
    console.print(
        f"Jobs of {JOB_SECONDS[0]:.0f}–{JOB_SECONDS[1]:.0f} s of uneven progress and a live ETA, default polling; "
        f"{CONCURRENCY} workers a function; requests as the sandbox's eGain saw them; deployed in {deployed_in:.0f} s."
    )
    return once == len(jobs) and most <= AT_ONCE_BUDGET
