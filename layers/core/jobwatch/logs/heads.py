"""The level that a line of plain text states: by the words and signs at its head or its very end, never in its prose.

A head is read from the left: times, brackets, process and thread numbers, names; then a level, or a word that cannot
stand before one. A word of a level is believed by where it stands and how it is written: `ERROR page lost`,
`12:00 error page lost` and `error: page lost` state one, `error handling guide imported` does not.
"""

import re

from jobwatch.logs.head_rules import EXAMINED_CHARACTERS, Head, counts, titled
from jobwatch.logs.late_signs import late_sign
from jobwatch.logs.level_words import LETTERS, LEVEL_OF, MARKS, STATUS_OF, words
from jobwatch.logs.special_heads import special_head

_NAMES_A_TITLE = re.compile(
    r"\s*[\"']?(?:title|subject|name|heading|headline|topic|caption|titel|titre|título)[\"']?\s?[:=]", re.IGNORECASE
)
_NARROW = str.maketrans({"：": ":", "【": "[", "】": "]", "［": "[", "］": "]"})
_MOST_TOKENS = 24


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
_TALLY = re.compile(
    r"\s*\d[\d,.]* (?:[\w-]+ ){0,2}?(?:problems?|errors?|failed|failures?|failing|warnings?|tests?|issues?"
    r"|passed|passing|skipped)\b"
)
_ONLY_WITH_COLON = frozenset(
    words(
        "log system note config fine finer verb silly alert fail failure panic severe nota disaster attention"
        " achtung notice uwaga dikkat hinweis aviso 注意 внимание увага important critical emergency kritisch"
    )
)
_PART = re.compile(r"[\s:/|,;.=\"]+")


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
    return late_sign(text, head, after_time, timed) or Head(None, -1, 0, timed)


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
            if plain_words == 0 and not counts(head, end) and not _TALLY.match(head, end):
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
    said_before = head[after_time:at].strip(_EDGES + " \t")
    ends = not head[after:].strip(_EDGES + " \t") and len(head) < EXAMINED_CHARACTERS
    is_status = head[start:end].lower() not in LEVEL_OF
    if said_before and ends and not is_status:
        message = head[after_time:at].strip(" \t-|:") if plain_words else None
    elif (said_before and is_status) or (plain_words and before.endswith(":") and before[:-1].isdigit()):
        message = head[after_time:].strip(" \t-|:")
    return Head(level, start, end, timed, after, message)


