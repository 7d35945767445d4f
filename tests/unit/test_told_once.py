"""A failure that the vendor, its items and the log all tell is told once, with all that it hit."""

from typing import Any

from jobwatch.domain.snapshot import Item, Message
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.email import email_text
from jobwatch.messages.notification import build_notification
from tests.unit.examples import LOG_LOCATION, T0, ended, finished

CAUSE = "schema mismatch in field vector"


def failed(log: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
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


def flat(note: dict[str, Any]) -> str:
    return " ".join(email_text(note).split())


def test_error_log_messages_and_items_of_one_cause() -> None:
    note = failed(log(1), items=items(CAUSE, CAUSE, CAUSE), messages=(Message("error", CAUSE),))
    assert flat(note).count(CAUSE) == 1
    assert f"Error {CAUSE} (log line 202; in 3 items: 0.json, 1.json, 2.json)" in flat(note)
    assert note["next_step"] == "Find the cause in the error and the log (line 202), then start the import again."


def test_without_a_log_the_error_is_all_there_is() -> None:
    assert failed(items=items(CAUSE))["next_step"].startswith("Find the cause in the error above, then")
    assert failed(messages=(Message("error", CAUSE),))["next_step"].startswith(
        "Find the cause in the error above, then"
    )
    assert failed()["next_step"].startswith("Find the cause in the error and the job in eGain, then")


def test_how_often_the_log_has_it_is_kept() -> None:
    note = failed(log(20))
    assert f"20 x ERROR {CAUSE} (line 202)" in flat(note)
    assert "the problems above" in note["next_step"]


def test_items_with_an_error_of_their_own_are_listed() -> None:
    note = failed(items=items(CAUSE, "file is empty", "file is empty", "file is too large"))
    assert f"{CAUSE} (in 1 item: 0.json)" in flat(note)
    assert "- file is empty (in 2 items: 1.json, 2.json) - 3.json: file is too large" in flat(note)
    assert "the problems above" in note["next_step"]


def test_items_are_named_at_the_problem_that_hit_them() -> None:
    note = failed(log(4), error=None, items=items(CAUSE, CAUSE))
    assert f"4 x ERROR {CAUSE} (in 2 items: 0.json, 1.json) (line 202)" in flat(note)
    assert "ITEMS WITH ERRORS" not in email_text(note)


def test_many_items_are_counted_not_all_named() -> None:
    assert "(in 40 items: 0.json, 1.json, 2.json, 3.json, 4.json, …)" in flat(failed(items=items(*[CAUSE] * 40)))


def test_a_job_without_an_end_took_no_time() -> None:
    gone = build_notification(finished(ended(finished_at=None)), Notice.FINISHED, Outcome.GAVE_UP, None, at=T0)
    assert gone["duration_seconds"] == 76 * 60
    assert any(remark.startswith("The duration") for remark in gone["remarks"])
    assert "Took" not in email_text(gone)
    assert "The duration" not in email_text(gone)
    assert "Took" in email_text(failed())
