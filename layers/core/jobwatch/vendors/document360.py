"""Document360: documentation imports (API v2).

GET {host}/v2/Project/Import/{importId}, header `api_token`.
Source: Document360, "Get the status of import", and its pages on rate limits and error handling.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from jobwatch.domain.connection import Connection
from jobwatch.domain.exchange import NotAskableError, Response, json_object, retry_after_seconds, secret_text
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
from jobwatch.vendors.counting import Counting
from jobwatch.vendors.reading import (
    DETAIL_LIMIT,
    boolean,
    count,
    failed_answer,
    items_of,
    mapping,
    plain_text,
    refuses_credentials,
    status_key,
    unreadable,
)
from jobwatch.vendors.telling import worst_messages
from jobwatch.vendors.vendor import StaticHeaders, StatusRequest

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
    remembers: timedelta | None = None

    def check(self, submission: Submission, connection: Connection) -> None:
        """Document360 publishes no form of its ids, so only what can be part of none is refused: an address, blanks."""
        del connection
        job_id = submission.job_id
        if not job_id.strip(".") or re.search(r"[\s/\\?#%]", job_id):
            raise NotAskableError(
                f"job_id: {clean(job_id, 100)!r} is no id of Document360's: send what POST /v2/Project/Import answered "
                "as id, such as 5f2b8a1e-3c4d-4e5f-8a9b-0c1d2e3f4a5b, without an address or blanks around it"
            )

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
            return _snapshot(response, body)
        said = clean_or_none("; ".join(_descriptions((body or {}).get("errors"))), DETAIL_LIMIT)
        # HTTP 400 with `success: true` and error code 400 is how an unknown id is told.
        if said and "invalid import id" in said.lower() and (ok or response.status_code == 400):
            return NotFound(f"HTTP {response.status_code}: {said}", retry_after_seconds(response))
        said = said or plain_text(response)
        named = _named_status(body) or (401 if refuses_credentials(said) else None)
        if not ok or named is not None:
            return failed_answer(response, said, named=named)
        if body is None or said is None:
            return unreadable(response)
        return PollFailure(
            FailureKind.VENDOR_ERROR, f"HTTP {response.status_code}: {said}", retry_after_seconds(response)
        )

    def after_success(self, operation: Operation) -> str | None:
        del operation
        return None


def _snapshot(response: Response, body: dict[str, Any]) -> Snapshot:
    vendor_status = clean(body["status"], 80)
    known = _STATUSES.get(status_key(body["status"]) or "")
    phase, verdict = known or (Phase.RUNNING, None)
    log = mapping(body.get("import_documentation_log"))
    diagnosis = clean_or_none("; ".join(_descriptions(body.get("errors"))), 1000)
    messages, left_out = worst_messages(_messages(body, log, verdict))
    counts = Counting()
    articles = counts.whole("articles", log.get("articles"))
    return Snapshot(
        phase=phase,
        verdict=verdict,
        vendor_status=vendor_status,
        # No total and no percentage are given, only how many articles there are so far.
        progress=Progress(processed=articles),
        results=Results(successful=articles if verdict is Outcome.SUCCEEDED else None),
        error=_error(diagnosis, messages) if verdict is Outcome.FAILED else None,
        messages=messages,
        unnamed=None if known else "Document360's documents",
        remarks=left_out,
        doubts=(*_doubts(body, log, vendor_status, verdict, diagnosis), *counts.doubts),
        retry_after_seconds=retry_after_seconds(response),
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


def _named_status(body: dict[str, Any] | None) -> int | None:
    """The HTTP status that an envelope's error code is: errors come under a 200 too."""
    codes = (str(mapping(entry).get("error_code"))[:20].strip() for entry in items_of(mapping(body).get("errors"))[:20])
    return next((int(code) for code in codes if re.fullmatch(r"[45]\d\d", code, re.ASCII)), None)
