"""Four public job-status APIs for the `rest` vendor, as unlike each other as they come.

- github: GET /repos/{owner}/{repo}/actions/runs/{id}, bearer token; a status and a conclusion, no counts; its
  jobs with their steps by a second call, …/jobs
- zendesk: GET /api/v2/job_statuses/{id}.json, basic `email/token:key`; progress of a total, no times
- salesforce: GET /services/data/v60.0/jobs/ingest/{id}, OAuth client credentials; counts without a total, list errors
- azure: GET /openai/batches/{id}?api-version=2024-10-21, `api-key` header; epoch seconds, nested errors

Sources: docs.github.com/rest/actions/workflow-runs and …/workflow-jobs, developer.zendesk.com job_statuses,
developer.salesforce.com "Get Information About an Ingest Job", learn.microsoft.com/rest/api/azureopenai/batch.
Fields that no job watcher reads are left out.
"""

import random
from base64 import b64encode
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request

from sandbox.jobs import Clock, Job, Jobs, Moment, State
from sandbox.oauth import TokenEndpoint
from sandbox.serving import Server


class _JobApi(Server):
    """One status call; `status_path` is its path and query with `{job_id}` in it."""

    status_path = ""
    route = ""

    def __init__(self, clock: Clock, speed: float = 1.0, seed: int = 0) -> None:
        super().__init__(clock, seed)
        self.chance = random.Random(seed)
        self.jobs = Jobs(clock, speed, new_id=self._new_id)
        self.app.add_url_rule(self.route, view_func=self._status)

    def _status(self, job_id: str) -> Response:
        if refusal := self._refusal():
            return refusal
        job = self.jobs.get(job_id)
        moment = job.moment(self.clock.now()) if job else None
        if job is None or moment is None or moment.state is State.UNKNOWN:
            return self._unknown()
        return jsonify(self._body(job, moment))

    @property
    def secret(self) -> dict[str, str]:
        """What a client needs; the names are the sandbox's own, a `rest` description may use any."""
        raise NotImplementedError

    def _new_id(self) -> str:
        raise NotImplementedError

    def _refusal(self) -> Response | None:
        raise NotImplementedError

    def _unknown(self) -> Response:
        raise NotImplementedError

    def _body(self, job: Job, moment: Moment) -> Any:
        raise NotImplementedError


class GitHub(_JobApi):
    """A workflow run. Numeric ids; a client without a User-Agent is refused; X-RateLimit-Reset is epoch seconds."""

    name = "github"
    status_path = "/repos/octo-org/octo-repo/actions/runs/{job_id}"
    route = "/repos/octo-org/octo-repo/actions/runs/<job_id>"

    def __init__(self, clock: Clock, speed: float = 1.0, seed: int = 0) -> None:
        super().__init__(clock, speed, seed)
        self.app.after_request(self._rate_headers)
        self.app.add_url_rule(f"{self.route}/jobs", view_func=self._run_jobs)

    def _run_jobs(self, job_id: str) -> Response:
        if refusal := self._refusal():
            return refusal
        job = self.jobs.get(job_id)
        moment = job.moment(self.clock.now()) if job else None
        if job is None or moment is None or moment.state is State.UNKNOWN:
            return self._unknown()
        run = self._body(job, moment)
        ended = {"status": run["status"], "conclusion": run["conclusion"]}
        steps = [{"name": "Check out", **ended, "number": 1}, {"name": "Build the site", **ended, "number": 2}]
        if run["conclusion"] == "failure":
            steps[0]["conclusion"] = "success"
        the_job = {"id": int(job.id) + 1, "run_id": int(job.id), "name": "build", **ended, "steps": steps}
        return jsonify({"total_count": 1, "jobs": [the_job]})

    @property
    def secret(self) -> dict[str, str]:
        return {"token": "sandbox-github-token"}

    def _new_id(self) -> str:
        return str(30_433_000_000 + self.chance.randrange(10**6))

    def _rate_headers(self, response: Response) -> Response:
        used = len(self.requests)
        headers = {"Limit": 5000, "Remaining": max(0, 5000 - used), "Used": used}
        headers["Reset"] = int(self.clock.now().timestamp()) // 3600 * 3600 + 3600
        for name, value in headers.items():
            response.headers[f"X-RateLimit-{name}"] = str(value)
        return response

    def _refusal(self) -> Response | None:
        if not request.headers.get("User-Agent"):
            return _answer(403, {"message": "Request forbidden by administrative rules. A User-Agent is required."})
        if request.headers.get("Authorization") != f"Bearer {self.secret['token']}":
            return _answer(401, {"message": "Bad credentials", "status": "401"})
        return None

    def _unknown(self) -> Response:
        return _answer(404, {"message": "Not Found", "status": "404"})

    def _body(self, job: Job, moment: Moment) -> dict[str, Any]:
        words = {State.WAITING: "queued", State.RUNNING: "in_progress"}
        conclusions = {State.SUCCEEDED: "success", State.FAILED: "failure", State.CANCELLED: "cancelled"}
        run = f"{self.url}{self.status_path.format(job_id=job.id)}"
        return {
            "id": int(job.id),
            "name": "Build",
            "display_title": "Update README.md",
            "run_number": 562,
            "run_attempt": 1,
            "event": "workflow_dispatch",
            "status": words.get(moment.state, "completed"),
            "conclusion": conclusions.get(moment.state),
            "url": run,
            "html_url": run.replace("/repos/", "/"),
            "created_at": _zulu(job.submitted_at),
            "run_started_at": _zulu(moment.started_at or job.submitted_at),
            "updated_at": _zulu(moment.ended_at or self.clock.now()),
        }


