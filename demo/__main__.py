"""`python -m demo`: four jobs of different fates, from events on the bus to what people read.

Exit code 0 when everybody was told once and rightly, 1 with the reasons when not, 130 when it was interrupted.
"""

import io
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from demo.artifacts import leave
from demo.environment import NOTIFICATION_EMAIL, standing
from demo.evidence import Evidence, Told
from demo.following import follow
from demo.jobs import JOBS, Submitted
from demo.screen import Row, Screen
from demo.verification import find_faults
from stack.ministack import ROOT, StackError

# Enough for a function's worker to be ready for the next job, so that two cores need not start four at once.
_BETWEEN_JOBS_SECONDS = 1.5
_INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Run the demo; returns the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # box lines and signs on a terminal that is not UTF-8
    screen = Screen(Console(highlight=False))
    for number in _INTERRUPTS:
        signal.signal(number, _interrupt)
    try:
        faults = _run(screen)
    except KeyboardInterrupt:
        screen.console.print("\nInterrupted: everything that was started has ended, and nothing is left behind.")
        return 130
    except StackError as error:
        faults = [str(error)]
    except (BotoCoreError, ClientError) as error:
        faults = [f"The embedded AWS did not do what it was asked: {error}"]
    if faults:
        screen.faults(faults)
        return 1
    screen.done("Everybody was told, once and on every channel.")
    return 0


def _run(screen: Screen) -> list[str]:
    """Do everything; returns what was not as it had to be."""
    with standing(screen) as environment:
        try:
            submitted = []
            for job in JOBS:
                submitted.append(environment.submit(job))
                screen.done(f"{job.name} runs at its vendor, its event is on the bus")
                time.sleep(_BETWEEN_JOBS_SECONDS)
            evidence = follow(environment, submitted, screen)
            faults = find_faults(submitted, evidence, recipient=NOTIFICATION_EMAIL)
            folder = leave(submitted, evidence, environment.deployment, faults)
            _show(screen, submitted, evidence)
            screen.console.print(f"Left in {folder.relative_to(ROOT)}/ (README.md says what is what)\n", soft_wrap=True)
        finally:
            _ignore_interrupts()  # from here on it only cleans up, which must not be cut short
    return faults


def _show(screen: Screen, submitted: Sequence[Submitted], evidence: Evidence) -> None:
    told, strays = evidence.by_job(each.job_id for each in submitted)
    for each in submitted:
        screen.title(each.name)
        _show_messages(screen, told[each.job_id])
    if strays != Told():
        screen.title("Belongs to no job")
        _show_messages(screen, strays)
    screen.table([_row(each, told[each.job_id], evidence) for each in submitted])


def _show_messages(screen: Screen, told: Told) -> None:
    for mail in told.mails:
        screen.mail(mail)
    for message in told.slack:
        screen.slack(message)


def _row(job: Submitted, told: Told, evidence: Evidence) -> Row:
    ended_at = job.vendor_job.at(job.job.script.ends_after_seconds)
    watch = evidence.watches.get(job.job_id, {})
    email, slack = (
        [(each.received_at - ended_at).total_seconds() for each in messages if each.received_at]
        for messages in (told.mails, told.slack)
    )
    return Row(
        job.name,
        watch.get("outcome", "none"),
        int(watch.get("polls", 0)),
        email[0] if email else None,
        slack[0] if slack else None,
    )


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _ignore_interrupts()  # a second Ctrl-C would cut the cleaning up short
    raise KeyboardInterrupt


def _ignore_interrupts() -> None:
    for number in _INTERRUPTS:
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
