"""Vector imports: Zilliz Cloud's control plane, and a Milvus server, which speak the same words and err differently.

Fields are those of the progress document; the errors are those that vendor-contracts collected from SDKs, server
source and threads. What HTTP status accompanies a cloud error is published nowhere: 200 here.
"""

import random
from enum import StrEnum
from typing import Any

from flask import Response, jsonify, request

from sandbox import misbehaviour
from sandbox.jobs import Clock, Item, Job, Jobs, Moment, State
from sandbox.misbehaviour import Fault
from sandbox.serving import Server

BASE = "/v2/vectordb/jobs/import"
_DEFAULT_ITEMS = (Item("medium_articles_2020_dpr.json", 3_279_917),)


class Quirk(StrEnum):
    """What examples, schemas and threads disagree about: switched on per job."""

    CODE_200 = "code-200"
    CODE_STRING = "code-string"  # the schema says string, the example 0
    NO_REASON = "no-reason"  # reason is absent while it is empty
    NO_DETAILS = "no-details"  # details: []
    STAYS_AT_80 = "stays-at-80"  # every file Completed, the job Importing at 80
    NEGATIVE = "negative"  # progress -1 while running
    COMMITTING = "committing"  # newer Milvus: Uncommitted, then Committing, before Completed
    FILES_IN_PROGRESS = "files-in-progress"  # a file is InProgress rather than Importing


class _Vectors(Server):
    """What both share: ids of eighteen digits, submission, and the body of a known job."""

    def __init__(self, clock: Clock, speed: float, seed: int) -> None:
        super().__init__(clock, seed)
        chance = random.Random(seed)
        self.jobs = Jobs(clock, speed, new_id=lambda: str(448_761_313_000_000_000 + chance.randrange(10**9)))

    def _known(self, job_id: str) -> tuple[Job, Moment] | None:
        job = self.jobs.get(job_id)
        moment = job.moment(self.clock.now()) if job else None
        return (job, moment) if job and moment and moment.state is not State.UNKNOWN else None

    def _submit(self) -> Response:
        return jsonify({"code": 0, "data": {"jobId": self.jobs.submit("import").id}})


class ZillizCloud(_Vectors):
    """The control plane with one cluster. `key_error` is what an illegal key gets, with HTTP 200."""

    name = "zilliz"
    api_key = "sandbox-zilliz-key"
    cluster_id = "inxx-sandbox0000000"

    def __init__(self, clock: Clock, speed: float = 1.0, seed: int = 0) -> None:
        super().__init__(clock, speed, seed)
        self.key_error: dict[str, Any] = {"code": "0", "message": "The token is illegal."}
        for call in ("getProgress", "get_progress", "describe"):
            self.app.add_url_rule(f"{BASE}/{call}", call, self._progress, methods=["POST"])
        self.app.add_url_rule(f"{BASE}/create", "create", self._create, methods=["POST"])

    @property
    def secret(self) -> dict[str, str]:
        """The JSON object of a connection's secret."""
        return {"api_key": self.api_key}

    def _refusal(self, body: Any) -> Response | None:
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return jsonify(self.key_error)
        if not isinstance(body, dict) or body.get("clusterId") != self.cluster_id:
            return jsonify({"code": 96018, "message": "The cluster does not exist."})
        return None

    def _progress(self) -> Response:
        body: Any = request.get_json(silent=True)
        if refusal := self._refusal(body):
            return refusal
        known = self._known(str(body.get("jobId")))  # the document's own example sends a number
        return jsonify(progress_body(*known) if known else {"code": 96026, "message": "Job not found"})

    def _create(self) -> Response:
        return self._refusal(request.get_json(silent=True)) or self._submit()


