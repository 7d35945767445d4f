"""A log of XML records, such as java.util.logging's, log4j's, Windows' events and JUnit's reports."""

import re
from collections import Counter
from html import unescape
from typing import Any

from jobwatch.logs.record_lines import LONGEST_RECORD_BYTES, RecordLines

_KNOWN = frozenset(
    (
        "record",
        "event",
        "log4j:event",
        "log4net:event",
        "nlog:event",
        "logevent",
        "logentry",
        "entry",
        "testcase",
        "item",
        "row",
        "result",
        "article",
        "page",
        "document",
        "message",
        "log_record",
        "logrecord",
    )
)
_ALWAYS = ("error", "failure", "exception", "warning", "fatal")
_TAG = re.compile(
    rb"<(/?)([A-Za-z][\w:.-]*)((?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(/?)>|<!\[CDATA\[.*?\]\]>|<!--.*?-->", re.DOTALL
)
_PART = re.compile(
    r"<!\[CDATA\[(?P<data>.*?)\]\]>|<(?P<end>/)?(?P<name>[A-Za-z][\w:.-]*)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(?P<empty>/)?>"
    r"|(?P<text>[^<]+)|<",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_MOST_PARTS = 5000
_MOST_DEPTH = 40
_WINDOWS_LEVELS = {"1": "fatal", "2": "error", "3": "warning", "4": "info", "0": "info", "5": "trace"}


def record_names(head: bytes) -> tuple[bytes, ...]:
    """The elements that are a document's records: known ones, or the shallowest that repeat; none where none do."""
    open_names: list[bytes] = []
    seen: Counter[tuple[int, bytes]] = Counter()
    for found in _TAG.finditer(head):
        name = found[2]
        if name is None:
            continue
        if found[1]:
            if name in open_names:
                while open_names.pop() != name:
                    pass
            continue
        seen[len(open_names), name] += 1
        if not found[4] and len(open_names) < _MOST_DEPTH:
            open_names.append(name)
    if (0, b"html") in seen or (0, b"HTML") in seen:
        return ()
    known = [
        (depth, name) for depth, name in seen if name.decode().lower() in _KNOWN and (depth or seen[depth, name] > 1)
    ]
    repeated = [
        (depth, name)
        for (depth, name), count in seen.items()
        if count > 1 and (depth or name.decode().lower() in _KNOWN)
    ]
    chosen = min(known, default=None) or min(repeated, default=None)
    return (chosen[1], *(name.encode() for name in _ALWAYS)) if chosen else ()


class XmlJoiner:
    """Makes each record a line."""

    def __init__(self, names: tuple[bytes, ...]) -> None:
        either = b"|".join(map(re.escape, dict.fromkeys(names)))
        self._begin = re.compile(rb"<(" + either + rb")(?=[\s/>])(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?(/?)>")
        self._begins = re.compile(rb"<(?:" + either + rb")(?=[\s/>]|\Z)")
        self._lines = RecordLines()

    def join(self, text: bytes, *, last: bool) -> tuple[bytes, bytes]:
        """The whole records, each on a line, and what is left for later; of the `last` text nothing is."""
        at = 0
        while (found := self._begin.search(text, at)) is not None:
            end = found.end() if found[2] else text.find(b"</" + found[1] + b">", found.end())
            if end < 0:
                break
            end = end if found[2] else end + len(found[1]) + 3
            self._lines.between(text[at : found.start()])
            self._lines.record(text[found.start() : end])
            at = end
        left = self._begins.search(text, at)
        keep = len(text) if last else left.start() if left else max(at, text.rfind(b"<", at))
        if len(text) - keep > LONGEST_RECORD_BYTES:
            self._lines.plain(text[keep:])
            keep_until = len(text)
        else:
            keep_until = keep
            self._lines.between(text[at:keep]) if not (last and left) else self._lines.plain(text[at:keep])
        return self._lines.taken(), text[keep_until:]


def xml_fields(text: str) -> dict[str, Any] | None:
    """An element as an object: attributes and inner elements are fields, its own text is `text`; or None."""
    root: dict[str, Any] = {}
    open_elements: list[tuple[str, dict[str, Any]]] = [("", root)]
    for number, part in enumerate(_PART.finditer(text)):
        if number > _MOST_PARTS or len(open_elements) > _MOST_DEPTH:
            break
        name, fields = open_elements[-1]
        if part["name"] is None:
            said = part["data"] if part["data"] is not None else unescape(part["text"] or "")
            if said.strip():
                fields["text"] = (fields.get("text", "") + " " + said.strip()).strip()
        elif part["end"]:
            if len(open_elements) > 1 and part["name"] == name:
                open_elements.pop()
                _put(open_elements[-1][1], name, _simple(fields))
        else:
            inner = {
                key.rsplit(":", 1)[-1]: unescape(a or b) for key, a, b in _ATTRIBUTE.findall(part["attributes"] or "")
            }
            if part["empty"]:
                _put(fields, part["name"], inner)
            else:
                open_elements.append((part["name"], inner))
    while len(open_elements) > 1:
        name, fields = open_elements.pop()
        _put(open_elements[-1][1], name, _simple(fields))
    if len(root) != 1:
        return None
    ((name, value),) = root.items()
    return _of_element(name, value if isinstance(value, dict) else {"text": value})


def _of_element(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    """What the kind of the element says beyond its fields."""
    system = fields.get("System")
    if name == "Event" and isinstance(system, dict):
        level = _WINDOWS_LEVELS.get(str(system.get("Level")))
        data = fields.get("EventData") or fields.get("UserData")
        return {
            "level": level,
            "message": (fields.get("RenderingInfo") or {}).get("Message")
            if isinstance(fields.get("RenderingInfo"), dict)
            else _texts(data),
            **fields,
        }
    if name == "testcase":
        failed = fields.get("failure", fields.get("error"))
        if failed is not None:
            return {
                "level": "error",
                "item": fields.get("name"),
                "message": failed.get("message") or failed.get("text") if isinstance(failed, dict) else failed,
            }
        return {"level": "info", "item": fields.get("name"), "message": fields.get("name")}
    if name.lower() in _ALWAYS and "level" not in fields:
        return {
            "level": "warning" if name.lower() == "warning" else "fatal" if name.lower() == "fatal" else "error",
            **fields,
        }
    return fields


def _texts(value: Any) -> str | None:
    """All texts of an element, one after the other."""
    if isinstance(value, str):
        return value
    entries = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (
        " ".join(
            text
            for key, entry in (value.items() if isinstance(value, dict) else enumerate(entries))
            if key != "Name" and (text := _texts(entry))
        )
        or None
    )


def _simple(fields: dict[str, Any]) -> Any:
    return fields.get("text", "") if not set(fields) - {"text"} else fields


def _put(fields: dict[str, Any], name: str, value: Any) -> None:
    name = name.rsplit(":", 1)[-1]
    if name in fields:
        known = fields[name]
        fields[name] = [*known, value] if isinstance(known, list) else [known, value]
    else:
        fields[name] = value
