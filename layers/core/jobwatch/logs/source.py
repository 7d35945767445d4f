"""Where a log comes from: the port the summary reads through, and the sources that need nothing but Python."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol

READ_BYTES = 1 << 19
"""One read: large enough that a call costs nothing, small enough to stay in the processor's cache."""


class LogUnreadable(Exception):  # noqa: N818 - the name other parts know; its text is a reason for a person
    """The log cannot be read (any further); the text says why, for a person."""


class LogChanged(Exception):  # noqa: N818 - the name other parts know
    """The log was replaced while it was read. Reading from byte 0 again takes up the new one."""


class LogSource(Protocol):
    """A log of bytes that can be read from any offset."""

    @property
    def size_bytes(self) -> int | None:
        """The size; None while it is not known (standard input, an object not opened yet)."""
        ...

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        """The bytes from `start` to `end` (exclusive; None is the end of the log) in bounded pieces.

        Raises LogUnreadable where there is nothing to read or reading breaks off, LogChanged where the
        log is no longer the one whose reading began.
        """
        ...


class FileLogSource:
    """A local file. It is read up to the size it had when reading began, so a log still written ends somewhere."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._identity: tuple[int, int] | None = None
        self.size_bytes: int | None = None

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        """See LogSource.read. A file that was replaced or became shorter counts as changed."""
        try:
            with self._path.open("rb", buffering=0) as file:
                status = os.fstat(file.fileno())
                if start == 0 or self._identity is None:
                    self._identity = status.st_dev, status.st_ino
                    self.size_bytes = status.st_size
                elif self._identity != (status.st_dev, status.st_ino):
                    raise LogChanged(f"{self._path.name} was replaced")
                size_bytes = self.size_bytes or 0
                stop = size_bytes if end is None else min(end, size_bytes)
                file.seek(start)
                while start < stop:
                    piece = file.read(min(READ_BYTES, stop - start))
                    if not piece:
                        raise LogChanged(f"{self._path.name} became shorter")
                    start += len(piece)
                    yield piece
        except OSError as error:
            raise LogUnreadable(f"{self._path.name}: {error.strerror or error}") from error


class StreamLogSource:
    """Something that can be read once from its beginning, such as standard input."""

    size_bytes: int | None = None

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        """See LogSource.read; only `start` 0 can be read."""
        if start != 0:
            raise LogUnreadable("a stream can be read only once, from its beginning")
        left = end
        while left is None or left > 0:
            try:
                piece = self._stream.read(READ_BYTES if left is None else min(READ_BYTES, left))
            except OSError as error:
                raise LogUnreadable(str(error.strerror or error)) from error
            if not piece:
                return
            if left is not None:
                left -= len(piece)
            yield piece
