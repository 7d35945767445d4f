"""Levels and outcomes that do not stand at the place of a level: as a field, behind a verb, at the line's end."""

import re

from jobwatch.logs.head_rules import EXAMINED_CHARACTERS, Head, counts, titled
from jobwatch.logs.level_words import DEBUG, ERROR, FATAL, INFO, LEVEL_OF, MARKS, STATUS_OF, TRACE, WARNING, words
from jobwatch.logs.special_heads import SYSLOG_SEVERITY

_FAILING = re.compile(
    r"(?:[\w/'\"“”.-]+ ){0,2}?(?P<word>failed|failure|rejected|refused|aborted|denied|error|fehlgeschlagen"
    r"|échouée?|fallid[oa]"
    r"|falhou|fallit[oa]|mislukt|misslyckades|mislykkedes)\s?(?::(?=\s|$)|- )",
    re.IGNORECASE,
)
_FAILING_CJK = re.compile(r"[^\s:：]{0,12}?(?P<word>失敗|失败|实패|실패|错误|錯誤|エラー|오류)\s?[:：]")
_QUESTION = frozenset(
    words("why how when what if who where which understanding explaining avoiding fixing handling on the a an")
)
_EXCEPTION = re.compile(
    r"(?:[A-Za-z_$][\w$]*[.\\])*[A-Z][\w$]*(?:Exception|Error|Fault|Throwable)(?:\[[^\]\n]{0,60}\])?(?: \(|:(?=\s|$)|$)"
)
_IN_BRACKETS_AT_END = re.compile(r"\s(?P<open>[\[(<{]) *(?P<word>[^\W\d_][\w !]{0,28}?) *[\])>}][.!]?$")
_LAST_WORD = re.compile(
    r"\s(?P<word>FAILED|FAILURE|REJECTED|ABORTED|REFUSED|DENIED|TIMEOUT|OK|PASSED|SKIPPED|DONE"
    r"|FEHLGESCHLAGEN|ÉCHEC|FALLIDO|失敗|失败|실패)[.!]?$"
)
_BEFORE_STATUS = re.compile(r";|\.\.\.?|…|:|[=-]>|→| [-–—]|\||\t|   ")
_STATUS_AND_REASON = re.compile(
    r" *(?P<word>[^\W\d_]+(?: [^\W\d_]+){0,2}?)[.!]?(?P<reason> ?\([^()\n]{1,400}\)| ?[-–:;,] [^\n]{1,400}"
    r"| [^\n]{1,400})?$"
)
_KEYED = re.compile(
    r"(?:^|[\s,;{(\[|\"'])(?P<key>@?(?:log[_.]?)?(?:level(?:name|_name)?|lvl|severity(?:_?text)?|sev|loglevel|@l))"
    r"[\"']?\s?[=:]\s?[\"']?(?P<value>[^\W\d_]+|\d{1,2})(?=[\s\"',;)}\]|]|$)",
    re.IGNORECASE,
)
_PAIR = re.compile(r"[\w.@-]+=(?:\"[^\"]*\"|\S*)")


_NUMBERED = {
    **{str(number): level for number, level in enumerate(SYSLOG_SEVERITY)},
    "10": TRACE,
    "20": DEBUG,
    "30": INFO,
    "40": WARNING,
    "50": ERROR,
    "60": FATAL,
}
_MARKED = re.compile(r"(?P<colon>:)?\s(?P<mark>[" + "".join(MARKS) + r"])\ufe0f?(?P<reason> [^\n]{1,400})?$")
_FAILED_COLON = re.compile(r"\s(?:FAILED|REJECTED|ABORTED|FEHLGESCHLAGEN)(?=\s?:\s| - )")
_ABOUT_LEVELS = re.compile(
    r"(?i)\b(?:level|severity|log|logging|verbosity|threshold|mode|on|if|type|count|total|number)\s*$"
)


def late_sign(text: str, head: str, after_time: int, timed: bool) -> Head | None:
    """What the line says by other signs than a level at its head; `head` is its examined beginning."""
    return (
        _keyed(head, after_time, timed)
        or _failing(head, after_time, timed)
        or _exception(head, after_time, timed)
        or (_at_end(text, after_time, timed) if len(text) == len(head) else None)
    )


def _keyed(head: str, after_time: int, timed: bool) -> Head | None:
    """level=error, "severity": "warn", with little before it: not in "started with loglevel=error"."""
    if (
        head.startswith("at=")
        and (found := re.match(r"at=(?P<value>[a-z]+)(?= \w+=)", head))
        and found["value"] in LEVEL_OF
    ):
        return Head(LEVEL_OF[found["value"]], -1, found.end(), timed, found.end())
    for found in _KEYED.finditer(head):
        level = LEVEL_OF.get(found["value"].lower()) or _NUMBERED.get(found["value"])
        if not level or (found["value"].isdecimal() and ":" in found[0]):
            continue
        words = [word for word in _PAIR.sub(" ", head[: found.start()]).split() if word.isalpha() and len(word) > 1]
        last = not head[found.end() :].strip(" \"'])}.") and not found["key"].lower().startswith("log")
        pairs = len(_PAIR.findall(head[: found.start()])) + len(_PAIR.findall(head[found.end() :]))
        if (
            not words
            or (len(words) <= 2 and pairs and not words[-1].lower().endswith("ing"))
            or (last and "=" in found[0])
            or re.match(r"[\s\S]{0,200}?\b(?:msg|message|desc)=", head)
        ):
            return Head(
                level, found.start("value"), found.end("value"), timed, found.end(), _unkeyed(head, found, after_time)
            )
    return None


