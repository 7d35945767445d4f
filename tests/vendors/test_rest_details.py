"""What the shipped descriptions read behind the second address of their APIs.

Forms by the vendors' pages, values made up: HubSpot's CRM imports, Auth0's jobs/get-errors, GitLab's and GitHub's jobs.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from jobwatch.domain.connection import read_connection
from jobwatch.domain.exchange import Response
from jobwatch.domain.outcome import settle
from jobwatch.domain.snapshot import Phase, Snapshot
from jobwatch.domain.submission import read_submission
from jobwatch.domain.words import Outcome
from jobwatch.vendors.registry import VENDORS
from jobwatch.vendors.rest import Rest
from tests.vendors.recordings import RECEIVED_AT

CONNECTIONS = Path(__file__).parents[2] / "events" / "connections"
SECOND: dict[str, tuple[Any, list[str]]] = {
    "hubspot-imports": (
        {
            "results": [
                {
                    "id": "1",
                    "errorType": "INVALID_EMAIL",
                    "sourceData": {"lineNumber": 7, "rowData": ["x"]},
                    "errorMessage": "x is no email address",
                }
            ]
        },
        ["line 7: x is no email address"],
    ),
    "auth0-jobs": (
        [{"user": {"email": "jane@example.com"}, "errors": [{"code": "INVALID_FORMAT", "message": "Error in email"}]}],
        ["jane@example.com: Error in email"],
    ),
    "gitlab-pipelines": (
        [
            {"name": "load", "stage": "deploy", "status": "failed", "failure_reason": "script_failure"},
            {"name": "lint", "stage": "test", "status": "failed", "allow_failure": True},
        ],
        ["deploy: load: script_failure"],
    ),
    "github-actions": (
        {
            "jobs": [
                {
                    "name": "load",
                    "conclusion": "failure",
                    "steps": [{"name": "Set up", "conclusion": "success"}, {"name": "Import", "conclusion": "failure"}],
                },
                {"name": "lint", "conclusion": "success", "steps": []},
            ]
        },
        ["load: failed in Import"],
    ),
}


@pytest.mark.parametrize("name", SECOND)
def test_its_failed_items_are_named(name: str) -> None:
    document = json.loads((CONNECTIONS / f"{name}.json").read_text())
    connection = read_connection(name, document, "jobwatch/", frozenset(VENDORS))
    submission = read_submission({"connection": name, "job_id": "7"}, RECEIVED_AT)
    end = Snapshot(Phase.ENDED, "done", Outcome.SUCCEEDED, details=connection.base_url + "/x")
    body, failed = SECOND[name]
    answer = Rest(connection).read_details(submission, end, Response(200, {}, json.dumps(body).encode(), RECEIVED_AT))
    assert isinstance(answer, Snapshot)
    assert [f"{item.name}: {item.error}" for item in answer.items if item.failed] == failed
    assert settle(answer) is Outcome.COMPLETED_WITH_ERRORS


def test_every_second_request_is_tried() -> None:
    described = {path.stem for path in CONNECTIONS.glob("*.json") if "details" in json.loads(path.read_text())["rest"]}
    assert described == set(SECOND)
