"""Rows of a table whose quoted cells hold line breaks (RFC 4180, section 2)."""

from jobwatch.logs.record_lines import BREAK, LONGEST_RECORD_BYTES

_MOST_LINES = 500


class RowJoiner:
    """Makes each row a line. A stray quote, which no later line closes, spoils no other row."""

    def __init__(self, delimiter: bytes) -> None:
        self._opening = (delimiter + b'"', delimiter + b' "')

    def join(self, text: bytes, *, last: bool) -> tuple[bytes, bytes]:
        """The whole rows, each on a line, and what is left for later; of the `last` text nothing is."""
        if b'"' not in text:
            end = len(text) if last else text.rfind(b"\n") + 1
            return text[:end], text[end:]
        lines = text.split(b"\n")
        tail = lines.pop()
        if last and tail:
            lines.append(tail)
        joined: list[bytes] = []
        index = 0
        while index < len(lines):
            line = lines[index]
            end = index
            if line.count(b'"') & 1 and (line.startswith(b'"') or any(sign in line for sign in self._opening)):
                closed = self._closed_at(lines, index)
                if closed is None and not last and self._may_close(lines, index):
                    break
                end = index if closed is None else closed
            joined.append(BREAK.join(lines[index : end + 1]) if end > index else line)
            index = end + 1
        done = b"\n".join(joined) + b"\n" if joined else b""
        if last:
            return (done if text.endswith(b"\n") else done[:-1]), b""
        return done, b"".join(line + b"\n" for line in lines[index:]) + tail

    @staticmethod
    def _closed_at(lines: list[bytes], start: int) -> int | None:
        """The line that ends the quoted cell which the line at `start` leaves open."""
        size = 0
        for index in range(start + 1, min(len(lines), start + _MOST_LINES)):
            size += len(lines[index])
            if size > LONGEST_RECORD_BYTES:
                return None
            if lines[index].count(b'"') & 1:
                return index
        return None

    @staticmethod
    def _may_close(lines: list[bytes], start: int) -> bool:
        return len(lines) - start < _MOST_LINES and sum(map(len, lines[start:])) < LONGEST_RECORD_BYTES
