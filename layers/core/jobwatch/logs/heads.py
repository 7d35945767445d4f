"""The level that a line of plain text states: by the words and signs at its head or its very end, never in its prose.

A head is read from the left: times, brackets, process and thread numbers, names; then a level, or a word that cannot
stand before one. A word of a level is believed by where it stands and how it is written: `ERROR page lost`,
`12:00 error page lost` and `error: page lost` state one, `error handling guide imported` does not.
"""

import re
from typing import NamedTuple

from jobwatch.logs.level_words import ERROR, LETTERS, LEVEL_OF, MARKS, STATUS_OF, words
from jobwatch.logs.special_heads import special_head

EXAMINED_CHARACTERS = 4096
_NAMES_A_TITLE = re.compile(
    r"\s*[\"']?(?:title|subject|name|heading|headline|topic|caption|titel|titre|título)[\"']?\s?[:=]", re.IGNORECASE
)
_NARROW = str.maketrans({"：": ":", "【": "[", "】": "]", "［": "[", "］": "]"})
_MOST_TOKENS = 24


class Head(NamedTuple):
    """What the head of a line states; offsets count characters of the text."""

    level: str | None
    start: int
    """Where the level's word begins; -1 without one, or where it is no word of its own."""
    end: int
    """Where the text after the level begins; without a level 0."""
    timed: bool
    """Whether the line begins with something like a time."""
    after: int = 0
    """Where the text after the level and its brackets begins."""
    message: str | None = None
    """The entry's own text, where it is not what follows the level."""
    weak: str = ""
    """What else than a level says so: the "exception" whose name the line begins with, or a "status" at its end."""
    waits: bool = False
    """Whether the entry's text is to follow on the next line."""


_TOKEN = re.compile(
    r"\[(?:[^\[\]\n]|\[[^\[\]\n]{0,80}\]){0,400}\]|\((?:[^()\n]{0,80})\)(?=\s|[:\[-])|\|[^|\s]{1,20}\||[^\s\[]+|\["
)
_EDGES = "[](){}<>|:,;*\"'#=!.…-–—`"
_OPENING_QUOTES = frozenset("\"'`“„«‘")
_CLOCK = re.compile(
    r"\d\d?:\d\d|\d{4}-?\d\d-?\d\d|\d{4}[/.年]\d\d?[/.月]\d\d?|\d\d?[/.]\d\d?[/.]\d{2,4}\b"
    r"|^\[?1\d{9}|^\[ *\d+\.\d{6}\]$"
)
_HEADER_WORDS = frozenset(
    words(
        "jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun am pm utc gmt cet cest est"
        " edt pst pdt msk jst ist bst january february march april june july august september october november"
        " december"
    )
)
_NO_LEVEL_AFTER = frozenset(
    words(
        "no not without zero any an a the of with first last for and or to is as in on by from about this that my"
        " our your how why what when if on all every each new old common known typical article articles page pages"
        " document title topic imported created updated published read stored indexed saved exported added skipped"
        " deleted copied title: subject: name: heading: topic: imported: created: updated: published: article:"
        " headline: kein keine ohne sans sin sem senza geen ingen без нет"
    )
)
_HEADING_FOLLOWS = re.compile(
    r"[\s_-]*(?:counts?|rates?|totals?|ratios?|statistics|stats|summary|overview|handling|handlers?"
    r"|reports?|codes?|lists?|logs?"
    r"|messages?|types?|budgets?|correction|reference|guides?|levels?|signs?|lights?|labels?|history|details)\b",
    re.IGNORECASE,
)
_COUNT_FOLLOWS = re.compile(
    r"\(s\)|[\])}\"'|]*\s*[:=|]?\s*(?:\d[\d,.' ]*|none|no|nil|zero|-+|n/a)\s*(?:%|x|×)?\s*"
    r"(?:$|[;,)|/&]\s*(?:$|\d|[\w ]{1,30}[:=|]\s*\d)|\.\s|\.$|[\w ]{1,20}[:=]\s*\d)",
    re.IGNORECASE,
)
_TALLY = re.compile(
    r"\s*\d[\d,.]* (?:[\w-]+ ){0,2}?(?:problems?|errors?|failed|failures?|failing|warnings?|tests?|issues?"
    r"|passed|passing|skipped)\b"
)
_COUNTER_FOLLOWS = re.compile(r"[\s_-]*(?:count|rate|total|ratio)s?\b", re.IGNORECASE)
_DONE = frozenset(
    words(
        "imported created updated published stored indexed saved exported added skipped deleted copied processed"
        " loaded uploaded done ok read written translated moved archived importiert erstellt ok. done. imported."
    )
)
_ONLY_WITH_COLON = frozenset(
    words(
        "log system note config fine finer verb silly alert fail failure panic severe nota disaster attention"
        " achtung notice uwaga dikkat hinweis aviso 注意 внимание увага important critical emergency kritisch"
    )
)
_PART = re.compile(r"[\s:/|,;.=\"]+")
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
_BEFORE_STATUS = re.compile(r"\.\.\.?|…|:|[=-]>|→| [-–—]|\||\t|   ")
_STATUS_AND_REASON = re.compile(
    r" *(?P<word>[^\W\d_]+(?: [^\W\d_]+){0,2}?)[.!]?(?P<reason> ?\([^()\n]{1,400}\)| ?[-–:;,] [^\n]{1,400}"
    r"| [^\n]{1,400})?$"
)
_KEYED = re.compile(
    r"(?:^|[\s,;{(\[|\"'])(?P<key>@?(?:log[_.]?)?(?:level(?:name|_name)?|lvl|severity(?:_?text)?|sev|loglevel|@l))"
    r"[\"']?\s?[=:]\s?[\"']?(?P<value>[^\W\d_]+)(?=[\s\"',;)}\]|]|$)",
    re.IGNORECASE,
)
_PAIR = re.compile(r"[\w.@-]+=(?:\"[^\"]*\"|\S*)")


