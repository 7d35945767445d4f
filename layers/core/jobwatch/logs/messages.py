"""The message of an entry: its own sentence without thread, logger and other marks, joined with the reason below it."""

import re
from collections.abc import Sequence

_MARKS = re.compile(r"[\])}|:>,;!*\s\u3000\u3001：】\ufe0f-]*")
_STRING = r'"(?:[^"\\\n]|\\.)*+"'
_GROUP = re.compile(r"\[((?:" + _STRING + r"|[^\[\]\"\n]|\[[^\[\]\n]{0,200}\]|\")*+)\]\s*")
_FIELD = re.compile(r"([\w.-]{1,60})=(.*)", re.DOTALL)
_CODE_PLACE = re.compile(
    r"[\w./$<>-]{1,200}\.(?:java|py|go|cc?|cpp|cxx|hh?|rb|m?[jt]sx?|cs|kt|scala|php|rs|swift|lua|pl|exs?|erl)(?::\d+)+"
)
_REASON_NAMES = "error|err|reason|cause|exception|errmsg|error_message|errorMessage"
_PAIR = r"[\w.@/-]{1,80}=(?:" + _STRING + r"|'[^'\n]*'|[^\s\"',;]*)"
_LOGFMT = re.compile(
    r"(?:(?![\"']?(?:msg|message|event|desc)[\"']?\s?=)"
    + _PAIR
    + r"[\s,;]+)*+(?<![\w.])[\"']?(?:msg|message|event|desc)[\"']?\s?=(?:\"((?:[^\"\\\n]|\\.)*+)\"|'([^'\n]*)'|(\S+))"
)
_LOGFMT_ANY = re.compile(r"(?<![\w.\"'])(?:msg|message|event|desc)=(?:\"((?:[^\"\\\n]|\\.)*+)\"|(\S+))")
_LOGFMT_REASON = re.compile(r"(?<![\w.])(?:" + _REASON_NAMES + r")=(?:\"((?:[^\"\\\n]|\\.)*+)\"|([^\s\"]\S*))")
_QUOTED_AND_PAIRS = re.compile(r"(" + _STRING + r")((?:\s+" + _PAIR + r")+)\s*")
_TAIL_OBJECT = re.compile(r"[\t ]\{\"[^\n]*\}$")
_TAIL_REASON = re.compile(r"\"(?:" + _REASON_NAMES + r")\"\s*:\s*\"((?:[^\"\\]|\\.)*+)\"")

