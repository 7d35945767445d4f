"""Document360 v2: documentation import and its status.

Bodies are those of the status document; the real Queued, InProgress and Error bodies, the 401 and the 429 body are
published nowhere, so they are invented here (README.md, INVENTED).
"""

import threading
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask import Response, jsonify, request

from sandbox.jobs import Clock, Job, Jobs, Moment, State
from sandbox.serving import HEADERS, Server

PATH = "/v2/Project/Import"
_MESSAGE_TYPES = {"error": 0, "warning": 1, "info": 2}


class Quirk(StrEnum):
    """Answers that Document360's own documents show or allow: switched on per job."""

    IMPORT_LOG_NOT_FOUND = "import-log-not-found"  # Completed, success: false, "Element 'ImportLog' not found."
    NO_LOG = "no-log"  # import_documentation_log: null
    NULLS = "nulls"  # everything is nullable
    UNKNOWN_STATUS = "unknown-status"  # the status is a free string


class Document360(Server):
    """The API hub of one project: 60 requests a minute and token, by fixed windows of the clock.

    `tokens` says which HTTP methods a token may use. `unknown_status` is the HTTP status for an id that is not known:
    400 with "Invalid import id" as documented, or 404.
    """

    name = "document360"
    api_token = "sandbox-document360-token"
    read_only_token = "sandbox-document360-get-token"

    def __init__(self, clock: Clock, speed: float = 1.0, seed: int = 0) -> None:
        super().__init__(clock, seed)
        self.jobs = Jobs(clock, speed)
        self.tokens = {self.api_token: {"GET", "POST"}, self.read_only_token: {"GET"}}
        self.requests_per_minute = 60
        self.unknown_status = 400
        self._used: dict[tuple[str, datetime], int] = {}
        self._lock = threading.Lock()
        self.app.before_request(self._guard)
        self.app.after_request(self._rate_headers)
        self.app.add_url_rule(PATH, view_func=self._submit, methods=["POST"])
        self.app.add_url_rule(f"{PATH}/<import_id>", view_func=self._status)

    @property
    def secret(self) -> dict[str, str]:
        """The JSON object of a connection's secret."""
        return {"api_token": self.api_token}

    def _guard(self) -> Response | None:
        token = _token()
        if token not in self.tokens:
            return Response("Unauthorized", 401, mimetype="text/plain")
        with self._lock:
            key = (token, self._window())
            self._used[key] = self._used.get(key, 0) + 1
            exhausted = self._used[key] > self.requests_per_minute
        if exhausted:
            return _refused(429, "Too many requests")
        if request.method not in self.tokens[token]:
            return _refused(403, "The token does not allow this method")
        return None

    def _window(self) -> datetime:
        return self.clock.now().replace(second=0, microsecond=0)

    def _rate_headers(self, response: Response) -> Response:
        token = _token()
        if token in self.tokens:
            with self._lock:
                remaining = max(0, self.requests_per_minute - self._used.get((token, self._window()), 0))
            response.headers["X-RateLimit-Remaining"] = str(remaining)
            if remaining == 0:  # these two only once it is exhausted, the reset in seconds from now; no Retry-After
                response.headers["X-RateLimit-Limit"] = str(self.requests_per_minute)
                response.headers["X-RateLimit-Reset"] = str(60 - self.clock.now().second)
        return response

    def _submit(self) -> Response:
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not body.get("source_documentation_url"):
            return _refused(400, "source_documentation_url is required")
        job = self.jobs.submit("import")
        return jsonify({"id": job.id, "status": "Queued", **_envelope(success=True)})

    def _status(self, import_id: str) -> Response:
        job = self.jobs.get(import_id)
        moment = job.moment(self.clock.now()) if job else None
        if job is None or moment is None or moment.state is State.UNKNOWN:
            # success: true beside HTTP 400 is what the document shows.
            return _refused(self.unknown_status, "Invalid import id", success=self.unknown_status == 400)
        return jsonify(status_body(job, moment))


def _token() -> str:
    return str(request.environ[HEADERS].get("api_token", ""))


def status_body(job: Job, moment: Moment) -> dict[str, Any]:
    """The 200 body of the status."""
    ended_well = moment.state is State.SUCCEEDED
    if ended_well and Quirk.IMPORT_LOG_NOT_FOUND in job.quirks:
        errors = [_error("Element 'ImportLog' not found.", "")]
        return {"import_documentation_log": None, "status": "Completed", **_envelope(success=False, errors=errors)}
    words = {
        State.WAITING: "Queued",
        State.RUNNING: "Unpacking" if Quirk.UNKNOWN_STATUS in job.quirks else "InProgress",
        State.SUCCEEDED: "Completed",
        State.FAILED: "Error",
        State.CANCELLED: "Error",
    }
    failed = moment.state is State.FAILED
    body = {
        "import_documentation_log": None if Quirk.NO_LOG in job.quirks else _log(moment),
        "status": words[moment.state],
        **_envelope(success=not failed, errors=[_error(moment.error or "Import failed", "")] if failed else []),
    }
    if Quirk.NULLS in job.quirks:
        body |= {"errors": body["errors"] or None, "warnings": None, "information": None}
    return body


def _log(moment: Moment) -> dict[str, Any] | None:
    if moment.state is State.WAITING:
        return None
    messages = [{"message_type": _MESSAGE_TYPES[m.level], "message": m.text} for m in moment.messages]
    if moment.error:
        messages.insert(0, {"message_type": 0, "message": moment.error})
    return {
        "new_versions": 1,
        "categories": moment.processed // 50,
        "articles": moment.processed,
        "languages": "1",
        "messages": messages,
        "cancel_operation": moment.state is State.CANCELLED,
    }


def _envelope(*, success: bool, errors: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"extension_data": None, "success": success, "errors": errors or [], "warnings": [], "information": []}


def _error(description: str, code: str) -> dict[str, Any]:
    return {
        "extension_data": None,
        "stack_trace": None,
        "description": description,
        "error_code": code,
        "custom_data": None,
    }


def _refused(status: int, description: str, *, success: bool = False) -> Response:
    response = jsonify(_envelope(success=success, errors=[_error(description, str(status))]))
    response.status_code = status
    return response
