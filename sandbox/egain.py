"""eGain Knowledge v4: content import, validation and export, with their token endpoint.

Paths, field names and spellings are those of the two status documents and of the submit documents named in
vendor-contracts; what a document does not say is listed under INVENTED in README.md.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import Response, jsonify, request

from sandbox.jobs import ENDED, Clock, Job, Jobs, Moment, State
from sandbox.oauth import TokenEndpoint
from sandbox.serving import Server

IMPORT = "/knowledge/contentmgr/v4/import/content"
EXPORT = "/knowledge/portalmgr/v4/content/export"
LOCALES = frozenset(
    {"en-US", "es-ES", "fr-FR", "it-IT", "de-DE", "nl-NL", "pt-BR", "pt-PT"}
    | {"da-DK", "ru-RU", "fr-CA", "zh-CN", "ja-JP", "ko-KR", "sv-SE"}
)


class Quirk(StrEnum):
    """Where eGain's documents contradict each other, or answers are known to vary: switched on per job."""

    COMPLETED = "completed"  # the prose says Completed, the enumeration Successful
    SUCCESFULL = "succesfull"  # results.succesfull, an older spelling
    NO_JOB_TYPE = "no-job-type"  # missing in an early revision
    NO_PERCENTAGE = "no-percentage"
    FLOAT_PERCENTAGE = "float-percentage"  # "JSON numbers", not promised to be integers
    NO_PROGRESS = "no-progress"
    NO_RESULTS = "no-results"
    NO_TIMES = "no-times"
    NO_FRACTION = "no-fraction"  # 2024-03-01T10:00:00Z
    OFFSET = "offset"  # 2024-03-01T10:00:00+0000
    NO_ZONE = "no-zone"  # 2024-03-01T10:00:00
    UNKNOWN_STATUS = "unknown-status"  # a status that no document lists, while running
    LOWER_CASE = "lower-case"  # "in progress"
    CANCELED = "canceled"  # one l
    NULLS = "nulls"  # what is absent comes as null


