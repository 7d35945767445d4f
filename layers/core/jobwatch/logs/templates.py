"""Grouping messages: what varies becomes <*>, first token by token, then, over all that was kept, by comparison."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

WILDCARD = b"<*>"
_LEAD = b"([{<\"'`"
_TRAIL = b")]}>\"'`,;:.!?"
_CLOSING = {b")": b"(", b"]": b"[", b"}": b"{", b">": b"<"}
_KEYED = re.compile(rb"([A-Za-z_][\w.\-]*)([=:])(.+)", re.DOTALL)
_HEX = re.compile(rb"(?:0[xX])?[0-9a-fA-F]{8,}")
_CAUSES = (b"error", b"err", b"reason", b"cause", b"exception", b"message", b"msg", b"detail")
"""Names whose values say why: those tell messages apart, quoted or not."""
_QUOTED = re.compile(
    b"".join(b"(?<!%s%s)" % (name, mark) for name in _CAUSES for mark in (b"=", b": ", b":")) + rb"(?:"
    rb'"(?!(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )[^"]{0,200}"'
    rb"|(?<![A-Za-z0-9])'[^']{0,200}'(?![A-Za-z0-9])"
    rb"|`[^`]{1,200}`"
    rb"|\xe2\x80\x9c[^\n]{0,200}?\xe2\x80[\x9d\x9c]|\xe2\x80\x9e[^\n]{0,200}?\xe2\x80[\x9c\x9d]"
    rb"|\xe2\x80\x98[^\n]{0,200}?\xe2\x80\x99|\xc2\xab[^\n]{0,200}?\xc2\xbb|\xe3\x80\x8c[^\n]{0,200}?\xe3\x80\x8d"
    rb")"
)
"""Straight quotes, backticks, and those of English, German, French and Japanese print."""
_QUOTES = re.compile(rb"[\"'`]|\xe2\x80[\x98\x9c\x9e]|\xc2\xab|\xe3\x80\x8c")
_UNITS = (
    rb" (?:[KMGTP]i?B|[kmg]b|[Bb]ytes?|B"
    rb"|ms|us|\xc2\xb5s|ns|s|secs?|seconds?|mins?|minutes?|h|hrs?|hours?|days?|%)(?![\w<])"
)
_UNIT = re.compile(rb"<\*>" + _UNITS + rb"(?: \(<\*>" + _UNITS + rb"\))?")
"""A size or a duration, perhaps with another form of it: 6 MB (6144 KB)."""
_RUN = re.compile(rb"<\*>(?:,? <\*>)+(?= |$)")
"""A list of values is one value: lists of different lengths are the same message."""
_VALUES = frozenset((b"true", b"false", b"True", b"False", b"null", b"None"))
_DATES = frozenset(
    b"January February March April May June July August September October November December Jan Feb Mar Apr Jun Jul"
    b" Aug Sep Sept Oct Nov Dec Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon"
    b" Tue Wed Thu Fri Sat Sun".split()
)
_MEMO_TOKENS = 20_000
_LONGEST_MEMO_BYTES = 100
_MAX_TOKENS = 80
_MAX_BYTES = 1200
_KEY = re.compile(rb"[A-Za-z_][\w.\-]*[=:]")
_LETTER = re.compile(rb"[A-Za-z\x80-\xff]")
_NUMBER = re.compile(rb"\d+")

_SIMILAR = 0.8
_ENOUGH_VALUES = 4
"""Different words in one place that make it a variable one: two or three may be states, such as opened and closed."""
_LONG_WORDS = 5
_ENOUGH_VALUES_SHORT = 8
_COMPARED_CLUSTERS = 100
_BEFORE_STATES = frozenset(b"is are was were be been being not has have had cannot could to too wird wurde ist".split())
_BEFORE_CAUSES = (b"failed", b"failure", b"refused", b"rejected", b"aborted", b"because", *_CAUSES)
"""What stands after those is a state or a cause, and no value."""


class _Masks(dict[bytes, bytes]):
    """Token to masked token, remembered."""

    def __missing__(self, token: bytes) -> bytes:
        masked = _mask(token)
        if len(token) <= _LONGEST_MEMO_BYTES:
            if len(self) >= _MEMO_TOKENS:
                self.clear()
            self[token] = masked
        return masked


def _mask(token: bytes) -> bytes:
    core = token.strip(_LEAD + _TRAIL)
    if not core:
        return _empty(token)
    lead, core, trail = _parted(token, core)
    if b"://" in core:
        return lead + WILDCARD + trail
    keyed = _KEYED.fullmatch(core)
    if keyed and not any(48 <= byte <= 57 for byte in keyed[1]):
        value = keyed[3]
        return lead + keyed[1] + keyed[2] + (_mask(value) if keyed[2] == b":" or _varies(value) else value) + trail
    if core[-1:] == b"=" and _KEY.fullmatch(core):
        return lead + core + WILDCARD + trail
    return lead + (WILDCARD if _varies(core) else core) + trail


def _parted(token: bytes, core: bytes) -> tuple[bytes, bytes, bytes]:
    """A token without the marks around it; a bracket that belongs to one inside stays with that."""
    start = token.index(core)
    end = start + len(core)
    while end < len(token) and (opening := _CLOSING.get(token[end : end + 1])):
        if token[start:end].count(opening) <= token[start:end].count(token[end : end + 1]):
            break
        end += 1
    while start > 0 and any(
        token[start - 1 : start] == opening and token[start:end].count(closing) > token[start:end].count(opening)
        for closing, opening in _CLOSING.items()
    ):
        start -= 1
    return token[:start], token[start:end], token[end:]


def _empty(token: bytes) -> bytes:
    """Brackets with nothing in them hold a value, too."""
    for closing, opening in _CLOSING.items():
        if opening + closing in token and closing != b">":
            return token.replace(opening + closing, opening + WILDCARD + closing, 1)
    return token


def _varies(core: bytes) -> bool:
    if not core.isalpha():
        if any(48 <= byte <= 57 for byte in core):
            return True
        if (core[:1] == b"/" and len(core) > 1) or core.count(b"/") > 1 or b"\\" in core or b"@" in core[1:]:
            return True
    return core in _VALUES or core in _DATES or bool(_HEX.fullmatch(core))


_masks = _Masks()


def template_of(message: bytes) -> bytes:
    """A message with its variable tokens as <*>; at least one word stays, if it has any."""
    message = message[:_MAX_BYTES]
    text = _QUOTED.sub(WILDCARD, message) if _QUOTES.search(message) else message
    template = b" ".join(map(_masks.__getitem__, text.split(None, _MAX_TOKENS)[:_MAX_TOKENS]))
    if WILDCARD in template:
        template = _UNIT.sub(WILDCARD, template)
        template = _RUN.sub(WILDCARD, template)
        if not has_word(template):
            return _NUMBER.sub(WILDCARD, b" ".join(message.split(None, _MAX_TOKENS)[:_MAX_TOKENS]))
    return template


def has_word(template: bytes) -> bool:
    """Whether anything but values is left of a message."""
    return bool(_LETTER.search(template.replace(WILDCARD, b"")))


def merged(templates: Iterable[bytes]) -> dict[bytes, bytes]:
    """Each template to the one it belongs to, once words that take many values in one place count as variable too."""
    shapes: dict[int, list[_Kind]] = defaultdict(list)
    for template in dict.fromkeys(templates):
        words = tuple(template.split(b" "))
        shapes[len(words)].append(_Kind(words, [template]))
    result: dict[bytes, bytes] = {}
    for length, kinds in shapes.items():
        joined = _by_similarity(_by_place(kinds, length), length)
        for kind in joined:
            template = b" ".join(kind.words)
            for source in kind.sources:
                result[source] = template
    return result


@dataclass
class _Kind:
    """Templates found to be the same, as the words they have in common."""

    words: tuple[bytes, ...]
    sources: list[bytes]


def _by_place(kinds: list[_Kind], length: int) -> list[_Kind]:
    """Joins kinds that are equal but for one word, where that word takes enough values."""
    enough = _ENOUGH_VALUES if length >= _LONG_WORDS else _ENOUGH_VALUES_SHORT
    for place in range(length):
        siblings: dict[tuple[bytes, ...], list[_Kind]] = defaultdict(list)
        for kind in kinds:
            siblings[kind.words[:place] + kind.words[place + 1 :]].append(kind)
        if len(siblings) == len(kinds):
            continue
        kinds = []
        for family in siblings.values():
            values = {kind.words[place] for kind in family}
            common = _common(values)
            if (
                len(family) > 1
                and (
                    any(map(_is_value, values))
                    or len(values) >= _needed(common, enough if place else _ENOUGH_VALUES_SHORT)
                )
                and _may_vary(family[0].words, place, common)
            ):
                words = family[0].words
                joined = (*words[:place], common, *words[place + 1 :])
                kinds.append(_Kind(joined, [source for kind in family for source in kind.sources]))
            else:
                kinds.extend(family)
    return kinds


def _by_similarity(kinds: list[_Kind], length: int) -> list[_Kind]:
    """Joins kinds that share their first word and most others, if what differs takes enough values."""
    clusters: dict[bytes, list[list[_Kind]]] = defaultdict(list)
    for kind in kinds:
        near = clusters[kind.words[0]]
        for cluster in near[:_COMPARED_CLUSTERS]:
            same = sum(
                mine == theirs or WILDCARD in (mine, theirs)
                for mine, theirs in zip(kind.words, cluster[0].words, strict=True)
            )
            if same >= _SIMILAR * length:
                cluster.append(kind)
                break
        else:
            near.append([kind])
    return [joined for near in clusters.values() for cluster in near for joined in _separated(cluster)]


def _separated(cluster: list[_Kind]) -> list[_Kind]:
    """One kind for each combination of the words that take few values."""
    if len(cluster) == 1:
        return cluster
    values = [set(column) for column in zip(*(kind.words for kind in cluster), strict=True)]
    varying = [
        len(found) > 1
        and (any(map(_is_value, found)) or len(found) >= _needed(_common(found), _ENOUGH_VALUES))
        and _may_vary(cluster[0].words, place, _common(found))
        for place, found in enumerate(values)
    ]
    joined: dict[tuple[bytes, ...], _Kind] = {}
    for kind in cluster:
        words = tuple(
            _common(found) if varies else word for word, found, varies in zip(kind.words, values, varying, strict=True)
        )
        joined.setdefault(words, _Kind(words, [])).sources.extend(kind.sources)
    return list(joined.values())


def _may_vary(words: Sequence[bytes], place: int, common: bytes) -> bool:
    """Whether the words in a place can be values: a state or a cause tells messages apart, and some word must stay."""
    if common[:-3].lower().rstrip(b"=:") in _CAUSES:
        return False
    before = words[place - 1].lower() if place and common == WILDCARD else b""
    if before in _BEFORE_STATES or before.rstrip(b":=").endswith(_BEFORE_CAUSES):
        return False
    return has_word(b" ".join((*words[:place], common, *words[place + 1 :])))


def _needed(common: bytes, otherwise: int) -> int:
    """How many values make a place variable: what stands after a key is a value by its nature."""
    return 2 if common.endswith(b"=<*>") else 3 if common.endswith(b":<*>") else otherwise


def _is_value(word: bytes) -> bool:
    return word.strip(b"()[]{},;:.'\"") == WILDCARD


def _common(values: set[bytes]) -> bytes:
    """<*>, after `key=` or `key:` where all values have that, in the brackets that all have."""
    if all(value[:1] in b"([{" and value[-1:] in b")]}" and len(value) > 1 for value in values):
        return next(iter(values))[:1] + WILDCARD + next(iter(values))[-1:]
    keys = {value[: found.end()] if (found := _KEY.match(value)) else b"" for value in values}
    return (keys.pop() if len(keys) == 1 else b"") + WILDCARD