_EXCEPTION_NAME = r"(?:Exception|Error|Failure|Fault|Throwable|Warning|Interrupt|Exit)"
_THREAD = re.compile(
    r"\s*(?:"
    r"(?i:pid|tid|client|thread|server|broker|controller|replicamanager|logcleaner|producer|consumer"
    r"|session|conn|jdbc)\b[^\n]*"
    r"|[\w .-]{0,40}\b(?:thread|worker|executor|pool|exec|scheduler|dispatcher|reactor)\b[\w .#-]{0,40}"
    r"|MY-\d+|(?:[\w.-]+=[^\s\]]*,? ?)+|[0-9a-f]{8,}|[0-9a-f-]{32,36}|\d{1,8}|\(null\)|null|-|"
    r"|(?![A-Z]{1,8}-\d+\s*$)(?!Errno)(?![^\n]*\.(?:html?|json|xml|csv|pdf|docx?|xlsx?|txt|md|jpe?g|png"
    r"|zip)\s*$)[\w.$#/:@<>*+,-]{1,100}"
    r"|[\d:., T/+-]{8,40}(?:UTC|Z|[AP]M)?"
    r")\s*"
)
_BRACKETS = re.compile(r"\[((?:[^\[\]\n]|\[[^\[\]\n]{0,60}\]){0,200})\][ \t]*|\{([\w.$:-]{0,60})\}[ \t]*")
_PARENTHESES = re.compile(r"\((?=[^)\n]*[A-Za-z])(?:[\w$#/:@<>-]+[.:/-])+[\w$#/:@<>-]{1,60}\)[ \t]*")
_PROCESS_ID = re.compile(
    r"\d+ +--- +|\d+ (?=\[)|\[?\d+\]?[:#]\d+: (?:\*\d+ )?|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\s+"
    r"|<\d+\.\d+\.\d+> |ThreadId\(\d+\) +"
)
_CLASS = (
    r"(?!\S*"
    + _EXCEPTION_NAME
    + r"[:\s])(?!\S*\.(?:html?|json|jsonl|xml|csv|tsv|pdf|docx?|xlsx?|pptx?|txt|md|jpe?g|png|gif|svg|zip"
    r"|gz|ya?ml|log|mp4|com|org|net|io|cloud|de|local)\b)"
)
_LOGGER = re.compile(
    _CLASS + r"(?:[A-Za-z_][\w$/-]*(?:\.[\w$/<>-]+)+(?:\([^()\s]{0,60}\))?(?:\[\d+\])?(?:[:.]\d+)?"
    r"(?: +-+ +| +[:|] +|\|| ?(?<=\]) ?: |  +|:\d+ - )"
    r"|[A-Za-z_][\w$]*(?:\.[\w$]+)*\.[A-Z][\w$]*(?:\[\d+\])?: +"
    r"|\w+(?:::\w+)+(?:\[\d+\])?: +"
    r"|(?:[a-z]\w{0,3}\.){2,8}[A-Z][\w$]* +"
    r"|[\w.$<>-]+:[\w.$<>-]+:\d+ +[-|] +"
    r"|(?:[A-Z][a-z0-9]+){2,6}[\w$]* +[-|:] +|(?:root|__main__|main|app|default|global) +[-|:] +)"
)
_SPARK_LOGGER = re.compile(
    r"(?!\S{0,80}" + _EXCEPTION_NAME + r":)(?:(?:[A-Z]+[a-z0-9]{1,30}){2,6}|Executor|Utils|Inbox): (?=[A-Z])"
)
_SHORT_LOGGER = re.compile(_CLASS + r"[A-Za-z_][\w.$/-]{0,80} +[-|] +")
_TIME = re.compile(
    r"\[?\d{4}[-/.]\d\d[-/.]\d\d[T ,]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?Z\b| ?[+-]\d\d:?\d\d| UTC)?\]?[\s:|-]*"
    r"|\d\d:\d\d:\d\d(?:[.,]\d+)? +"
)
_COMPONENT = re.compile(r"[A-Z][A-Z_-]{2,12} +\[[\w-]{1,40}\] +|[\w.]{1,100} \[[^\]\n]{0,40}\] - ")
_CODE = re.compile(_CODE_PLACE.pattern + r"[:\]]?(?:[ \t]+[-|:]?[ \t]*|$)")
_PYTHON_DEFAULT = re.compile(r":([\w.]+):(?! )")

INDENTED = re.compile(
    rb"[ \t]|Caused by: |\.\.\. \d+ more|Suppressed: |Traceback \(most recent call last\):|at [\w$.<>]+\(|\)$|\}$|\]$"
)
CRASH = re.compile(
    rb"\s*(?:Traceback \(most recent call last\):|Exception in thread |Unhandled [Ee]xception|Uncaught"
    rb" [Ee]xception|panic: "
    rb"|Segmentation fault|java\.lang\.OutOfMemoryError|PHP Fatal error: |thread '[^'\n]{0,80}' panicked at"
    rb"|terminate called "
    rb"|core dumped|Out of memory: Killed)"
)


def message_of_text(text: str) -> str:
    """What an entry says: `text` is what follows its level."""
    return _from_groups(text) or _from_pairs(text) or _without_marks(text)


def _from_groups(text: str) -> str | None:
    """zap's and TiDB's way: every part in brackets, the message the first that is quoted, then fields."""
    start = re.match(r"\]?\s*", text).end()  # type: ignore[union-attr]
    if text[start : start + 1] != "[" or not text.rstrip().endswith("]"):
        return None
    message = plain = reason = None
    at = start
    while found := _GROUP.match(text, at):
        at, inside = found.end(), found[1].strip()
        if field := _FIELD.fullmatch(inside):
            if reason is None and re.fullmatch(_REASON_NAMES, field[1]):
                reason = _unquoted(field[2])
        elif inside[:1] == '"' and inside[-1:] == '"' and len(inside) > 1:
            message = message or _unquoted(inside)
        elif not _CODE_PLACE.fullmatch(inside) and not _THREAD.fullmatch(inside):
            plain = plain or inside
    if text[at:].strip():
        return None
    message = message or (plain if reason else None)
    return _joined(message, reason) if message else None


