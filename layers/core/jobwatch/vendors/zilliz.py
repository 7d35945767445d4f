"""Zilliz Cloud and Milvus: imports of vectors (RESTful API v2).

POST {host}/v2/vectordb/jobs/import/getProgress (Zilliz Cloud) or …/describe (Milvus), bearer API key.
Source: Zilliz, "Get Import Job Progress"; error codes from Milvus, pkg/util/merr/errors.go.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from jobwatch.domain.connection import Connection
from jobwatch.domain.exchange import NotAskableError, Response, json_object, retry_after_seconds, secret_text
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
from jobwatch.vendors.counting import Counting
from jobwatch.vendors.reading import (
    count,
    failed_answer,
    items_of,
    mapping,
    percentage,
    plain_text,
    refuses_credentials,
    status_key,
    unreadable,
)
from jobwatch.vendors.telling import worst_items, worst_messages
from jobwatch.vendors.vendor import StaticHeaders, StatusRequest

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

# With `options.auto_commit=false`, until somebody commits or aborts the import.
_WAITS_FOR = {"uncommitted": "somebody to commit or abort it (its rows are written, and not yet visible)"}

_KINDS: Mapping[int, FailureKind] = {
    **dict.fromkeys((4, 8, 429, 1807), FailureKind.THROTTLED),
    **dict.fromkeys((1400, 1401, 1800, 21119, *range(96012, 96017)), FailureKind.UNAUTHORISED),
    **dict.fromkeys((96018, 96036), FailureKind.MISCONFIGURED),
    **dict.fromkeys((1100, 1101, 1801, 1802, 2100), FailureKind.REFUSED),
}
_JOB_NOT_FOUND_CODE = 96026
# Milvus says it as the reason of a "Failed" job under code 0, or as the message of code 2100, depending on its version.
_JOB_NOT_FOUND_TEXT = "import job does not exist"


class Zilliz:
    """Imports into a cluster of Zilliz Cloud or into a Milvus server (connection parameter `flavour`)."""

    title = "Zilliz/Milvus"
    operations = frozenset({Operation.IMPORT})
    # Milvus's `taskRetention` before 2.6.24 and 3.0.2; 48 h since. Zilliz Cloud publishes none, and runs Milvus.
    remembers: timedelta | None = timedelta(hours=3)

    def check(self, submission: Submission, connection: Connection) -> None:
        """Zilliz Cloud needs a cluster, or a project and a region; Milvus's job ids are 64-bit integers."""
        _target(submission, connection)
        _check_job_id(submission.job_id, _flavour(submission, connection))

    def request(self, submission: Submission, connection: Connection, secret: Mapping[str, Any]) -> StatusRequest:
        self.check(submission, connection)
        headers, body = _target(submission, connection)
        call = _CALLS[_flavour(submission, connection)]
        return StatusRequest(
            method="POST",
            url=f"{connection.base_url.removesuffix(_API_ROOT)}{_API_ROOT}/jobs/import/{call}",
            headers={"Accept": "application/json", **headers},
            # A string in any case: Milvus refuses a number, and 18 digits do not survive a float.
            json_body={"jobId": submission.job_id, **body},
            auth=StaticHeaders({"Authorization": f"Bearer {secret_text(secret, 'api_key')}"}),
        )

    def read(self, submission: Submission, response: Response) -> Answer:
        del submission
        body = json_object(response)
        ok = 200 <= response.status_code < 300
        code, data = _code((body or {}).get("code")), mapping((body or {}).get("data"))
        # Errors come under HTTP 200, one of them with code "0": only a code of success with data is an answer.
        if ok and code in (0, 200) and status_key(data.get("state")):
            return _snapshot(response, data)
        message = clean_or_none((body or {}).get("message"), 300) or plain_text(response)
        if (body is not None and (message or code not in (None, 0, 200))) or refuses_credentials(message):
            return _error(response, code, message or "")
        return unreadable(response) if ok else failed_answer(response, message)

    def after_success(self, operation: Operation) -> str | None:
        del operation
        return None


def _flavour(submission: Submission, connection: Connection) -> str:
    flavour = {**connection.parameters, **submission.parameters}.get("flavour", "zilliz")
    if flavour not in _CALLS:
        raise NotAskableError(f"parameters.flavour: {clean(flavour, 40)!r} is none of {', '.join(sorted(_CALLS))}")
    return flavour