_TIME_FIRST = re.compile(r"[\])}:|,\s]*\[?(?:\d{4}[-/.]\d\d[-/.]\d\d[T ,]|\d\d?[/.]\d\d?[/.]\d{4}|\d\d:\d\d:\d\d)")


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
    if core in ("E", "W") and index == 0 and token == core + ":" and head[end + 1 : end + 2] == " ":
        return LETTERS[core], start, end
    if core in LETTERS and index == 0 and head[end : end + 3] == " | ":
        return LETTERS[core], start, end
    if (
        core in LETTERS
        and len(token) <= 2
        and timed
        and plain_words == 0
        and head[end : end + 1] in (" ", "/", "|", "\t", ":")
    ):
        return LETTERS[core], start, end
    status = STATUS_OF.get(lowered)
    if status and core.isupper() and not titled(head, end) and not counts(head, end):
        if plain_words == 0 or (timed and plain_words <= 2) or before.endswith((":", "|")):
            return status, start, end
        if core in _FAILED and plain_words <= 2 and not before.isupper() and not before.endswith("ing"):
            return status, start, end
    elif (
        status
        and plain_words == 0
        and token[-1] == ":"
        and not counts(head, end)
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
    if previous in _NO_LEVEL_AFTER or before[:1] in _OPENING_QUOTES or counts(head, end):
        return False
    if before.endswith(("Exception:", "Error:", "Throwable:")) and len(before) > len("Error:"):
        return False
    rest = head[end:].strip(" :.!)]}|-=*#")
    if before.isdigit() and (not rest or not core.isupper()):
        return False
    colon = head[end : end + 1] in (":", "!") or head[end : end + 2] in (" :", " -", " =", " |")
    cased = core.upper() != core.lower()
    if core.isupper() and cased:
        if plain_words == 0 and timed:
            return True
        if not colon and (_heading(head, end, rest) or (titled(head, end) and (plain_words or not timed))):
            return False
        return (
            plain_words == 0
            or timed
            or ((separated or (before.endswith(":") and before[:-1].isdigit())) and plain_words <= 2)
        )
    follows = index == 0 or before.endswith(tuple(":]|-),>")) or before[-1:].isdigit() or before[-1:] == "Z"
    follows = follows or previous in _HEADER_WORDS
    if colon and not (titled(head, end) and plain_words):
        return (follows and plain_words <= 2) or (plain_words <= 2 and _qualifies(previous))
    if not cased:
        return follows and plain_words == 0 and (timed or head[end : end + 1] in (" ", "\t", "　", "]", "】"))
    if index == 0 and not timed and _begins_entry(head, core, end):
        return True
    if not timed or plain_words or not follows or core.lower() in _ONLY_WITH_COLON:
        return bool(separated and previous in ("-", "--", "|") and plain_words <= 2)
    return bool(rest) and not _HEADING_FOLLOWS.match(head, end) and not titled(head, end)


_BEHIND_A_BARE_WORD = re.compile(r"(?:\t|  +)\[?(?:\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{4}|\d\d:\d\d:\d\d)")
_BEHIND_A_SMALL_WORD = re.compile(r" (?:[A-Z\"'`(]|[\w@/-]+(?:[.:]\S|[>:]))")


def _begins_entry(head: str, core: str, end: int) -> bool:
    """An exported event (Error, tab, date) and yarn's way: `error An unexpected …`, `warning package.json: …`."""
    if _BEHIND_A_BARE_WORD.match(head, end):
        return True
    small = core in ("error", "warning") and _BEHIND_A_SMALL_WORD.match(head, end)
    return bool(small) and not _HEADING_FOLLOWS.match(head, end) and not titled(head, end)


_FAILED = frozenset(("FAILED", "REJECTED", "ABORTED", "FEHLGESCHLAGEN", "MISLUKT", "MISSLYCKADES"))
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
    if counts(head, end):
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
    """A level inside a token without blanks: 12:00:00|ERROR|Main, |E|, ERROR:root:text, production.ERROR:, E/Tag."""
    if plain_words > 1 or "://" in token or "=" in token:
        return None
    for found in re.finditer(r"[A-Za-z]+", token[:200]):
        word = found[0]
        left, right = token[found.start() - 1 : found.start()], token[found.end() : found.end() + 1]
        piped = left + right in ("|", "||")
        level = LEVEL_OF.get(word.lower()) or (STATUS_OF.get(word.lower()) if word.isupper() else None)
        if len(word) == 1 and left + right == "||":
            level = LETTERS.get(word)
        elif not level or not 2 <= len(word) <= 13:
            continue
        enclosed = left in _LEFT and right in _RIGHT and word.lower() in LEVEL_OF
        if level and (
            piped or enclosed or (word.isupper() and _divided(left, right, index, len(token) > len(word) + 1))
        ):
            return level, at + found.start(), at + found.end()
    return None


_LEFT, _RIGHT = tuple("[<(:|"), tuple("]>):|")


def _divided(left: str, right: str, index: int, more: bool) -> bool:
    """Whether the signs beside a word in capitals part it from other fields."""
    return (
        (not left and right == ":" and more and index == 0)
        or (left == "." and right in (":", ""))
        or (left in tuple('/:;,"') and right in tuple('/:;,"]'))
        or (not left and right in tuple("[/;,") and index <= 3)
    )
