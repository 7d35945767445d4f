"""Which level a line of plain text states, if any: by the words and marks at its head, never by its message."""

import re
from typing import NamedTuple

FATAL, ERROR, WARNING, INFO, DEBUG, TRACE = "fatal", "error", "warning", "info", "debug", "trace"
SEVERITY = {FATAL: 0, ERROR: 1, WARNING: 2, INFO: 3, DEBUG: 4, TRACE: 5}
PROBLEM_LEVELS = frozenset({FATAL, ERROR, WARNING})

_SPELLINGS = {
    FATAL: "FATAL FTL CRITICAL CRIT CRT ALERT EMERG EMERGENCY PANIC DPANIC",
    ERROR: "ERROR ERR ERRO EROR SEVERE FAIL FAILURE",
    WARNING: "WARN WARNING WRN",
    INFO: "INFO INF INFORMATION INFORMATIONAL NOTICE",
    DEBUG: "DEBUG DBG DBUG DEBU FINE FINER",
    TRACE: "TRACE TRC TRCE TRAC FINEST VERBOSE",
}
LEVEL_OF_WORD: dict[bytes, str] = {
    form.encode(): level
    for level, words in _SPELLINGS.items()
    for word in words.split()
    for form in (word, word.lower(), word.capitalize())
}
_LETTERS = {b"F": FATAL, b"C": FATAL, b"E": ERROR, b"W": WARNING, b"I": INFO, b"D": DEBUG, b"V": TRACE, b"T": TRACE}

_STATUS_WORDS = {
    ERROR: "failed rejected invalid exception errored aborted timeout timed_out denied unsuccessful",
    WARNING: "warnings partial partially_succeeded completed_with_errors completed_with_warnings",
    INFO: "ok success successful succeeded passed pass done completed complete skipped finished imported created"
    " updated unchanged pending running processed queued",
}
_LEVEL_OF_VALUE = {word.lower(): level for word, level in ((w.decode(), lv) for w, lv in LEVEL_OF_WORD.items())} | {
    word: level for level, words in _STATUS_WORDS.items() for word in words.split()
}
# pino, bunyan and log4js number their levels 10 to 60; Python's logging 10 to 50 means the same up to "critical".
_LEVEL_OF_NUMBER = {10: TRACE, 20: DEBUG, 30: INFO, 40: WARNING, 50: ERROR, 60: FATAL}
_SYSLOG_SEVERITY = (FATAL, FATAL, FATAL, ERROR, WARNING, INFO, INFO, DEBUG)  # RFC 5424, section 6.2.1

_EDGES = b"[](){}<>|:,;*\"'#="
_KEYED = re.compile(rb'(?<![\w.])(?:log_?|log\.)?(?:level|lvl|severity|levelname)\s?[=:]\s?"?([A-Za-z]+)\b')
_PRIORITY = re.compile(rb"<(\d{1,3})>(?:1 )?")
_GLOG = re.compile(rb"([FEWI])\d{4} \d\d:\d\d:\d\d")
_LETTER = re.compile(rb"(?:\d\d-\d\d \d\d:\d\d:\d\d\.\d+ +\d+ +\d+ )?([FEWIDV])(?: [\w.$:-]+ *:|/[\w.$-]+ *\(|, \[)")
_EMBEDDED = re.compile(rb"(?<=[\[|:<(])([A-Za-z]{3,13})(?=[\]|:)>])")
_ZERO_FOLLOWS = re.compile(rb"[\])}\s]*[:=]?\s*(?:0+|none|no)\s*(?:$|[,;)|]|\.\s|\.$)", re.IGNORECASE)
_COUNTER_FOLLOWS = re.compile(rb"\s*(?:count|rate|total|ratio)\b", re.IGNORECASE)
_CLOCK = re.compile(rb"\d\d?:\d\d|\d{4}-?\d\d-?\d\d|^\[?1\d{9}")
_HEADER_WORDS = frozenset(
    b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec Mon Tue Wed Thu Fri Sat Sun AM PM am pm UTC GMT CET CEST EST"
    b" EDT PST PDT".split()
)
_NOT_A_LEVEL_AFTER = frozenset(b"no not without zero any an a the of with first last for and or to is as in on".split())
_HEAD_TOKENS = 12
_HEAD_BYTES = 240


