"""A log that is one JSON document, or entries printed with indents: its records, each on a line."""

import json
import re

from jobwatch.logs.record_lines import LONGEST_RECORD_BYTES, RecordLines

_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+(?:"|\Z|\\\Z)|[{}\[\]]', re.DOTALL)
_KEY = re.compile(rb'"([\w .@-]{1,60})"\s*:\s*\Z')
_TELLING = re.compile(rb"(?i)[\w .-]*(?:error|fail|reject|invalid|warn|problem|exception|fehler)[\w .-]*")
_STATES_ITSELF = re.compile(rb'"(?:level|severity|status|state|success|error)"\s*:')
_MOST_DEPTH = 200


class JsonJoiner:
    """The objects in a document's arrays are its records; what else it states about itself is one more at its end.

    Records of an array called `errors`, `failed`, `warnings` and the like get the level that this says, where they
    state none. `stream`: the objects at the top are the records.
    """

    def __init__(self, *, stream: bool) -> None:
        self._stream = stream
        self._open: list[tuple[bytes, bytes]] = []
        """Every open bracket and the key before it."""
        self._own: list[bytes] = []
        self._own_bytes = 0
        self._lines = RecordLines()
        self._broken = False

    def join(self, text: bytes, *, last: bool) -> tuple[bytes, bytes]:
        """The whole records, each on a line, and what is left for later; of the `last` text nothing is."""
        if self._broken:
            return self._as_it_stands(text, last=last)
        at = position = 0  # what is before `at` is done with
        record_depth: int | None = None
        key_at = -1  # a string outside of records, which may be the key of what follows
        while (found := _TOKEN.search(text, position)) is not None:
            sign, start = found[0][:1], found.start()
            if sign == b'"':
                if found.end() == len(text) and not last:
                    key_at = start
                    position = len(text)
                    break
                position = found.end()
                if record_depth is None:
                    key_at = start
                    if (
                        self._open
                        and self._open[-1][0] == b"["
                        and (len(self._open) == 1 or _telling(self._open[-1][1]))
                    ):
                        self._between(text[at:start])
                        self._lines.record(_entry(found[0], self._open[-1][1]))
                        at, key_at = position, -1
                continue
            position = found.end()
            if sign in b"{[":
                if record_depth is None and sign == b"{" and self._begins_record():
                    self._between(text[at:start])
                    at, record_depth = start, len(self._open)
                key = _KEY.search(text, max(at, start - 80), start) if record_depth is None else None
                self._open.append((sign, key[1] if key else b""))
                key_at = -1
                if len(self._open) > _MOST_DEPTH:
                    return self._given_up(text[at:], last=last)
            elif not self._open:
                return self._given_up(text[at:], last=last)
            else:
                self._open.pop()
                key_at = -1
                if record_depth is not None and len(self._open) == record_depth:
                    self._lines.record(_entry(text[at:position], self._open[-1][1] if self._open else b""))
                    at, record_depth = position, None
                elif not self._open and record_depth is None:
                    self._between(text[at:position])
                    at = position
                    self._end_document()
        if record_depth is not None:
            if len(text) - at > LONGEST_RECORD_BYTES or last:
                return self._given_up(text[at:], last=last)
            del self._open[record_depth:]
            return self._lines.taken(), text[at:]
        keep = len(text) if last else max(at, key_at if key_at >= 0 else _last_word(text))
        if len(text) - keep > LONGEST_RECORD_BYTES:
            return self._given_up(text[at:], last=last)
        self._between(text[at:keep])
        if last:
            self._end_document()
        return self._lines.taken(), text[keep:]

    def _begins_record(self) -> bool:
        return not self._open if self._stream else bool(self._open) and self._open[-1][0] == b"["

    def _between(self, part: bytes) -> None:
        """Keeps the document's own text; outside of the document text is text."""
        if not self._open and not self._own and part.strip(b" \t\n,") and part.lstrip()[:1] not in (b"]", b"}"):
            self._lines.plain(part)
            return
        self._lines.between(part)
        if part.strip(b" \t\n,"):
            self._own_bytes += len(part)
            if self._own_bytes <= LONGEST_RECORD_BYTES:
                self._own.append(part.replace(b"\n", b" "))

    def _end_document(self) -> None:
        """What the document states about itself, its records left out, is a record too."""
        own = re.sub(rb",(?:\s*,)+", b",", b",".join(self._own))
        own = re.sub(rb",\s*([\]}])", rb"\1", re.sub(rb"([\[{])\s*,", rb"\1", own)).strip(b" ,\t")
        self._own, self._own_bytes = [], 0
        try:
            value = json.loads(own) if own else None
        except (ValueError, RecursionError):
            return
        if isinstance(value, dict) and any(isinstance(entry, str | dict | bool) for entry in value.values()):
            self._lines.record(own)

    def _given_up(self, rest: bytes, *, last: bool) -> tuple[bytes, bytes]:
        """It is no JSON after all, or a record is too long: the rest is read as it stands."""
        self._broken = True
        done = self._lines.taken()
        plain, rest = self._as_it_stands(rest, last=last)
        return done + plain, rest

    @staticmethod
    def _as_it_stands(text: bytes, *, last: bool) -> tuple[bytes, bytes]:
        end = len(text) if last or len(text) > LONGEST_RECORD_BYTES else text.rfind(b"\n") + 1
        return text[:end], text[end:]


def _last_word(text: bytes) -> int:
    """Where a number or word begins that the text may cut."""
    return len(text.rstrip(b"0123456789.eE+-truefalsn"))


def _telling(name: bytes) -> bool:
    return _TELLING.fullmatch(name) is not None


def _entry(record: bytes, name: bytes) -> bytes:
    """A record of the array called `name`, which may say what its records are."""
    if not _telling(name):
        return record
    level = b"warning" if b"warn" in name.lower() else b"error"
    if record[:1] != b"{":
        return b'{"level": "%s", "message": %s}' % (level, record)
    if _STATES_ITSELF.search(record):
        return record
    fields = record[1:].lstrip()
    return b'{"level": "%s"%s%s' % (level, b"" if fields[:1] == b"}" else b", ", fields)
