"""What one object of a structured log says: its level, its message and reason, the thing it is about, and its time.

Fields are found by name, the shallowest first. A field that is called a level counts before a status, a status before
the mere presence of an error. Field names: Elastic Common Schema, OpenTelemetry's log data model, GELF, systemd's
journal, pino, bunyan, zap, Serilog's compact format, Monolog, logstash-logback-encoder, MongoDB, AWS and GCP.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jobwatch.logs.level_words import ERROR, INFO, words
from jobwatch.logs.levels import level_of_number, level_of_value

LEVEL_NAMES = words(
    "level levelname loglevel logleveltext lvl severity severitytext severitylabel severityname @l"
    " logseverity syslogseverity syslogseveritytext levelvalue priority levelno levelnumber sev s l"
    " severitynumber loglevelname loglevelid syslogpriority"
)
STATUS_NAMES = words(
    "status 状态 状態 结果 結果 ステータス 상태 결과 статус результат durum sonuç wynik stav"
    " state result outcome importstatus importresult processingstatus statustext statusname jobstatus"
    " rowstatus itemstatus recordstatus finalstatus executionstatus validationstatus validationresult"
    " uploadstatus importstate success successful issuccess issuccessful succeeded ok isok valid isvalid"
    " passed imported accepted completed failed isfailed failure haserror haserrors iserror isfailure invalid"
    " rejected type kind category eventtype messagetype ergebnis zustand estado resultado statut résultat"
    " stato risultato"
)
_POSITIVE = frozenset(
    words(
        "success successful issuccess issuccessful succeeded ok isok valid isvalid passed imported accepted completed"
    )
)
_NEGATIVE = frozenset(words("failed isfailed failure haserror haserrors iserror isfailure invalid rejected error"))
VAGUE_NAMES = frozenset(["type", "kind", "category", "eventtype", "messagetype"])
"""Names that state a level only by a word of a level ("type": "error"), not by one of a status."""
ERROR_NAMES = words(
    "error 错误 錯誤 错误信息 錯誤訊息 エラー エラー内容 エラーメッセージ 오류 ошибка ошибки помилка hata błąd chyba"
    " err errors exception errormessage errormsg errortext errordetails errordescription errorreason"
    " failurereason failurecause failuremessage rejectionreason rejectreason excinfo stacktrace thrown"
    " throwable validationerrors validationerror lasterror errorlist fault failures @x importerror"
    " importerrors errordetail problem fehler fehlermeldung fehlertext fehlergrund erreur messageerreur"
    " mensajeerror errormensaje mensagemerro errore messaggioerrore foutmelding fejlbesked feilmelding"
    " felmeddelande"
)
_MESSAGE_NAMES = words(
    "message msg textpayload @m @mt shortmessage renderedmessage text log body logmessage messagetext event description"
    " summary fullmessage title statusmessage resultmessage note comment remark remarks info line m"
)
_REASON_NAMES = words(
    "reason cause rootcause detail details why hint explanation rejectreason statusreason statusmessage"
    " statusdetail grund motivo raison"
)
ITEM_NAMES = words(
    "file filename filepath path item itemid itemname article articleid articlename document documentid docid"
    " record recordid recordnumber rowid rownumber object objectid key row line externalid sourceid contentid"
    " pageid entryid slug url uri id @id name title"
)
TIME_NAMES = words(
    "timestamp time ts @timestamp @t datetime date createdat eventtime t asctime at timemillis sourcerealtimetimestamp"
)

_SEPARATORS = re.compile(r"[\s_.\-:/\[\]()#*?]+")
_MOST_FIELDS = 600
_MOST_DEPTH = 6
_MOST_TEXTS = 3
_NO_VALUES = frozenset(
    (
        "",
        "null",
        "none",
        "nil",
        "n/a",
        "na",
        "-",
        "--",
        "undefined",
        "nan",
        "false",
        "0",
        "[]",
        "{}",
        "no",
        "ok",
        "success",
        "no error",
        "no errors",
        "none.",
        "keine",
        "aucune",
        "ninguno",
        "(null)",
        "<null>",
        "\\n",
        "—",
        "–",
    )
)
_NAME_OF_ERROR = re.compile(r"(?i:[\w.$]*(?:error|exception|fault))|[A-Z][a-z]+(?:[A-Z][a-z]+)+")
_PLAIN_NAMES = frozenset(("error", "exception", "err", "fault"))


@dataclass(frozen=True)
class Fields:
    """What an object says; texts are as they stand, None where there is none."""

    level: str | None
    message: str | None
    reason: str | None
    item: str | None
    time: str | None
    stated: bool
    """Whether a field that is called a level says so, and not only a status or an error."""
    wrapped: bool
    """Whether the object is a container's or service's envelope around a program's own line."""


def plain_name(name: str) -> str:
    """A field's or column's name without case and separators: "Import Status", import_status, importStatus."""
    return _SEPARATORS.sub("", name).lower()


