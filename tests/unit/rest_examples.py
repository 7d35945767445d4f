"""A small description, and what asks and reads with it."""

import copy
import json
from datetime import UTC, datetime
from typing import Any

from jobwatch.domain.connection import Connection, read_connection
from jobwatch.domain.exchange import Response
from jobwatch.domain.submission import Submission, read_submission
from jobwatch.vendors.registry import vendor_of
from jobwatch.vendors.vendor import StatusRequest

NOW = datetime(2024, 3, 1, 12, tzinfo=UTC)
SECRET = {"token": "s3cret-token", "user": "anna", "password": "pa:ss w0rd", "token_url": "https://login.example.com/t"}
REST: dict[str, Any] = {
    "request": {"path": "/jobs/{job_id}"},
    "snapshot": {"state": "body.status"},
    "outcomes": {"succeeded": ["done"], "failed": ["failed"]},
}


def described(changes: dict[str, Any] | None = None, **fields: Any) -> Connection:
    """A connection with REST, where `changes` sets values by dotted places: {"snapshot.error": "body.error"}."""
    rest = copy.deepcopy(REST)
    for place, value in (changes or {}).items():
        *parents, last = place.split(".")
        holder = rest
        for parent in parents:
            holder = holder.setdefault(parent, {})
        holder[last] = value
    document = {
        "vendor": "rest",
        "base_url": "https://api.example.com/v1",
        "secret": "jobwatch/x",
        "rest": rest,
        **fields,
    }
    return read_connection("mine", document, "jobwatch/", frozenset({"rest", "egain"}))


def submitted(job_id: str = "7", **parameters: str) -> Submission:
    return read_submission({"connection": "mine", "job_id": job_id, "parameters": parameters}, NOW)


def asked(connection: Connection, submission: Submission | None = None) -> StatusRequest:
    return vendor_of(connection).request(submission or submitted(), connection, SECRET)


def answered(body: Any, connection: Connection | None = None, status_code: int = 200, **headers: str) -> Any:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return vendor_of(connection or described()).read(submitted(), Response(status_code, named, content, NOW))
