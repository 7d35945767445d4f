"""The eGain server must answer as its documents show, or the adapter is tested against a fiction."""

from typing import Any
from urllib.parse import urljoin

import pytest
import requests

from sandbox import scripts
from sandbox.egain import EXPORT, IMPORT, Egain, Quirk
from sandbox.jobs import HandClock, Job
from sandbox.server import Sandbox


def token(egain: Egain, **changed: str) -> requests.Response:
    secret = dict(egain.secret)
    url = secret.pop("token_url")
    return requests.post(url, data={"grant_type": "client_credentials", **secret, **changed}, timeout=5)


def headers(egain: Egain) -> dict[str, str]:
    return {"Authorization": f"Bearer {token(egain).json()['access_token']}", "Accept-Language": "en-US"}


def status(egain: Egain, job: Job, path: str = IMPORT) -> Any:
    answer = requests.get(f"{egain.url}{path}/{job.id}/status", headers=headers(egain), timeout=5)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_token_and_its_refusals(sandbox: Sandbox) -> None:
    good = token(sandbox.egain)
    assert (good.status_code, good.json()["token_type"], good.json()["expires_in"]) == (200, "Bearer", 3600)
    assert (token(sandbox.egain, client_secret="x").status_code, token(sandbox.egain, scope="x").status_code) == (
        401,
        400,
    )
    assert token(sandbox.egain, client_secret="x").json()["error"] == "invalid_client"
    assert token(sandbox.egain, scope="x").json()["error"] == "invalid_scope"
    as_json = requests.post(sandbox.egain.token_url, json=sandbox.egain.secret, timeout=5)
    assert as_json.json()["error"] == "invalid_request"


def test_a_token_dies_with_its_time_and_when_revoked(sandbox: Sandbox, clock: HandClock) -> None:
    job = sandbox.egain.jobs.add(scripts.good_import())
    url = f"{sandbox.egain.url}{IMPORT}/{job.id}/status"
    held = headers(sandbox.egain)
    assert requests.get(url, headers=held, timeout=5).status_code == 200
    clock.advance(3601)
    assert requests.get(url, headers=held, timeout=5).json()["code"] == "401-101"
    held = headers(sandbox.egain)
    sandbox.egain.tokens.revoke()
    assert requests.get(url, headers=held, timeout=5).status_code == 401


def test_language_is_required_and_an_id_may_come_in_either_case(sandbox: Sandbox) -> None:
    job = sandbox.egain.jobs.add(scripts.good_import())
    url = f"{sandbox.egain.url}{IMPORT}/{job.id.lower()}/status"
    held = headers(sandbox.egain)
    assert requests.get(url, headers=held, timeout=5).status_code == 200
    held["Accept-Language"] = "xx"
    assert requests.get(url, headers=held, timeout=5).json()["code"] == "406-100"


def test_submission_answers_with_a_location_without_a_leading_slash(sandbox: Sandbox) -> None:
    body = {"dataSource": {"type": "AWS S3 bucket", "path": "s3://mybucket/in"}, "operation": "import"}
    answer = requests.post(f"{sandbox.egain.url}{IMPORT}", json=body, headers=headers(sandbox.egain), timeout=5)
    job = sandbox.egain.jobs.all()[0]
    assert (answer.status_code, answer.content) == (202, b"")
    assert answer.headers["location"] == f"knowledge/contentmgr/v4/import/content/{job.id}/status"
    wrong = requests.post(f"{sandbox.egain.url}{IMPORT}", json={}, headers=headers(sandbox.egain), timeout=5)
    assert (wrong.status_code, wrong.json()["details"]) == (400, [{"key": "dataSource.type"}])


def test_a_scheduled_import(sandbox: Sandbox, clock: HandClock) -> None:
    body = {
        "dataSource": {"type": "Shared file path", "path": "/in"},
        "operation": "import",
        "scheduleTime": {"date": "2024-03-01T12:00:00.000Z"},
    }
    answer = requests.post(f"{sandbox.egain.url}{IMPORT}", json=body, headers=headers(sandbox.egain), timeout=5)
    url = urljoin(sandbox.egain.url + "/", answer.headers["location"])
    seen = requests.get(url, headers=headers(sandbox.egain), timeout=5).json()
    assert seen == {
        "status": "Scheduled",
        "jobType": "Import",
        "progress": {"processed": 0, "total": 0, "percentage": 0},
        "startTime": "2024-03-01T12:00:00.000Z",
        "currentOperation": "Queued for execution",
    }


def test_running_as_the_document_shows_it(sandbox: Sandbox, clock: HandClock) -> None:
    job = sandbox.egain.jobs.add(scripts.good_import(5400), job_id="7A84B875-6F75-4C7B-B137-0632B62DB0BD")
    clock.advance(1350)
    assert status(sandbox.egain, job) == {
        "status": "In Progress",
        "jobType": "Import",
        "progress": {"processed": 1250, "total": 5000, "percentage": 25},
        "logFileLocation": "s3://mybucket/logs/import-logs-7A84B875-6F75-4C7B-B137-0632B62DB0BD.txt",
        "startTime": "2024-03-01T10:00:00.000Z",
        "estimatedCompletion": "2024-03-01T11:30:00.000Z",
        "currentOperation": "Processing content items",
    }


