"""What has been counted of a log: levels, groups, failed things, and when its errors came."""

from collections import Counter
from collections.abc import Sequence

from jobwatch.logs.blocks import Block, blocks_of
from jobwatch.logs.documents import Records
from jobwatch.logs.entries import Entries, Entry
from jobwatch.logs.failed import FailedThings, named_between, named_words
from jobwatch.logs.groups import Group, GroupTable, Place
from jobwatch.logs.items import item_of
from jobwatch.logs.layout import Layout, learn
from jobwatch.logs.levels import ERROR, FATAL
from jobwatch.logs.messages import with_reason
from jobwatch.logs.readings import Reading, Readings
from jobwatch.logs.summary import UNKNOWN

_LEARNED_BYTES = 1 << 18
_ERROR_SAMPLES = 1024
_TIMED_LINES = 20
"""Lines at the beginning and the end of a log that are looked at for the time it spans."""
_LINE_BYTES = 300
_FAILURES = frozenset((ERROR, FATAL))


class Tally:
    """What has been counted so far. Feed it blocks of whole lines, then `end_stretch`, then maybe more."""

    def __init__(self) -> None:
        self.lines = 0
        self.records = Records()
        self.levels: Counter[str] = Counter()
        self.table = GroupTable()
        self.failures = FailedThings()
        self.error_lines: list[bytes] = []
        """Lines of errors, evenly spread over all."""
        self.first_lines: list[bytes] = []
        self.last_lines: list[bytes] = []
        self._last_start = -1
        self._layout: Layout | None = None
        self._head: list[bytes] = []
        self._head_bytes = 0
        self._start = 0
        self._numbered = True
        self._latest: dict[Group, tuple[Block, int]] = {}
        self._error_stride = 1
        self._until_sample = 0

    def feed(self, text: bytes) -> None:
        """The next lines, each with its line feed."""
        if self._layout is None:
            self._head.append(text)
            self._head_bytes += len(text)
            if self._head_bytes < _LEARNED_BYTES:
                return
            text = self._learn()
        self._count(text)

    def end_stretch(self) -> None:
        """The end of the text, or of a part of it."""
        if self._layout is None and (text := self._learn()):
            self._count(text)
        if self._layout is not None:
            self._entries.close()
        for group, (block, index) in self._latest.items():
            group.seen_at(self._place(block, index))
        self._latest = {}

    def begin_stretch(self, start: int) -> None:
        """A part of the text from `start` on follows; how many lines came before is not known any more."""
        self._numbered = False
        self._start = start

    def says(self, place: Place) -> bytes:
        """The message of the entry at `place`."""
        if place.message is not None:
            return place.message
        assert self._layout is not None
        return self._layout.read(place.line).message or place.line

    def time_text(self, line: bytes) -> bytes:
        """Where the time of a line stands: in a field of its own, else at its beginning."""
        assert self._layout is not None
        if not (self._layout.table or b'{"' in line or line.startswith((b"{", b"<"))):
            return line
        time = self._layout.read(line).time
        return time.encode("utf-8", "replace") if time else line

    def _learn(self) -> bytes:
        text = b"".join(self._head)
        self._head.clear()
        sample = text[:_LEARNED_BYTES].split(b"\n")
        layout = self._layout = learn(sample)
        self._readings = Readings(layout)
        self._entries = Entries(headed=layout.headed, settle=self._settle)
        return text

    def _count(self, text: bytes) -> None:
        layout = self._layout
        assert layout is not None
        if len(self.first_lines) < _TIMED_LINES:
            self.first_lines += [line[:_LINE_BYTES] for line in text.split(b"\n", _TIMED_LINES)[:_TIMED_LINES]]
        if self._start > self._last_start:
            self._last_start = self._start
            self.last_lines = [line[:_LINE_BYTES] for line in text[-_TIMED_LINES * _LINE_BYTES :].split(b"\n")]
        before = self.lines if self._numbered else None
        for block in blocks_of(text, layout, start=self._start, before=before, records=self.records.joined):
            preamble = layout.preamble_lines - self.lines if self._numbered else 0
            readings = self._readings.of(block.lines, block.text) if block.lines else []
            if preamble > 0:
                readings = [*map(Reading.outside_the_table, readings[:preamble]), *readings[preamble:]]
            whole = self._entries.take(block, readings)
            self._count_entries(block, readings, whole)
            lines = block.all_lines
            if layout.passed_level:
                self.levels[layout.passed_level] += block.passed
            self.lines += lines
        self._start += len(text)

    def _count_entries(self, block: Block, readings: Sequence[Reading], whole: Sequence[int]) -> None:
        """Entries of one line each."""
        chosen = readings if len(whole) == len(readings) else [readings[index] for index in whole]
        latest = dict(zip(chosen, whole, strict=True))
        for reading, count in Counter(chosen).items():
            self.levels[reading.level] += count
            if not (reading.problem or reading.level == UNKNOWN):
                del latest[reading]
                continue
            if reading.group is None or reading.group.dropped:
                index = whole[chosen.index(reading)]
                message = self._readings.message(reading, block.lines[index])
                reading.group = self._group(reading, message, self._place(block, index))
            if reading.group.first.order >= block.start:
                reading.group.seen_at(self._place(block, whole[chosen.index(reading)]))
            reading.group.count += count
        self._keep_failures(block, readings, whole)
        self._note_latest(block, latest)

    def _note_latest(self, block: Block, latest: dict[Reading, int]) -> None:
        """Keeps where each group was seen last. Most are seen in every block: only when one is not, its line counts."""
        before = self._latest
        now: dict[Group, tuple[Block, int]] = {}
        for reading, index in sorted(latest.items(), key=_by_index):
            if reading.group is not None:
                now[reading.group] = block, index
        self._latest = now
        for group, (seen_in, index) in before.items():
            if group not in now:
                group.seen_at(self._place(seen_in, index))

    def _settle(self, entry: Entry) -> None:
        """An entry that stood open: with all its lines."""
        reading, block, index = entry.reading, entry.block, entry.index
        self.levels[reading.level] += 1
        if not (reading.problem or reading.level == UNKNOWN):
            return
        message = self._readings.message(reading, entry.line)
        if entry.following:
            # Where the text itself comes on the next line, the reasons follow that.
            first = 1 if reading.waits else 0
            message = with_reason(message, entry.following[:first]) if first else message
            message = with_reason(message, entry.following[first:]) if entry.following[first:] else message
        place = self._place(block, index, message if entry.following else None)
        if not entry.following and reading.group is not None and not reading.group.dropped:
            group = reading.group
        else:
            group = self._group(reading, message, place)
            if not entry.following:
                reading.group = group
        group.count += 1
        group.seen_at(place)
        if reading.level in _FAILURES:
            stated = self._readings.line(entry.line).item if reading.record else None
            item = item_of(message, stated)
            if item and self.failures.lacks(item, place.order):
                self.failures.add(item, place.order, message, reading.level, place.number)
            self._sample_errors([0], [entry.line])

    def _group(self, reading: Reading, message: bytes, place: Place) -> Group:
        return self.table.find(reading.level, message or place.line, place, alarming=reading.alarming)

    def _place(self, block: Block, index: int, message: bytes | None = None) -> Place:
        return Place(block.order(index), block.number(index), block.lines[index], message)

    def _keep_failures(self, block: Block, readings: Sequence[Reading], whole: Sequence[int]) -> None:
        failing = [index for index in whole if readings[index].failure]
        if not failing:
            return
        lines = block.lines
        self._sample_errors(failing, lines)
        failures = self.failures
        if failures.at_least:
            return
        lacks, start = failures.lacks, block.start
        for index in failing:
            reading = readings[index]
            words = reading.item_words
            item = words.name(lines[index]) if words is not None else None
            # What was found in a block before this one needs no closer look.
            if item is not None and not lacks(item, start):
                continue
            if item is None and not (item := self._item(reading, lines[index])):
                continue
            if lacks(item, order := block.order(index)):
                message = self._readings.message(reading, lines[index])
                failures.add(item, order, message, reading.level, block.number(index))

    def _item(self, reading: Reading, line: bytes) -> bytes | None:
        """What the line of a failure names; where it stands is remembered for lines of the same form."""
        if reading.record:
            said = self._readings.line(line)
            item = item_of(said.message, said.item)
            if item and b'"' not in item:
                reading.item_words = named_between(line, item)
            return item
        if reading.item is None:
            return None
        message = self._readings.message(reading, line)
        item = reading.item.item(message)
        if item and line.rstrip().endswith(message):
            reading.item_words = named_words(line.rstrip(), item)
        return item

    def _sample_errors(self, failing: Sequence[int], lines: Sequence[bytes]) -> None:
        """Keeps every so many-th line, more rarely the more there are."""
        self.error_lines += [lines[index][:_LINE_BYTES] for index in failing[self._until_sample :: self._error_stride]]
        self._until_sample = (self._until_sample - len(failing)) % self._error_stride
        while len(self.error_lines) >= _ERROR_SAMPLES:
            del self.error_lines[1::2]
            self._error_stride *= 2


def _by_index(entry: tuple[Reading, int]) -> int:
    return entry[1]