def head_of_text(text: str) -> Head:
    """What the line `text` states, container and service prefixes taken off."""
    head = text[:EXAMINED_CHARACTERS]
    if special := special_head(head):
        return Head(
            special.level, special.start, special.end, special.timed, special.end, special.message, waits=special.waits
        )
    if not head.isascii():
        head = head.translate(_NARROW)
    if _NAMES_A_TITLE.match(head):
        return Head(None, -1, 0, timed=False)
    walked, timed, after_time = _walk(head)
    if walked is not None:
        return walked
    return (
        _keyed(head, after_time, timed)
        or _failing(head, after_time, timed)
        or _exception(head, after_time, timed)
        or _at_end(text if len(text) == len(head) else "", after_time, timed)
        or Head(None, -1, 0, timed)
    )


def _walk(head: str) -> tuple[Head | None, bool, int]:
    """Token by token; the head found, whether the line begins with a time, and where the text after the time begins."""
    timed = separated = False
    plain_words = after_time = 0
    before = ""
    for index, found in enumerate(_TOKEN.finditer(head)):
        if index >= _MOST_TOKENS:
            break
        token, at = found[0], found.start()
        if token[0] in _OPENING_QUOTES and not _CLOCK.search(token):
            break
        if level := MARKS.get(token[0]):
            end = at + len(token) - len(token.lstrip("".join(MARKS) + "\ufe0f"))
            if plain_words == 0 and not _counts(head, end) and not _TALLY.match(head, end):
                return Head(level, -1, end, timed, end), timed, after_time
        core = token.strip(_EDGES)
        spot = _level_at(head, token, at, core, before, index, plain_words, timed, separated)
        if spot:
            return _found(head, spot, token, at, timed, before, after_time, plain_words), timed, after_time
        lowered = core.lower()
        if _CLOCK.search(token) and index < 8 and (plain_words <= 2):
            timed, after_time = True, found.end()
        elif lowered in _HEADER_WORDS and after_time == at - 1:
            after_time = found.end()
        if not core:
            separated = True
        elif core.isalpha() and lowered not in _HEADER_WORDS and token[-1] not in ":]|" and token[0] not in "[(|{":
            plain_words += 1
            if plain_words > (3 if timed else 2):
                break
        before = token
    return None, timed, after_time


def _found(
    head: str,
    spot: tuple[str, int, int],
    token: str,
    at: int,
    timed: bool,
    before: str,
    after_time: int,
    plain_words: int,
) -> Head:
    """The head for a level in the token at `at`."""
    level, start, end = spot
    after = at + len(token) if token[0] in "[(<{|" and token[-1] in "])>}|" else end
    timed = timed or bool(_CLOCK.search(token)) or bool(_TIME_FIRST.match(head, after))
    message = None
    if (not head[after:].strip(_EDGES + " \t") and plain_words and len(head) < EXAMINED_CHARACTERS) or (
        plain_words and before.endswith(":") and head[start:end].lower() not in LEVEL_OF
    ):
        message = head[after_time : at if head[start:end].lower() in LEVEL_OF else len(head)].strip(" \t-|:")
    return Head(level, start, end, timed, after, message)


_TIME_FIRST = re.compile(r"[\])}:|,\s]*\[?(?:\d{4}[-/.]\d\d[-/.]\d\d[T ,]|\d\d:\d\d:\d\d)")


