"""A log in memory, with the accidents that can befall a log while it is read."""

from collections.abc import Iterator

from jobwatch.logs import LogChanged, LogSource, LogSummary, LogUnreadable, summarise


class MemorySource:
    """Bytes as a log. It can break off or be replaced after some bytes."""

    def __init__(
        self,
        data: bytes,
        *,
        piece_bytes: int = 1 << 19,
        size_known: bool = True,
        unreadable_at: int | None = None,
        replaced_at: int | None = None,
        replacements: tuple[bytes, ...] = (),
    ) -> None:
        self.data = data
        self.piece_bytes = piece_bytes
        self.size_known = size_known
        self.unreadable_at = unreadable_at
        self.replaced_at = replaced_at
        self.replacements = list(replacements)
        self.ranges_read: list[tuple[int, int]] = []

    @property
    def size_bytes(self) -> int | None:
        return len(self.data) if self.size_known else None

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        stop = len(self.data) if end is None else min(end, len(self.data))
        self.ranges_read.append((start, stop))
        if self.unreadable_at == 0:
            raise LogUnreadable("missing, or jobwatch may not read it")
        while start < stop:
            if self.replaced_at is not None and start >= self.replaced_at and self.replacements:
                self.data = self.replacements.pop(0)
                raise LogChanged("the object was replaced")
            if self.unreadable_at is not None and start >= self.unreadable_at:
                raise LogUnreadable("the connection broke off")
            piece = self.data[start : min(start + self.piece_bytes, stop)]
            start += len(piece)
            yield piece


def summary_of(text: str | bytes, *, piece_bytes: int = 1 << 19) -> LogSummary:
    """The summary of a whole log."""
    data = text.encode() if isinstance(text, str) else text
    source: LogSource = MemorySource(data, piece_bytes=piece_bytes)
    return summarise(source)
