"""Zilliz Cloud and Milvus: imports of vectors (RESTful API v2).

POST {host}/v2/vectordb/jobs/import/getProgress (Zilliz Cloud) or …/describe (Milvus), bearer API key.
Source: Zilliz, "Get Import Job Progress"; error codes from Milvus, pkg/util/merr/errors.go.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jobwatch.domain.connection import Connection
from jobwatch.domain.snapshot import (
    Answer,
    FailureKind,
    Item,
    NotFound,
    Phase,
    PollFailure,
    Progress,
    Results,
    Snapshot,
)
from jobwatch.domain.submission import Submission
from jobwatch.domain.text import clean, clean_or_none
from jobwatch.domain.times import read_vendor_time
from jobwatch.domain.words import Operation, Outcome
from jobwatch.vendors.reading import (
    count,
    failed_answer,
    items_of,
    json_object,
    mapping,
    percentage,
    retry_after_seconds,
    secret_text,
    status_key,
    unreadable,
)
from jobwatch.vendors.telling import worst_items, worst_messages
from jobwatch.vendors.vendor import NotAskableError, Response, StaticHeaders, StatusRequest

_API_ROOT = "/v2/vectordb"
# Milvus routes `describe` and `get_progress` only; `getProgress` is the spelling of Zilliz Cloud's document.
_CALLS = {"zilliz": "getProgress", "milvus": "describe"}

_STATES: Mapping[str, tuple[Phase, Outcome | None]] = {
    "pending": (Phase.SCHEDULED, None),
    "importing": (Phase.RUNNING, None),
    "inprogress": (Phase.RUNNING, None),
    # Newer Milvus: the rows are written and wait for a commit, or are being committed.
    "uncommitted": (Phase.RUNNING, None),
    "committing": (Phase.RUNNING, None),
    "completed": (Phase.ENDED, Outcome.SUCCEEDED),
    "failed": (Phase.ENDED, Outcome.FAILED),
}

_KINDS: Mapping[int, FailureKind] = {
    **dict.fromkeys((4, 8, 429, 1807), FailureKind.THROTTLED),
    **dict.fromkeys((1400, 1401, 1800, 21119, *range(96012, 96017)), FailureKind.UNAUTHORISED),
    **dict.fromkeys((96018, 96036), FailureKind.MISCONFIGURED),
    **dict.fromkeys((1100, 1101, 1801, 1802, 2100), FailureKind.REFUSED),
}
_JOB_NOT_FOUND_CODE = 96026
# Milvus says it as the reason of a "Failed" job under code 0, or as the message of code 2100, depending on its version.
_JOB_NOT_FOUND_TEXT = "import job does not exist"
_KEY_REFUSED_TEXT = re.compile(
    r"\b(token|api ?key)\b[^.]{0,60}\b(illegal|invalid|expired)\b|authenticat", re.IGNORECASE
)


class Zilliz:
    """Imports into a cluster of Zilliz Cloud or into a Milvus server (connection parameter `flavour`)."""

    title = "Zilliz/Milvus"
    operations = frozenset({Operation.IMPORT})

    def check(self, submission: Submission, connection: Connection) -> None:
        """Zilliz Cloud needs a cluster id; Milvus's job ids are 64-bit integers."""
        parameters = {**connection.parameters, **submission.parameters}
        flavour = parameters.get("flavour", "zilliz")
        if flavour not in _CALLS:
            raise NotAskableError(f"parameters.flavour: {clean(flavour, 40)!r} is none of {', '.join(sorted(_CALLS))}")
        if flavour == "zilliz" and not parameters.get("clusterId", "").strip():
            raise NotAskableError(
                "parameters.clusterId: Zilliz Cloud asks for the cluster of the job; name it in the submission or the "
                "connection (for a Milvus server, set the connection's parameters.flavour to milvus)"
            )
        if flavour == "milvus" and not re.fullmatch(r"\d{1,19}", submission.job_id, re.ASCII):
            raise NotAskableError("job_id: Milvus's job ids are integers, such as 448761313698322011")

    def request(self, submission: Submission, connection: Connection, secret: Mapping[str, Any]) -> StatusRequest:
        self.check(submission, connection)
        parameters = {**connection.parameters, **submission.parameters}
        flavour = parameters.get("flavour", "zilliz")
        # A string in any case: Milvus refuses a number, and 18 digits do not survive a float.
        body = {"jobId": submission.job_id}
        if flavour == "zilliz":
            body["clusterId"] = parameters["clusterId"].strip()
        return StatusRequest(
            method="POST",
            url=f"{connection.base_url.removesuffix(_API_ROOT)}{_API_ROOT}/jobs/import/{_CALLS[flavour]}",
            headers={"Accept": "application/json"},
            json_body=body,
            auth=StaticHeaders({"Authorization": f"Bearer {secret_text(secret, 'api_key')}"}),
        )

    def read(self, submission: Submission, response: Response) -> Answer:
        del submission
        body = json_object(response)
        ok = 200 <= response.status_code < 300
        code, data = _code((body or {}).get("code")), mapping((body or {}).get("data"))
        # Errors come under HTTP 200, one of them with code "0": only a code of success with data is an answer.
        if ok and code in (0, 200) and status_key(data.get("state")):
            return _snapshot(data)
        message = clean_or_none((body or {}).get("message"), 300)
        if body is not None and (message or code not in (None, 0, 200)):
            return _error(response, code, message or "")
        return unreadable(response) if ok else failed_answer(response, message)

    def after_success(self, operation: Operation) -> str | None:
        del operation
        return None