def _level_at(
    head: str, token: str, at: int, core: str, before: str, index: int, plain_words: int, timed: bool, separated: bool
) -> tuple[str, int, int] | None:
    """Level, beginning and end of its word, where the token at `at` states one."""
    if not core:
        return None
    if (token[0] in "[(<{|" and len(token) > len(core) + 1) or (token[0] == "<" and ">" in token):
        return _enclosed(head, token, at, before, plain_words, timed)
    start = at + token.index(core)
    end = start + len(core)
    lowered = core.lower()
    level = LEVEL_OF.get(lowered)
    if level and _stands(head, core, before, index, plain_words, timed, separated, end):
        return level, start, end
    if (
        core in LETTERS
        and len(token) <= 2
        and timed
        and plain_words == 0
        and head[end : end + 1] in (" ", "/", "|", "\t", ":")
    ):
        return LETTERS[core], start, end
    status = STATUS_OF.get(lowered)
    if status and core.isupper() and not _titled(head, end) and not _counts(head, end):
        if plain_words == 0 or (timed and plain_words <= 2) or before.endswith((":", "|")):
            return status, start, end
    elif (
        status
        and plain_words == 0
        and token[-1] == ":"
        and not _counts(head, end)
        and head[end + 1 : end + 2] in (" ", "")
    ):
        return status, start, end
    if (
        ":" in core
        and not core.isascii()
        and (level := LEVEL_OF.get(core.split(":", 1)[0].lower()))
        and plain_words == 0
    ):
        return level, start, start + core.index(":")
    return _composite(token, at, index, plain_words) if len(core) > 4 else None


def _stands(
    head: str, core: str, before: str, index: int, plain_words: int, timed: bool, separated: bool, end: int
) -> bool:
    """Whether a bare level word is meant as the line's level."""
    previous = before.lower()
    if previous in _NO_LEVEL_AFTER or before[:1] in _OPENING_QUOTES or _counts(head, end):
        return False
    rest = head[end:].strip(" :.!)]}|-=*#")
    if before.isdigit() and (not rest or not core.isupper()):
        return False
    colon = head[end : end + 1] in (":", "!", "：") or head[end : end + 2] in (" :", " -", " =")
    cased = core.upper() != core.lower()
    if core.isupper() and cased:
        if plain_words == 0 and timed:
            return True
        if not colon and (_heading(head, end, rest) or (_titled(head, end) and (plain_words or not timed))):
            return False
        return plain_words == 0 or timed or (separated and plain_words <= 2)
    follows = index == 0 or before.endswith(tuple(":]|-),>")) or before[-1:].isdigit() or before[-1:] == "Z"
    follows = follows or previous in _HEADER_WORDS
    if colon and not (_titled(head, end) and plain_words):
        return (follows and plain_words <= 2) or (plain_words <= 2 and _qualifies(previous))
    if not cased:
        return follows and plain_words == 0 and (timed or head[end : end + 1] in (" ", "\t", "　", "]", "】"))
    if not timed or plain_words or not follows or core.lower() in _ONLY_WITH_COLON:
        return bool(separated and previous in ("-", "--", "|") and plain_words <= 2)
    return bool(rest) and not _HEADING_FOLLOWS.match(head, end) and not _titled(head, end)


_QUALIFIERS = frozenset(
    words(
        "php fatal parse syntax runtime internal uncaught unhandled npm import export upload download validation"
        " compile compilation database server network connection build unexpected critical rsync pip ssl http"
        " script user system serious severe general db sql json xml csv api load copy sync indexing"
    )
)


def _qualifies(previous: str) -> bool:
    return previous in _QUALIFIERS


def _heading(head: str, end: int, rest: str) -> bool:
    """Whether the line is a heading such as "ERROR SUMMARY" or the word alone."""
    if not rest:
        return True
    few = len(rest.split()) <= 3
    return few and (bool(_HEADING_FOLLOWS.match(head, end)) or (rest.isupper() and rest.replace(" ", "").isalpha()))


def _titled(head: str, end: int) -> bool:
    """Whether the line tells of something that was done: then the word is part of a title."""
    words = head[end:].split()
    return bool(words) and len(words) > 1 and words[-1].lower() in _DONE


def _counts(head: str, end: int) -> bool:
    """Whether the word is a counter such as "ERROR: 0" or "WARN count 3" and no level."""
    return bool(_COUNT_FOLLOWS.match(head, end) or _COUNTER_FOLLOWS.match(head, end))


