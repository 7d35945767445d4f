"""Logs that are tables: which columns state a level, an error, a message and the thing a row is about."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from jobwatch.logs.level_words import ERROR, INFO, words
from jobwatch.logs.levels import level_of_number, level_of_value
from jobwatch.logs.lines import Line
from jobwatch.logs.messages import joined
from jobwatch.logs.objects import (
    ERROR_NAMES,
    ITEM_NAMES,
    LEVEL_NAMES,
    STATUS_NAMES,
    TIME_NAMES,
    VAGUE_NAMES,
    is_empty,
    plain_name,
    status_of_flag,
)

_MESSAGE_NAMES = words(
    "消息 訊息 信息 メッセージ 内容 메시지 сообщение повідомлення"
    " message msg messages logmessage statusmessage resultmessage importmessage remark remarks note notes"
    " comment comments detail details reason reasons statusreason explanation hint info bemerkung meldung"
    " nachricht hinweis mensaje mensagem messaggio melding description text"
)
_DESCRIPTIVE = frozenset(("description", "text", "comment", "comments", "note", "notes", "info"))
_REASON_NAMES = words(
    "reason reasons grund motivo raison why cause rejection failure 原因 理由 사유 причина neden powód důvod"
)
_STATUS_ENDING = re.compile(
    r"(?:status|state|result|outcome|severity|loglevel|success|successful|ergebnis|statut|estado|stato|resultado|résultat)(?:text|name)?$"
)
_ERROR_ENDING = re.compile(
    r"(?:errors?|errormessages?|errortext|errordescriptions?|errordetails?|errorreason|failurereason|rejectionreason|fehler|fehlermeldung|exception)$"
)
_CODE_NAMES = ("errorcode", "fehlercode", "errcode", "codeerreur")
_NO_TITLE = re.compile(r"^\W*\d|\d\d:\d\d|[{}=]|\w\. \w|:\s*\S")
"""What no column is called: a value, a time, a sentence."""
_RULE = re.compile(r"[\s|+=:-]*")
_DELIMITERS = ",\t;|"
_MOST_NAME_CHARACTERS = 60
_MOST_COLUMNS = 500
_PREAMBLE_LINES = 30
_SAMPLED_ROWS = 200
_ALIKE = 0.7


@dataclass(frozen=True)
class Table:
    """Where the columns of a table are; -1 or none where it has none of the kind."""

    delimiter: str
    names: tuple[str, ...]
    status: int
    errors: tuple[int, ...]
    message: int
    item: int
    time: int

    @property
    def columns(self) -> int:
        """How many cells a row has."""
        return len(self.names)

    @property
    def level(self) -> int:
        """The cell that alone decides a row's level; -1 where several do."""
        return self.status if not self.errors else -1

    def cells(self, row: bytes) -> list[str] | None:
        """The cells of a row; None where it is none."""
        return _cells(row, self.delimiter)

    def read(self, row: bytes) -> Line | None:
        """What a row says; None where the line has too few cells to be one, or is the header again."""
        cells = self.cells(row)
        if (
            cells is None
            or len(cells) <= max(1, self.status)
            or self._is_header(cells)
            or _RULE.fullmatch(row.decode("utf-8", "replace"))
        ):
            return None
        level = self._level(cells)
        time = self._cell(cells, self.time)
        item = self._cell(cells, self.item)[:200]
        return Line(
            level,
            self._message(cells, level).encode("utf-8", "replace"),
            item.encode("utf-8", "replace") or None,
            time or None,
            timed=bool(time),
            structured=True,
        )

    def digits_matter(self, row: bytes) -> bool:
        """Whether the level of rows like this one depends on digits: a count or code in a cell that decides."""
        cells = self.cells(row) or []
        return any(self._cell(cells, column)[:1].isdigit() for column in (self.status, *self.errors))

    def _is_header(self, cells: Sequence[str]) -> bool:
        return len(cells) == len(self.names) and all(
            plain_name(cell) == name for cell, name in zip(cells, self.names, strict=True)
        )

    def _level(self, cells: Sequence[str]) -> str | None:
        status = _level_of_cell(self.names[self.status], self._cell(cells, self.status)) if self.status >= 0 else None
        if status not in (None, INFO):
            return status
        if any(_is_error(self.names[column], self._cell(cells, column)) for column in self.errors):
            return ERROR
        return status or (None if self.status >= 0 else INFO)

    def _message(self, cells: Sequence[str], level: str | None) -> str:
        message = self._cell(cells, self.message)
        errors = [text for column in self.errors if _is_error(self.names[column], text := self._cell(cells, column))]
        texts = [text for text in errors if not text.isdecimal() and text.lower() not in ("true", "yes")]
        if texts and self.message >= 0 and self.names[self.message] in _DESCRIPTIVE:
            message = ""
        told = joined("" if is_empty(message) else message, "; ".join(dict.fromkeys(texts)))
        if told:
            return told
        cell = self._cell(cells, self.status)
        if level not in (None, INFO) and level_of_value(cell) and len(cell.split()) > 1:
            return cell
        skipped = {self.time, *(n for n in self.errors if is_empty(self._cell(cells, n)))}
        return " ".join(text for n, text in enumerate(cells) if n not in skipped and text.strip())

    @staticmethod
    def _cell(cells: Sequence[str], column: int) -> str:
        return cells[column].strip() if 0 <= column < len(cells) else ""


