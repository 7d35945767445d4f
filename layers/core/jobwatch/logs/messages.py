"""The message of an entry: its text without thread, logger and other marks that stand between level and message."""

import re

_MARKS = re.compile(rb"[\])}|:>,\"'\s-]*")
_BRACKETED = re.compile(
    rb"(?:\[(?:[^\[\]\n]|\[[^\]\n]{0,60}\]){0,100}\]|\([\w.$#/:@-]{1,100}\)|\{[\w.$-]{0,60}\})[\s:|-]*"
)
_LOGGER = re.compile(
    rb"(?:\d+ +--- +)?(?:\[[^\]\n]{0,100}\] *)*"
    rb"(?:[A-Za-z_][\w$/-]*(?:\.[\w$/-]+)+(?:\[\d+\])?(?:[:.]\d+)?(?: +-+ +| *[:|] +|  +)"
    rb"|[\w.$/-]+ +[-|] +|[\w.$-]+\.\w+:\d+[:\]]? +)"
)
_PYTHON_DEFAULT = re.compile(rb":([\w.]+):(?! )")
_PROCESS_ID = re.compile(rb"\d+ (?=\[|---)|\[?\d+\]?[:#]\d+: (?:\*\d+ )?")
_LOGFMT = re.compile(rb'\b(?:msg|message|event)=(?:"((?:[^"\\]|\\.)*)"|(\S+))')
_LOGFMT_ERROR = re.compile(rb'\b(?:err|error|reason|cause)=(?:"((?:[^"\\]|\\.)*)"|(\S+))')

INDENTED = re.compile(
    rb"[ \t]|Caused by: |\.\.\. \d+ more|Suppressed: |Traceback \(most recent call last\):|at [\w$.<>]+\(|\)$|\}$|\]$"
)
CRASH = re.compile(
    rb"\s*(?:Traceback \(most recent call last\):|Exception in thread |Unhandled exception|Uncaught exception|panic: "
    rb"|Segmentation fault|java\.lang\.OutOfMemoryError)"
)
EXCEPTION = re.compile(rb"[A-Za-z_][\w.$]*(?::|$)")
HEADING_ONLY = re.compile(rb"[A-Za-z_][\w.$`+]*\[\d+\]|Traceback \(most recent call last\):")


def message_of(text: bytes) -> bytes:
    """What an entry says: `text` is what follows its level."""
    if b"=" in text and (found := _LOGFMT.search(text)):
        message = found[1] if found[1] is not None else found[2]
        if (cause := _LOGFMT_ERROR.search(text)) and (reason := cause[1] or cause[2]) and reason != message:
            message += b": " + reason
        return bytes(message.replace(b'\\"', b'"'))
    start = 0
    if python := _PYTHON_DEFAULT.match(text):
        start = python.end()
    for pattern in (_MARKS, _PROCESS_ID, _BRACKETED, _BRACKETED, _LOGGER, _BRACKETED):
        if (found := pattern.match(text, start)) and found.end() < len(text):
            start = found.end()
    return text[start:].strip()
