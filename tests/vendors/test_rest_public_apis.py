"""A dozen public job-status APIs, unlike each other, in descriptions of a few lines: what `rest` can say.

Answers are cut to what a watcher reads. Sources: the vendors' public API references, named beside each.
"""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from jobwatch.domain.connection import Connection, read_connection
from jobwatch.domain.exchange import Response
from jobwatch.domain.outcome import settle
from jobwatch.domain.snapshot import NotFound, Phase, PollFailure, Snapshot
from jobwatch.domain.submission import read_submission
from jobwatch.vendors.registry import vendor_of

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Api:
    """A description, the call that it makes, and what its answers mean: HTTP code, body, end or phase or failure."""

    rest: dict[str, Any]
    asked: str
    answers: tuple[tuple[int, Any, str], ...]
    job_id: str = "42"
    body: dict[str, Any] | None = None
    parameters: dict[str, str] = field(default_factory=dict)

    @property
    def connection(self) -> Connection:
        document = {"vendor": "rest", "base_url": "https://api.example.com", "secret": "jobwatch/x", "rest": self.rest}
        return read_connection("api", {**document, "parameters": self.parameters}, "jobwatch/", frozenset({"rest"}))


BEARER = {"type": "bearer", "token": "{secret.token}"}
APIS = {
    # shopify.dev/docs/api/usage/bulk-operations/queries: GraphQL, so always 200, and counts as text
    "shopify bulk operation": Api(
        rest={
            "request": {
                "method": "POST",
                "path": "/admin/api/2024-10/graphql.json",
                "body": {
                    "query": "query($id: ID!) { node(id: $id) { ... on BulkOperation { status objectCount } } }",
                    "variables": {"id": "{job_id}"},
                },
            },
            "auth": {"type": "header", "name": "X-Shopify-Access-Token", "value": "{secret.token}"},
            "snapshot": {
                "state": "body.data.node.status || body.data && 'NO_NODE'",
                "progress": {"processed": "body.data.node.objectCount"},
                "error": "body.data.node.errorCode",
                "failure": "body.errors[0].{code: extensions.code, text: message}",
            },
            "outcomes": {
                "scheduled": ["CREATED"],
                "succeeded": ["COMPLETED"],
                "failed": ["FAILED", "EXPIRED"],
                "cancelled": ["CANCELED"],
                "not_found": ["NO_NODE"],
            },
            "failures": {"throttled": ["THROTTLED"]},
        },
        asked="POST https://api.example.com/admin/api/2024-10/graphql.json",
        job_id="gid://shopify/BulkOperation/720918",
        body={"variables": {"id": "gid://shopify/BulkOperation/720918"}},
        answers=(
            (200, {"data": {"node": {"status": "RUNNING", "objectCount": "1500"}}}, "running 1500"),
            (200, {"data": {"node": {"status": "COMPLETED", "objectCount": "3000"}}}, "succeeded"),
            (200, {"data": {"node": None}}, "not_found"),
            (200, {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}, "throttled"),
        ),
    ),
    # cloud.google.com/bigquery/docs/reference/rest/v2/jobs/get: DONE for failures too, times as texts of milliseconds
    "bigquery job": Api(
        rest={
            "request": {
                "path": "/bigquery/v2/projects/{parameters.project}/jobs/{job_id}",
                "query": {"location": "{parameters.location}"},
            },
            "auth": BEARER,
            "snapshot": {
                "state": "body.status.state == 'DONE' && body.status.errorResult && 'FAILED' || body.status.state",
                "error": "body.status.errorResult.message",
                "started_at": "body.statistics.startTime",
                "finished_at": "body.statistics.endTime",
                "messages": "body.status.errors[].{level: 'warning', text: message}",
            },
            "outcomes": {"scheduled": ["PENDING"], "succeeded": ["DONE"], "failed": ["FAILED"]},
        },
        asked="GET https://api.example.com/bigquery/v2/projects/p1/jobs/42?location=EU",
        parameters={"project": "p1", "location": "EU"},
        answers=(
            (200, {"status": {"state": "PENDING"}}, "scheduled"),
            (200, {"status": {"state": "RUNNING"}, "statistics": {"startTime": "1709287200000"}}, "running"),
            (200, {"status": {"state": "DONE"}}, "succeeded"),
            (200, {"status": {"state": "DONE", "errorResult": {"message": "Syntax error"}}}, "failed"),
            (404, {"error": {"code": 404, "status": "NOT_FOUND"}}, "not_found"),
        ),
    ),
    # docs.databricks.com/api/workspace/jobs/getrun: two states in one, an end of 0 while it runs
    "databricks run": Api(
        rest={
            "request": {"path": "/api/2.1/jobs/runs/get", "query": {"run_id": "{job_id}"}},
            "auth": BEARER,
            "snapshot": {
                "state": "body.state.result_state || body.state.life_cycle_state",
                "error": "body.state.result_state != 'SUCCESS' && body.state.state_message",
                "started_at": "body.start_time",
                "finished_at": "body.end_time",
                "items": "body.tasks[].{name: task_key, state: not_null(state.result_state, state.life_cycle_state)}",
            },
            "outcomes": {
                "scheduled": ["PENDING", "QUEUED", "BLOCKED"],
                "succeeded": ["SUCCESS"],
                "completed_with_errors": ["SUCCESS_WITH_FAILURES"],
                "failed": ["FAILED", "TIMEDOUT", "INTERNAL_ERROR", "SKIPPED"],
                "cancelled": ["CANCELED"],
            },
        },
        asked="GET https://api.example.com/api/2.1/jobs/runs/get?run_id=42",
        answers=(
            (200, {"state": {"life_cycle_state": "RUNNING"}, "end_time": 0}, "running"),
            (200, {"state": {"life_cycle_state": "TERMINATED", "result_state": "SUCCESS"}}, "succeeded"),
            (
                200,
                {"state": {"life_cycle_state": "TERMINATED", "result_state": "SUCCESS_WITH_FAILURES"}},
                "completed_with_errors",
            ),
            (200, {"state": {"life_cycle_state": "INTERNAL_ERROR"}}, "failed"),
        ),
    ),
    # docs.getdbt.com/dbt-cloud/api-v2: numbers for states
    "dbt cloud run": Api(
        rest={
            "request": {"path": "/api/v2/accounts/{parameters.account}/runs/{job_id}/"},
            "auth": {"type": "header", "name": "Authorization", "value": "Token {secret.token}"},
            "snapshot": {
                "state": "body.data.status",
                "current_operation": "body.data.status_humanized",
                "error": "body.data.status_message",
                "started_at": "body.data.started_at",
                "finished_at": "body.data.finished_at",
                "failure": "body.status.is_success == `false` && body.status.{code: code, text: user_message}",
            },
            "outcomes": {"scheduled": [1, 2], "running": [3], "succeeded": [10], "failed": [20], "cancelled": [30]},
        },
        asked="GET https://api.example.com/api/v2/accounts/9/runs/42/",
        parameters={"account": "9"},
        answers=(
            (200, {"status": {"is_success": True}, "data": {"status": 1}}, "scheduled"),
            (200, {"status": {"is_success": True}, "data": {"status": 10}}, "succeeded"),
            (200, {"status": {"is_success": False, "code": 404, "user_message": "Not found."}}, "not_found"),
        ),
    ),
    # reference.airbyte.com: POST with a number in its body
    "airbyte job": Api(
        rest={
            "request": {"method": "POST", "path": "/api/v1/jobs/get", "body": {"id": "{job_id:number}"}},
            "auth": {"type": "basic", "username": "{secret.token}", "password": ""},
            "snapshot": {
                "state": "body.job.status",
                "started_at": "body.job.createdAt",
                "finished_at": "body.job.updatedAt",
                "progress": {"processed": "sum(body.attempts[].attempt.recordsSynced)"},
                "error": "body.attempts[-1].attempt.failureSummary.failures[0].externalMessage",
                "retryable": "body.attempts[-1].attempt.failureSummary.failures[0].retryable",
            },
            "outcomes": {
                "scheduled": ["pending"],
                "succeeded": ["succeeded"],
                "completed_with_errors": ["incomplete"],
                "failed": ["failed"],
                "cancelled": ["cancelled"],
            },
        },
        asked="POST https://api.example.com/api/v1/jobs/get",
        body={"id": 42},
        answers=(
            (
                200,
                {"job": {"status": "running"}, "attempts": [{"attempt": {"recordsSynced": 5}}, {"attempt": {}}]},
                "running 5",
            ),
            (200, {"job": {"status": "failed", "updatedAt": 1709287200}}, "failed"),
        ),
    ),
    # mailchimp.com/developer/marketing/api/batch-operations: finished, with errors in counts
    "mailchimp batch": Api(
        rest={
            "request": {"path": "/3.0/batches/{job_id}"},
            "auth": {"type": "basic", "username": "any", "password": "{secret.token}"},
            "snapshot": {
                "state": "body.status",
                "progress": {"processed": "body.finished_operations", "total": "body.total_operations"},
                "results": {
                    "successful": "subtract(body.finished_operations, body.errored_operations)",
                    "errors": "body.errored_operations",
                },
            },
            "outcomes": {"scheduled": ["pending"], "succeeded": ["finished"]},
        },
        asked="GET https://api.example.com/3.0/batches/42",
        answers=(
            (
                200,
                {"status": "started", "total_operations": 9, "finished_operations": 4, "errored_operations": 1},
                "running 4",
            ),
            (200, {"status": "finished", "finished_operations": 9, "errored_operations": 1}, "completed_with_errors"),
        ),
    ),
    # google.aip.dev/151, long-running operations: no state but `done`, absent while it runs; names with slashes
    "google operation": Api(
        rest={
            "request": {"path": "/v1/{job_id:path}"},
            "auth": BEARER,
            "snapshot": {
                "state": "body.done && (body.error && 'error' || 'response') || body.name && 'running'",
                "progress": {"percentage": "body.metadata.progressPercent"},
                "error": "body.error.message",
            },
            "outcomes": {"running": ["running"], "succeeded": ["response"], "failed": ["error"]},
        },
        asked="GET https://api.example.com/v1/projects/p/operations/42",
        job_id="projects/p/operations/42",
        answers=(
            (200, {"name": "operations/42", "metadata": {"progressPercent": 30}}, "running 30 %"),
            (200, {"name": "operations/42", "done": True, "response": {}}, "succeeded"),
            (200, {"name": "operations/42", "done": True, "error": {"code": 3, "message": "No"}}, "failed"),
            (200, {}, "unreadable"),
        ),
    ),
    # learn.microsoft.com/azure/architecture/patterns/async-request-reply: nothing but HTTP codes
    "202 until 200": Api(
        rest={
            "request": {"path": "/exports/{job_id}"},
            "auth": {"type": "header", "name": "X-Api-Key", "value": "{secret.token}"},
            "snapshot": {"state": "status_code"},
            "status_codes": [303, 410],
            "outcomes": {"running": [202], "succeeded": [200, 303], "failed": [410]},
        },
        asked="GET https://api.example.com/exports/42",
        answers=(
            (202, "", "running"),
            (200, "id;name\n1;a", "succeeded"),
            (303, "", "succeeded"),
            (410, "", "failed"),
            (404, "", "not_found"),
            (503, "", "vendor_error"),
        ),
    ),
    # kubernetes.io, batch/v1 Job: conditions instead of a state
    "kubernetes job": Api(
        rest={
            "request": {"path": "/apis/batch/v1/namespaces/{parameters.namespace}/jobs/{job_id}"},
            "auth": BEARER,
            "snapshot": {
                "state": "body.status.conditions[?status=='True' && (type=='Complete' || type=='Failed')].type | [0]",
                "progress": {"processed": "body.status.succeeded", "total": "body.spec.completions"},
                "error": "body.status.conditions[?type=='Failed'].message | [0]",
                "started_at": "body.status.startTime",
                "finished_at": "body.status.completionTime",
            },
            "outcomes": {"running": [None], "succeeded": ["Complete"], "failed": ["Failed"]},
        },
        asked="GET https://api.example.com/apis/batch/v1/namespaces/prod/jobs/42",
        parameters={"namespace": "prod"},
        answers=(
            (200, {"status": {"active": 1, "succeeded": 2}, "spec": {"completions": 5}}, "running 2"),
            (
                200,
                {
                    "status": {
                        "conditions": [
                            {"type": "SuccessCriteriaMet", "status": "True"},
                            {"type": "Complete", "status": "True"},
                        ]
                    }
                },
                "succeeded",
            ),
            (
                200,
                {"status": {"conditions": [{"type": "Failed", "status": "True", "message": "BackoffLimitExceeded"}]}},
                "failed",
            ),
        ),
    ),
    # developers.hubspot.com, CRM imports: counters by name, errors beside a success
    "hubspot import": Api(
        rest={
            "request": {"path": "/crm/v3/imports/{job_id}"},
            "auth": BEARER,
            "snapshot": {
                "state": "body.state",
                "progress": {"processed": "body.metadata.counters.TOTAL_ROWS"},
                "results": {
                    "successful": "sum(body.metadata.counters.[CREATED_OBJECTS, UPDATED_OBJECTS][])",
                    "errors": "body.metadata.counters.ERRORS",
                },
                "failure": "body.status == 'error' && {code: body.category, text: body.message}",
            },
            "outcomes": {
                "scheduled": ["STARTED"],
                "succeeded": ["DONE"],
                "failed": ["FAILED"],
                "cancelled": ["CANCELED", "DEFERRED"],
            },
            "failures": {"not_found": ["OBJECT_NOT_FOUND"], "throttled": ["RATE_LIMITS"]},
        },
        asked="GET https://api.example.com/crm/v3/imports/42",
        answers=(
            (200, {"state": "PROCESSING", "metadata": {"counters": {"TOTAL_ROWS": 10}}}, "running 10"),
            (
                200,
                {"state": "DONE", "metadata": {"counters": {"CREATED_OBJECTS": 8, "ERRORS": 2}}},
                "completed_with_errors",
            ),
            (400, {"status": "error", "category": "OBJECT_NOT_FOUND", "message": "No import"}, "not_found"),
            (400, {"status": "error", "category": "VALIDATION_ERROR"}, "refused"),
        ),
    ),
    # fivetran.com/docs/rest-api, connections: a sync without an id, ended when it last succeeded or failed
    "fivetran sync": Api(
        rest={
            "request": {"path": "/v1/connections/{job_id}"},
            "auth": {"type": "basic", "username": "{secret.token}", "password": "{secret.token}"},
            "snapshot": {
                "state": "body.data.status.sync_state != 'scheduled' && body.data.status.sync_state || "
                "(not_null(body.data.failed_at, '') > not_null(body.data.succeeded_at, '') && 'failed' || 'succeeded')",
                "failure": "body.code != 'Success' && {code: body.code, text: body.message}",
                "finished_at": "max([not_null(body.data.failed_at, ''), not_null(body.data.succeeded_at, '')])",
            },
            "outcomes": {
                "running": ["syncing", "rescheduled"],
                "cancelled": ["paused"],
                "succeeded": ["succeeded"],
                "failed": ["failed"],
            },
            "failures": {"not_found": ["NotFound_Connection"]},
        },
        asked="GET https://api.example.com/v1/connections/42",
        answers=(
            (200, {"code": "Success", "data": {"status": {"sync_state": "syncing"}}}, "running"),
            (
                200,
                {
                    "code": "Success",
                    "data": {"status": {"sync_state": "scheduled"}, "succeeded_at": "2024-03-01T11:00:00Z"},
                },
                "succeeded",
            ),
            (
                200,
                {
                    "code": "Success",
                    "data": {
                        "status": {"sync_state": "scheduled"},
                        "succeeded_at": "2024-02-01T11:00:00Z",
                        "failed_at": "2024-03-01T11:00:00Z",
                    },
                },
                "failed",
            ),
            (404, {"code": "NotFound_Connection", "message": "Cannot find connection"}, "not_found"),
        ),
    ),
    # docs.aws.amazon.com/batch DescribeJobs in form: POST, a list of one, errors by name under 400
    "a list of described jobs": Api(
        rest={
            "request": {"method": "POST", "path": "/v1/describejobs", "body": {"jobs": ["{job_id}"]}},
            "auth": {"type": "header", "name": "X-Api-Key", "value": "{secret.token}"},
            "snapshot": {
                "state": "find(body.jobs, 'jobId', watch.job_id).status || type(body.jobs) == 'array' && 'MISSING'",
                "error": "find(body.jobs, 'jobId', watch.job_id).statusReason",
                "failure": "body.__type && {code: body.__type, text: body.message}",
            },
            "outcomes": {
                "scheduled": ["SUBMITTED", "PENDING", "RUNNABLE"],
                "succeeded": ["SUCCEEDED"],
                "failed": ["FAILED"],
                "not_found": ["MISSING"],
            },
            "failures": {"throttled": ["TooManyRequestsException"], "unauthorised": ["AccessDeniedException"]},
        },
        asked="POST https://api.example.com/v1/describejobs",
        body={"jobs": ["42"]},
        answers=(
            (200, {"jobs": [{"jobId": 41, "status": "FAILED"}, {"jobId": 42, "status": "SUCCEEDED"}]}, "succeeded"),
            (200, {"jobs": [{"jobId": "42", "status": "RUNNABLE"}]}, "scheduled"),
            (200, {"jobs": []}, "not_found"),
            (400, {"__type": "TooManyRequestsException"}, "throttled"),
            (400, {"__type": "AccessDeniedException"}, "unauthorised"),
        ),
    ),
}
ANSWERS = [
    pytest.param(api, *answer, id=f"{name}: {answer[2]}") for name, api in APIS.items() for answer in api.answers
]