def _unkeyed(head: str, found: re.Match[str], after_time: int) -> str | None:
    """What is left of a line without msg= when its level is taken out."""
    if len(head) == EXAMINED_CHARACTERS or re.search(r"\b(?:msg|message|event)[\"']?\s?[=:]", head):
        return None
    after = head[found.end() :].strip(" \t,;\"')]}|")
    return after or head[after_time : found.start()].strip(" \t-|:,;")


def _failing(head: str, after_time: int, timed: bool) -> Head | None:
    """`upload failed: …`, `Import error: …`, after the time if there is one."""
    start = after_time + len(head[after_time:]) - len(head[after_time:].lstrip(" \t-|:]>"))
    for pattern in (_FAILING, _FAILING_CJK):
        found = pattern.match(head, start)
        if found is None:
            continue
        words = found[0].lower().split()
        if (
            words[0] in _QUESTION
            or words[0].endswith("ing")
            or titled(head, found.end())
            or counts(head, found.end("word"))
        ):
            return None
        return Head(
            ERROR,
            -1,
            found.end(),
            timed,
            found.end(),
            message=head[start:].strip() if len(head) < EXAMINED_CHARACTERS else None,
        )
    return None


def _exception(head: str, after_time: int, timed: bool) -> Head | None:
    """An exception's name at the head is how an uncaught one is told."""
    start = after_time + len(head[after_time:]) - len(head[after_time:].lstrip(" \t-|:]"))
    if not (found := _EXCEPTION.match(head, start)) or titled(head, found.end()):
        return None
    return Head(ERROR, -1, start, timed, start, weak="exception")


def _at_end(text: str, after_time: int, timed: bool) -> Head | None:
    """`page 3 … [ERROR]`, `page 3: FAILED (no title)`, `page 4 ... ok`."""
    text = text.rstrip()
    begin = max(after_time, len(text) - 500)
    if (marked := _MARKED.search(text, begin)) and (not marked["reason"] or marked["colon"]):
        return _ended(
            MARKS[marked["mark"]], text, len(text) if marked["reason"] else marked.start("mark"), after_time, timed
        )
    if (failed := _FAILED_COLON.search(text, begin)) is not None:
        named = (text[: failed.start()].split() or [""])[-1]
        in_title = named.isupper() or named.endswith("ing") or titled(text, failed.end())
        if not in_title and not counts(text, failed.end()):
            return _ended(ERROR, text, len(text), after_time, timed)
    if (found := _IN_BRACKETS_AT_END.search(text, begin)) and (
        found["open"] == "[" or found["word"].isupper() or found["word"] in ("failed", "ok", "rejected")
    ):
        word = found["word"].strip().lower().rstrip("!")
        return _ended(LEVEL_OF.get(word) or STATUS_OF.get(word), text, found.start(), after_time, timed)
    if found := _LAST_WORD.search(text, begin):
        before = text[: found.start()].split()[-1:]
        if before and (not before[0].isupper() or not before[0].isalpha() or len(before[0]) < 2):
            return _ended(STATUS_OF.get(found["word"].lower()), text, len(text), after_time, timed)
        return None
    for sign in _BEFORE_STATUS.finditer(text, begin):
        found = _STATUS_AND_REASON.match(text, sign.end())
        if found is None:
            continue
        word, reason = found["word"], found["reason"]
        upper = word.isupper() or word.upper() == word.lower()
        level = STATUS_OF.get(word.lower())
        if level is None and _may_end(upper, sign[0], reason, text[: sign.start()]):
            level = LEVEL_OF.get(word.lower())
        plain = reason is not None and reason[:2].strip()[:1] not in tuple("(-–;")
        if level and (upper or not (plain or sign[0] in " \t" or len(text[: sign.start()].split()) > 8)):
            return _ended(level, text, len(text), after_time, timed)
    return None


def _may_end(upper: bool, sign: str, reason: str | None, before: str) -> bool:
    """Whether a level may be told at the line's end: `page 5: error`, not `log level: error`."""
    if reason or sign == ".":
        return False
    return upper or (sign == ":" and len(before.split()) <= 4 and not _ABOUT_LEVELS.search(before))


def _ended(level: str | None, text: str, end: int, after_time: int, timed: bool) -> Head | None:
    message = text[after_time:end].strip(" \t-|:")
    if not level or not message or message[-1] in "\"'”»":
        return None
    return Head(level, -1, 0, timed, message=message, weak="status")
