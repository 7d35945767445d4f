"""Fields that are one slip of the hand away from a known one."""

import pytest

from jobwatch.domain.slips import meant
from jobwatch.domain.submission import slips

KNOWN = ["connection", "job_id", "operation", "name", "labels", "deadline_minutes", "parameters"]


@pytest.mark.parametrize(
    ("given", "known"),
    [
        *(
            ("operaton", "operation"),
            ("operationn", "operation"),
            ("oparation", "operation"),
            ("opeartion", "operation"),
        ),
        *(("Operation", "operation"), ("lables", "labels"), ("label", "labels"), ("nmae", "name"), ("ame", "name")),
        *(
            ("jobId", "job_id"),
            ("job-id", "job_id"),
            ("deadlineMinutes", "deadline_minutes"),
            ("paramters", "parameters"),
        ),
        *(("operation", None), ("opration_", None), ("deadline", None), ("names_of", None), ("", None), ("id", None)),
        *(("aname", "name"), ("nam", "name"), ("environment", None), ("oeprtion", None)),
    ],
)
def test_what_was_meant(given: str, known: str | None) -> None:
    assert meant(given, KNOWN) == known


def test_those_of_a_submission_are_the_schemas() -> None:
    assert slips({"atempt": "2", "serie": "x", "job_id": "1", "team": "a", "submited_at": None}) == {
        "atempt": "attempt",
        "serie": "series",
    }
