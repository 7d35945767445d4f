"""Structured lines: the level, message and item fields of JSON lines, CSV and TSV, found by name."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jobwatch.logs.levels import level_of_value

_LEVEL_KEYS = (
    "level",
    "severity",
    "lvl",
    "levelname",
    "loglevel",
    "log_level",
    "log.level",
    "severitytext",
    "@l",
    "logseverity",
    "type",
    "status",
    "state",
    "result",
    "outcome",
)
_MESSAGE_KEYS = (
    "message",
    "msg",
    "@m",
    "@mt",
    "text",
    "short_message",
    "log",
    "body",
    "description",
    "detail",
    "details",
    "reason",
    "error_message",
    "error",
    "err",
    "exception",
    "event",
)
_ITEM_KEYS = (
    "file",
    "filename",
    "file_name",
    "path",
    "item",
    "item_id",
    "article",
    "article_id",
    "document",
    "document_id",
    "doc_id",
    "record",
    "record_id",
    "row_id",
    "object",
    "object_id",
    "key",
    "id",
    "name",
    "row",
)
_TIME_KEYS = ("timestamp", "time", "ts", "@timestamp", "@t", "datetime", "date", "created_at")

_CELL = rb'(?:"(?:[^"\n]|"")*+"|[^%s\n]*+)%s'


@dataclass(frozen=True)
class Record:
    """What one structured line says."""

    level: str | None
    message: bytes
    item: bytes | None
    time: str | None


def read_json(line: bytes) -> Record | None:
    """A JSON object on one line; None where the line is none."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return None
    flat: dict[str, Any] = {}
    for key, entry in value.items():
        if isinstance(entry, dict):
            for inner, deeper in entry.items():
                flat.setdefault(f"{key}.{inner}".lower(), deeper)
        flat[key.lower()] = entry
    level = next(
        (found for key in _LEVEL_KEYS if (found := level_of_value(flat.get(key)))),
        None,
    )
    message = next((text for key in _MESSAGE_KEYS if isinstance(text := flat.get(key), str) and text), None)
    if message is None:
        message = next((v for k, v in flat.items() if k.endswith((".message", ".msg")) and isinstance(v, str)), None)
    return Record(
        level,
        message.encode("utf-8", "replace") if message else line,
        _first_text(flat, _ITEM_KEYS),
        next((str(flat[key]) for key in _TIME_KEYS if isinstance(flat.get(key), str | int | float)), None),
    )


def _first_text(fields: dict[str, Any], keys: Sequence[str]) -> bytes | None:
    for key in keys:
        value = fields.get(key)
        if (isinstance(value, str) and value) or (isinstance(value, int) and not isinstance(value, bool)):
            return str(value)[:200].encode("utf-8", "replace")
    return None


@dataclass(frozen=True)
class Table:
    """Where the columns of a CSV or TSV log are."""

    delimiter: str
    columns: int
    level: int
    message: int | None
    item: int | None
    time: int | None

    def read(self, line: bytes) -> Record | None:
        """One row; None where the line has too few cells to be one."""
        try:
            cells = next(csv.reader([line.decode("utf-8", "replace")], delimiter=self.delimiter), [])
        except csv.Error:
            return None
        if len(cells) <= self.level:
            return None

        def cell(index: int | None) -> str:
            return cells[index] if index is not None and index < len(cells) else ""

        message = cell(self.message)
        if not message:
            message = " ".join(text for n, text in enumerate(cells) if n not in (self.level, self.time) and text)
        return Record(
            level_of_value(cells[self.level]),
            message.encode(),
            cell(self.item)[:200].encode() or None,
            cell(self.time) or None,
        )

    def prefix(self) -> bytes:
        """A pattern for everything of a row before its level cell."""
        delimiter = re.escape(self.delimiter.encode())
        return (_CELL % (delimiter, delimiter)) * self.level + b'"?'


def table_of(header: bytes, sample: Sequence[bytes]) -> Table | None:
    """The table that a first line names the columns of, with a level or status column; None where it is none."""
    for delimiter in ",\t;|":
        try:
            names = [
                name.strip().lower().replace(" ", "_")
                for name in next(csv.reader([header.decode("utf-8", "replace")], delimiter=delimiter), [])
            ]
        except csv.Error:
            continue
        if len(names) < 2 or any(len(name) > 40 for name in names):
            continue
        for key in _LEVEL_KEYS:
            if key not in names:
                continue
            table = Table(
                delimiter,
                len(names),
                names.index(key),
                _column(names, _MESSAGE_KEYS),
                _column(names, _ITEM_KEYS),
                _column(names, _TIME_KEYS),
            )
            rows = [table.read(line) for line in sample[:200] if line.strip()]
            if any(row and row.level for row in rows):
                return table
    return None


def _column(names: Sequence[str], keys: Sequence[str]) -> int | None:
    return next((names.index(key) for key in keys if key in names), None)