class Egain(Server):
    """The API host and the login host in one.

    `secret` is what the Secrets Manager secret of a connection has to hold. `strict` asks for Accept-Language with 406.
    """

    name = "egain"
    client_id = "sandbox-egain-client"
    client_secret = "sandbox-egain-secret"
    scope = "knowledge.contentmgr.manage"

    def __init__(self, clock: Clock, speed: float = 1.0, seed: int = 0, *, strict: bool = True) -> None:
        super().__init__(clock, seed)
        self.strict = strict
        self.jobs = Jobs(clock, speed, fold_case=True)
        self.cancel_takes_seconds = 0.0
        self.tokens = TokenEndpoint(clock, self.client_id, self.client_secret, self.scope)
        rules = self.app.add_url_rule
        rules("/system/auth/<tenant>/oauth2/token", view_func=self._token, methods=["POST"])
        rules("/global/<gateway>/oauth2/v2.0/token", "token2", self._token, methods=["POST"])
        rules(IMPORT, view_func=self._import, methods=["POST"])
        rules(f"{IMPORT}/validate", view_func=self._validate, methods=["POST"])
        rules(f"{IMPORT}/<job_id>/status", view_func=self._import_status)
        rules(f"{IMPORT}/<job_id>/cancel", view_func=self._cancel, methods=["POST"])
        rules(EXPORT, view_func=self._export, methods=["POST"])
        rules(f"{EXPORT}/<job_id>/status", view_func=self._export_status)
        self.app.register_error_handler(404, lambda _: _error("404-100", "Resource not found"))
        self.app.register_error_handler(405, lambda _: _error("405-100", "Method not allowed"))

    @property
    def token_url(self) -> str:
        """The address of the token endpoint."""
        return f"{self.url}/system/auth/SANDBOX-U/oauth2/token"

    @property
    def secret(self) -> dict[str, str]:
        """The JSON object of a connection's secret."""
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "token_url": self.token_url,
            "scope": self.scope,
        }

    def _token(self, **_: str) -> tuple[Response, int]:
        return self.tokens.view()

    def _refusal(self, *, is_export: bool = False) -> Response | None:
        if not self.tokens.accepts(request.headers.get("Authorization")):
            return _error("401-104" if is_export else "401-101", "Access token is missing, expired or invalid")
        if self.strict and request.method == "GET":
            languages = {part.split(";")[0].strip() for part in request.headers.get("Accept-Language", "").split(",")}
            if not languages & LOCALES:
                return _error("406-100", "Accept-Language is missing or not supported")
        return None

    def _import(self) -> Response:
        return self._submit("import")

    def _validate(self) -> Response:
        return self._submit("validation")

    def _submit(self, operation: str) -> Response:
        if refusal := self._refusal():
            return refusal
        body = request.get_json(silent=True)
        if not isinstance(body, dict):
            return _error("400-112", "Invalid request body")
        source = body.get("dataSource")
        if not isinstance(source, dict) or source.get("type") not in ("AWS S3 bucket", "Shared file path"):
            return _error("400-112", "Invalid request body", [{"key": "dataSource.type"}])
        if not source.get("path"):
            return _error("400-112", "Invalid request body", [{"key": "dataSource.path"}])
        starts_at = None
        if operation == "import":
            if body.get("operation", "import") not in ("import", "reimport"):
                return _error("400-152", "Invalid operation", [{"key": "operation", "value": str(body["operation"])}])
            if date := (body.get("scheduleTime") or {}).get("date"):
                try:
                    starts_at = datetime.fromisoformat(date)
                except ValueError:
                    return _error("400-152", "Invalid schedule", [{"key": "scheduleTime.date", "value": str(date)}])
        job = self.jobs.submit(operation, starts_at=starts_at)
        # No leading slash: the documents show the path so, and a client must resolve it against the host.
        return _accepted(f"{IMPORT.lstrip('/')}/{job.id}/status")

    def _export(self) -> Response:
        if refusal := self._refusal(is_export=True):
            return refusal
        job = self.jobs.submit("export")
        return _accepted(f"{EXPORT}/{job.id}")  # a leading slash here, and no /status

    def _cancel(self, job_id: str) -> Response:
        if refusal := self._refusal():
            return refusal
        job = self.jobs.get(job_id, ("import", "validation"))
        if job is None:
            return _error("404-100", "Job not found")
        if job.moment(self.clock.now()).state in ENDED:
            return _error("409-100", "The job cannot be cancelled")
        elapsed = (self.clock.now() - job.submitted_at).total_seconds() * job.speed
        job.cancelled_at = job.at(elapsed + self.cancel_takes_seconds)
        return Response(status=204)

    def _import_status(self, job_id: str) -> Response:
        if refusal := self._refusal():
            return refusal
        job = self.jobs.get(job_id, ("import", "validation"))
        moment = job.moment(self.clock.now()) if job else None
        if job is None or moment is None or moment.state is State.UNKNOWN:
            return _error("404-100", "Job not found")
        return jsonify(import_body(job, moment))

    def _export_status(self, job_id: str) -> Response:
        if refusal := self._refusal(is_export=True):
            return refusal
        job = self.jobs.get(job_id, ("export",))
        moment = job.moment(self.clock.now()) if job else None
        if job is None or moment is None or moment.state is State.UNKNOWN:
            return _error("404-101", "Job not found")
        return jsonify(export_body(job, moment))


def import_body(job: Job, moment: Moment) -> dict[str, Any]:
    """The 200 body of the import and validation status, as its document's examples show it."""
    scheduled, running = moment.state is State.WAITING, moment.state is State.RUNNING
    failed, ended = moment.state is State.FAILED, moment.state in ENDED
    body: dict[str, Any] = {
        "status": _status(job, moment, "Scheduled"),
        "jobType": "Validation" if job.operation == "validation" else "Import",
        "progress": _progress(job, moment),
        "logFileLocation": None if scheduled else moment.log_location or log_location(job),
        "startTime": _time(job, moment.started_at),
        "estimatedCompletion": _time(job, moment.estimated_end) if running else None,
        "currentOperation": moment.operation if scheduled or running else None,
        "completionTime": _time(job, moment.ended_at) if ended and not failed else None,
        "failureTime": _time(job, moment.ended_at) if failed else None,
        "results": _results(job, moment),
        "error": moment.error,
        "retryable": moment.retryable,
    }
    if Quirk.NO_JOB_TYPE in job.quirks:
        del body["jobType"]
    return body if Quirk.NULLS in job.quirks else _present(body)