def _error(response: Response, code: int | None, message: str) -> NotFound | PollFailure:
    """What an error body `{code, message}` means. Which HTTP status goes with it is published for few of them."""
    if code == _JOB_NOT_FOUND_CODE or _JOB_NOT_FOUND_TEXT in message.lower():
        return NotFound(f"code {code}: {message}")
    kind = _KINDS.get(-1 if code is None else code)
    if kind is None and _KEY_REFUSED_TEXT.search(message):
        kind = FailureKind.UNAUTHORISED
    said = f"code {code}: {message}" if code is not None else message
    if kind is None and not 200 <= response.status_code < 300:
        return failed_answer(response, said)
    if kind is FailureKind.MISCONFIGURED:
        said += " (parameters.clusterId of the submission or the connection)"
    detail = f"HTTP {response.status_code}, {said}"
    return PollFailure(kind or FailureKind.VENDOR_ERROR, detail, retry_after_seconds(response))


def _snapshot(data: dict[str, Any]) -> Answer:
    vendor_status = clean(data["state"], 80)
    state = status_key(data["state"]) or ""
    known = _STATES.get(state)
    phase, verdict = known or (Phase.RUNNING, None)
    reason = clean_or_none(data.get("reason"), 1000)
    if verdict is Outcome.FAILED and reason and _JOB_NOT_FOUND_TEXT in reason.lower():
        return NotFound(f"{vendor_status}: {clean(reason, 300)}")
    imported, total = count(data.get("importedRows")), count(data.get("totalRows"))
    files = [mapping(detail) for detail in items_of(data.get("details"))]
    items, items_left_out = worst_items(files, has_failed=_has_failed, read=_file)
    told = data.get("reason") if verdict is Outcome.FAILED else None
    messages, messages_left_out = worst_messages(_messages(files, told))
    remarks = []
    if known is None:
        remarks.append(
            f"The vendor answered a state that its documents do not list, {vendor_status!r}: taken as running."
        )
    if state == "uncommitted":
        remarks.append("The rows are written but not committed: the import ends once somebody commits it.")
    doubts = []
    if verdict is not Outcome.FAILED and reason:
        doubts.append(f"The vendor says {vendor_status}, yet gives a reason for a failure: {reason}")
    return Snapshot(
        phase=phase,
        verdict=verdict,
        vendor_status=vendor_status,
        progress=Progress(processed=imported, total=total, percentage=_percentage(data, verdict)),
        results=Results(successful=imported if verdict is Outcome.SUCCEEDED else None),
        error=reason if verdict is Outcome.FAILED else None,
        finished_at=read_vendor_time(data.get("completeTime")) if verdict else None,
        items=items,
        messages=messages,
        size_bytes=count(data.get("fileSize")),
        remarks=(*remarks, *items_left_out, *messages_left_out),
        doubts=tuple(doubts),
    )


def _percentage(data: dict[str, Any], verdict: Outcome | None) -> float | None:
    """The progress. A failed job's drops to 0, which says nothing of how far it came."""
    progress = percentage(data.get("progress"))
    return None if verdict is Outcome.FAILED and progress == 0 else progress


def _has_failed(detail: dict[str, Any]) -> bool:
    return status_key(detail.get("state")) == "failed"


def _file(detail: dict[str, Any]) -> Item:
    failed, progress = _has_failed(detail), percentage(detail.get("progress"))
    return Item(
        name=clean_or_none(detail.get("fileName"), 200) or "a file without a name",
        state=clean_or_none(detail.get("state"), 80),
        progress=None if failed and progress == 0 else progress,
        error=clean_or_none(detail.get("reason"), 500),
        failed=failed,
        size_bytes=count(detail.get("fileSize")),
        count=_rows(detail),
    )


def _rows(detail: dict[str, Any]) -> int | None:
    """How many rows a file gave; newer versions tell those that were read and those that were written."""
    imported = count(detail.get("importedRows"))
    return count(detail.get("totalRows")) if imported is None else imported


def _messages(files: list[dict[str, Any]], told: object) -> Iterator[tuple[str, object]]:
    """What each failed file failed for, unless the job's own error (`told`) says just that."""
    for reason in (file.get("reason") for file in files if _has_failed(file)):
        if not reason:
            yield "error", "A file failed without a reason"
        elif reason != told:
            yield "error", reason


def _code(value: object) -> int | None:
    """The envelope's code: an integer in the examples, "string" in the schema; None for anything else."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value.strip(), re.ASCII):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 10**9:
        return None
    return value
