"""Watching the jobs from outside until everybody was told: the watch table, the channels, the executions."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from demo.environment import OPERATIONS_EMAIL, Environment
from demo.evidence import Evidence, Execution, Told
from demo.jobs import DemoJob, Submitted
from demo.screen import Screen, Sight

# Enough for a function's worker to be ready for the next job, so that two cores need not start four at once.
_BETWEEN_JOBS_SECONDS = 1.5
_LOOK_EVERY_SECONDS = 0.7
# From the last job's end at its vendor: a poll, a notifier and a Slack worker that start cold on a busy machine.
_PATIENCE_SECONDS = 45
# A doubled notification comes from a function that runs twice, so right behind the first.
_QUIET_SECONDS = 2


def follow(environment: Environment, jobs: Sequence[DemoJob], screen: Screen) -> tuple[Sequence[Submitted], Evidence]:
    """Submit the jobs one after the other, and show them until every channel has told each and all executions ended.

    Patience runs out some time after the last job's end at its vendor; what did not come by then is missing.
    """
    waiting, submitted, evidence = list(jobs), list[Submitted](), Evidence()
    next_at = time.monotonic()
    with screen.progress([job.name for job in jobs]) as show:
        while waiting or not _over(submitted, evidence):
            if waiting and time.monotonic() >= next_at:
                submitted.append(environment.submit(waiting.pop(0)))
                screen.done(f"{submitted[-1].name} runs at its vendor, its event is on the bus")
                next_at = time.monotonic() + _BETWEEN_JOBS_SECONDS
            time.sleep(_LOOK_EVERY_SECONDS)
            _look(environment, submitted, evidence)
            told, _ = evidence.by_job(each.job_id for each in submitted)
            for each in submitted:
                show(each.name, sight(evidence.watches.get(each.job_id), told[each.job_id]))
    with screen.doing("waiting whether anything comes twice"):
        time.sleep(_QUIET_SECONDS)
    _look(environment, submitted, evidence)
    return submitted, evidence


def sight(watch: Mapping[str, Any] | None, told: Told) -> Sight:
    """How a job stands, from its item in the watch table (None before there is one) and what was told of it."""
    if watch is None:
        return Sight("submitted")
    snapshot = json.loads(watch.get("snapshot", "{}"))
    progress = snapshot.get("progress", {})
    share = None
    if progress.get("total") and progress.get("processed") is not None:
        share = progress["processed"] / progress["total"]
    elif progress.get("percentage") is not None:
        share = progress["percentage"] / 100
    state = watch.get("outcome") or snapshot.get("vendor_status") or "watched"
    channels = (("email", told.mails), ("Slack", told.slack))
    return Sight(state, share, int(watch["polls"]), tuple(name for name, messages in channels if messages))


def _look(environment: Environment, submitted: Sequence[Submitted], evidence: Evidence) -> None:
    """Bring the evidence up to date."""
    deployment, sandbox = environment.deployment, environment.sandbox
    ours = {(each.job.connection.name, each.job_id) for each in submitted}
    for item in deployment.watches().values():
        if (item["connection"], item["job_id"]) in ours:
            evidence.watches[item["job_id"]] = item
    evidence.documents += [json.loads(body["Message"]) for body in deployment.receive(environment.notification_queue)]
    for body in deployment.receive(environment.operations_queue):
        evidence.operations.append(f"{body.get('Subject', '')}\n{body['Message']}")
    evidence.mails = [mail for mail in sandbox.inbox.mails if mail.to != OPERATIONS_EMAIL]
    evidence.slack = list(sandbox.slack.messages)
    evidence.executions = [
        Execution(each["name"], each["status"], each["executionArn"]) for each in deployment.executions()
    ]


def _over(submitted: Sequence[Submitted], evidence: Evidence) -> bool:
    told, _ = evidence.by_job(each.job_id for each in submitted)
    if all(_through(each) for each in told.values()):
        return True
    ends_at = max(each.ends_at for each in submitted)
    return (datetime.now(UTC) - ends_at).total_seconds() > _PATIENCE_SECONDS


def _through(told: Told) -> bool:
    everywhere = bool(told.documents and told.mails and told.slack)
    return everywhere and all(execution.status != "RUNNING" for execution in told.executions)