@pytest.mark.parametrize("api", APIS.values(), ids=APIS)
def test_is_asked_for_as_the_vendor_says(api: Api) -> None:
    submission = read_submission({"connection": "api", "job_id": api.job_id}, NOW)
    vendor = vendor_of(api.connection)
    vendor.check(submission, api.connection)
    request = vendor.request(submission, api.connection, {"token": "a-secret-token"})
    assert f"{request.method} {request.url}" == api.asked
    assert (api.body or {}).items() <= (request.json_body or {}).items()


@pytest.mark.parametrize(("api", "status_code", "body", "meaning"), ANSWERS)
def test_means(api: Api, status_code: int, body: Any, meaning: str) -> None:
    submission = read_submission({"connection": "api", "job_id": api.job_id}, NOW)
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    answer = vendor_of(api.connection).read(submission, Response(status_code, {}, content, NOW))
    match answer:
        case Snapshot(phase=Phase.ENDED):
            assert settle(answer) == meaning
        case Snapshot(progress=progress):
            shown = f"{progress.processed:.0f}" if progress.processed is not None else ""
            shown += f"{progress.percentage:.0f} %" if progress.percentage is not None else ""
            assert f"{answer.phase} {shown}".strip() == meaning
        case NotFound():
            assert meaning == "not_found"
        case PollFailure(kind):
            assert kind == meaning
