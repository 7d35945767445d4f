"""Grouping messages: what varies becomes <*>, first token by token, then, over all that was kept, by comparison."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

WILDCARD = b"<*>"
ZEROES = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else byte for byte in range(256))
"""For bytes.translate: digits never tell messages apart, and with all of them as 0 far fewer words differ."""

_LEAD = b"([{<\"'`"
_TRAIL = b")]}>\"'`,;:.!?"
_KEYED = re.compile(rb"([A-Za-z_][\w.\-]*)([=:])(.+)", re.DOTALL)
_HEX = re.compile(rb"(?:0[xX])?[0-9a-fA-F]{8,}")
_QUOTED = re.compile(
    rb'"(?!(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )[^"]{1,200}"' rb"|(?<![A-Za-z0-9])'[^']{1,200}'(?![A-Za-z0-9])"
)
_RUN = re.compile(rb"<\*>(?: <\*>)+(?= |$)")
"""A list of values is one value: lists of different lengths are the same message."""
_VALUES = frozenset((b"true", b"false", b"True", b"False", b"null"))
_MEMO_TOKENS = 20_000
_MAX_TOKENS = 120
_KEY = re.compile(rb"[A-Za-z_][\w.\-]*[=:]")

_SIMILAR = 0.8
_ENOUGH_VALUES = 4
"""Different words in one place that make it a variable one: two or three may be states, such as opened and closed."""
_LONG_WORDS = 5
_ENOUGH_VALUES_SHORT = 8
_COMPARED_CLUSTERS = 100


class _Masks(dict[bytes, bytes]):
    """Token to masked token, remembered."""

    def __missing__(self, token: bytes) -> bytes:
        if len(self) >= _MEMO_TOKENS:
            self.clear()
        masked = self[token] = _mask(token)
        return masked


def _mask(token: bytes) -> bytes:
    core = token.strip(_LEAD + _TRAIL)
    if not core:
        return token
    start = token.index(core)
    lead, trail = token[:start], token[start + len(core) :]
    if b"://" in core:
        return lead + WILDCARD + trail
    keyed = _KEYED.fullmatch(core)
    if keyed and not any(48 <= byte <= 57 for byte in keyed[1]):
        value = keyed[3]
        return lead + keyed[1] + keyed[2] + (_mask(value) if keyed[2] == b":" or _varies(value) else value) + trail
    return lead + (WILDCARD if _varies(core) else core) + trail


def _varies(core: bytes) -> bool:
    if not core.isalpha() and any(48 <= byte <= 57 for byte in core):
        return True
    if core in _VALUES or (core[:1] == b"/" and len(core) > 1) or core.count(b"/") > 1 or b"\\" in core:
        return True
    return b"@" in core[1:] or bool(_HEX.fullmatch(core))


_masks = _Masks()


def template_of(message: bytes) -> bytes:
    """A message with its variable tokens as <*>."""
    if b'"' in message or b"'" in message:
        message = _QUOTED.sub(WILDCARD, message)
    template = b" ".join(map(_masks.__getitem__, message.split(None, _MAX_TOKENS)))
    return _RUN.sub(WILDCARD, template) if b"<*> <*>" in template else template


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
            if len(family) > 1 and (
                WILDCARD in values or len(values) >= _needed(common, enough if place else _ENOUGH_VALUES_SHORT)
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
        len(found) > 1 and (WILDCARD in found or len(found) >= _needed(_common(found), _ENOUGH_VALUES))
        for found in values
    ]
    joined: dict[tuple[bytes, ...], _Kind] = {}
    for kind in cluster:
        words = tuple(
            _common(found) if varies else word for word, found, varies in zip(kind.words, values, varying, strict=True)
        )
        joined.setdefault(words, _Kind(words, [])).sources.extend(kind.sources)
    return list(joined.values())


def _needed(common: bytes, otherwise: int) -> int:
    """How many values make a place variable: what stands after a key is a value by its nature."""
    return 2 if common.endswith(b"=<*>") else 3 if common.endswith(b":<*>") else otherwise


def _common(values: set[bytes]) -> bytes:
    """<*>, after `key=` or `key:` where all values have that."""
    keys = {value[: found.end()] if (found := _KEY.match(value)) else b"" for value in values}
    return (keys.pop() if len(keys) == 1 else b"") + WILDCARD
