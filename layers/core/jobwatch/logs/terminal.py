"""What a program wrote for a terminal, as a person at that terminal would have read it in the end.

Escape sequences (ECMA-48, https://ecma-international.org/publications-and-standards/standards/ecma-48/) are removed.
A carriage return goes back to the line's start: the last state counts, and an overwritten one is gone from the screen,
with one exception, for the sake of what must not be lost: a state that names something going wrong, or that begins with
a time as entries do, becomes a line of its own.
"""

import re

_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor, erasing
    rb"|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # OSC and the other strings: titles, links
    rb"|[ -/]+[0-~]?|[0-Z\\`-~])?"  # character sets and single functions
)
_C1_SEQUENCE = re.compile(rb"\xc2\x9b[0-?]*[ -/]*[@-~]?")
_MOVES = re.compile(rb"\x1b\[(?:[01]?G|[\d;]*[CHf])")
_BACKSPACED = re.compile(rb"(?:[\xc0-\xff][\x80-\xbf]*|[^\b\n\r\xc0-\xff])\x08")
_BACKSPACES_DEEP = 12
"""So many backspaces on end take characters back; spinners and percentages need fewer."""
_WRITTEN = re.compile(rb"(?:(?<!\\)\\(?:u001[bB]|x1[bB]|033|e)|#033|\^\[)\[[0-?]*[ -/]*[@-~]")
"""As JSON, shells, rsyslog and cat -v write them."""
_BARE = re.compile(rb"\[(?:(?:[01];)?[349][0-7](?:;\d{1,3}){0,4}|0?|1|2|22|39|49)m(?![\]:])")
"""What is left of a colour where something took the escape character away. Trusted only in a log that has resets."""
_BARE_RESET = re.compile(rb"\[(?:0|39|22)?m")
_BARE_COLOUR = re.compile(rb"\[(?:[01];)?(?:3[0-7]|9[0-7])m")
_TRAILING = re.compile(rb"\r[\r \t]{0,200}+(?=\n|\Z)")
_OVERWRITTEN = re.compile(rb"[^\n]*\r")
_ALARMING = [
    word.encode()
    for word in (
        *("error", "err!", "fail", "fatal", "critical", "panic", "severe", "exception", "traceback", "warn", "abort"),
        *("denied", "refused", "reject", "timeout", "timed out", "cannot", "could not", "can't", "unable", "invalid"),
        *("missing", "not found", "corrupt", "killed", "lost", "fehler", "erreur", "échec", "errore", "feil"),
        *("错误", "失败", "エラー", "失敗", "ошибк", "오류", "실패"),
    )
]
_COUNTED = re.compile(
    rb"\d+ *(?:errors?|fail(?:ed|ures?)?|warnings?|lost)\b|(?:errors?|failed|failures?|warnings?|lost) *[:=] *\d"
)
"""A progress bar's own counts: the last state's hold."""
_DIGITS_ALIKE = bytes.maketrans(b"123456789", b"000000000")
_ENTRY = re.compile(rb"\s*\[?\d{4}[-/.]\d\d[-/.]\d\d[T ]")


def has_written_escapes(head: bytes) -> bool:
    """Whether a log's beginning holds escape sequences in writing (`\\u001b[31m`) or what is left of them (`[31m`)."""
    head = _SEQUENCE.sub(b"", head)
    if _WRITTEN.search(head):
        return True
    return _BARE_RESET.search(head) is not None and _BARE_COLOUR.search(head) is not None


def without_written_escapes(text: bytes) -> bytes:
    """`text` without the sequences that `has_written_escapes` looks for."""
    return _BARE.sub(b"", _WRITTEN.sub(b"", text))


def as_read(text: bytes, *, ascii_only: bool = False) -> tuple[bytes, int]:
    """Whole lines as they read in the end, and how many overwritten states among them became lines of their own."""
    if b"\x1b" in text:
        if _MOVES.search(text):
            text = _MOVES.sub(_moved, text)
        text = _SEQUENCE.sub(b"", text)
    if not ascii_only and b"\xc2\x9b" in text:
        text = _C1_SEQUENCE.sub(b"", text)
    if b"\b" in text:
        text = _taken_back(text)
    if b"\r" not in text:
        return text, 0
    while b"\r\r" in text:
        text = text.replace(b"\r\r", b"\r")
    text = text.replace(b"\r\n", b"\n")
    if b"\r" not in text:
        return text, 0
    text = _TRAILING.sub(b"", text)
    if not _is_alarming(text.lower()) and b"\r20" not in text and not _ENTRY.match(text):
        return _OVERWRITTEN.sub(b"", text), 0
    verdicts: dict[bytes, bool] = {}
    lines = [_last_state(line, verdicts) if b"\r" in line else line for line in text.split(b"\n")]
    read = b"\n".join(lines)
    return read, read.count(b"\n") - text.count(b"\n")


def _last_state(line: bytes, verdicts: dict[bytes, bool]) -> bytes:
    """The last state of a line, on lines of their own before it those that must not be lost.

    `verdicts`: whether a state must stay, by its text with all digits alike: most states differ in nothing else.
    """
    if not _is_alarming(line.lower()) and b"20" not in line:
        return line.rpartition(b"\r")[2]
    states = line.split(b"\r")
    last = states.pop()
    kept = []
    for state in states:
        shape = state.translate(_DIGITS_ALIKE)
        if (stays := verdicts.get(shape)) is None:
            stays = verdicts[shape] = _must_stay(shape)
        if stays:
            kept.append(state)
    return b"\n".join((*kept, last))


def _must_stay(state: bytes) -> bool:
    lowered = state.lower()
    return (_is_alarming(lowered) and _is_alarming(_COUNTED.sub(b"", lowered))) or _ENTRY.match(state) is not None


def _is_alarming(lowered: bytes) -> bool:
    return any(word in lowered for word in _ALARMING)


def _moved(move: re.Match[bytes]) -> bytes:
    """To the line's start like a carriage return, further to the right like blanks, elsewhere like a new line."""
    kind = move[0][-1:]
    if kind == b"G":
        return b"\r"
    return b" " if kind == b"C" else b"\n"


def _taken_back(text: bytes) -> bytes:
    for _ in range(_BACKSPACES_DEEP):
        text, count = _BACKSPACED.subn(b"", text)
        if not count:
            break
    return text.replace(b"\b", b"")