def _enclosed(
    head: str, token: str, at: int, before: str, plain_words: int, timed: bool
) -> tuple[str, int, int] | None:
    """A level in brackets: alone ([ERROR], [ OK ], [E], (warn)) or with a time or name ([12:00 ERR], [core:error])."""
    if plain_words > 2 or before.lower() in _NO_LEVEL_AFTER:
        return None
    close = max(token.rfind(sign) for sign in "])>}|")
    inside = token[1 : close if close > 0 else len(token)]
    core = inside.strip(" *:=!\t-")
    lowered = core.lower()
    start = at + token.index(core) if core else at
    end = at + len(token) if close == len(token) - 1 else at + close + 1
    if _counts(head, end):
        return None
    level = LEVEL_OF.get(lowered) or STATUS_OF.get(lowered)
    if level and (token[0] in "[<{|" or core.isupper() or lowered in LEVEL_OF):
        return level, start, start + len(core)
    if core in LETTERS and (timed or token[0] in "[<"):
        return LETTERS[core], start, start + len(core)
    parts = [part for part in _PART.split(core) if part]
    if not 1 < len(parts) <= 8 or token[0] == "(":
        return None
    if parts[0] in LETTERS and parts[1][:1].isdigit() and len(parts) > 2:
        return LETTERS[parts[0]], start, at + len(token)
    for part in parts:
        level = LEVEL_OF.get(part.lower())
        if level and (part.isupper() or (len(parts) == 2 and " " not in core and part.islower())):
            spot = start + re.search(r"(?<!\w)" + re.escape(part) + r"(?!\w)", core).start()  # type: ignore[union-attr]
            if (
                part == parts[0]
                and core[len(part) : len(part) + 1] == " "
                and not any(p[:1].isdigit() for p in parts[1:])
                and len(parts) > 3
            ):
                continue
            return level, spot, spot + len(part)
    return None


def _composite(token: str, at: int, index: int, plain_words: int) -> tuple[str, int, int] | None:
    """A level inside a token without blanks: 12:00:00|ERROR|Main, ERROR:root:text, production.ERROR:, E/Tag."""
    if plain_words > 1 or "://" in token or "=" in token:
        return None
    for found in re.finditer(r"[A-Za-z]+", token[:200]):
        word = found[0]
        level = LEVEL_OF.get(word.lower())
        if not level or not 3 <= len(word) <= 13:
            continue
        left, right = token[found.start() - 1 : found.start()], token[found.end() : found.end() + 1]
        piped = (left in ("|", "") and right == "|") or (left == "|" and right == "")
        bracketed = left in ("[", "<", "(", ":", "|") and right in ("]", ">", ")", ":", "|")
        if (
            piped
            or bracketed
            or (
                word.isupper()
                and (
                    (not left and right == ":" and len(word) + 1 < len(token) and index == 0)
                    or (left == "." and right in (":", ""))
                    or (left in ("/", ":", ";", ",") and right in ("/", ":", ";", ",", "]"))
                    or (not left and right in ("[", "/", ";", ",") and index <= 3)
                )
            )
        ):
            return level, at + found.start(), at + found.end()
    return None


def _keyed(head: str, after_time: int, timed: bool) -> Head | None:
    """level=error, "severity": "warn", with little before it: not in "started with loglevel=error"."""
    if (
        head.startswith("at=")
        and (found := re.match(r"at=(?P<value>[a-z]+)(?= \w+=)", head))
        and found["value"] in LEVEL_OF
    ):
        return Head(LEVEL_OF[found["value"]], -1, found.end(), timed, found.end())
    for found in _KEYED.finditer(head):
        level = LEVEL_OF.get(found["value"].lower())
        if not level:
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
            or _titled(head, found.end())
            or _counts(head, found.end("word"))
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
    if not (found := _EXCEPTION.match(head, start)) or _titled(head, found.end()):
        return None
    return Head(ERROR, -1, start, timed, start, weak="exception")


def _at_end(text: str, after_time: int, timed: bool) -> Head | None:
    """`page 3 … [ERROR]`, `page 3: FAILED (no title)`, `page 4 ... ok`."""
    text = text.rstrip()
    begin = max(after_time, len(text) - 500)
    if (found := _IN_BRACKETS_AT_END.search(text, begin)) and (found["open"] == "[" or found["word"].isupper()):
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
        level = STATUS_OF.get(word.lower()) or (
            LEVEL_OF.get(word.lower()) if upper and not reason and sign[0] != "." else None
        )
        plain = reason is not None and reason[:2].strip()[:1] not in tuple("(-–")
        if level and (upper or not (plain or sign[0] in " \t" or len(text[: sign.start()].split()) > 8)):
            return _ended(level, text, len(text), after_time, timed)
    return None


def _ended(level: str | None, text: str, end: int, after_time: int, timed: bool) -> Head | None:
    message = text[after_time:end].strip(" \t-|:")
    if not level or not message or message[-1] in "\"'”»":
        return None
    return Head(level, -1, 0, timed, message=message, weak="status")