def test_a_validation_that_ended(sandbox: Sandbox, clock: HandClock) -> None:
    job = sandbox.egain.jobs.add(scripts.validation_with_errors(4500), operation="validation")
    clock.advance(5000)
    seen = status(sandbox.egain, job)
    assert (seen["status"], seen["jobType"]) == ("Successful", "Validation")
    assert seen["results"] == {"successful": 4985, "warnings": 10, "errors": 5}
    assert seen["completionTime"] == "2024-03-01T11:15:00.000Z"
    assert not {"failureTime", "error", "estimatedCompletion", "currentOperation"} & set(seen)


def test_failed_as_the_document_shows_it(sandbox: Sandbox, clock: HandClock) -> None:
    job = sandbox.egain.jobs.add(scripts.failed_retryable(2700))
    clock.advance(2700)
    seen = status(sandbox.egain, job)
    assert (seen["status"], seen["failureTime"], seen["retryable"]) == ("Failed", "2024-03-01T10:45:00.000Z", True)
    assert "completionTime" not in seen
    assert "results" not in seen


@pytest.mark.parametrize(
    ("quirk", "field", "value"),
    [
        (Quirk.COMPLETED, "status", "Completed"),
        (Quirk.SUCCESFULL, "results", {"succesfull": 4985, "warnings": 10, "errors": 5}),
        (Quirk.NO_JOB_TYPE, "jobType", None),
        (Quirk.NO_PERCENTAGE, "progress", {"processed": 5000, "total": 5000}),
        (Quirk.NO_PROGRESS, "progress", None),
        (Quirk.NO_RESULTS, "results", None),
        (Quirk.NO_TIMES, "completionTime", None),
        (Quirk.NO_FRACTION, "completionTime", "2024-03-01T11:15:00Z"),
        (Quirk.OFFSET, "completionTime", "2024-03-01T11:15:00+0000"),
        (Quirk.NO_ZONE, "completionTime", "2024-03-01T11:15:00"),
        (Quirk.LOWER_CASE, "status", "successful"),
    ],
)
def test_contradictions_can_be_switched_on(
    sandbox: Sandbox, clock: HandClock, quirk: Quirk, field: str, value: object
) -> None:
    job = sandbox.egain.jobs.add(scripts.import_with_errors(4500), quirks=[quirk])
    clock.advance(4500)
    assert status(sandbox.egain, job).get(field) == value


def test_contradictions_of_jobs_that_run_or_were_cancelled(sandbox: Sandbox, clock: HandClock) -> None:
    odd = [Quirk.UNKNOWN_STATUS, Quirk.FLOAT_PERCENTAGE, Quirk.NULLS]
    running = sandbox.egain.jobs.add(scripts.good_import(3000), quirks=odd)
    stopped = sandbox.egain.jobs.add(scripts.cancelled(500), quirks=[Quirk.CANCELED])
    clock.advance(1000)
    seen = status(sandbox.egain, running)
    assert (seen["status"], seen["progress"]["percentage"]) == ("Archiving", 33.33)
    assert (seen["results"], seen["error"], seen["retryable"]) == (None, None, None)
    assert status(sandbox.egain, stopped)["status"] == "Canceled"


def test_cancelling(sandbox: Sandbox, clock: HandClock) -> None:
    job = sandbox.egain.jobs.add(scripts.good_import(1000))
    url = f"{sandbox.egain.url}{IMPORT}/{job.id}/cancel"
    sandbox.egain.cancel_takes_seconds = 30
    assert requests.post(url, headers=headers(sandbox.egain), timeout=5).status_code == 204
    assert status(sandbox.egain, job)["status"] == "In Progress"
    clock.advance(31)
    assert status(sandbox.egain, job)["status"] == "Cancelled"
    assert requests.post(url, headers=headers(sandbox.egain), timeout=5).status_code == 409


def test_unknown_jobs_and_jobs_of_the_other_api_are_not_found(sandbox: Sandbox, clock: HandClock) -> None:
    late = sandbox.egain.jobs.add(scripts.late_known(60))
    export = sandbox.egain.jobs.add(scripts.good_import(), operation="export")
    held = headers(sandbox.egain)
    for job in (late, export):
        answer = requests.get(f"{sandbox.egain.url}{IMPORT}/{job.id}/status", headers=held, timeout=5)
        assert (answer.status_code, answer.json()["code"]) == (404, "404-100")
    clock.advance(61)
    assert status(sandbox.egain, late)["status"] == "In Progress"


def test_export(sandbox: Sandbox, clock: HandClock) -> None:
    sandbox.egain.jobs.on_submit = scripts.scheduled(60, 1000)
    answer = requests.post(f"{sandbox.egain.url}{EXPORT}", json={}, headers=headers(sandbox.egain), timeout=5)
    job = sandbox.egain.jobs.all()[0]
    assert answer.headers["location"] == f"/knowledge/portalmgr/v4/content/export/{job.id}"
    assert status(sandbox.egain, job, EXPORT) == {"status": "Pending"}
    clock.advance(560)
    running = status(sandbox.egain, job, EXPORT)
    assert isinstance(running["progress"]["percentage"], float)
    assert set(running) == {"status", "progress", "startTime", "estimatedCompletion"}
    clock.advance(1000)
    assert status(sandbox.egain, job, EXPORT)["results"] == {"successful": 5000, "warnings": 0, "errors": 0}
