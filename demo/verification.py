"""Whether people were told what they had to be told, once and on every channel. Pure: evidence in, reasons out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from demo.evidence import Evidence, Told
from demo.jobs import Expected, Submitted
from sandbox.slack_view import pings, shown


def find_faults(submitted: Sequence[Submitted], evidence: Evidence, *, recipient: str) -> list[str]:
    """A sentence for each thing that is missing, doubled, wrong or unexpected; empty when all is well.

    `recipient` is the address that every email must have gone to.
    """
    told, strays = evidence.by_job(each.job_id for each in submitted)
    faults = [f"{each.name}: {fault}." for each in submitted for fault in _of_job(each.job.expected, told[each.job_id])]
    faults += [f"{fault}." for fault in _of_strays(strays)]
    faults += [f"An email went to {mail.to}: {mail.subject}." for mail in evidence.mails if mail.to != recipient]
    faults += [f"The operations topic was told: {' '.join(text.split())[:400]}" for text in evidence.operations]
    return faults


def _of_job(expected: Expected, told: Told) -> Iterator[str]:
    yield from _not_one(len(told.documents), "notification on the topic", "notifications on the topic")
    yield from _not_one(len(told.mails), "email", "emails")
    yield from _not_one(len(told.slack), "Slack message", "Slack messages")
    yield from _not_one(len(told.executions), "execution", "executions")
    for document in told.documents:
        yield from _of_document(expected, document)
    for mail in told.mails:
        if expected.headline not in mail.subject:
            yield f"the email's subject “{mail.subject}” does not say “{expected.headline}”"
    for message in told.slack:
        if expected.headline not in shown(message.payload):
            yield f"the Slack message does not say “{expected.headline}”"
        for whom in pings(message.payload):
            yield f"the Slack message pings {whom}"
    for execution in told.executions:
        if execution.status != "SUCCEEDED":
            yield f"its execution is {execution.status} instead of SUCCEEDED"


def _of_document(expected: Expected, document: dict[str, Any]) -> Iterator[str]:
    if document["notice"] != "finished":
        yield f"the notice is {document['notice']} instead of finished"
    if document["outcome"] != expected.outcome:
        yield f"the outcome is {document['outcome']} instead of {expected.outcome}"
    if expected.headline not in document["headline"]:
        yield f"the headline “{document['headline']}” does not say “{expected.headline}”"
    for name, count in expected.results.items():
        if document["results"][name] != count:
            yield f"results.{name} is {document['results'][name]} instead of {count}"
    if document["retryable"] != expected.retryable:
        yield f"retryable is {document['retryable']} instead of {expected.retryable}"
    if expected.log_levels is not None:
        yield from _of_log(expected.log_levels, document["log"])


def _of_log(levels: Mapping[str, int], log: dict[str, Any] | None) -> Iterator[str]:
    if log is None:
        yield "the notification names no log"
        return
    if not log["complete"]:
        yield f"the log was not read to its end ({log['note']})"
        return
    for level, count in levels.items():
        if log["levels"].get(level, 0) != count:
            yield f"the log summary counts {log['levels'].get(level, 0)} lines at level {level} instead of {count}"
    if any(levels.values()) and not log["problems"]:
        yield "the log summary names no problem"


def _of_strays(strays: Told) -> Iterator[str]:
    for document in strays.documents:
        yield f"A notification belongs to no job of the demo: {document.get('headline')}"
    for mail in strays.mails:
        yield f"An email belongs to no job of the demo: {mail.subject}"
    for message in strays.slack:
        yield f"A Slack message belongs to no job of the demo: {' '.join(shown(message.payload).split())[:120]}"
    for execution in strays.executions:
        yield f"An execution belongs to no job of the demo: {execution.name} ({execution.status})"


def _not_one(count: int, singular: str, plural: str) -> Iterator[str]:
    if count == 0:
        yield f"no {singular} came" if singular != "execution" else "there is no execution"
    elif count > 1:
        yield f"{count} {plural} instead of one"
