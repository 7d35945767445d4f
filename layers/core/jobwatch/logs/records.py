"""Structured lines for the engine: rows and objects as records."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from jobwatch.logs import tables
from jobwatch.logs.lines import Line, read_line

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
    read = read_line(line)
    return _record(read) if read.structured else None


def _record(line: Line) -> Record:
    return Record(line.level, line.message, line.item, line.time)


@dataclass(frozen=True)
class Table:
    """Where the columns of a CSV or TSV log are."""

    delimiter: str
    level: int
    table: tables.Table

    def read(self, line: bytes) -> Record | None:
        """One row; None where the line has too few cells to be one."""
        read = self.table.read(line)
        return _record(read) if read else None

    def prefix(self) -> bytes:
        """A pattern for everything of a row before its level cell."""
        if self.level < 0:
            return b"(?!)"
        delimiter = re.escape(self.delimiter.encode())
        return (_CELL % (delimiter, delimiter)) * self.level + b'"?'


def table_of(header: bytes, sample: Sequence[bytes]) -> Table | None:
    """The table that a first line names the columns of, with a level or status column; None where it is none."""
    found = tables.table_of([header, *sample])
    return Table(found[0].delimiter, found[0].level, found[0]) if found and found[1] == 0 else None
