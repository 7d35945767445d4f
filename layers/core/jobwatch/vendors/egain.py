"""eGain Knowledge: content import, validation and export (v4).

GET {host}/knowledge/contentmgr/v4/import/content/{job_id}/status and {host}/knowledge/portalmgr/v4/content/export/
{job_id}/status, OAuth 2.0 client credentials.
Source: eGain, "Checking the Status of an Import or Validation Job", "Get Export Job Status", and the v4 OpenAPI files.
"""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from jobwatch.domain.address import AddressRefusedError, check_address
from jobwatch.domain.connection import Connection
from jobwatch.domain.exchange import (
    NotAskableError,
    Response,
    SecretWrongError,
    json_object,
    retry_after_seconds,
    secret_text,
)
from jobwatch.domain.snapshot import Answer, Phase, Progress, Results, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.text import clean, clean_or_none
from jobwatch.domain.times import read_vendor_time
from jobwatch.domain.words import Operation, Outcome
from jobwatch.vendors.counting import Counting
from jobwatch.vendors.reading import (
    boolean,
    failed_answer,
    items_of,
    mapping,
    percentage,
    plain_text,
    refuses_credentials,
    status_key,
    unreadable,
)
from jobwatch.vendors.vendor import ClientCredentials, StatusRequest

_IMPORT_ROOT = "/knowledge/contentmgr/v4"
_EXPORT_ROOT = "/knowledge/portalmgr/v4"
_PATHS = {
    Operation.IMPORT: f"{_IMPORT_ROOT}/import/content",
    Operation.VALIDATION: f"{_IMPORT_ROOT}/import/content",
    Operation.EXPORT: f"{_EXPORT_ROOT}/content/export",
}

_Statuses = Mapping[str, tuple[Phase, Outcome | None]]
# The enums of the documents, and "Completed", which the prose of the same files says for Successful.
_SHARED_STATUSES: _Statuses = {
    "inprogress": (Phase.RUNNING, None),
    "successful": (Phase.ENDED, Outcome.SUCCEEDED),
    "completed": (Phase.ENDED, Outcome.SUCCEEDED),
    "failed": (Phase.ENDED, Outcome.FAILED),
}
_IMPORT_STATUSES: _Statuses = {
    **_SHARED_STATUSES,
    "scheduled": (Phase.SCHEDULED, None),
    "cancelled": (Phase.ENDED, Outcome.CANCELLED),
    "canceled": (Phase.ENDED, Outcome.CANCELLED),
}
# Exports have no cancelled state and no call to cancel one.
_EXPORT_STATUSES: _Statuses = {**_SHARED_STATUSES, "pending": (Phase.SCHEDULED, None)}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_JOB_TYPES = {"import": Operation.IMPORT, "validation": Operation.VALIDATION}


class EGain:
    """Import, validation and export jobs of eGain Knowledge."""

    title = "eGain"
    operations = frozenset(_PATHS)
    remembers: timedelta | None = None

    def check(self, submission: Submission, connection: Connection) -> None:
        """eGain's job ids are UUIDs in either case; people paste the whole `location` header that brought one."""
        del connection
        if not _UUID.fullmatch(submission.job_id):
            found = _UUID.findall(submission.job_id)
            meant = found[0] if len(found) == 1 else "7A84B875-6F75-4C7B-B137-0632B62DB0BD"
            hint = f"is {meant} meant?" if found else f"send one such as {meant}"
            raise NotAskableError(
                f"job_id: {clean(submission.job_id, 100)!r} is no id of eGain's: they are UUIDs, the part before "
                f"/status in the location header of the call that started the job; {hint}"
            )

    def request(self, submission: Submission, connection: Connection, secret: Mapping[str, Any]) -> StatusRequest:
        try:
            token_url = check_address(secret_text(secret, "token_url"))
        except AddressRefusedError as error:
            raise SecretWrongError(f"the secret's token_url {error}") from None
        base_url = re.sub(r"(?<!:)//+", "/", connection.base_url)
        host = base_url.removesuffix(_IMPORT_ROOT).removesuffix(_EXPORT_ROOT)
        return StatusRequest(
            url=f"{host}{_PATHS[submission.operation]}/{quote(submission.job_id, safe='')}/status",
            # A 406 exists for a missing Accept-Language.
            headers={"Accept": "application/json", "Accept-Language": "en-US"},
            auth=ClientCredentials.usual(
                token_url=token_url,
                client_id=secret_text(secret, "client_id"),
                client_secret=secret_text(secret, "client_secret"),
                scope=secret_text(secret, "scope"),
            ),
        )

    def read(self, submission: Submission, response: Response) -> Answer:
        body = json_object(response)
        ok = 200 <= response.status_code < 300
        if ok and body is not None and status_key(body.get("status")) is not None:
            return _snapshot(submission, response, body)
        said = _error_text(body) if body is not None else plain_text(response)
        named = _named_status(body) or (401 if refuses_credentials(said) else None)
        return unreadable(response) if ok and named is None else failed_answer(response, said, named=named)

    def after_success(self, operation: Operation) -> str | None:
        if operation is Operation.IMPORT:
            return "eGain's search shows the content after its next synchronisation, within 30 minutes."
        return None


