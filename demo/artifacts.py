"""Everything that the demo's jobs left behind, in a folder to look at afterwards."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path
from typing import Any

from rich.console import Console

from demo.evidence import Evidence, Told
from demo.jobs import Submitted
from sandbox.slack_view import draw
from stack.deployment import Deployment
from stack.ministack import ROOT

_INDEX = """\
# What the demo left behind

Made {made_at} by `make demo`. {verdict}

A folder for each job, with

- `submission.json`: the detail of the event that was put on the bus
- `notification.json`: the document that SNS carries to queues, functions and webhooks
- `email.txt`: the email, subject first
- `slack.json`: what was posted to Slack; `slack.txt` is the same as it is read
- `execution.json`: the history of the Step Functions execution

A second message of the same kind, which would be a fault, is numbered. Beside the folders:

- `functions.log`: what the Lambda functions logged
- `operations.txt` and `strays.json`, only when something came that was not expected: what the operations topic was
  told, and messages that belong to no job

| folder | job | id at the vendor | outcome |
|---|---|---|---|
"""


def leave(submitted: Sequence[Submitted], evidence: Evidence, deployment: Deployment, faults: Sequence[str]) -> Path:
    """Write everything into a new folder under .build/demo and return it."""
    now = datetime.now(UTC)
    folder = ROOT / ".build" / "demo" / f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03d}"
    folder.mkdir(parents=True)
    told, strays = evidence.by_job(each.job_id for each in submitted)
    verdict = "All was told, once and on every channel." if not faults else "It failed:"
    index = _INDEX.format(made_at=f"{now:%Y-%m-%d %H:%M:%S} UTC", verdict="\n- ".join([verdict, *faults]))
    for each in submitted:
        name = re.sub(r"\W+", "-", each.name).strip("-").lower()
        _leave_job(folder / name, each, told[each.job_id], deployment)
        outcome = evidence.watches.get(each.job_id, {}).get("outcome", "none")
        index += f"| [{name}]({name}/) | {each.name} | `{each.job_id}` | {outcome} |\n"
    (folder / "README.md").write_text(index)
    (folder / "functions.log").write_text("\n".join(_function_logs(deployment)) + "\n")
    if evidence.operations:
        (folder / "operations.txt").write_text("\n\n---\n\n".join(evidence.operations))
    if strays != Told():
        mails = [{"to": mail.to, "subject": mail.subject, "text": mail.text} for mail in strays.mails]
        payloads = [message.payload for message in strays.slack]
        _write_json(folder / "strays.json", {"documents": strays.documents, "mails": mails, "slack": payloads})
    return folder


def _leave_job(folder: Path, job: Submitted, told: Told, deployment: Deployment) -> None:
    folder.mkdir()
    detail = {"connection": job.job.connection.name, "job_id": job.job_id, **job.job.submission}
    _write_json(folder / "submission.json", detail)
    for number, document in enumerate(told.documents):
        _write_json(_numbered(folder / "notification.json", number), document)
    for number, mail in enumerate(told.mails):
        _numbered(folder / "email.txt", number).write_text(f"To: {mail.to}\nSubject: {mail.subject}\n\n{mail.text}")
    for number, message in enumerate(told.slack):
        _write_json(_numbered(folder / "slack.json", number), message.payload)
        with _numbered(folder / "slack.txt", number).open("w") as file:
            Console(file=file, width=80).print(draw(message.payload))
    for number, execution in enumerate(told.executions):
        _write_json(_numbered(folder / "execution.json", number), deployment.history(execution.arn))


def _function_logs(deployment: Deployment) -> list[str]:
    """Every line of every function, in order of time; those of one invocation carry the same time."""
    logs = deployment.aws.client("logs")
    lines = []
    for group in logs.describe_log_groups(logGroupNamePrefix="/aws/lambda/")["logGroups"]:
        name = group["logGroupName"]
        function = name.rsplit("-", 1)[-1]
        lines += [
            (event["timestamp"], f"{function}: {event['message'].rstrip()}")
            for event in logs.filter_log_events(logGroupName=name)["events"]
        ]
    return [line for _, line in sorted(lines, key=itemgetter(0))]


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, default=_plain) + "\n")


def _plain(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _numbered(path: Path, number: int) -> Path:
    return path if number == 0 else path.with_stem(f"{path.stem}-{number + 1}")