def _from_pairs(text: str) -> str | None:
    """logfmt: msg="…" err="…"; klog's "…" err="…"."""
    stripped = text.lstrip(" \t]:|,\"'")
    if "=" in text and (found := _LOGFMT.match(stripped)):
        message = next(group for group in found.groups() if group is not None)
        reason = _LOGFMT_REASON.search(text)
        return _joined(
            _unescaped(message), _unescaped(reason[1] if reason[1] is not None else reason[2]) if reason else None
        )
    if stripped != text:
        stripped = text.lstrip(" \t]:|,")
    if (found := _QUOTED_AND_PAIRS.fullmatch(stripped)) is not None:
        reason = _LOGFMT_REASON.search(found[2])
        return _joined(
            _unquoted(found[1]), _unescaped(reason[1] if reason[1] is not None else reason[2]) if reason else None
        )
    return None


def message_of_pairs(text: str) -> str | None:
    """The msg, message or event of a line of name=value pairs, with its reason, wherever it stands."""
    if (found := _LOGFMT_ANY.search(text)) is None:
        return None
    reason = _LOGFMT_REASON.search(text)
    return _joined(
        _unescaped(found[1] if found[1] is not None else found[2]),
        _unescaped(reason[1] if reason[1] is not None else reason[2]) if reason else None,
    )


def _without_marks(text: str) -> str:
    start = 0
    if python := _PYTHON_DEFAULT.match(text):
        start = python.end()
    bracketed = False
    for pattern in (
        _MARKS,
        _TIME,
        _PROCESS_ID,
        _COMPONENT,
        _BRACKETS,
        _BRACKETS,
        _BRACKETS,
        _PARENTHESES,
        _PROCESS_ID,
        _CODE,
        _LOGGER,
        _SPARK_LOGGER,
        _MARKS,
        _BRACKETS,
        _MARKS,
    ):
        found = pattern.match(text, start)
        if found is None or not text[found.end() :].strip(" \t.-|:"):
            continue
        if pattern is _BRACKETS:
            if found[1] is not None and not _THREAD.fullmatch(found[1]):
                continue
            bracketed = True
        start = found.end()
        if bracketed and pattern is _LOGGER:
            bracketed = False
    if (
        bracketed
        and (found := _SHORT_LOGGER.match(text, start))
        and not re.search(r"\d", found[0])
        and text[found.end() :].strip()
    ):
        start = found.end()
    message = text[start:].strip()
    if message.startswith("- "):
        message = message[2:].lstrip()
    if "\t{" in message and (named := re.match(r"[\w.-]{1,60}\t(?=[^\t{])", message)):
        message = message[named.end() :]
    if (tail := _TAIL_OBJECT.search(message)) and (reason := _TAIL_REASON.search(message, tail.start())):
        return _joined(message[: tail.start()].strip(), _unescaped(reason[1]))
    if tail and message[tail.start()] == "\t":
        message = message[: tail.start()].rstrip()
    return "" if message.lower() in ("null", "none", "(null)") or not re.search(r"[\w*?!]", message) else message


def _joined(message: str, reason: str | None) -> str:
    """The message and its reason, once each."""
    message = message.strip()
    reason = (reason or "").strip()
    if message and reason.endswith(message):
        return reason
    if not reason or reason in message or reason.lower() in ("null", "none", "<nil>", "nil"):
        return message
    return f"{message.rstrip(' :')}: {reason}" if message else reason


def joined(message: str | None, reason: str | None) -> str | None:
    """The message and its reason, once each; None where there is neither."""
    return _joined(message or "", reason) or None


def _unquoted(text: str) -> str:
    text = text.strip()
    return _unescaped(text[1:-1]) if len(text) > 1 and text[0] == '"' == text[-1] else text


def _unescaped(text: str) -> str:
    return text.replace('\\"', '"').replace("\\n", " ").replace("\\t", " ") if "\\" in text else text