def export_body(job: Job, moment: Moment) -> dict[str, Any]:
    """The 200 body of the export status: no jobType, log, retryable or currentOperation, and no word for cancelled."""
    if moment.state is State.WAITING:
        return {"status": "Pending"}
    failed = moment.state in (State.FAILED, State.CANCELLED)
    progress = _progress(job, moment)
    if progress and "percentage" in progress:
        progress["percentage"] = float(progress["percentage"])
    return _present(
        {
            "status": "Failed" if failed else _status(job, moment, "Pending"),
            "progress": progress,
            "startTime": _time(job, moment.started_at),
            "estimatedCompletion": _time(job, moment.estimated_end),
            "completionTime": _time(job, moment.ended_at) if moment.state is State.SUCCEEDED else None,
            "failureTime": _time(job, moment.ended_at) if failed else None,
            "results": _results(job, moment),
            "error": "The job was cancelled." if moment.state is State.CANCELLED else moment.error,
        }
    )


def log_location(job: Job) -> str:
    """Where the log of a job without a place of its own lies; bucket and name as in the document's example."""
    return f"s3://mybucket/logs/import-logs-{job.id}.txt"


def _status(job: Job, moment: Moment, waiting: str) -> str:
    words = {
        State.WAITING: waiting,
        State.RUNNING: "Archiving" if Quirk.UNKNOWN_STATUS in job.quirks else "In Progress",
        State.SUCCEEDED: "Completed" if Quirk.COMPLETED in job.quirks else "Successful",
        State.FAILED: "Failed",
        State.CANCELLED: "Canceled" if Quirk.CANCELED in job.quirks else "Cancelled",
    }
    word = words[moment.state]
    return word.lower() if Quirk.LOWER_CASE in job.quirks else word


def _progress(job: Job, moment: Moment) -> dict[str, Any] | None:
    if Quirk.NO_PROGRESS in job.quirks:
        return None
    progress: dict[str, Any] = {"processed": moment.processed, "total": moment.total}
    if Quirk.NO_PERCENTAGE not in job.quirks:
        exact = 100 * moment.fraction
        progress["percentage"] = round(exact, 2) if Quirk.FLOAT_PERCENTAGE in job.quirks else int(exact)
    return progress


def _results(job: Job, moment: Moment) -> dict[str, int] | None:
    if moment.results is None or Quirk.NO_RESULTS in job.quirks:
        return None
    spelling = "succesfull" if Quirk.SUCCESFULL in job.quirks else "successful"
    results = moment.results
    return {spelling: results.successful, "warnings": results.warnings, "errors": results.errors}


def _time(job: Job, at: datetime | None) -> str | None:
    if at is None or Quirk.NO_TIMES in job.quirks:
        return None
    whole = at.strftime("%Y-%m-%dT%H:%M:%S")
    if Quirk.NO_FRACTION in job.quirks:
        return f"{whole}Z"
    if Quirk.OFFSET in job.quirks:
        return f"{whole}+0000"
    return whole if Quirk.NO_ZONE in job.quirks else f"{whole}.{at.microsecond // 1000:03d}Z"


def _present(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in body.items() if value is not None}


def _accepted(location: str) -> Response:
    response = Response(status=202)
    response.headers["location"] = location
    response.headers.pop("Content-Type", None)
    return response


def _error(code: str, message: str, details: list[dict[str, str]] | None = None) -> Response:
    body: dict[str, Any] = {"code": code, "developerMessage": message, "details": details or []}
    response = jsonify(body)
    response.status_code = int(code.split("-")[0])
    return response
