"""A described job that waits for a person, an API that forgets, and codes that say that all is well."""

from datetime import timedelta

import pytest

from jobwatch.domain.snapshot import PollFailure, Snapshot
from jobwatch.vendors.registry import vendor_of
from tests.unit.rest_examples import answered, described


def test_a_job_that_waits_for_a_person_says_for_what() -> None:
    connection = described(
        {
            "snapshot.waits_for": "body.status == 'manual' && 'somebody to start it'",
            "outcomes.running": ["manual", "running"],
        }
    )
    assert answered({"status": "manual"}, connection).waits_for == "somebody to start it"
    assert answered({"status": "running"}, connection).waits_for is None


def test_an_end_waits_for_nobody() -> None:
    connection = described({"snapshot.waits_for": "body.status && 'somebody'"})
    assert answered({"status": "done"}, connection).waits_for is None


def test_how_long_an_api_remembers() -> None:
    assert vendor_of(described({"remembers_hours": 1.5})).remembers == timedelta(minutes=90)
    assert vendor_of(described()).remembers is None


@pytest.mark.parametrize(
    ("code", "text", "is_failure"),
    [
        (0, None, False),
        (0, "OK", False),
        ("0", "", False),
        ("000", "ok", False),
        (200, "success", False),
        ("200", "Done.", False),
        ("Success", "All is well", False),
        (None, "no right to see it", True),
        (1, None, True),
        (404, "x", True),
    ],
)
def test_a_code_that_says_that_all_is_well_is_no_failure(code: object, text: object, is_failure: bool) -> None:
    connection = described({"snapshot.failure": "body.{code: code, text: text}"})
    content = {"status": "done", "code": code, "text": text}
    answer = answered(content, connection)
    assert isinstance(answer, Snapshot) is not is_failure


def test_without_a_status_the_same_code_is_no_status() -> None:
    connection = described({"snapshot.failure": "body.{code: code, text: text}"})
    assert isinstance(answered({"code": 0, "text": "The token is illegal."}, connection), PollFailure)