class Head(NamedTuple):
    """What the head of a line states."""

    level: str | None
    rest: int
    """Where the text after the level begins; without a level 0."""
    level_at: int
    """Where the level word begins; -1 without one or where it is not a word of its own."""
    timed: bool
    """Whether the line begins with something like a time."""


def level_of_value(value: object) -> str | None:
    """The level that a level, severity or status field states, or None where it states none."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return _LEVEL_OF_NUMBER.get(value)
    if not isinstance(value, str):
        return None
    word = value.strip().lower().replace(" ", "_").replace("-", "_")
    return _LEVEL_OF_VALUE.get(word) or (_LEVEL_OF_NUMBER.get(int(word)) if word.isdecimal() else None)


def head_of(line: bytes) -> Head:
    """The level and the time at the head of a line of plain text."""
    head = line[:_HEAD_BYTES]
    first = head[:1]
    if first == b"<" and (priority := _PRIORITY.match(head)) and int(priority[1]) < 192:
        return Head(_SYSLOG_SEVERITY[int(priority[1]) & 7], priority.end(), -1, timed=True)
    if first in b"FEWIDV0123456789" and (letter := _GLOG.match(head) or _LETTER.match(head)):
        return Head(_LETTERS[letter[1]], letter.end(1), letter.start(1), timed=True)
    return _walk(head, line) if first.strip() else Head(None, 0, -1, timed=False)


def _walk(head: bytes, line: bytes) -> Head:
    """Token by token from the left, until a level, or a word that cannot stand before one."""
    timed = separated = False
    plain_words = 0
    before = b""
    at = 0
    for index, token in enumerate(head.split(None, _HEAD_TOKENS)[:_HEAD_TOKENS]):
        at = head.index(token, at)
        core = token.strip(_EDGES)
        level = LEVEL_OF_WORD.get(core)
        if level:
            start = at + token.index(core)
            if _stands_as_level(core, token, before, index, plain_words, timed, separated) and not _counts(
                line, start + len(core)
            ):
                return Head(level, start + len(core), start, timed)
        elif not core or not core.isalpha():
            embedded = _embedded(token, index)
            if embedded:
                start = at + embedded.start(1)
                return Head(LEVEL_OF_WORD[embedded[1]], start + len(embedded[1]), start, timed)
            if _CLOCK.search(token):
                timed = True
            if core in (b"", b"-", b"--"):
                separated = True
        if core.isalpha() and core not in _HEADER_WORDS and token[-1:] not in b":]|" and token[:1] not in b"[(|":
            plain_words += 1
            if plain_words > (3 if timed else 2):
                break
        before = token
        at += len(token)
    timed = timed or bool(_CLOCK.match(head))
    if (b"=" in head or b":" in head) and (keyed := _KEYED.search(line, 0, 1000)):
        level = LEVEL_OF_WORD.get(keyed[1])
        if level:
            return Head(level, keyed.end(1), keyed.start(1), timed)
    return Head(None, 0, -1, timed)


def _stands_as_level(
    core: bytes, token: bytes, before: bytes, index: int, plain_words: int, timed: bool, separated: bool
) -> bool:
    if before.lower() in _NOT_A_LEVEL_AFTER:
        return False
    enclosed = token[:1] in (b"[", b"(", b"<", b"|", b"{") and len(token) > len(core) + 1
    if enclosed:
        return plain_words <= 2
    if before == b"0":
        return False
    if core.isupper():
        return plain_words == 0 or timed or (separated and plain_words <= 2)
    follows_header = index == 0 or before[-1:] in b":]|-)>" or (before[-1:].isdigit() or before[-1:] == b"Z")
    if token[-1:] == b":" or (before == b"-" and separated):
        return follows_header and plain_words <= 2
    return follows_header and plain_words == 0 and timed


def _counts(line: bytes, end: int) -> bool:
    """Whether the word is a counter such as "ERROR: 0" or "WARN count 3" and no level."""
    return bool(_ZERO_FOLLOWS.match(line, end) or _COUNTER_FOLLOWS.match(line, end))


def _embedded(token: bytes, index: int) -> re.Match[bytes] | None:
    """A level inside a token without spaces, such as 12:00:00|ERROR|Main, [core:error] or ERROR:root:text."""
    if index == 0 and (colon := token.find(b":")) > 2 and token[:colon] in LEVEL_OF_WORD and token[:colon].isupper():
        return re.match(rb"([A-Z]+)", token)
    for found in _EMBEDDED.finditer(token):
        if found[1] in LEVEL_OF_WORD:
            return found
    return None
