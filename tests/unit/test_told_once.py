"""A failure that the vendor, its items and the log all tell is told once, with all that it hit."""

from typing import Any

import pytest

from jobwatch.domain.snapshot import Item, Message
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.document import Notification
from jobwatch.messages.email import email_text
from jobwatch.messages.notification import build_notification
from tests.unit.examples import LOG_LOCATION, T0, ended, finished

CAUSE = "schema mismatch in field vector"


def failed(log: dict[str, Any] | None = None, **changes: Any) -> Notification:
    given: dict[str, Any] = {"error": CAUSE, "retryable": None, "log_location": LOG_LOCATION if log else None}
    end = finished(ended(Outcome.FAILED, **{**given, **changes}))
    return build_notification(end, Notice.FINISHED, Outcome.FAILED, log, at=T0)


def items(*errors: str) -> tuple[Item, ...]:
    return tuple(Item(f"{number}.json", "Failed", 0, error, failed=True) for number, error in enumerate(errors))


def log(count: int, text: str = CAUSE) -> dict[str, Any]:
    problem = {"level": "error", "template": text, "count": count, "first_line": 202, "example": text}
    return {
        "location": LOG_LOCATION,
        "bytes": 9000,
        "lines": 300,
        "levels": {"error": count},
        "problems": [problem],
        "complete": True,
        "note": None,
    }


def flat(note: Notification) -> str:
    return " ".join(email_text(note).split())


def test_error_log_messages_and_items_of_one_cause() -> None:
    note = failed(log(1), items=items(CAUSE, CAUSE, CAUSE), messages=(Message("error", CAUSE),))
    assert flat(note).count(CAUSE) == 1
    assert f"{CAUSE}. 1,250 of 5,000 processed; 3,750 were not. In the log, it is line 202." in flat(note)
    assert "It is the reason of 3 failed items: 0.json, 1.json, 2.json." in flat(note)
    assert note["next_step"] == ("Mend the cause, then start the import again. Read the log from line 202 for more.")


@pytest.mark.parametrize("longer", [f"ERROR {CAUSE}!", f"Import stopped: {CAUSE.upper()}", f"{CAUSE} (row 7)"])
def test_either_of_two_that_holds_the_other_says_the_same(longer: str) -> None:
    for error, text in ((CAUSE, longer), (longer, CAUSE)):
        note = failed(log(1, text), error=error)
        assert flat(note).casefold().count(CAUSE) == 1
        assert note["cause"] == error


def test_a_short_word_is_not_the_same_as_all_that_holds_it() -> None:
    note = failed(log(1, "row 40 is wrong"), error="row 40")
    assert "row 40 is wrong (error" in flat(note)


def test_without_a_log_its_reader_is_sent_to_the_vendor() -> None:
    for note in (failed(items=items(CAUSE)), failed(messages=(Message("error", CAUSE),)), failed()):
        assert note["next_step"] == "Mend the cause, then start the import again. Look at the import in eGain for more."


def test_how_often_the_log_has_it_is_kept() -> None:
    assert "The log has 20 errors like this, the first on line 202." in flat(failed(log(20)))


def test_items_with_an_error_of_their_own_are_listed() -> None:
    note = failed(items=items(CAUSE, "file is empty", "file is empty", "file is too large"))
    assert "It is the reason of 1 failed item: 0.json." in flat(note)
    assert "- file is empty (in 2 items: 1.json, 2.json) - 3.json: file is too large" in flat(note)


def test_items_without_a_reason_are_named() -> None:
    note = failed(error=None, items=(Item("a.json", "Rejected", failed=True), Item("b.json", "Done")))
    assert "- a.json (Rejected, no reason given)" in flat(note)
    assert "b.json" not in flat(note)


def test_items_whose_reason_is_the_logs_cause_are_named_with_it() -> None:
    note = failed(log(4), error=None, items=items(CAUSE, CAUSE))
    assert flat(note).count(CAUSE) == 1
    assert "It is the reason of 2 failed items: 0.json, 1.json." in flat(note)
    assert "FAILED ITEMS" not in email_text(note)


def test_many_items_are_counted_not_all_named() -> None:
    shown = "40 failed items: 0.json, 1.json, 2.json, 3.json, 4.json and 35 more."
    assert shown in flat(failed(items=items(*[CAUSE] * 40)))


def test_a_group_of_entries_does_not_read_as_so_many_of_its_example() -> None:
    note = failed(log(4, "Article 1042: link target 77 not found"))
    assert "4 errors like “Article 1042: link target 77 not found” (log line 202)" in flat(note)


def test_a_job_without_an_end_took_no_time() -> None:
    gone = build_notification(finished(ended(finished_at=None)), Notice.FINISHED, Outcome.GAVE_UP, None, at=T0)
    assert gone["duration_seconds"] == 76 * 60
    assert any(remark.startswith("The duration") for remark in gone["remarks"])
    assert "Took" not in email_text(gone)
    assert "The duration" not in email_text(gone)
    assert "Took" in email_text(failed())
