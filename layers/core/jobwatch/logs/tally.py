"""Counting a log's lines: from pieces of text to levels, groups of problems and failed items."""

import json
import re
from collections import Counter
from collections.abc import Sequence

from jobwatch.logs.groups import TEXT_BYTES, Group, GroupTable, Place
from jobwatch.logs.items import FailedItemNames, place_of
from jobwatch.logs.latest import LatestEntries, line_feeds
from jobwatch.logs.layout import LONGEST_LINE_BYTES, Layout, learn
from jobwatch.logs.levels import ERROR, FATAL, LEVEL_OF_WORD, PROBLEM_LEVELS, head_of, level_of_value
from jobwatch.logs.messages import CRASH, EXCEPTION, HEADING_ONLY, INDENTED, message_of
from jobwatch.logs.records import Record, read_json
from jobwatch.logs.summary import UNKNOWN

_LEARNED_BYTES = 1 << 18
_TRUSTED_FROM_BYTES = 32 << 20
_CHECKED_EVERY = 15
"""A log of which 32 MB had not one line of another shape is read by the shortcut from then on, but for every 16th
piece and its end: what those turn up ends the shortcut. Half the time of a long log is saved."""
_ERROR_SAMPLES = 2048
_JSON_TEXT = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+')
_FAILURES = frozenset({ERROR, FATAL})


