"""The demo must fail, and say why, when anything but the right messages reaches people."""

from datetime import UTC, datetime
from typing import Any

import pytest

from demo.evidence import Evidence, Execution
from demo.jobs import EGAIN, DemoJob, Expected, Submitted
from demo.verification import find_faults
from sandbox.inbox import Mail
from sandbox.jobs import Job, Script
from sandbox.slack import ReceivedMessage

NOW = datetime(2024, 3, 1, 11, 15, tzinfo=UTC)
RECIPIENT = "team@example.com"
HEADLINES = {"A1": "Import finished with 5 errors and 10 warnings: Manuals", "A12": "Import failed at 25 %: FAQ"}


def submitted() -> list[Submitted]:
    """Two jobs; the id of one begins with the id of the other."""
    manuals = Expected(
        "completed_with_errors",
        "5 errors and 10 warnings",
        {"errors": 5, "warnings": 10},
        log_levels={"error": 5, "warning": 10},
    )
    faq = Expected("failed", "Import failed", retryable=True)
    return [
        Submitted(DemoJob(EGAIN, Script(), {"name": name}, expected), Job(job_id, Script(), NOW))
        for name, job_id, expected in (("Manuals", "A1", manuals), ("FAQ", "A12", faq))
    ]


def document(job_id: str) -> dict[str, Any]:
    """The parts of a notification that are looked at."""
    found: dict[str, Any] = {
        "notice": "finished",
        "job_id": job_id,
        "headline": HEADLINES[job_id],
        "outcome": "completed_with_errors",
        "results": {"successful": 4985, "warnings": 10, "errors": 5},
        "retryable": None,
        "log": {
            "complete": True,
            "note": None,
            "levels": {"error": 5, "warning": 10, "info": 200},
            "problems": [{"level": "error", "template": "Article <*>: link target <*> not found", "count": 5}],
        },
    }
    if job_id == "A12":
        empty = {"successful": None, "warnings": None, "errors": None}
        found |= {"outcome": "failed", "results": empty, "retryable": True, "log": None}
    return found


def mail(job_id: str, to: str = RECIPIENT) -> Mail:
    return Mail(HEADLINES[job_id], f"{HEADLINES[job_id]}\n\nJob      ({job_id})\n", to, received_at=NOW)


def slack(job_id: str, more: str = "") -> ReceivedMessage:
    text = {"type": "mrkdwn", "text": f"{HEADLINES[job_id]} ({job_id}) {more}"}
    return ReceivedMessage({"blocks": [{"type": "section", "text": text}]}, "C0", "webhook", NOW)


@pytest.fixture
def evidence() -> Evidence:
    """All is well."""
    ids = ("A1", "A12")
    return Evidence(
        documents=[document(job_id) for job_id in ids],
        mails=[mail(job_id) for job_id in ids],
        slack=[slack(job_id) for job_id in ids],
        executions=[Execution(f"watch-of-{job_id}-1", "SUCCEEDED") for job_id in ids],
        watches={job_id: {"watch_id": f"watch-of-{job_id}"} for job_id in ids},
    )


def faults(evidence: Evidence) -> list[str]:
    return find_faults(submitted(), evidence, recipient=RECIPIENT)


def test_nothing_is_found_when_everybody_was_told_once(evidence: Evidence) -> None:
    assert faults(evidence) == []


def test_a_missing_message_is_named_with_its_channel(evidence: Evidence) -> None:
    del evidence.documents[0], evidence.mails[0], evidence.slack[1], evidence.executions[1]
    assert faults(evidence) == [
        "Manuals: no notification on the topic came.",
        "Manuals: no email came.",
        "FAQ: no Slack message came.",
        "FAQ: there is no execution.",
    ]


