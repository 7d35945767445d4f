"""Levels, and which one a field's or cell's value states."""

import re

from jobwatch.logs.level_words import DEBUG, ERROR, FATAL, INFO, LETTERS, LEVEL_OF, STATUS_OF, TRACE, WARNING
from jobwatch.logs.special_heads import SYSLOG_SEVERITY

__all__ = ["DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARNING"]

SEVERITY = {FATAL: 0, ERROR: 1, WARNING: 2, INFO: 3, DEBUG: 4, TRACE: 5}
PROBLEM_LEVELS = frozenset({FATAL, ERROR, WARNING})

# pino, bunyan and log4js number their levels 10 to 60; Python's logging 10 to 50 means the same up to "critical".
_TENS = {10: TRACE, 20: DEBUG, 30: INFO, 40: WARNING, 50: ERROR, 60: FATAL}
_PYTHON = {10: DEBUG, 20: INFO, 30: WARNING, 40: ERROR, 50: FATAL}
_MONOLOG = {100: DEBUG, 200: INFO, 250: INFO, 300: WARNING, 400: ERROR, 500: FATAL, 550: FATAL, 600: FATAL}
_LOGBACK = {5000: TRACE, 10000: DEBUG, 20000: INFO, 30000: WARNING, 40000: ERROR, 50000: FATAL}
_OPEN_TELEMETRY = (TRACE, DEBUG, INFO, WARNING, ERROR, FATAL)  # four numbers each, from 1
_SYSLOG_NAMES = frozenset(("level", "severity", "priority", "syslogseverity", "syslogpriority", "lvl"))

_DIVIDED = re.compile(r"\s*(?:[:(\[,;|–—]|-(?=\s)|\.(?:\s|$))\s*")
_SPACES = re.compile(r"[\s_-]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NOT = frozenset(("not", "nicht", "no", "non", "pas", "niet", "inte", "ikke", "не", "未"))
_WITHOUT_ERRORS = re.compile(
    r"\b(?:no|without|0|zero|ohne|sans|sin|sem|senza) (?:any )?(?:errors?|fehler|erreurs?|errores"
    r"|problems?|warnings?|issues)\b"
)
_MOST_WORDS = 4


def level_of_value(value: object, *, letters: bool = False, vague: bool = False) -> str | None:
    """The level that a level, severity or status field or cell states, or None where it states none.

    `letters`: a single one (E, W, also D1 as MongoDB writes) counts. `vague`: only words of levels count, no outcomes.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return _TENS.get(value)
    if not isinstance(value, str) or len(value) > 200:
        return None
    text = value.strip().strip("[]()<>*!\"'").strip()
    if letters and (len(text) == 1 or (len(text) == 2 and text[1].isdecimal())) and text[0] in LETTERS:
        return LETTERS[text[0]]
    word = _SPACES.sub(" ", text).lower()
    found = LEVEL_OF.get(word) or (None if vague else STATUS_OF.get(word))
    if found or vague:
        return found
    if word.isdecimal():
        return _TENS.get(int(word)) if len(word) < 4 else None
    camel = _SPACES.sub(" ", _CAMEL.sub(" ", text)).lower()
    return STATUS_OF.get(camel) or _level_of_words(camel)


def _level_of_words(text: str) -> str | None:
    """The level of a status of several words: "Failed: no title", "not imported", "Finished with 3 errors"."""
    if _WITHOUT_ERRORS.search(text):
        return INFO
    first = _DIVIDED.split(text, maxsplit=1)[0].strip()
    if first != text and (found := LEVEL_OF.get(first) or STATUS_OF.get(first)):
        return found
    words = first.split()
    if not 1 < len(words) <= _MOST_WORDS + 2:
        return None
    levels = [LEVEL_OF.get(word.rstrip("s")) or STATUS_OF.get(word) or LEVEL_OF.get(word) for word in words]
    if words[0] in _NOT:
        return ERROR if INFO in levels[1:] else None
    if "with" in words and INFO in levels and (ERROR in levels or WARNING in levels):
        return WARNING
    return next((level for level in (FATAL, ERROR, WARNING, INFO) if level in levels), None)


def level_of_number(name: str, number: int, *, monolog: bool = False, logged: bool = True) -> str | None:
    """The level that a number states in the field called `name` (plain, see objects.plain_name).

    `monolog`: the object has Monolog's other fields. `logged`: it has a message or a time, as entries of a log have.
    """
    if name == "severitynumber":
        return _OPEN_TELEMETRY[(number - 1) // 4] if 1 <= number <= 24 else None
    if name in ("levelno", "levelnumber"):
        return _PYTHON.get(number)
    if number >= 5000:
        return _LOGBACK.get(number) if name in ("level", "levelvalue") else None
    if number >= 100:
        return _MONOLOG.get(number) if monolog and name == "level" else None
    if number <= 7:
        return SYSLOG_SEVERITY[number] if logged and name in _SYSLOG_NAMES and number >= 0 else None
    return _TENS.get(number) if name not in ("priority", "s", "l") else None
