"""What came out of the chain, sorted by the job that it belongs to."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sandbox.inbox import Mail
from sandbox.slack import ReceivedMessage
from sandbox.slack_view import shown


@dataclass(frozen=True)
class Execution:
    """One execution of the machine; it has the name of its watch and a number."""

    name: str
    status: str
    arn: str = ""


@dataclass
class Told:
    """What was told of one job on each channel, and its executions."""

    documents: list[dict[str, Any]] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    slack: list[ReceivedMessage] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)


@dataclass
class Evidence:
    """Everything that left the stack, and the items of the watch table by job id.

    `operations` are the messages of the operations topic, subject first.
    """

    documents: list[dict[str, Any]] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    slack: list[ReceivedMessage] = field(default_factory=list)
    executions: list[Execution] = field(default_factory=list)
    operations: list[str] = field(default_factory=list)
    watches: dict[str, dict[str, Any]] = field(default_factory=dict)

    def by_job(self, job_ids: Iterable[str]) -> tuple[dict[str, Told], Told]:
        """What belongs to each job, and what belongs to none of them."""
        told = {job_id: Told() for job_id in job_ids}
        strays = Told()

        def of(text: str) -> Told:
            found = [job_id for job_id in told if re.search(rf"(?<!\w){re.escape(job_id)}(?!\w)", text)]
            return told[found[0]] if len(found) == 1 else strays

        for document in self.documents:
            told.get(str(document.get("job_id")), strays).documents.append(document)
        for mail in self.mails:
            of(mail.text).mails.append(mail)
        for message in self.slack:
            of(shown(message.payload)).slack.append(message)
        job_of_watch = {watch["watch_id"]: job_id for job_id, watch in self.watches.items()}
        for execution in self.executions:
            told.get(job_of_watch.get(execution.name.rpartition("-")[0], ""), strays).executions.append(execution)
        return told, strays