def _named_status(body: dict[str, Any] | None) -> int | None:
    """The HTTP status with which an error's code begins, such as 401-101: errors come under a 200 too."""
    code = re.match(r"\s*([45]\d\d)(?!\d)", str(mapping(body).get("code"))[:20])
    return int(code.group(1)) if code else None


def _snapshot(submission: Submission, response: Response, body: dict[str, Any]) -> Snapshot:
    vendor_status = clean(str(body["status"]), 80)
    statuses = _EXPORT_STATUSES if submission.operation is Operation.EXPORT else _IMPORT_STATUSES
    known = statuses.get(status_key(body["status"]) or "")
    phase, verdict = known or (Phase.RUNNING, None)
    progress = mapping(body.get("progress"))
    results = mapping(body.get("results"))
    doubts, counts = [], Counting()
    job_type = _JOB_TYPES.get(status_key(body.get("jobType")) or "")
    if job_type is not None and job_type is not submission.operation:
        doubts.append(f"Submitted as {submission.operation}, yet eGain calls the job {job_type}.")
    return Snapshot(
        phase=phase,
        verdict=verdict,
        vendor_status=vendor_status,
        progress=Progress(
            processed=counts.amount("items processed", progress.get("processed")),
            total=counts.amount("items in total", progress.get("total")),
            percentage=percentage(progress.get("percentage")),
        ),
        results=Results(
            # `succesfull` is the spelling of an earlier revision.
            successful=counts.whole("successful items", _first(results.get("successful"), results.get("succesfull"))),
            warnings=counts.whole("warnings", results.get("warnings")),
            errors=counts.whole("errors", results.get("errors")),
        ),
        error=clean_or_none(body.get("error"), 1000),
        retryable=boolean(body.get("retryable")),
        starts_at=read_vendor_time(body.get("startTime")),
        finished_at=_finished_at(body, verdict),
        predicted_end=read_vendor_time(body.get("estimatedCompletion")),
        current_operation=clean_or_none(body.get("currentOperation"), 200),
        log_location=clean_or_none(body.get("logFileLocation"), 1200),
        unnamed=None if known else "eGain's documents",
        doubts=(*doubts, *counts.doubts),
        retry_after_seconds=retry_after_seconds(response),
    )


def _finished_at(body: dict[str, Any], verdict: Outcome | None) -> Any:
    if verdict is None:
        return None
    completion, failure = read_vendor_time(body.get("completionTime")), read_vendor_time(body.get("failureTime"))
    return _first(failure, completion) if verdict is Outcome.FAILED else _first(completion, failure)


def _error_text(body: dict[str, Any]) -> str | None:
    """What an error body `{code, developerMessage, details[{key, value}], userMessage}` says, in a line."""
    said = [clean_or_none(body.get("code"), 20), clean_or_none(body.get("developerMessage"), 200)]
    said += [clean_or_none(mapping(detail).get("value"), 80) for detail in items_of(body.get("details"))[:3]]
    return " ".join(part for part in said if part) or None


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)
