"""The notification document (`jobwatch.notification.v1`), typed; `schemas/notification.json` is the same, published."""

import json
from collections.abc import Mapping
from typing import Any, TypedDict, cast

SCHEMA = "jobwatch.notification.v1"
DURATION_REMARK = "The duration runs from submission to detection"
"""How the remark begins that goes with a duration of jobwatch's own."""


class ProgressPart(TypedDict):
    """How far the job is; per cent from 0 to 100."""

    processed: float | None
    total: float | None
    percentage: float | None


class ResultsPart(TypedDict):
    """The vendor's counts."""

    successful: int | None
    warnings: int | None
    errors: int | None


class ItemPart(TypedDict):
    """A file or record that the vendor names; `failed`: whether the vendor's own word for its state says so."""

    name: str
    state: str | None
    progress: float | None
    error: str | None
    failed: bool


class MessagePart(TypedDict):
    """A line that the vendor wrote into its answer; `level`: error, warning or info."""

    level: str
    text: str


class ProblemPart(TypedDict):
    """A group of log entries. A log summary adds further fields."""

    level: str
    template: str
    count: int
    first_line: int | None
    example: str | None


class LogPart(TypedDict):
    """What the log says. A log summary adds further fields."""

    location: str
    bytes: int | None
    lines: int | None
    levels: dict[str, int]
    problems: list[ProblemPart]
    complete: bool
    understood: bool
    note: str | None


class LinksPart(TypedDict):
    """Addresses that may be clicked: from the operators' configuration and AWS's console, never from outside."""

    job: str | None
    log: str | None
    report: str | None


class UsualPart(TypedDict):
    """What is usual for the series: how many good runs it is known from, and ranges."""

    runs: int
    duration_seconds: list[float] | None
    successful: list[int] | None


class UnusualPart(TypedDict):
    """What is unusual of this run."""

    kind: str
    text: str


class AffectedPart(TypedDict):
    """How many watches a notice speaks for, and up to ten of their names."""

    watches: int
    names: list[str]


class SentAgainPart(TypedDict):
    """Who had it sent again, and when."""

    by: str
    at: str


class ReportPart(TypedDict):
    """Where the whole report is."""

    document: str | None
    failures: str | None
    failures_count: int
    at_least: bool
    note: str | None


class Notification(TypedDict):
    """One notice, as every channel gets it. Times are RFC 3339 in UTC; text is one line without control characters.

    Beyond the contract: `severity`; `doubts`, those of the remarks that make the end doubtful; `times`, the moments in
    `situation` as they are written there, and their RFC 3339; `time_zone`, the IANA name of its readers' zone.
    """

    schema: str
    notification_id: str
    notice: str
    outcome: str | None
    severity: str
    watch_id: str | None
    connection: str
    vendor: str
    vendor_title: str
    operation: str | None
    noun: str
    job_id: str | None
    attempt: str | None
    name: str | None
    series: str | None
    labels: dict[str, str]
    submitted_by: str | None
    headline: str
    cause: str | None
    situation: str | None
    next_step: str
    vendor_status: str | None
    progress: ProgressPart
    results: ResultsPart
    error: str | None
    retryable: bool | None
    submitted_at: str | None
    started_at: str | None
    finished_at: str | None
    detected_at: str | None
    duration_seconds: int | None
    polls: int | None
    items: list[ItemPart]
    messages: list[MessagePart]
    log: LogPart | None
    links: LinksPart
    usual: UsualPart | None
    unusual: list[UnusualPart]
    affected: AffectedPart | None
    sent_again: SentAgainPart | None
    report: ReportPart | None
    remarks: list[str]
    doubts: list[str]
    times: dict[str, str]
    time_zone: str | None


# What a document of an earlier version lacks: some wait for a channel while a new version is deployed.
_ADDED: dict[str, Any] = {
    "severity": "good",
    "noun": "job",
    "attempt": None,
    "series": None,
    "cause": None,
    "situation": None,
    "links": {"job": None, "log": None, "report": None},
    "usual": None,
    "unusual": [],
    "affected": None,
    "sent_again": None,
    "report": None,
    "doubts": [],
    "times": {},
    "time_zone": None,
}


def write_notification(notification: Notification) -> str:
    """The document as JSON text."""
    return json.dumps(notification, ensure_ascii=False)


def read_notification(text: str) -> Notification:
    """The document in a message of the topic; what an earlier version left out has its neutral value."""
    document: Mapping[str, Any] = json.loads(text)
    return cast("Notification", {**_ADDED, **document})


def message_attributes(notification: Notification) -> dict[str, str | list[str]]:
    """What subscription filter policies match: texts, and the labels as a list of `key=value`.

    SNS takes no empty attribute, so what is null, and labels where there are none, are left out.
    """
    attributes: dict[str, str | list[str]] = {
        name: value
        for name in ("notice", "outcome", "severity", "vendor", "connection", "operation")
        if (value := notification[name])
    }
    if notification["labels"]:
        attributes["labels"] = [f"{key}={value}" for key, value in notification["labels"].items()]
    return attributes