_CAUSE = re.compile(
    r"[\s│|>*-]*(?:(?:Caused by|Root [Cc]ause|Nested exception is|Inner [Ee]xception|\[cause\]|Cause"
    r"|Ursache|---> |Ursprung)\s*:?\s*)(?P<cause>\S[^\n]*)"
)
_DETAIL = re.compile(
    r"(?:[^\n]{0,120}?\s)??[\s│|>*-]*(?:DETAIL|DÉTAIL|DETAILS?|Details?|Detalles?|Dettagli[o]?|Reason"
    r"|REASON|Grund|Motivo|Raison"
    r"|Message|Error message|Error|ПОДРОБНОСТИ|詳細|详细信息|詳細資料|상세정보)\s?[:：]\s+(?P<cause>\S[^\n]*)"
)
_NAMED = re.compile(
    r"\s*(?P<cause>(?:[A-Za-z_$][\w$]*[.\\])*[A-Za-z_][\w$]*"
    + _EXCEPTION_NAME
    + r"(?:\[[^\]\n]{0,60}\])?(?: \([^)\n]{0,80}\))?:\s+\S[^\n]*"
    r"|(?:ORA|PLS|TNS|RMAN)-\d{4,5}: [^\n]*)"
)
_FRAME = re.compile(
    r"\s*(?:at \S|\.\.\. \d+ |File \"|from \S+:\d+|#\d+ |[\^~]+\s*$|[\])}]+[,;]?\s*$|[-=*_+~]{3,}|\+"
    r" (?:CategoryInfo|FullyQualified)"
    r"|Stack ?[Tt]race|Traceback|During handling|The above exception|goroutine \d|--- End of|\s*$)"
)
_TIMED_DETAIL = re.compile(
    r"[^\n]{0,160}?(?<![\w:])(?:DETAIL|DÉTAIL|HINT|TIPP|ASTUCE|CONTEXT|KONTEXT|STATEMENT|ANWEISUNG|QUERY"
    r"|LOCATION|ПОДРОБНОСТИ|ОПЕРАТОР|ПОДСКАЗКА)"
    r":  (?=\S)"
)


def continues_entry(line: bytes) -> bool:
    """Whether a line with a time of its own belongs to the entry above: PostgreSQL's DETAIL, HINT, STATEMENT …"""
    return b":  " in line[:240] and bool(_TIMED_DETAIL.match(line[:400].decode("utf-8", "replace")))


def is_reason(line: bytes) -> bool:
    """Whether a further line of an entry tells why, and is no frame of a stack."""
    text = line[:1000].decode("utf-8", "replace")
    return bool(_CAUSE.match(text) or _NAMED.match(text) or _DETAIL.match(text))


def with_reason(message: bytes, following: Sequence[bytes]) -> bytes:
    """The message joined with the reason on the lines below it.

    `following`: lines of the same entry in their order, those of which `is_reason` is true and, where the message
    announces more (see `announces`), the first ones. The deepest cause counts.
    """
    text = message.decode("utf-8", "surrogateescape")
    lines = [line.decode("utf-8", "surrogateescape") for line in following]
    cause = detail = named = plain = None
    for line in lines:
        if found := _CAUSE.match(line):
            cause = found["cause"]
        elif found := _NAMED.match(line):
            named = named if named and named.startswith(("ORA-", "PLS-")) else found["cause"]
        elif found := _DETAIL.match(line):
            detail = detail or found["cause"]
        elif plain is None and not _FRAME.match(line):
            plain = line.strip(" \t│|>*-•")
    if plain is not None and not announces(message):
        plain = None
    reason = cause or detail or named or plain
    if reason and _HEADING.fullmatch(text):
        return _as_bytes(reason)
    return _as_bytes(_joined(text, reason))


_HEADING = re.compile(r"(?:Traceback \(most recent call last\):|[A-Za-z_][\w.$`+]*\[\d+\]|\W*)")
_ANNOUNCES = re.compile(
    r".*(?:[:：]|[-=]>|\bfollows?\.?|State: \d+\.?|, State \d+[^\n]*|Line \d+)\s*|(?:Traceback|at line"
    r" \d+)[^\n]*|[A-Za-z_][\w.$`+]*\[\d+\]|\W*",
    re.DOTALL,
)


def announces(message: bytes) -> bool:
    """Whether an entry's text or reason is to follow on the next line."""
    return bool(_ANNOUNCES.fullmatch(message[-400:].decode("utf-8", "replace")))


def same_entry(heading: bytes, line: bytes) -> bool:
    """Whether a line with a time of its own carries the text of the heading above: the same time and process.

    SQL Server writes so: https://learn.microsoft.com/en-us/sql/tools/configuration-manager/viewing-the-sql-server-error-log
    """
    common = re.match(rb"\S+ \S+ +\S+ +(?=Error: )", heading)
    return common is not None and line.startswith(common[0].rstrip() + b" ")


def _as_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
