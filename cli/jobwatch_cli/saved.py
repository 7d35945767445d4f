"""Connections and answers in files: checking them needs no AWS and asks nobody."""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from jobwatch.domain.connection import Connection, ConnectionUnusableError, read_connection
from jobwatch.domain.exchange import Response
from jobwatch.vendors.registry import VENDORS


class FileUnusableError(Exception):
    """The file cannot be read, or holds something else; `str()` says which and why."""


def read_connection_file(path: Path, name: str, secret_prefix: str) -> Connection:
    """The connection in a file, or the one around a bare `rest` object. Raises FileUnusableError."""
    document = _json(path)
    if isinstance(document, dict) and "vendor" not in document and {"request", "snapshot"} & document.keys():
        # Where it is asked counts for nothing: the answer is in a file too.
        document = {
            "vendor": "rest",
            "base_url": "https://api.example.com",
            "secret": f"{secret_prefix}x",
            "rest": document,
        }
    try:
        return read_connection(name, document, secret_prefix, frozenset(VENDORS))
    except ConnectionUnusableError as error:
        raise FileUnusableError(str(error)) from None


def read_answer_file(path: Path, received_at: datetime) -> Response:
    """A saved answer: its body alone, or `{"status_code", "headers", "body"}`. Raises FileUnusableError."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise FileUnusableError(f"{path}: {error.strerror or error}") from None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return Response(200, {}, text, received_at)
    if not (isinstance(document, dict) and isinstance(document.get("status_code"), int) and "body" in document):
        return Response(200, {"content-type": "application/json"}, text, received_at)
    body = document["body"]
    content = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    given = document.get("headers")
    headers = {str(key).lower(): str(value) for key, value in given.items()} if isinstance(given, dict) else {}
    return Response(document["status_code"], headers, content, received_at)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_once)
    except OSError as error:
        raise FileUnusableError(f"{path}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise FileUnusableError(f"{path}: is not JSON ({error})") from None


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose names differ: of two alike, JSON's readers keep one and do not say so."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name!r} stands twice in one object")
        found[name] = value
    return found
