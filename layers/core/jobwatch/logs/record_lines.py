"""Records as lines: what stands between them gives its line breaks, so that lines can be counted as in the log."""

BREAK = b"\x0b"
"""Stands for a line feed inside a record. One that the text itself has is replaced by a blank before."""
LONGEST_RECORD_BYTES = 1 << 20


class RecordLines:
    """Builds text in which each record is a line."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._owed = 0
        """Line feeds that were given after records, and that the text has yet to give."""

    def record(self, record: bytes) -> None:
        """One record, of any number of lines."""
        self._parts.append(record.strip().replace(b"\n", BREAK) + b"\n")
        self._owed += 1

    def between(self, text: bytes) -> None:
        """Text between records, of which only the line breaks count."""
        breaks = text.count(b"\n")
        paid = min(breaks, self._owed)
        self._owed -= paid
        if breaks > paid:
            self._parts.append(b"\n" * (breaks - paid))

    def plain(self, text: bytes) -> None:
        """Text that stays as it is."""
        if self._owed and text.startswith(b"\n"):
            text, self._owed = text[1:], 0
        self._parts.append(text)

    def taken(self) -> bytes:
        """What was built since the last time."""
        text = b"".join(self._parts)
        self._parts.clear()
        return text
