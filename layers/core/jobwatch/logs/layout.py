"""How the lines of one log are built, learned from its head: what reads a line, and which lines need no reading."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from jobwatch.logs.levels import DEBUG, ERROR, INFO, TRACE
from jobwatch.logs.lines import Line, digits_matter, read_line
from jobwatch.logs.messages import CRASH, INDENTED, announces
from jobwatch.logs.tables import Table, table_of

_SAMPLED_LINES = 500
_WORTH_PASSING = 0.2
"""The share of lines from which passing over one level costs less than looking its lines up."""
_CONFORMING = 0.95
_MOST_FIELDS = 8
_HARMLESS = frozenset((INFO, DEBUG, TRACE))

_HEAD_BYTES = 240
_WORD = re.compile(
    rb"(?<![A-Za-z])(?:INFO|DEBUG|TRACE|NOTICE|VERBOSE|OK|INF|DBG|[IDVT](?=\d{4} |[\s\],/]))(?:RMATION)?"
    rb"(?![A-Za-z])",
    re.IGNORECASE,
)
"""Words of harmless levels, as far as they may be those of most lines."""
_JSON_LEVEL = re.compile(
    rb'"(?:log[._]?)?(?:level|severity|lvl|levelname|severity_?text|@l)"\s*+:\s*+("?[A-Za-z0-9]++)', re.IGNORECASE
)
_JSON_TOKEN = re.compile(rb'("(?:[^"\\]|\\.)*+"\s*+:\s*+)|"(?:[^"\\]|\\.)*+"|-?\d[\w.+-]*+|[a-z]++|[{}\[\],\s]++')
_ANY_STRING = rb'"[^"\\\n]*+"'
"""Without escapes it is twice as fast to pass over; a line with one is looked at closely."""
_ANY_WORD = rb"[-+.\w]++"


@dataclass(frozen=True)
class Layout:
    """How to read the lines of one log."""

    read: Callable[[bytes], Line]
    """What one line says."""
    digits_matter: Callable[[bytes], bool] = digits_matter
    """Whether digits of a line tell its level."""
    others: re.Pattern[bytes] | None = None
    """Begins at the line feed before a line and matches every line but those that state `passed_level` where this log
    keeps its level; group 1 is the line. Those passed are by far the most, and their level is all there is to know."""
    passed_level: str | None = None
    headed: bool = False
    """Whether most lines begin with a time or a level: then one that does not belongs to the one before."""
    table: bool = False
    preamble_lines: int = 0
    """Lines before a table's first row: what comes before its header, and that."""


def read_entry(line: bytes) -> Line:
    """What a line says; the beginning of a crash report is an error's whole message, though no entry announces it."""
    said = read_line(line)
    if said.timed or said.structured or not CRASH.match(line):
        return said
    return said._replace(level=said.level or ERROR, message=line.strip(), waits=announces(line.strip()))


def learn(sample: Sequence[bytes], *, from_start: bool = True) -> Layout:
    """The layout of a log whose first lines (without line feeds) are `sample`."""
    lines = [line for line in sample[:_SAMPLED_LINES] if line.strip()]
    if from_start and (found := table_of(sample[:_SAMPLED_LINES])):
        return _table_layout(found[0], found[1], sample[:_SAMPLED_LINES])
    said = [(line, read_entry(line)) for line in lines]
    whole = [(line, each) for line, each in said if not INDENTED.match(line)]
    headed = sum(1 for _, each in whole if each.timed or (each.level and not each.weak)) > 0.5 * len(whole)
    for begins in (_text_beginning, _json_beginning):
        for beginning, level in begins(said):
            if (others := _others(beginning, level, said)) is not None:
                return Layout(read_entry, others=others, passed_level=level, headed=headed)
    return Layout(read_entry, headed=headed)


def _others(beginning: bytes, level: str, said: Sequence[tuple[bytes, Line]]) -> re.Pattern[bytes] | None:
    """The pattern of all lines but those with such a beginning, if these are many and each of them says `level`."""
    passed = re.compile(beginning)
    levels = [each for line, each in said if passed.match(line)]
    if len(levels) < _WORTH_PASSING * len(said) or any(each.level != level or each.waits for each in levels):
        return None
    return re.compile(rb"\n(?!%s)([^\n]*+)" % beginning)


