"""The things that error messages are about: files, articles, records, ids."""

import re

_NOUNS = (
    rb"article|document|doc|file|record|item|row|entry|page|object|image|attachment|folder|topic|asset|node|user"
    rb"|account|order|ticket|case|collection|segment|entity|task|chunk|batch|question|category|link|id"
)
_KEYED = re.compile(
    rb"(?i)\b((?:\w+_)?(?:file|filename|path|item|article|document|doc|record|row|key|id))=\"?([^\s\",;)]+)"
)
_NAMED = re.compile(
    rb"(?i)\b(%s)s?(?:\s+(?:id|no\.?|number|named?)\b)?\s*[#:=]?\s*[\"'<(\[]?([^\s\"'<>,;()\[\]=:]+)" % _NOUNS
)
_FILE_ENDING = re.compile(
    rb"(?i)\.(?:json|jsonl|xml|csv|tsv|html?|pdf|docx?|xlsx?|pptx?|txt|md|jpe?g|png|gif|svg|zip|gz|ya?ml|parquet|avro|npy"
    rb"|mp4|eml|log)(?![\w.])"
)
_EXAMINED_BYTES = 240
_EDGES = b"[](){}<>\"'`,;:.#"
_MAX_NAME_BYTES = 120
MAX_ITEMS = 20_000


def locate(message: bytes) -> tuple[int, bytes] | None:
    """Which word of a message (counted from 0) names the failed item, and the noun before it; None without one."""
    message = message[:_EXAMINED_BYTES]
    for pattern in (_KEYED, _NAMED):
        for found in pattern.finditer(message):
            name = found[2].strip(_EDGES)
            if name and (pattern is _KEYED or _looks_like_id(name)):
                return _word_at(message, found.start(2)), found[1] if pattern is _NAMED else b""
    ending = _FILE_ENDING.search(message)
    return (_word_at(message, ending.start()), b"") if ending else None


def _word_at(message: bytes, at: int) -> int:
    words = len(message[:at].split())
    return words if at == 0 or message[at - 1 : at].isspace() else words - 1


def _looks_like_id(name: bytes) -> bool:
    return any(48 <= byte <= 57 for byte in name) or b"/" in name or (b"." in name[1:-1])


class FailedItemNames:
    """Distinct item names, up to MAX_ITEMS; beyond that the number is a lower bound."""

    def __init__(self) -> None:
        self.names: dict[bytes, None] = {}
        self.full = False
        self._words: set[bytes] = set()

    def note(self, text: bytes, located: tuple[int, bytes]) -> None:
        """Takes the item of one more error text of a kind whose item stands at `located`."""
        position, noun = located
        words = text.split(None, position + 1)
        if len(words) > position and (word := words[position]) not in self._words:
            if len(self._words) >= MAX_ITEMS:
                self._words.clear()
            self._words.add(word)
            name = word.rpartition(b"=")[2].strip(_EDGES)
            self.add(noun + b" " + name if noun and name else name)

    def add(self, name: bytes) -> None:
        """Takes one more name."""
        if self.full or not name or name in self.names:
            return
        if len(self.names) >= MAX_ITEMS:
            self.full = True
        else:
            self.names[name[:_MAX_NAME_BYTES]] = None