def _target(submission: Submission, connection: Connection) -> tuple[dict[str, str], dict[str, str]]:
    """The headers and fields that say where the job is, beside its id. Raises NotAskableError.

    A cluster of Zilliz Cloud, or a project and a region of it, never both; and of either, as of Milvus, the database:
    the server reads it from the header, where rights are checked, and some clients send it in the body too.
    https://milvus.io/api-reference/rust/v3.0.x/DataImport/get_import_progress.md
    https://milvus.io/api-reference/csharp/v2.6.x/DataImport/GetImportProgressAsync.md
    https://milvus.io/api-reference/node/v2.6.x/DataImport/getImportJobProgress.md
    """
    given = {**connection.parameters, **submission.parameters}
    known = {name: text for name in ("clusterId", "projectId", "regionId", "dbName") if (text := _text(given, name))}
    database = known.get("dbName", "")
    if not (database.isascii() and database.isprintable()):
        raise NotAskableError("parameters.dbName: holds characters that no header can carry")
    headers = {"DB-Name": database} if database else {}
    if _flavour(submission, connection) == "milvus":
        return headers, {"dbName": database} if database else {}
    if _text(submission.parameters, "projectId") or _text(submission.parameters, "regionId"):
        # What the submission names counts before the connection's cluster.
        known = {name: text for name, text in known.items() if name != "clusterId" or name in submission.parameters}
    elif _text(submission.parameters, "clusterId"):
        known = {name: text for name, text in known.items() if name not in ("projectId", "regionId")}
    named = known.keys() & {"clusterId", "projectId", "regionId"}
    if named not in ({"clusterId"}, {"projectId", "regionId"}):
        raise NotAskableError(
            "parameters.clusterId: Zilliz Cloud asks for the cluster of the job, or else for projectId and regionId "
            "together, and never for both; name it in the submission or the connection (for a Milvus server, set the "
            "connection's parameters.flavour to milvus)"
        )
    return headers, known


def _text(parameters: Mapping[str, str], name: str) -> str:
    return parameters.get(name, "").strip()


def _check_job_id(job_id: str, flavour: str) -> None:
    if flavour == "milvus" and not re.fullmatch(r"\d{1,19}", job_id, re.ASCII):
        raise NotAskableError("job_id: Milvus's job ids are integers, such as 448761313698322011")
    if not re.fullmatch(r"\d{1,19}|[A-Za-z][A-Za-z0-9]*-[A-Za-z0-9-]{1,100}", job_id, re.ASCII):
        raise NotAskableError(
            "job_id: Zilliz Cloud's job ids are digits, such as 448761313698322011, or look like job-01fa0e5d42"
        )


def _error(response: Response, code: int | None, message: str) -> NotFound | PollFailure:
    """What an error body `{code, message}` means. Which HTTP status goes with it is published for few of them."""
    if code == _JOB_NOT_FOUND_CODE or _JOB_NOT_FOUND_TEXT in message.lower():
        return NotFound(f"code {code}: {message}", retry_after_seconds(response))
    kind = _KINDS.get(-1 if code is None else code)
    if kind is None and refuses_credentials(message):
        kind = FailureKind.UNAUTHORISED
    said = f"code {code}: {message}" if code is not None else message
    # Gateways in front of it, and its first version, answer with HTTP codes in the body.
    named = code if code is not None and 400 <= code <= 599 else None
    if kind is None and (named or not 200 <= response.status_code < 300):
        return failed_answer(response, said, named=named)
    if kind is FailureKind.MISCONFIGURED:
        said += " (parameters.clusterId of the submission or the connection)"
    detail = f"HTTP {response.status_code}, {said}"
    return PollFailure(kind or FailureKind.VENDOR_ERROR, detail, retry_after_seconds(response))


def _snapshot(response: Response, data: dict[str, Any]) -> Answer:
    vendor_status = clean(data["state"], 80)
    state = status_key(data["state"]) or ""
    known = _STATES.get(state)
    phase, verdict = known or (Phase.RUNNING, None)
    reason = clean_or_none(data.get("reason"), 1000)
    if verdict is Outcome.FAILED and reason and _JOB_NOT_FOUND_TEXT in reason.lower():
        return NotFound(f"{vendor_status}: {clean(reason, 300)}", retry_after_seconds(response))
    counts = Counting()
    imported = counts.whole("rows imported", data.get("importedRows"))
    total = counts.whole("rows in total", data.get("totalRows"))
    files = [mapping(detail) for detail in items_of(data.get("details"))]
    items, items_left_out = worst_items(files, has_failed=_has_failed, read=_file)
    told = data.get("reason") if verdict is Outcome.FAILED else None
    messages, messages_left_out = worst_messages(_messages(files, told))
    doubts = counts.doubts
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
        unnamed=None if known else "the documents of Zilliz and Milvus",
        waits_for=_WAITS_FOR.get(state),
        remarks=(*items_left_out, *messages_left_out),
        doubts=tuple(doubts),
        retry_after_seconds=retry_after_seconds(response),
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
