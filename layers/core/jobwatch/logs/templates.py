"""Grouping messages: what varies becomes <*>, first token by token, then, over all that was kept, by comparison."""

import re
from collections import defaultdict
from collections.abc import Iterable

WILDCARD = b"<*>"
ZEROES = bytes(ord("0") if chr(byte).isdigit() and byte < 128 else byte for byte in range(256))
"""For bytes.translate: digits never tell messages apart, and with all of them as 0 far fewer words differ."""

_LEAD = b"([{<\"'`"
_TRAIL = b")]}>\"'`,;:.!?"
_KEYED = re.compile(rb"([A-Za-z_][\w.\-]*)([=:])(.+)", re.DOTALL)
_HEX = re.compile(rb"(?:0[xX])?[0-9a-fA-F]{8,}")
_QUOTED = re.compile(rb'"[^"]{1,200}"' + rb"|(?<![A-Za-z0-9])'[^']{1,200}'(?![A-Za-z0-9])")
_MEMO_TOKENS = 20_000
_MAX_TOKENS = 120


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
    if core[:1] == b"/" and len(core) > 1:
        return True
    return b"@" in core[1:] or bool(_HEX.fullmatch(core))


_masks = _Masks()


def template_of(message: bytes) -> bytes:
    """A message with its variable tokens as <*>."""
    if b'"' in message or b"'" in message:
        message = _QUOTED.sub(rb"<*>", message)
    return b" ".join(map(_masks.__getitem__, message.split(None, _MAX_TOKENS)))


def merged(templates: Iterable[bytes], similarity: float = 0.8, members: int = 3) -> dict[bytes, bytes]:
    """Each template to the one it belongs to: those that differ in few places, in at least `members` ways, are one."""
    shapes: dict[tuple[int, bytes], list[list[list[bytes]]]] = defaultdict(list)
    sources: dict[int, list[bytes]] = defaultdict(list)
    for template in templates:
        tokens = template.split(b" ")
        clusters = shapes[len(tokens), tokens[0]]
        best, best_score = None, similarity
        for cluster in clusters:
            pattern = cluster[0]
            same = sum(a == b for a, b in zip(pattern, tokens, strict=True))
            score = same / len(tokens)
            if score >= best_score:
                best, best_score = cluster, score
        if best is None:
            best = [tokens]
            clusters.append(best)
        else:
            best[0] = [a if a == b else WILDCARD for a, b in zip(best[0], tokens, strict=True)]
        sources[id(best)].append(template)
    result: dict[bytes, bytes] = {}
    for clusters in shapes.values():
        for cluster in clusters:
            found = sources[id(cluster)]
            joined = b" ".join(cluster[0])
            for template in found:
                result[template] = joined if len(found) >= members else template
    return result
