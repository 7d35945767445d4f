"""Document360: documentation imports (API v2).

GET {host}/v2/Project/Import/{importId}, header `api_token`.
Source: Document360, "Get the status of import", and its pages on rate limits and error handling.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote

from jobwatch.domain.connection import Connection
from jobwatch.domain.snapshot import (
    Answer,
    FailureKind,
    Message,
    NotFound,
    Phase,
    PollFailure,
    Progress,
    Results,
    Snapshot,
)
from jobwatch.domain.submission import Submission
from jobwatch.domain.text import clean, clean_or_none
from jobwatch.domain.words import Operation, Outcome
from jobwatch.vendors.reading import (
    DETAIL_LIMIT,
    boolean,
    count,
    failed_answer,
    items_of,
    json_object,
    mapping,
    secret_text,
    status_key,
    unreadable,
)
from jobwatch.vendors.telling import worst_messages
from jobwatch.vendors.vendor import NotAskableError, Response, StaticHeaders, StatusRequest

# The four words of the document, where `status` is a free string.
_STATUSES: Mapping[str, tuple[Phase, Outcome | None]] = {
    "queued": (Phase.SCHEDULED, None),
    "inprogress": (Phase.RUNNING, None),
    "completed": (Phase.ENDED, Outcome.SUCCEEDED),
    "error": (Phase.ENDED, Outcome.FAILED),
}
_MESSAGE_LEVELS = {0: "error", 1: "warning", 2: "info"}


class Document360:
    """Imports of documentation into a Document360 project."""

    title = "Document360"
    operations = frozenset({Operation.IMPORT})

    def check(self, submission: Submission, connection: Connection) -> None:
        """A job id of dots would name another resource of the API."""
        del connection
        if not submission.job_id.strip("."):
            raise NotAskableError("job_id: an import id of dots only cannot be asked for")

    def request(self, submission: Submission, connection: Connection, secret: Mapping[str, Any]) -> StatusRequest:
        return StatusRequest(
            url=f"{connection.base_url.removesuffix('/v2')}/v2/Project/Import/{quote(submission.job_id, safe='')}",
            headers={"Accept": "application/json"},
            auth=StaticHeaders({"api_token": secret_text(secret, "api_token")}),
        )

    def read(self, submission: Submission, response: Response) -> Answer:
        del submission
        body = json_object(response)
        ok = 200 <= response.status_code < 300
        if body is not None and ok and status_key(body.get("status")):
            return _snapshot(body)
        said = clean_or_none("; ".join(_descriptions((body or {}).get("errors"))), DETAIL_LIMIT)
        # HTTP 400 with `success: true` and error code 400 is how an unknown id is told.
        if said and "invalid import id" in said.lower() and (ok or response.status_code == 400):
            return NotFound(f"HTTP {response.status_code}: {said}")
        if not ok:
            return failed_answer(response, said)
        return _error_under_200(response, body, said) if body is not None and said else unreadable(response)

    def after_success(self, operation: Operation) -> str | None:
        del operation
        return None


def _snapshot(body: dict[str, Any]) -> Snapshot:
    vendor_status = clean(body["status"], 80)
    known = _STATUSES.get(status_key(body["status"]) or "")
    phase, verdict = known or (Phase.RUNNING, None)
    log = mapping(body.get("import_documentation_log"))
    diagnosis = clean_or_none("; ".join(_descriptions(body.get("errors"))), 1000)
    messages, left_out = worst_messages(_messages(body, log, verdict))
    articles = count(log.get("articles"))
    unknown = f"Document360 answered a status that its documents do not list, {vendor_status!r}: taken as running."
    remarks = () if known else (unknown,)
    return Snapshot(
        phase=phase,
        verdict=verdict,
        vendor_status=vendor_status,
        # No total and no percentage are given, only how many articles there are so far.
        progress=Progress(processed=articles),
        results=Results(successful=articles if verdict is Outcome.SUCCEEDED else None),
        error=_error(diagnosis, messages) if verdict is Outcome.FAILED else None,
        messages=messages,
        remarks=(*remarks, *left_out),
        doubts=tuple(_doubts(body, log, vendor_status, verdict, diagnosis)),
    )


def _doubts(
    body: dict[str, Any], log: dict[str, Any], vendor_status: str, verdict: Outcome | None, diagnosis: str | None
) -> Iterator[str]:
    # `success` and `errors` are about the API call: a finished import is documented with `success: false` and
    # "Element 'ImportLog' not found.". The status decides, the diagnosis is shown.
    if verdict is not Outcome.FAILED and (boolean(body.get("success")) is False or diagnosis):
        yield f"Document360 says {vendor_status}, yet its answer reports: {diagnosis or 'success: false'}"
    if boolean(log.get("cancel_operation")):
        yield "Document360 marks this import as cancelled (cancel_operation); its status is reported as it stands."


def _messages(body: dict[str, Any], log: dict[str, Any], verdict: Outcome | None) -> Iterator[tuple[str, object]]:
    for entry in map(mapping, items_of(log.get("messages"))):
        yield _level(entry.get("message_type")), entry.get("message")
    for field, level in (("warnings", "warning"), ("information", "info")):
        for text in _descriptions(body.get(field)):
            yield level, text
    counts = [
        f"{field.replace('_', ' ')}: {value}"
        for field in ("new_versions", "categories", "articles", "languages")
        if (value := clean_or_none(log.get(field), 60)) is not None
    ]
    if counts and verdict is not None:
        yield "info", f"Imported {', '.join(counts)}"


def _level(message_type: object) -> str:
    number = count(message_type)
    return "info" if number is None else _MESSAGE_LEVELS.get(number, "info")


def _descriptions(entries: object) -> list[str]:
    """The texts of `errors`, `warnings` or `information`, as far as there are any."""
    texts = (clean_or_none(mapping(entry).get("description"), 300) for entry in items_of(entries)[:20])
    return [text for text in texts if text]


def _error(diagnosis: str | None, messages: tuple[Message, ...]) -> str | None:
    first = next((message.text for message in messages if message.level == "error"), None)
    return diagnosis or first


def _error_under_200(response: Response, body: dict[str, Any], said: str) -> NotFound | PollFailure:
    """An envelope with errors and no status under HTTP 200; its error code can be the HTTP status that was meant."""
    for entry in items_of(body.get("errors")):
        code = mapping(entry).get("error_code")
        if isinstance(code, str) and re.fullmatch(r"[45]\d\d", code, re.ASCII):
            return failed_answer(response, said, http_status=int(code))
    return PollFailure(FailureKind.VENDOR_ERROR, f"HTTP {response.status_code}: {said}")