def test_a_doubled_message_is_named_with_its_channel(evidence: Evidence) -> None:
    evidence.documents.append(document("A12"))
    evidence.mails.append(mail("A1"))
    evidence.slack += [slack("A1"), slack("A1")]
    evidence.executions.append(Execution("watch-of-A12-1", "SUCCEEDED"))
    assert faults(evidence) == [
        "Manuals: 2 emails instead of one.",
        "Manuals: 3 Slack messages instead of one.",
        "FAQ: 2 notifications on the topic instead of one.",
        "FAQ: 2 executions instead of one.",
    ]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"outcome": "succeeded"}, "the outcome is succeeded instead of completed_with_errors"),
        ({"notice": "stalled"}, "the notice is stalled instead of finished"),
        ({"headline": "Import succeeded"}, "the headline “Import succeeded” does not say “5 errors and 10 warnings”"),
        ({"results": {"successful": 4985, "warnings": 10, "errors": 0}}, "results.errors is 0 instead of 5"),
        ({"retryable": True}, "retryable is True instead of None"),
        ({"log": None}, "the notification names no log"),
    ],
)
def test_a_wrong_notification_is_told_with_what_was_wrong(
    evidence: Evidence, change: dict[str, Any], reason: str
) -> None:
    evidence.documents[0] |= change
    assert faults(evidence) == [f"Manuals: {reason}."]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"complete": False, "note": "denied"}, "the log was not read to its end (denied)"),
        ({"levels": {"error": 5}}, "the log summary counts 0 lines at level warning instead of 10"),
        ({"problems": []}, "the log summary names no problem"),
    ],
)
def test_a_log_that_was_not_summarised_is_a_fault(evidence: Evidence, change: dict[str, Any], reason: str) -> None:
    evidence.documents[0]["log"] |= change
    assert faults(evidence) == [f"Manuals: {reason}."]


def test_a_clean_log_needs_no_problems(evidence: Evidence) -> None:
    jobs = submitted()
    expected = Expected("completed_with_errors", "5 errors", log_levels={"error": 0, "warning": 0})
    jobs[0] = Submitted(DemoJob(EGAIN, Script(), {"name": "Manuals"}, expected), jobs[0].vendor_job)
    evidence.documents[0]["log"] |= {"levels": {"info": 200}, "problems": []}
    assert find_faults(jobs, evidence, recipient=RECIPIENT) == []


def test_what_a_reader_sees_must_say_what_happened(evidence: Evidence) -> None:
    evidence.mails[1] = Mail("Import succeeded", "(A12)", RECIPIENT)
    evidence.slack[1] = ReceivedMessage({"text": "Import succeeded (A12)"}, "C0", "webhook", NOW)
    assert faults(evidence) == [
        "FAQ: the email's subject “Import succeeded” does not say “Import failed”.",
        "FAQ: the Slack message does not say “Import failed”.",
    ]


def test_a_ping_in_slack_is_a_fault(evidence: Evidence) -> None:
    evidence.slack[0] = slack("A1", "<!channel>")
    assert faults(evidence) == ["Manuals: the Slack message pings @channel."]


def test_a_failed_execution_and_what_the_operators_heard_are_faults(evidence: Evidence) -> None:
    evidence.executions[0] = Execution("watch-of-A1-1", "FAILED")
    evidence.operations.append("jobwatch stopped following a job\nIts execution failed.")
    assert faults(evidence) == [
        "Manuals: its execution is FAILED instead of SUCCEEDED.",
        "The operations topic was told: jobwatch stopped following a job Its execution failed.",
    ]


def test_messages_that_belong_to_no_job_are_faults(evidence: Evidence) -> None:
    evidence.documents.append({**document("A12"), "job_id": "B7"})
    evidence.mails.append(Mail("Import succeeded", "(B7)", "stranger@example.com"))
    evidence.slack.append(ReceivedMessage({"text": "Import succeeded (B7)"}, "C0", "webhook", NOW))
    evidence.executions.append(Execution("watch-of-B7-1", "SUCCEEDED"))
    assert faults(evidence) == [
        "A notification belongs to no job of the demo: Import failed at 25 %: FAQ.",
        "An email belongs to no job of the demo: Import succeeded.",
        "A Slack message belongs to no job of the demo: Import succeeded (B7).",
        "An execution belongs to no job of the demo: watch-of-B7-1 (SUCCEEDED).",
        "An email went to stranger@example.com: Import succeeded.",
    ]


def test_an_email_that_names_two_jobs_belongs_to_neither(evidence: Evidence) -> None:
    evidence.mails[0] = Mail(HEADLINES["A1"], "(A1) (A12)", RECIPIENT)
    assert faults(evidence) == [
        "Manuals: no email came.",
        f"An email belongs to no job of the demo: {HEADLINES['A1']}.",
    ]