class Milvus(_Vectors):
    """A Milvus server: stricter about types, and an unknown job looks like a failed one."""

    name = "milvus"
    api_key = "root:Milvus"

    def __init__(self, clock: Clock, speed: float = 1.0, seed: int = 0) -> None:
        super().__init__(clock, speed, seed)
        for call in ("get_progress", "describe"):
            self.app.add_url_rule(f"{BASE}/{call}", call, self._progress, methods=["POST"])
        self.app.add_url_rule(f"{BASE}/create", "create", self._create, methods=["POST"])
        not_routed = Response("404 page not found", 404, mimetype="text/plain")
        self.app.register_error_handler(404, lambda _: not_routed)

    @property
    def secret(self) -> dict[str, str]:
        """The JSON object of a connection's secret."""
        return {"api_key": self.api_key}

    def _unauthorised(self) -> Response | None:
        if request.headers.get("Authorization") == f"Bearer {self.api_key}":
            return None
        response = jsonify({"code": 1800, "message": "user hasn't authenticated"})
        response.status_code = 401
        return response

    def _progress(self) -> Response:
        if refusal := self._unauthorised():
            return refusal
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("jobId", ""), str):
            return jsonify({"code": 1801, "message": "can only accept json format request"})
        job_id = body.get("jobId", "")
        if not job_id:
            return jsonify({"code": 1802, "message": "missing required parameters"})
        if not job_id.isdigit():
            return jsonify({"code": 2100, "message": f"importing data failed: job id {job_id} is not a number"})
        known = self._known(job_id)
        if known is None:
            reason = f"import job does not exist, jobID={job_id}"
            lost = {"jobId": job_id, "state": "Failed", "progress": 0, "reason": reason, "details": []}
            return jsonify({"code": 0, "data": lost})
        return jsonify(progress_body(*known))

    def _create(self) -> Response:
        return self._unauthorised() or self._submit()


def limited(**more: Any) -> Fault:
    """Milvus's rate limit, a fault to set: HTTP 200 with code 1807."""
    return misbehaviour.json_error(200, {"code": 1807, "message": "request is rejected by the rate limiter"}, **more)


def progress_body(job: Job, moment: Moment) -> dict[str, Any]:
    """The 200 body of a known job."""
    state, progress = _state(job, moment), int(100 * moment.fraction)
    if moment.state in (State.FAILED, State.CANCELLED):
        progress = 0  # it drops on failure
    elif moment.state is State.RUNNING and Quirk.NEGATIVE in job.quirks:
        progress = -1
    elif Quirk.STAYS_AT_80 in job.quirks:
        progress = min(progress, 80)
    reason = moment.error or ("the import was aborted" if moment.state is State.CANCELLED else "")
    items = moment.items or (() if moment.state is State.WAITING else _DEFAULT_ITEMS)
    data: dict[str, Any] = {
        "jobId": job.id,
        "collectionName": "medium_articles",
        "fileName": ",".join(item.name for item in items),
        "fileSize": sum(item.size_bytes for item in items),
        "state": state,
        "progress": progress,
        "completeTime": _time(moment),
        "reason": reason,
        "totalRows": moment.total,
        "importedRows": moment.processed,
        "details": [] if Quirk.NO_DETAILS in job.quirks else [_file(job, moment, i, items) for i in range(len(items))],
    }
    if Quirk.NO_REASON in job.quirks:
        data = {key: value for key, value in data.items() if (key, value) != ("reason", "")}
    code: int | str = 200 if Quirk.CODE_200 in job.quirks else "0" if Quirk.CODE_STRING in job.quirks else 0
    return {"code": code, "data": data}


def _state(job: Job, moment: Moment) -> str:
    if moment.state is State.RUNNING and Quirk.COMMITTING in job.quirks and moment.fraction > 0.8:
        return "Uncommitted" if moment.fraction < 0.9 else "Committing"
    if moment.state is State.SUCCEEDED and Quirk.STAYS_AT_80 in job.quirks:
        return "Importing"
    words = {State.WAITING: "Pending", State.RUNNING: "Importing", State.SUCCEEDED: "Completed"}
    return words.get(moment.state, "Failed")


def _file(job: Job, moment: Moment, index: int, items: tuple[Item, ...]) -> dict[str, Any]:
    """A file of the job: they are imported one after the other."""
    item, share = items[index], 1 / len(items)
    done = 1.0 if moment.state is State.SUCCEEDED else min(1.0, max(0.0, (moment.fraction - index * share) / share))
    failed = moment.ended_at is not None and (item.error is not None or (moment.error is not None and done < 1))
    running = "InProgress" if Quirk.FILES_IN_PROGRESS in job.quirks else "Importing"
    return {
        "fileName": item.name,
        "fileSize": item.size_bytes,
        "state": "Failed" if failed else "Completed" if done == 1 else running if done else "Pending",
        "progress": 0 if failed else int(100 * done),
        "completeTime": _time(moment) if done == 1 and not failed else "",
        "reason": (item.error or moment.error or "") if failed else "",
        "totalRows": moment.total // len(items),
    }


def _time(moment: Moment) -> str:
    return moment.ended_at.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.ended_at else ""