class Tally:
    """What has been counted so far. Feed it pieces of one stretch of text, then `end_stretch`, then maybe more."""

    def __init__(self) -> None:
        self.layout: Layout | None = None
        self.lines = 0
        self.levels: Counter[str] = Counter()
        self.table = GroupTable()
        self.items = FailedItemNames()
        self.error_samples: list[tuple[int, bytes]] = []
        self.error_stride = 1
        self.cut_lines = 0
        self._until_sample = 0
        self.exact = False
        """Whether to look at every line of what follows, however uniform the log has been."""
        self._uniform = True
        self._trusted = False
        self.skimmed = False
        """Whether a part was searched for the levels of this log's lines only, not for lines of another shape."""
        self._unchecked = 0
        self._carry = b""
        self._carry_offset = 0
        self._line_numbers_known = True
        self._offset = 0
        self._needed: list[Place] = []
        self._in_problem = False
        self._run_ends_at = -1
        self._latest = LatestEntries()
        self._awaiting: tuple[str, Place, bytes] | None = None
        self._word_levels: dict[bytes | None, str | None] = {None: None}

    def feed(self, piece: bytes) -> None:
        """The next piece of text, cut anywhere."""
        if self.layout is None:
            self._carry += piece
            if len(self._carry) < _LEARNED_BYTES:
                return
            piece, self._carry = self._carry, b""
            self._learn(piece)
        first = piece.find(b"\n")
        if first < 0:
            self._keep(piece)
            return
        self._keep(piece[: first + 1])
        line, start = self._carry, self._carry_offset
        self._carry = b""
        self._scan(b"\n" + line, 0, len(line) + 1, start - 1)
        last = piece.rfind(b"\n")
        base = self._offset
        if last > first:
            self._scan(piece, first, last + 1, base - first - 1)
        self._offset = base + last - first
        self._carry_offset = self._offset
        self._keep(piece[last + 1 :])

    def end_stretch(self) -> None:
        """The end of the text, or of a part of it: its last line is whole."""
        if self.layout is None:
            text, self._carry = self._carry, b""
            self._learn(text)
            if text:
                self.feed(text)
        if self._carry:
            line, self._carry = self._carry + b"\n", b""
            self._scan(b"\n" + line, 0, len(line) + 1, self._carry_offset - 1)
        self._latest.settle()
        self._settle_awaiting()
        self._in_problem = False

    def begin_stretch(self, offset: int) -> None:
        """A part of the text from `offset` on follows; how many lines came before is not known any more."""
        self._line_numbers_known = False
        self._offset = self._carry_offset = offset
        self._run_ends_at = -1

    def _learn(self, text: bytes) -> None:
        self.layout = learn(text[:_LEARNED_BYTES].split(b"\n"))

    def _keep(self, part: bytes) -> None:
        """Adds to the line that is not whole yet; of an endless one only the beginning is kept."""
        self._offset += len(part)
        room = 2 * LONGEST_LINE_BYTES - len(self._carry)
        if len(part) <= room:
            self._carry += part
        else:
            self._carry += part[: max(room, 0)]
            if part.endswith(b"\n"):
                self._carry += b"\n"

    def _scan(self, buffer: bytes, start: int, end: int, base: int) -> None:
        """The lines in buffer[start + 1 : end]; there is a line feed at `start` and one at `end` - 1.

        `base` is the offset of the buffer's first byte in the text.
        """
        layout = self.layout
        assert layout is not None
        if self._trusted and self._unchecked < _CHECKED_EVERY and not self.exact:
            self._unchecked += 1
            self.skimmed = True
            matches = layout.shortcut.matches(buffer, start, end - 1, layout.pattern) if layout.shortcut else []
        else:
            self._unchecked = 0
            matches = list(layout.pattern.finditer(buffer, start, end - 1))
        if matches:
            self._count(buffer, matches, base)
        lines_before = self.lines
        lines = self._number(buffer, start, base)
        if layout.passed_level:
            passed = lines - len(matches)
            for level, pattern in layout.also_passed:
                count = len(pattern.findall(buffer, start, end - 1))
                self.levels[level] += count
                passed -= count
            self.levels[layout.passed_level] += passed
        self.lines += lines
        if matches:
            known = lines_before if self._line_numbers_known else None
            self._latest.note_buffer(buffer, start, base, known)
        self._trusted = self._uniform and layout.shortcut is not None and self._offset > _TRUSTED_FROM_BYTES

    def _number(self, buffer: bytes, start: int, base: int) -> int:
        """Gives the places found in this buffer their line numbers; how many lines it has."""
        lines, at = 0, start + 1
        self._needed.sort(key=_offset_of)
        for place in self._needed:
            position = place.offset - base
            lines += line_feeds(buffer[at:position])
            at = position
            if self._line_numbers_known:
                place.line = self.lines + lines + 1
        self._needed.clear()
        # From the first line feed, at `start`, to the last there are all that the buffer has.
        return line_feeds(buffer) - 1

    def _count(self, buffer: bytes, matches: Sequence[re.Match[bytes]], base: int) -> None:
        """Goes through the lines that the layout does not pass over; those seen before cost look-ups only."""
        texts = self._texts(buffer, matches)
        keys = _keys(texts)
        groups: list[Group | None] = list(map(self.table.known.get, keys))
        if None in groups:
            self._count_others(buffer, matches, base, texts, keys, groups)
        else:
            self._in_problem = True
        self._run_ends_at = base + matches[-1].end()
        for group, count in Counter(groups).items():
            if group is not None:
                group.count += count
                self.levels[group.level] += count
        self._latest.note_entries(groups, matches)
        if not self.items.full:
            for group, text in zip(groups, texts, strict=True):
                if group is not None and group.item is not None:
                    self.items.note(text, group.item)
        for index in range(self._until_sample, len(matches), self.error_stride):
            group = groups[index]
            if group is not None and group.level in _FAILURES:
                at = matches[index].start() + 1
                self._sample_error(base + at, buffer[at : at + 64])
        self._until_sample = (self._until_sample - len(matches)) % self.error_stride

    def _count_others(
        self,
        buffer: bytes,
        matches: Sequence[re.Match[bytes]],
        base: int,
        texts: Sequence[bytes],
        keys: Sequence[bytes],
        groups: list[Group | None],
    ) -> None:
        """Goes through the lines whose text is new, and those that are no problems; fills in the groups found."""
        layout = self.layout
        assert layout is not None
        words, levels, known = self._word_levels, self.levels, self.table.known
        in_problem = self._in_problem
        previous_end = self._run_ends_at - base
        for index, group in enumerate(groups):
            if group is not None:
                in_problem = True
                continue
            match = matches[index]
            word = match[1]
            if word not in words:
                words[word] = self._level_of(word)
            level = words[word]
            if level is None:
                at = match.start()
                if index:
                    previous_end = matches[index - 1].end()
                in_problem = self._stray(buffer[at + 1 : match.end()], base + at + 1, in_problem and previous_end == at)
            elif level in PROBLEM_LEVELS:
                in_problem = True
                key = keys[index]
                groups[index] = known.get(key) or self._group(level, texts[index], key, buffer, match, base)
            else:
                levels[level] += 1
                in_problem = False
                if layout.shortcut and not layout.shortcut.sees_every_level:
                    self._uniform = False
        self._in_problem = in_problem

    def _texts(self, buffer: bytes, matches: Sequence[re.Match[bytes]]) -> list[bytes]:
        layout = self.layout
        assert layout is not None
        key = layout.message_key
        if not key:
            return [match[2] for match in matches]
        texts = []
        for match in matches:
            end = match.end()
            at = buffer.find(key, match.start(), end)
            text = _JSON_TEXT.match(buffer, at + len(key), end) if at >= 0 else None
            texts.append((match[1] or b"") + b" " + text[0] if text else match[2])
        return texts

    def _level_of(self, word: bytes) -> str | None:
        """The level of the word at the place where this log keeps it."""
        layout = self.layout
        assert layout is not None
        if layout.kind == "text":
            return LEVEL_OF_WORD.get(word)
        text = word.decode("ascii", "replace")
        return level_of_value(int(text) if text.isdecimal() else text)

    def _group(
        self, level: str, text: bytes, key: bytes, buffer: bytes, match: re.Match[bytes], base: int
    ) -> Group | None:
        """The group of an entry of the usual shape whose key was not seen before; None if its message follows."""
        if self._awaiting:
            self._settle_awaiting()
        group = self.table.alike(key, text)
        if group is not None:
            return group
        layout = self.layout
        assert layout is not None
        offset = base + match.start() + 1
        line = buffer[match.start() + 1 : match.end()]
        message = text[len(match[1]) :]
        if layout.kind == "json":
            message = _unescaped(message.lstrip())
        else:
            message = message_of(message)
            if not message or HEADING_ONLY.fullmatch(message):
                self._await(level, offset, line)
                self.levels[level] += 1
                return None
        group = self._found(level, text, message, self._place(offset, line))
        self.table.remember(key, text, group)
        return group

    def _place(self, offset: int, line: bytes) -> Place:
        """A place that gets its line number when the buffer it is in has been gone through."""
        place = Place(offset, line[:TEXT_BYTES])
        self._needed.append(place)
        return place

    def _await(self, level: str, offset: int, line: bytes) -> None:
        """An entry begins whose message is on a line below."""
        self._awaiting = level, self._place(offset, line), line

    def _found(self, level: str, text: bytes, message: bytes, place: Place) -> Group:
        group = self.table.find(level, message or place.text, place)
        if group.first is place:
            if level in _FAILURES:
                group.item = place_of(text[:TEXT_BYTES])
        elif group.second_text is None:
            group.second_text = place.text
        return group

    def _sample_error(self, offset: int, head: bytes) -> None:
        self.error_samples.append((offset, head))
        if len(self.error_samples) >= _ERROR_SAMPLES:
            del self.error_samples[::2]
            self.error_stride *= 2

    def _stray(self, line: bytes, offset: int, in_problem: bool) -> bool:
        """A line that is not of the usual shape; whether it belongs to a problem's entry."""
        layout = self.layout
        assert layout is not None
        self._uniform = False
        line = line.replace(b"\0", b"")
        if layout.table and offset == 0:
            return False
        record = self._record(line)
        if record is not None:
            self._settle_awaiting()
            if record.level is None:
                return self._unlevelled(line, record.message, offset)
            self.levels[record.level] += 1
            if record.level in PROBLEM_LEVELS:
                self._entry(record.level, record.message, self._place(offset, line), record.item)
                return True
            return False
        if not line.strip():
            return in_problem
        head = head_of(line)
        indented = line[:1] in (b" ", b"\t")
        inner = not head.timed and ((layout.headed and indented) or (layout.timed and head.level_at != 0))
        if head.level and not inner:
            self._settle_awaiting()
            self.levels[head.level] += 1
            if head.level not in PROBLEM_LEVELS:
                return False
            message = message_of(line[head.rest :])
            if not message or HEADING_ONLY.fullmatch(message):
                self._await(head.level, offset, line)
            else:
                self._entry(head.level, message, self._place(offset, line), None)
            return True
        if (layout.headed and not head.timed) or INDENTED.match(line):
            return self._continued(line, offset, in_problem)
        self._settle_awaiting()
        return self._unlevelled(line, line, offset)

    def _record(self, line: bytes) -> Record | None:
        layout = self.layout
        assert layout is not None
        if layout.table:
            return layout.table.read(line)
        return read_json(line) if layout.kind == "json" and line[:1] == b"{" else None

    def _continued(self, line: bytes, offset: int, in_problem: bool) -> bool:
        """A further line of an entry, or the beginning of a crash report that no entry announces."""
        if self._awaiting and in_problem:
            level, place, first = self._awaiting
            crash = CRASH.match(first)
            if crash and (line[:1] in (b" ", b"\t") or not EXCEPTION.match(line)):
                return True
            self._awaiting = None
            place.text = (place.text.rstrip() + b" " + line.strip())[:TEXT_BYTES]
            self._entry(level, line.strip(), place, None)
            return True
        if in_problem:
            return True
        if CRASH.match(line):
            self._settle_awaiting()
            self.levels[ERROR] += 1
            self._await(ERROR, offset, line)
            return True
        return False

    def _settle_awaiting(self) -> None:
        """An entry whose message did not follow after all is its own message."""
        if self._awaiting:
            level, place, line = self._awaiting
            self._awaiting = None
            self._entry(level, line.strip(), place, None)

    def _entry(self, level: str, message: bytes, place: Place, item: bytes | None) -> None:
        group = self._found(level, message, message, place)
        group.count += 1
        if place.offset > group.last.offset:
            group.last = place
        if level in _FAILURES:
            if item:
                self.items.add(item)
            elif group.item is not None:
                self.items.note(message, group.item)
            self._until_sample = (self._until_sample - 1) % self.error_stride
            if self._until_sample == 0:
                self._sample_error(place.offset, place.text[:64])

    def _unlevelled(self, line: bytes, message: bytes, offset: int) -> bool:
        self.levels[UNKNOWN] += 1
        self._entry(UNKNOWN, message, self._place(offset, line), None)
        return False


def _keys(texts: Sequence[bytes]) -> list[bytes]:
    """The texts without digits: what is looked up, so that most lines cost one look-up and nothing else."""
    return b"\n".join(texts).translate(None, b"0123456789").split(b"\n")


def _offset_of(place: Place) -> int:
    return place.offset


def _unescaped(text: bytes) -> bytes:
    if b"\\" not in text:
        return text
    try:
        return str(json.loads(b'"' + text + b'"')).encode("utf-8", "replace")
    except ValueError:
        return text
