"""The demo from its beginning to its exit code."""

import io
import sys
from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console

from demo import interrupts
from demo.artifacts import leave
from demo.environment import NOTIFICATION_EMAIL, standing
from demo.evidence import Evidence, Told
from demo.following import follow
from demo.jobs import JOBS, Submitted
from demo.screen import Row, Screen
from demo.verification import find_faults
from stack.ministack import ROOT, StackError


def run() -> int:
    """Run the demo; returns 0 when everybody was told once and rightly, else 1 after printing the reasons."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # box lines and signs on a terminal that is not UTF-8
    screen = Screen(Console(highlight=False))
    try:
        faults = _play(screen)
    except StackError as error:
        faults = [str(error)]
    except (BotoCoreError, ClientError) as error:
        faults = [f"The embedded AWS did not do what it was asked: {error}"]
    if faults:
        screen.faults(faults)
    return 1 if faults else 0


def _play(screen: Screen) -> list[str]:
    """Do everything; returns what was not as it had to be."""
    with standing(screen) as environment:
        try:
            submitted, evidence = follow(environment, JOBS, screen)
            faults = find_faults(submitted, evidence, recipient=NOTIFICATION_EMAIL)
            folder = leave(submitted, evidence, environment.deployment, faults)
            _show(screen, submitted, evidence)
            screen.done(f"Left in {folder.relative_to(ROOT)}/ (its README.md says what is what)")
            if not faults:
                screen.done("Everybody was told, once and on every channel")
        finally:
            interrupts.ignore()  # from here on it only cleans up
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
    watch = evidence.watches.get(job.job_id, {})
    email, slack = (
        [(each.received_at - job.ends_at).total_seconds() for each in messages if each.received_at]
        for messages in (told.mails, told.slack)
    )
    return Row(
        job.name,
        watch.get("outcome", "none"),
        int(watch.get("polls", 0)),
        email[0] if email else None,
        slack[0] if slack else None,
    )