def is_empty(value: object) -> bool:
    """Whether an error field or cell says that there is none."""
    if isinstance(value, str):
        return value.strip().lower() in _NO_VALUES
    if isinstance(value, dict):
        return all(is_empty(entry) for entry in value.values())
    if isinstance(value, list):
        return all(is_empty(entry) for entry in value)
    return not value


def read_fields(value: dict[str, Any]) -> Fields:
    """What the object says."""
    fields: dict[str, tuple[str, Any]] = {}
    for path, name, entry in _walked(value):
        fields.setdefault(name, (path, entry))
    level, stated = _level(value, fields)
    error = next(
        (
            text
            for name in ERROR_NAMES
            if name in fields and not is_empty(fields[name][1]) and (text := text_of(fields[name][1]))
        ),
        None,
    )
    reason = error or next(
        (text for name in _REASON_NAMES if name in fields and (text := text_of(fields[name][1]))), None
    )
    message = _message(fields, error is not None)
    if message is None and reason is None:
        message = _told(value)
    if message is not None and message == reason:
        reason = None
    return Fields(
        level,
        message,
        reason if level != INFO else None,
        _item_of(fields, stated),
        next(
            (
                str(entry)
                for name in TIME_NAMES
                if name in fields and isinstance(entry := _moment(fields[name][1]), str | int | float)
            ),
            None,
        ),
        stated,
        wrapped=any(
            name in fields
            for name in (
                "stream",
                "kubernetes",
                "containername",
                "containerid",
                "transport",
                "syslogfacility",
                "loggroup",
                "logstream",
                "@logstream",
                "systemdunit",
            )
        )
        or "PRIORITY" in value,
    )


_VAGUE_TEXTS = frozenset(
    ("text", "log", "body", "event", "description", "summary", "title", "info", "line", "note", "m")
)
"""Names of texts that give way to a message one or two objects deeper."""


def _message(fields: dict[str, tuple[str, Any]], has_error: bool) -> str | None:
    """The shallowest text that is called a message, outside of what tells of an error."""
    best, best_depth = None, _MOST_DEPTH + 3
    for name in _MESSAGE_NAMES:
        if name not in fields:
            continue
        path, entry = fields[name]
        depth = path.count(".") + (name in _VAGUE_TEXTS) * 2
        if depth >= best_depth or (has_error and depth and path.split(".", 1)[0] in ERROR_NAMES):
            continue
        text = (
            _words(entry) if isinstance(entry, str) else text_of(entry) if name in ("message", "msg", "body") else None
        )
        if text:
            best, best_depth = text, depth
    return best