class Zendesk(_JobApi):
    """A background job. Progress of a total, results at the end, the only time is inside `message`."""

    name = "zendesk"
    status_path = "/api/v2/job_statuses/{job_id}.json"
    route = "/api/v2/job_statuses/<job_id>.json"

    @property
    def secret(self) -> dict[str, str]:
        return {"user": "agent@example.com/token", "password": "sandbox-zendesk-token"}

    def _new_id(self) -> str:
        return f"{self.chance.getrandbits(128):032x}"

    def _refusal(self) -> Response | None:
        expected = b64encode(f"{self.secret['user']}:{self.secret['password']}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return _answer(401, {"error": "Couldn't authenticate you"})
        return None

    def _unknown(self) -> Response:
        return _answer(404, {"error": "RecordNotFound", "description": "Not found"})

    def _body(self, job: Job, moment: Moment) -> dict[str, Any]:
        words = {
            State.WAITING: "queued",
            State.RUNNING: "working",
            State.SUCCEEDED: "completed",
            State.FAILED: "failed",
            State.CANCELLED: "killed",
        }
        waiting = moment.state is State.WAITING
        message = f"Completed at {moment.ended_at:%Y-%m-%d %H:%M:%S} +0000" if moment.ended_at else None
        return {
            "job_status": {
                "id": job.id,
                "job_type": "Bulk Import Ticket",
                "url": f"{self.url}{self.status_path.format(job_id=job.id)}",
                "total": None if waiting else moment.total,
                "progress": None if waiting else moment.processed,
                "status": words[moment.state],
                "message": moment.error or message,
                "results": self._results(moment),
            }
        }

    def _results(self, moment: Moment) -> list[dict[str, Any]] | None:
        if moment.results is None:
            return None
        good = [
            {"index": i, "id": 5000 + i, "action": "update", "success": True, "status": "Updated"} for i in range(3)
        ]
        failed = {"error": "TicketUpdateFailed", "details": "Status: closed prevents ticket update", "success": False}
        bad = [{"index": 3 + i, "id": 5003 + i, "action": "update", **failed} for i in range(moment.results.errors)]
        return good + bad


class Salesforce(_JobApi):
    """A Bulk API 2.0 ingest job. Errors are JSON lists; times carry +0000; tokens come without expires_in."""

    name = "salesforce"
    status_path = "/services/data/v60.0/jobs/ingest/{job_id}"
    route = "/services/data/v60.0/jobs/ingest/<job_id>"

    def __init__(self, clock: Clock, speed: float = 1.0, seed: int = 0) -> None:
        super().__init__(clock, speed, seed)
        self.tokens = TokenEndpoint(clock, "sandbox-sf-client", "sandbox-sf-secret", expires_in=None)
        self.app.add_url_rule("/services/oauth2/token", view_func=self.tokens.view, methods=["POST"])

    def start(self) -> None:
        """Serve, and name this host in the tokens' answers as Salesforce does."""
        super().start()
        self.tokens.extra = {"instance_url": self.url, "issued_at": str(int(self.clock.now().timestamp() * 1000))}

    @property
    def secret(self) -> dict[str, str]:
        return {
            "client_id": self.tokens.client_id,
            "client_secret": self.tokens.client_secret,
            "token_url": f"{self.url}/services/oauth2/token",
        }

    def _new_id(self) -> str:
        letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
        return "7505e000" + "".join(self.chance.choices(letters, k=10))

    def _refusal(self) -> Response | None:
        if not self.tokens.accepts(request.headers.get("Authorization")):
            return _answer(401, [{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}])
        return None

    def _unknown(self) -> Response:
        return _answer(404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not exist"}])

    def _body(self, job: Job, moment: Moment) -> dict[str, Any]:
        words = {
            State.WAITING: "UploadComplete",
            State.RUNNING: "InProgress",
            State.SUCCEEDED: "JobComplete",
            State.FAILED: "Failed",
            State.CANCELLED: "Aborted",
        }
        started = moment.started_at or job.submitted_at
        spent = ((moment.ended_at or self.clock.now()) - started).total_seconds()
        body = {
            "id": job.id,
            "operation": "upsert",
            "object": "Knowledge__kav",
            "createdDate": _salesforce_time(job.submitted_at),
            "systemModstamp": _salesforce_time(moment.ended_at or self.clock.now()),
            "state": words[moment.state],
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": 60.0,
            "jobType": "V2Ingest",
            "retries": 0,
            "totalProcessingTime": max(0, int(spent * 1000)),
            "numberRecordsProcessed": moment.processed,
            "numberRecordsFailed": moment.results.errors if moment.results else 0,
        }
        return body | ({"errorMessage": moment.error} if moment.error else {})


class AzureOpenAI(_JobApi):
    """A batch of requests. Epoch seconds, a time for each state, request counts, the expiry as a deadline."""

    name = "azure"
    status_path = "/openai/batches/{job_id}?api-version=2024-10-21"
    route = "/openai/batches/<job_id>"

    @property
    def secret(self) -> dict[str, str]:
        return {"api_key": "sandbox-azure-key"}

    def _new_id(self) -> str:
        return f"batch_{self.chance.getrandbits(128):032x}"

    def _refusal(self) -> Response | None:
        if request.headers.get("api-key") != self.secret["api_key"]:
            message = "Access denied due to invalid subscription key or wrong API endpoint."
            return _answer(401, {"error": {"code": "401", "message": message}})
        if "api-version" not in request.args:
            return _answer(404, {"error": {"code": "404", "message": "Resource not found"}})
        return None

    def _unknown(self) -> Response:
        return _answer(404, {"error": {"code": "notFound", "message": "The batch was not found."}})

    def _body(self, job: Job, moment: Moment) -> dict[str, Any]:
        words = {
            State.WAITING: "validating",
            State.RUNNING: "finalizing" if moment.fraction >= 0.97 else "in_progress",
            State.SUCCEEDED: "completed",
            State.FAILED: "failed",
            State.CANCELLED: "cancelled",
        }
        failed = moment.results.errors if moment.results else 0
        error = {"code": "batch_failed", "message": moment.error, "param": None, "line": None}
        created = int(job.submitted_at.timestamp())
        return {
            "object": "batch",
            "id": job.id,
            "endpoint": "/chat/completions",
            "errors": {"object": "list", "data": [error]} if moment.error else None,
            "input_file_id": "file-b4fa7277f3eb4722ac18b90f46102c3f",
            "completion_window": "24h",
            "status": words[moment.state],
            "created_at": created,
            "in_progress_at": None if moment.state is State.WAITING else _epoch(moment.started_at),
            "expires_at": created + 86400,
            "completed_at": _epoch(moment.ended_at) if moment.state is State.SUCCEEDED else None,
            "failed_at": _epoch(moment.ended_at) if moment.state is State.FAILED else None,
            "cancelled_at": _epoch(moment.ended_at) if moment.state is State.CANCELLED else None,
            "request_counts": {"total": moment.total, "completed": moment.processed - failed, "failed": failed},
        }


ALL = (GitHub, Zendesk, Salesforce, AzureOpenAI)


def _answer(status: int, document: Any) -> Response:
    response = jsonify(document)
    response.status_code = status
    return response


def _zulu(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _salesforce_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def _epoch(at: datetime | None) -> int | None:
    return int(at.timestamp()) if at else None
