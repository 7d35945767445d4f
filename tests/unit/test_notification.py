"""The notification document: every field of the contract, whatever the vendor said."""

import json
from datetime import datetime, timedelta
from typing import Any, cast

import pytest

from jobwatch.domain.snapshot import FailureKind, Item, Message, NotFound, PollFailure, Progress, Results
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.document import Notification, message_attributes, write_notification
from jobwatch.messages.notification import build_notification
from tests.unit.examples import JOB_ID, T0, Followed, ended, finished, running, scheduled, submission, watch

# The contract's document, its fields in their order, and jobwatch's own.
FIELDS = [
    *("schema", "notification_id", "notice", "outcome", "severity", "watch_id", "connection", "vendor", "vendor_title"),
    *("operation", "noun", "job_id", "attempt", "name", "series", "labels", "submitted_by"),
    *("headline", "cause", "situation", "next_step", "vendor_status", "progress", "results", "error", "retryable"),
    *("submitted_at", "started_at", "finished_at", "detected_at", "duration_seconds", "polls", "items", "messages"),
    *("log", "links", "usual", "unusual", "affected", "sent_again", "report", "remarks"),
    *("doubts", "times", "time_zone"),
]


def document(
    of: Watch, notice: Notice = Notice.FINISHED, log: dict[str, Any] | None = None, at: datetime = T0
) -> Notification:
    outcome = of.outcome if notice is Notice.FINISHED else None
    return cast("Notification", json.loads(write_notification(build_notification(of, notice, outcome, log, at=at))))


@pytest.mark.parametrize("notice", Notice)
@pytest.mark.parametrize("seen", [watch(), watch(snapshot=running()), finished(), finished(ended(Outcome.FAILED))])
def test_no_field_is_ever_left_out(notice: Notice, seen: Watch) -> None:
    said = document(seen, notice)
    assert list(said) == FIELDS
    assert list(said["progress"]) == ["processed", "total", "percentage"]
    assert list(said["results"]) == ["successful", "warnings", "errors"]


def test_the_documents_example() -> None:
    said = document(finished())
    assert {name: value for name, value in said.items() if name not in ("headline", "next_step")} == {
        "schema": "jobwatch.notification.v1",
        "notice": "finished",
        "outcome": "completed_with_errors",
        "notification_id": f"{finished().watch_id}/finished/1",
        "watch_id": finished().watch_id,
        "connection": "egain-prod",
        "vendor": "egain",
        "vendor_title": "eGain",
        "operation": "import",
        "job_id": JOB_ID,
        "name": "Nightly KB sync",
        "attempt": None,
        "severity": "bad",
        "noun": "import",
        "cause": None,
        "links": {"job": None, "log": None, "report": None},
        "usual": None,
        "unusual": [],
        "affected": None,
        "sent_again": None,
        "report": None,
        "doubts": [],
        "times": {},
        "time_zone": None,
        "series": "Nightly KB sync",
        "labels": {"team": "knowledge"},
        "submitted_by": "alice",
        "situation": None,
        "vendor_status": "Successful",
        "progress": {"processed": 5000, "total": 5000, "percentage": 100},
        "results": {"successful": 4985, "warnings": 10, "errors": 5},
        "error": None,
        "retryable": None,
        "submitted_at": "2024-03-01T10:00:00Z",
        "started_at": "2024-03-01T10:00:00Z",
        "finished_at": "2024-03-01T11:15:00Z",
        "detected_at": "2024-03-01T11:16:00Z",
        "duration_seconds": 4500,
        "polls": 14,
        "items": [],
        "messages": [],
        "log": None,
        "remarks": [],
    }


@pytest.mark.parametrize(
    ("changes", "seconds", "remark"),
    [
        ({}, 4500, None),
        ({"starts_at": None}, 76 * 60, "does not give both"),
        ({"finished_at": None}, 76 * 60, "does not give both"),
        ({"finished_at": T0 - timedelta(seconds=1)}, 76 * 60, "before its start"),
        ({"starts_at": T0 - timedelta(hours=1)}, 4500 + 3600, None),
    ],
)
def test_the_duration_is_the_vendors_or_else_said_to_be_ours(
    changes: dict[str, Any], seconds: int, remark: str | None
) -> None:
    said = document(finished(ended(**changes)))
    assert said["duration_seconds"] == seconds
    assert [remark is not None and remark in each for each in said["remarks"]] == ([True] if remark else [])