def _walked(value: dict[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """Path, plain name and value of every field, level by level, at most _MOST_FIELDS; dotted paths are names too."""
    level: list[tuple[str, dict[str, Any]]] = [("", value)]
    seen = 0
    for _ in range(_MOST_DEPTH):
        deeper: list[tuple[str, dict[str, Any]]] = []
        for path, entries in level:
            for key, entry in entries.items():
                seen += 1
                if seen > _MOST_FIELDS:
                    return
                name = plain_name(key)
                yield path + name, name, entry
                last = plain_name(key.rsplit(".", 1)[-1])
                if last != name:
                    yield path + name, last, entry
                if isinstance(entry, dict):
                    deeper.append((path + name + ".", entry))
        level = deeper


def _level(value: dict[str, Any], fields: dict[str, tuple[str, Any]]) -> tuple[str | None, bool]:
    """The level, and whether a field that is called one states it."""
    monolog = "channel" in fields or "levelname" in fields
    logged = any(name in fields for name in (*_MESSAGE_NAMES[:6], *TIME_NAMES))
    for name in LEVEL_NAMES:
        if name in fields and (level := _stated(name, fields[name][1], monolog, logged)):
            return level, True
    error = _error_level(fields)
    status = None
    for name in STATUS_NAMES:
        if name not in fields or "http" in fields[name][0]:
            continue
        entry = fields[name][1]
        if (
            isinstance(entry, bool)
            or (type(entry) is int and name in _POSITIVE | _NEGATIVE and entry in (0, 1))
            or (isinstance(entry, str) and name in _POSITIVE | _NEGATIVE and entry.strip().lower() in _BOOLEANS)
        ):
            status = status_of_flag(name, entry)
        elif isinstance(entry, str):
            status = level_of_value(entry, vague=name in VAGUE_NAMES)
        if status:
            break
    if status is None and _serilog(value):
        return error or INFO, True
    if error and status in (None, INFO):
        return error, False
    return status or error, False


_BOOLEANS = {
    "true": True,
    "yes": True,
    "y": True,
    "1": True,
    "ja": True,
    "oui": True,
    "si": True,
    "sí": True,
    "sim": True,
    "false": False,
    "no": False,
    "n": False,
    "0": False,
    "nein": False,
    "non": False,
    "nee": False,
    "não": False,
}


def status_of_flag(name: str, value: object) -> str | None:
    """The level of a yes or no under a name such as success, failed or imported."""
    flag = value if isinstance(value, bool) else _BOOLEANS.get(str(value).strip().lower())
    if flag is None:
        return None
    if name in _POSITIVE:
        return INFO if flag else ERROR
    return (ERROR if flag else INFO) if name in _NEGATIVE else None


def _serilog(value: dict[str, Any]) -> bool:
    """Serilog's compact format leaves the level out of what informs: https://clef-json.org"""
    return "@t" in value and ("@m" in value or "@mt" in value)


def _stated(name: str, value: object, monolog: bool, logged: bool) -> str | None:
    if isinstance(value, dict):
        return next(
            (
                level
                for key in ("name", "label", "text", "level", "value")
                if (level := _stated(name, value.get(key), monolog, logged))
            ),
            None,
        )
    if isinstance(value, bool):
        return None
    if isinstance(value, int) or (isinstance(value, str) and value.strip().isdecimal()):
        return level_of_number(name, int(value), monolog=monolog, logged=logged) if len(str(value)) < 8 else None
    if name in ("s", "l", "level", "severity", "lvl", "sev", "priority", "@l", "loglevel"):
        return level_of_value(value, letters=True, vague=name in ("s", "l", "priority"))
    return level_of_value(value)


def _error_level(fields: dict[str, tuple[str, Any]]) -> str | None:
    """Error where a field of errors holds one."""
    for name in ERROR_NAMES:
        if name not in fields or ("." in fields[name][0][:-1] and name not in ("error", "errors", "exception")):
            continue
        entry = fields[name][1]
        if isinstance(entry, bool):
            if entry:
                return ERROR
        elif not isinstance(entry, int | float) and not is_empty(entry) and name not in ("problem", "stacktrace"):
            return ERROR
    return None


def text_of(value: object, depth: int = 0) -> str | None:
    """The sentence in a text, a list or an object that tells of an error, its kind's name before it; or None."""
    if depth > _MOST_DEPTH:
        return None
    if isinstance(value, str):
        return _words(value)
    if isinstance(value, list):
        texts = [text for entry in value[:_MOST_TEXTS] if (text := text_of(entry, depth + 1))]
        return "; ".join(dict.fromkeys(texts)) or None
    if not isinstance(value, dict):
        return None
    named = {plain_name(key): entry for key, entry in list(value.items())[:_MOST_FIELDS]}
    names = (
        *_MESSAGE_NAMES[:2],
        "errormessage",
        "errormsg",
        "stringvalue",
        *_REASON_NAMES,
        "description",
        *_MESSAGE_NAMES[2:],
        *ERROR_NAMES,
    )
    text = next(
        (text for name in names if not is_empty(named.get(name)) and (text := text_of(named[name], depth + 1))), None
    )
    if text is None:
        text = next(
            (
                text
                for entry in named.values()
                if isinstance(entry, dict | list) and (text := text_of(entry, depth + 1))
            ),
            None,
        )
    kind = next(
        (
            name
            for key in ("type", "name", "class", "exception", "errortype", "kind", "code")
            if isinstance(name := named.get(key), str) and name
        ),
        None,
    )
    if kind and _NAME_OF_ERROR.fullmatch(kind) and kind.lower() not in _PLAIN_NAMES and kind not in (text or ""):
        return f"{kind}: {text}" if text else kind
    if text is None:
        text = next(
            (entry for key in ("type", "name", "code", "title") if isinstance(entry := named.get(key), str) and entry),
            None,
        )
    return text


def _words(text: str) -> str | None:
    """The text, unless it says nothing; of a stack trace what comes before the frames."""
    text = text.strip()
    return text if text and text.lower() not in ("null", "none", "undefined", "(null)", "{}", "[]") else None


def _item_of(fields: dict[str, tuple[str, Any]], stated: bool) -> str | None:
    """What the object is about. In an entry that states a level, `name` is a logger's and `id` a message's."""
    for name in ITEM_NAMES:
        if name not in fields or (
            (stated and name in ("name", "title")) or ("s" in fields and name == "id" and stated)
        ):
            continue
        path, value = fields[name]
        if path.split(".", 1)[0] not in _NO_THINGS and (text := _item(value)):
            return text
    return None


_NO_THINGS = frozenset(
    (*LEVEL_NAMES, *ERROR_NAMES, "syslog", "log", "logger", "process", "host", "kubernetes", "container")
)


def _item(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip()[:200] or None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)[:200]
    return None


def _moment(value: object) -> object:
    if isinstance(value, dict):
        return value.get("$date")
    return None if isinstance(value, bool) else value


def _told(value: dict[str, Any]) -> str | None:
    """Of an object without any text its short fields, as name=value."""
    parts = [
        f"{key}={entry}"
        for key, entry in value.items()
        if isinstance(entry, str | int | float)
        and len(str(entry)) <= 120
        and plain_name(key) not in TIME_NAMES
        and plain_name(key) not in LEVEL_NAMES
    ]
    return " ".join(parts[:8]) or None