def table_of(lines: Sequence[bytes]) -> tuple[Table, int] | None:
    """The table that one of the first lines names the columns of, and that line's index; None where they are none.

    `lines`: the beginning of a log, without line feeds, each record on one line.
    """
    for index, line in enumerate(lines[:_PREAMBLE_LINES]):
        for delimiter in _DELIMITERS:
            table = _table(line, delimiter)
            if table and _agrees(table, [row for row in lines[index + 1 : index + 1 + _SAMPLED_ROWS] if row.strip()]):
                return table, index
    return None


def _table(header: bytes, delimiter: str) -> Table | None:
    if delimiter.encode() not in header or len(header) > 20_000:
        return None
    titles = _cells(header.lstrip(b"#"), delimiter)
    if titles is None or not 2 <= len([title for title in titles if title.strip()]) <= _MOST_COLUMNS:
        return None
    if any(len(title) > _MOST_NAME_CHARACTERS or _NO_TITLE.search(title) for title in titles):
        return None
    names = tuple(plain_name(title) for title in titles)
    errors = [
        n for n, name in enumerate(names) if name in ERROR_NAMES or _ERROR_ENDING.search(name) or name in _CODE_NAMES
    ]
    status = _first(names, LEVEL_NAMES, errors)
    if status < 0:
        status = _first(names, STATUS_NAMES[: len(STATUS_NAMES)], errors)
    if status < 0 or names[status] in VAGUE_NAMES:
        ending = next((n for n, name in enumerate(names) if n not in errors and _STATUS_ENDING.search(name)), -1)
        status = ending if ending >= 0 else status
    if status < 0 and not errors:
        errors = [n for n, name in enumerate(names) if name in _REASON_NAMES]
    if status < 0 and not errors:
        return None
    return Table(
        delimiter,
        names,
        status,
        tuple(errors),
        _first(names, (*_MESSAGE_NAMES, *_REASON_NAMES), [status, *errors]),
        _first(names, ITEM_NAMES, [status, *errors]),
        _first(names, TIME_NAMES, [status, *errors]),
    )


def _first(names: Sequence[str], wanted: Sequence[str], taken: Sequence[int]) -> int:
    return next((n for name in wanted for n, each in enumerate(names) if each == name and n not in taken), -1)


def _agrees(table: Table, rows: Sequence[bytes]) -> bool:
    """Whether the rows are such a table's, and its columns say something."""
    rows = [row for row in rows if not _RULE.fullmatch(row.decode("utf-8", "replace"))]
    read = [cells for row in rows if (cells := table.cells(row))]
    alike = [cells for cells in read if abs(len(cells) - table.columns) <= (1 if table.columns > 3 else 0)]
    if not alike or len(alike) < _ALIKE * len(rows):
        return False
    if table.status >= 0 and any(
        _level_of_cell(table.names[table.status], cells[table.status].strip())
        for cells in alike
        if len(cells) > table.status
    ):
        return True
    return bool(table.errors) and all(len(cells) > min(table.errors) for cells in alike)


def _cells(row: bytes, delimiter: str) -> list[str] | None:
    text = row.decode("utf-8", "replace").replace("\x0b", " ").strip("\r\n")
    if delimiter == "|":
        text = text.strip().removeprefix("|").removesuffix("|")
    try:
        cells = next(csv.reader([text], delimiter=delimiter, skipinitialspace=delimiter != "\t"), None)
    except csv.Error:
        return None
    return [cell.strip() for cell in cells] if cells is not None else None


def _level_of_cell(name: str, cell: str) -> str | None:
    if flag := status_of_flag(name, cell):
        return flag
    if cell.isdecimal():
        return level_of_number(name, int(cell), logged=name != "level") if len(cell) < 8 else None
    return level_of_value(cell, letters=name in LEVEL_NAMES, vague=name in VAGUE_NAMES)


def _is_error(name: str, cell: str) -> bool:
    """Whether a cell of a column of errors holds one."""
    if is_empty(cell):
        return False
    if re.fullmatch(r"[\d.,]+", cell):
        return (
            float(cell.replace(",", "") or 0) != 0
            and not (name in _CODE_NAMES and cell.startswith("2") and len(cell) == 3)
            if re.fullmatch(r"\d+(?:[.,]\d+)?", cell)
            else True
        )
    return level_of_value(cell) != INFO
