"""What may be said of an end: never that there were no errors where nobody counted them."""

from itertools import product
from typing import Any

import pytest

from jobwatch.channels.slack.blocks import slack_message
from jobwatch.domain.claims import claims, log_says
from jobwatch.domain.snapshot import Item, Message, Progress, Results, Snapshot
from jobwatch.domain.words import Notice, Operation, Outcome, Severity
from jobwatch.messages.document import message_attributes
from jobwatch.messages.email import email_text
from jobwatch.messages.notification import build_notification
from jobwatch.messages.sms import sms_line
from tests.unit.examples import T0, ended, finished, submission

UNCOUNTED = Results()
SPOKEN: dict[str, Any] = {"lines": 40, "levels": {"error": 0, "info": 40}, "problems": [], "complete": True}
SILENT: dict[str, dict[str, Any] | None] = {
    "names no log": None,
    "was not read": {**SPOKEN, "lines": None, "levels": {}, "complete": False},
    "was read in part only": {**SPOKEN, "complete": False},
    "states no levels": {**SPOKEN, "levels": {}},
    "the log is empty": {**SPOKEN, "lines": 0},
    "10 lines of the log state no known level": {
        **SPOKEN,
        "levels": {"error": 0, "info": 30, "unknown": 10},
        "understood": False,
    },
    "was not understood": {**SPOKEN, "understood": False},
}


def of(snapshot: Snapshot, log: dict[str, Any] | None = None, *doubts: str) -> Severity:
    return claims(Notice.FINISHED, Outcome.SUCCEEDED, snapshot, "eGain", log, doubts).severity


@pytest.mark.parametrize(("operation", "why"), list(product(Operation, SILENT)))
def test_where_nobody_counted_no_text_says_that_there_were_no_errors(operation: Operation, why: str) -> None:
    end = finished(ended(results=UNCOUNTED), submission(operation=operation))
    note = build_notification(end, Notice.FINISHED, Outcome.SUCCEEDED, SILENT[why], at=T0)
    assert (note["outcome"], note["severity"]) == ("succeeded", "doubt")
    assert message_attributes(note)["severity"] == "doubt"
    assert note["headline"] == f"Nightly KB sync: {operation} finished, errors not counted"
    assert any(why in doubt for doubt in note["doubts"])
    assert note["doubts"][0] in note["remarks"]
    slack = slack_message(note)
    assert slack["text"].startswith("🟡")
    for text in (email_text(note), sms_line(note), str(slack), note["next_step"]):
        assert "Nothing to do" not in text
        assert "no errors" not in text
        assert "succeeded" not in text


@pytest.mark.parametrize(
    ("changes", "log"),
    [
        ({"results": Results(None, None, 0)}, None),
        ({"results": UNCOUNTED}, SPOKEN),
        ({"results": Results(5000, None, None)}, None),
        ({"results": Results(4990, 10, None)}, None),
        ({"results": UNCOUNTED, "items": (Item("a.json", "Completed"),)}, None),
        ({"results": UNCOUNTED, "messages": (Message("info", "12 articles"),)}, None),
    ],
)
def test_a_vendor_or_a_log_that_counted_makes_a_plain_success(changes: dict[str, Any], log: Any) -> None:
    assert of(ended(**changes), log) is Severity.GOOD


@pytest.mark.parametrize(
    "changes",
    [
        {"results": Results(5000, None, None), "progress": Progress()},
        {"results": Results(4000, None, None)},
        {"results": UNCOUNTED, "progress": Progress(5000, 5000, 100)},
    ],
)
def test_what_was_processed_or_done_is_no_count_of_errors(changes: dict[str, Any]) -> None:
    """5,000 of 5,000 are processed in an import with errors too."""
    assert of(ended(**changes)) is Severity.DOUBT


def test_a_contradiction_makes_a_success_doubtful_whoever_counted() -> None:
    clean = ended(results=Results(5000, 0, 0))
    assert of(clean) is Severity.GOOD
    assert of(clean, None, "Ended as done, yet nothing was.") is Severity.DOUBT
    assert of(clean, {**SPOKEN, "levels": {"error": 3}}) is Severity.DOUBT


def test_a_log_from_before_understood_was_told_is_judged_by_its_levels() -> None:
    assert log_says(SPOKEN)
    assert not any(log_says(log) for log in SILENT.values())