def test_a_running_job_has_no_duration_outcome_or_detection() -> None:
    said = document(watch(snapshot=running()), Notice.STALLED)
    assert (said["duration_seconds"], said["outcome"], said["detected_at"], said["remarks"]) == (None, None, None, [])


def test_a_scheduled_job_has_not_started() -> None:
    assert document(watch(snapshot=scheduled()), Notice.UNREACHABLE)["started_at"] is None


def test_numbers_stay_numbers_and_whole_ones_whole() -> None:
    said = document(watch(snapshot=running(progress=Progress(1250.0, 5000.0, 25.5))), Notice.PROGRESS)
    assert write_notification(said).count("1250,") == 1
    assert said["progress"] == {"processed": 1250, "total": 5000, "percentage": 25.5}


def test_failed_items_come_first_and_a_cut_is_told() -> None:
    items = [Item(f"good {number}", "Completed", 100) for number in range(60)]
    items += [Item("bad", "Failed", 40, "schema mismatch", failed=True)]
    said = document(finished(ended(items=tuple(items), messages=tuple(Message("info", str(n)) for n in range(51)))))
    assert said["items"][0] == {
        "name": "bad",
        "state": "Failed",
        "progress": 40,
        "error": "schema mismatch",
        "failed": True,
    }
    assert len(said["items"]) == len(said["messages"]) == 50
    assert said["remarks"] == ["Shows 50 of 61 items.", "Shows 50 of 51 messages."]


def test_the_error_is_the_vendors_or_what_its_last_answers_said() -> None:
    assert str(document(finished(ended(Outcome.FAILED)))["error"]).startswith("Database connection timeout")
    followed = Followed()
    for minute in (0, 10):
        lost = followed.at(minute, NotFound("HTTP 404: no such job"))
    assert document(lost)["error"] == "HTTP 404: no such job"
    down = Followed().at(0, PollFailure(FailureKind.UNREACHABLE, "no connection within 5 s"))
    assert document(down, Notice.UNREACHABLE)["error"] == "no connection within 5 s"


def test_text_from_outside_is_one_line_without_controls() -> None:
    hostile = "a\nb\x1b[2J\u202e"
    about = submission(name=hostile, submitted_by=hostile, labels={hostile: hostile})
    end = ended(
        error=hostile,
        vendor_status="x",
        items=(Item(hostile, hostile, None, hostile, failed=True),),
        messages=(Message("error", hostile),),
        remarks=(hostile,),
    )
    said = write_notification(build_notification(finished(end, about), Notice.FINISHED, Outcome.FAILED, None, at=T0))
    assert not {"\\n", "\\u001b", "\u202e", "\x1b"} & {
        said[at : at + size] for size in (1, 2, 6) for at in range(len(said))
    }


def test_attributes_are_what_filters_match() -> None:
    said = message_attributes(document(finished()))
    assert said == {
        "notice": "finished",
        "outcome": "completed_with_errors",
        "vendor": "egain",
        "connection": "egain-prod",
        "operation": "import",
        "severity": "bad",
        "labels": ["team=knowledge"],
    }


def test_sns_takes_no_empty_attribute() -> None:
    said = message_attributes(document(watch(submission(labels={}), snapshot=running()), Notice.STALLED))
    assert "outcome" not in said
    assert "labels" not in said
    assert all(said.values())


def test_results_without_counts_are_null() -> None:
    assert document(finished(ended(results=Results())))["results"] == dict.fromkeys(
        ("successful", "warnings", "errors")
    )


def test_a_crowded_connection_is_told() -> None:
    [remark] = [each for each in document(finished(held_up_seconds=16 * 60))["remarks"] if "queued" in each]
    assert remark.startswith("Polls queued up to 16 min for the request budget of connection egain-prod")
    assert not any("queued" in each for each in document(finished(held_up_seconds=59))["remarks"])