def _text_beginning(said: Sequence[tuple[bytes, Line]]) -> list[tuple[bytes, str]]:
    """A pattern for what stands before the commonest harmless level word and that word, and the level it states."""
    words: Counter[bytes] = Counter()
    before: dict[bytes, list[bytes]] = defaultdict(list)
    places: dict[bytes, list[tuple[bytes, re.Match[bytes]]]] = defaultdict(list)
    level_of: dict[bytes, str] = {}
    for line, each in said:
        if each.level in _HARMLESS and not each.weak and (found := _WORD.search(line, 0, _HEAD_BYTES)):
            words[found[0]] += 1
            before[found[0]].append(line[: found.start()])
            places[found[0]].append((line, found))
            level_of[found[0]] = each.level
    for word, _ in words.most_common(1):
        if (prefix := _prefix(before[word])) is not None:
            # Looking for the sign that follows is quicker than looking that no letter does.
            signs = Counter(line[found.end() : found.end() + 1] for line, found in places[word])
            sign, count = signs.most_common(1)[0]
            follows = re.escape(sign) if count == len(places[word]) and sign in b" ]:|\t" and sign else rb"(?![A-Za-z])"
            return [(prefix + re.escape(word) + follows, level_of[word])]
    return []


def _prefix(before: Sequence[bytes]) -> bytes | None:
    """A pattern for the texts, where nearly all have the same width or the same number of words."""
    width, same_width = Counter(map(len, before)).most_common(1)[0]
    if same_width >= _CONFORMING * len(before):
        if width < 2:
            return b"[^\\n]" * width
        # Stepping over a fixed width takes no time. That a shorter line that begins alike and the next one together
        # have the word in just that column, behind that very sign, does not happen by chance.
        first = {text[:1] for text in before}
        start = rb"\d" if all(text.isdigit() for text in first) else re.escape(first.pop()) if len(first) == 1 else b"."
        last = {text[-1:] for text in before}
        return start + b"(?s:.{%d})" % (width - 2) + (re.escape(last.pop()) if len(last) == 1 else b".")
    (fields, bracket), agreeing = Counter(map(_fields, before)).most_common(1)[0]
    if agreeing < _CONFORMING * len(before) or fields > _MOST_FIELDS:
        return None
    return rb"[^ \t\n]++[ \t]++" * fields + re.escape(bracket)


def _fields(prefix: bytes) -> tuple[int, bytes]:
    """How many words stand before a level, and the bracket it opens with."""
    words = prefix.rstrip(b"[(<|")
    return len(words.split()), prefix[len(words) :]


def _json_beginning(said: Sequence[tuple[bytes, Line]]) -> list[tuple[bytes, str]]:
    """Patterns for JSON objects up to and with a harmless level under a key that says so; the commonest two."""
    found: Counter[tuple[bytes, str]] = Counter()
    for line, each in said[:200]:
        if each.level not in _HARMLESS or b"{" not in line:
            continue
        for level in _JSON_LEVEL.finditer(line):
            beginning = _json_prefix(line, level.start(1))
            if beginning is not None:
                value = re.escape(level[1]) + (b'"' if level[1][:1] == b'"' else rb"(?=[,}\s])")
                found[beginning + value, each.level] += 1
    return [each for each, _ in found.most_common(2)]


def _json_prefix(line: bytes, end: int) -> bytes | None:
    """What stands before `end`, its keys as they are, its values as any."""
    at = line.index(b"{")
    pattern = rb"[^{\n]*+" if at else b""
    while at < end:
        token = _JSON_TOKEN.match(line, at)
        if token is None:
            return None
        text = token[0]
        if token[1] or text[:1] in b"{}[], \t":
            pattern += re.escape(text)
        else:
            pattern += _ANY_STRING if text[:1] == b'"' else _ANY_WORD
        at = token.end()
    return pattern if at == end else None


def _table_layout(table: Table, header: int, sample: Sequence[bytes]) -> Layout:
    names = sample[header].strip()

    def read(row: bytes) -> Line:
        if row.strip() == names:
            return Line(None, b"", None, None, timed=False)
        return table.read(row) or read_entry(row)

    layout = Layout(read, table.digits_matter, table=True, preamble_lines=header + 1)
    if table.level < 0:
        return layout
    delimiter = re.escape(table.delimiter.encode())
    cell = rb'(?:"(?:[^"\n]|"")*+"|[^%s\n]*+)%s' % (delimiter, delimiter)
    said = [(row, read(row)) for row in sample[header + 1 :] if row.strip()]
    words = Counter(
        (found[1], each.level)
        for row, each in said
        if each.level in _HARMLESS and (found := re.match(cell * table.level + rb'"?([\w ]++)', row))
    )
    for (word, level), _ in words.most_common(1):
        beginning = cell * table.level + b'"?' + re.escape(word) + rb'"?(?:%s|(?=\n|\Z))' % delimiter
        if level and (others := _others(beginning, level, said)):
            return replace(layout, others=others, passed_level=level)
    return layout
