"""The things that failed: the article, file or record that an error is about, by the name that its owner knows."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from jobwatch.domain.redact import redact

_MAX_NAME_CHARACTERS = 200
_EXAMINED_BYTES = 600
_EDGES = " \t[](){}<>\"'`,;:.#=!?*|“”„«»「」"


def _any(*words: str) -> str:
    return "|".join(words)


_STRONG = _any(
    *("article", "document", "doc", "record", "row", "item", "entry", "page", "object", "image", "picture", "photo"),
    *("video", "attachment", "topic", "asset", "entity", "product", "sku", "customer", "contact", "order", "invoice"),
    *("ticket", "case", "question", "answer", "translation", "post", "comment", "note", "faq", "snippet", "macro"),
    *("blob", "resource", "employee", "isbn", "course", "lesson", "slide", "term", "vector", "point", "primary key"),
    *("artikel", "dokument", "datensatz", "zeile", "seite", "bild", "ligne", "enregistrement", "artículo", "articulo"),
    *("registro", "fila", "página", "pagina", "linha", "artigo", "documento", "wiersz", "artykuł", "článek", "makale"),
    *("статья", "статьи", "статью", "строка", "строки", "запись", "страница", "документ", "документа"),
)
_FILES = _any("file", "filename", "path", "datei", "fichier", "archivo", "arquivo", "plik", "soubor", "dosya", "файл")
_WEAK = _any(
    *("id", "key", "url", "uri", "link", "user", "account", "member", "category", "folder", "directory", "collection"),
    *("partition", "chunk", "segment", "section", "chapter", "tag", "label", "template", "embedding", "device"),
)
"""What often stands beside the thing: it counts where nothing more exact is named."""
_CJK = _any(
    *("記事", "ファイル", "ページ", "文書", "行", "文件", "文章", "记录", "文档", "檔案", "頁面", "문서", "파일", "행"),
)
_MACHINERY = re.compile(
    r"(?i)(?:request|req|trace|span|job|worker|thread|node|session|host|pod|process|task|correlation|transaction|txn?|run"
    r"|batch|execution|workflow|connection|conn|client|tenant|server|instance|shard|replica|event|message|msg|log|build"
    r"|container|queue|consumer|producer|lock|lease|operation|op|attempt|retry|invocation|activity|step|stage|parent"
    r"|owner|group|project|workspace|org|organi[sz]ation|space|account|user|author|category|folder|collection|database"
    r"|db|index|schema|type|status|error|code|version|api|app|service|logger|class|source|target|display|first|last"
    r"|device|field|column|table|region|zone|cluster)[_.-]?(?:id|ids|uuid|guid|no|number|name|key|path|url)"
)
"""Names of fields that tell who did it or where, not what failed."""
_CODE = re.compile(
    r"(?i)\.(?:py|java|kt|go|rs|rb|js|mjs|ts|tsx|php|cs|cc|cpp|c|h|scala|swift|pl|lua|exe|dll|so|jar)(?::\d+)?$"
)
_ENDING = (
    r"(?:json|jsonl|ndjson|xml|csv|tsv|html?|pdf|docx?|xlsx?|pptx?|txt|mdx?|rst|jpe?g|png|gif|svg|webp|bmp|tiff?|zip|gz|tar"
    r"|ya?ml|parquet|avro|orc|npy|mp[34]|wav|mov|eml|msg|dita|ditamap|adoc|rtf|odt|ods|epub|po|xliff?|sql|bin|dat)(?![\w.])"
)
_QUOTED = (
    r"\\?\"((?:[^\"\\]|\\[^\"]){1,300})\\?\"|'((?:[^'\\]|\\.|'(?=\w)){1,300})'(?!\w)|`([^`]{1,300})`"
    r"|“([^“”]{1,300}?)”|„([^“”„]{1,300}?)[“”]|«\s?([^«»]{1,300}?)\s?»"
    r"|「([^「」]{1,300}?)」|『([^『』]{1,300}?)』|《([^《》]{1,300}?)》"
)
_LINK = (
    r"(?!\w)(?:\s+(?:with\s+)?(?:id|no\.?|nr\.?|number|name|named|called|titled|title|key|path))?\s*(?:[#:=\[(]\s*)?"
)


_BARE = r"([^\s\"'<>,;()\[\]=]+)"


def _named(nouns: str) -> re.Pattern[str]:
    return re.compile(r"(?i)(?<![\w/.-])(" + nouns + r")" + _LINK + r"(?:" + _QUOTED + r"|" + _BARE + r")")


_STRONG_NAMED, _FILES_NAMED, _WEAK_NAMED = map(_named, (_STRONG, _FILES, _WEAK))
_KEYED = re.compile(
    r"(?i)(?<![\w.-])[\"']?((?:[a-z][\w.-]{0,40}?)?(?:file|path|item|article|document|doc|record|row|page|entry|object|asset|url"
    r"|uri|image|attachment|sku|isbn|slug|title|entity|resource|topic|key|id|pk|name)(?:_?(?:id|no|number|name|key|path|url))?)"
    r"[\"']?\s?(?:=|:(?=\s?[\"'\d]))\s?(?:" + _QUOTED + r"|([^\s\",;)(\]}{'=]+))"
)
_SPACED_FILE = re.compile(
    r"(?i)(?<![\w-])(?:"
    + _FILES
    + r"|document|attachment|image)\w{0,4}\s*[:=]\s*([^\"'<>|;:=]{1,200}?\."
    + _ENDING
    + r")"
)
_FILE_ENDING = re.compile(r"(?i)\." + _ENDING)
_BEFORE_A_NAME = " \t\"'<>,;()[]=|"
_OBJECT = re.compile(r"(?:s3|gs|abfss?|wasbs?)://([^\s\"'<>,;)\]]{3,300})")
_CJK_NAMED = re.compile(r"(" + _CJK + r")\s?(?:[:#]|：)?\s?(?:" + _QUOTED + r"|([A-Za-z0-9][A-Za-z0-9_./-]{0,200}))")
_VALUE = re.compile(
    r"(?i)(duplicate (?:entry|key|title|name)|titled?|named|called|slug)\s*[:=(]*\s*(?:" + _QUOTED + r")"
)
_FIRST = re.compile(
    r"()(?:"
    + _QUOTED
    + r"|([A-Za-z]{0,12}[-_/#]?\d[\w./-]{0,100}|[\w-]{1,60}/[\w./-]{1,200}))(?=\s?:\s|\s+(?:could|cannot|can't|failed"
    r"|was|is not|not|has no|skipped|rejected|already|exceeds|too|refused)\b|\s+[-–—])"
)
_LINE = re.compile(r"(?i)^(line)\s(?:()|(\d+))(?=\s?[:,])")
_NEAR_A_SECRET = re.compile(
    r"(?i)passw|pwd|secret|token|credential|signature|cookie|auth|(?:api|access|private)[ _-]?key"
)
"""With one of these in a message, what looks like a name may be what redaction hides."""
_PLACEHOLDERS = frozenset(
    ["null", "none", "nil", "undefined", "n/a", "-", "true", "false", "unknown", "<*>", "*", "0x0", "empty"]
)


@dataclass(frozen=True)
class ItemPlace:
    """Where messages of one kind name their thing."""

    finds: Callable[[str], str | None]
    hints: tuple[str, ...] = ("",)
    """One of them stands, in lower case, in every message in which something is found."""
    nouns: re.Pattern[str] | None = None

    def item(self, message: bytes) -> bytes | None:
        """The name in a message of that kind; None where this one names nothing."""
        text = message[:_EXAMINED_BYTES].decode("utf-8", "ignore")
        name = self.finds(text)
        if name is None or (_NEAR_A_SECRET.search(text) and name not in redact(text)):
            return None
        return name.encode()


def item_of(message: bytes, stated: bytes | None = None) -> bytes | None:
    """The name of what an error message is about; None where it names nothing that can fail.

    `stated`: what the entry's own field or cell for it says, which wins. A bare number is named with its noun
    ("article 100"), all else as it stands. Ids of requests, jobs, workers, threads, nodes, sessions and hosts are no
    things.
    """
    if stated is not None and (name := _tidy(stated.decode("utf-8", "replace"))):
        return name.encode()
    place = place_of(message)
    return place.item(message) if place else None


def place_of(message: bytes) -> ItemPlace | None:
    """Where messages like this one name their thing; None where they name none."""
    text = message[:_EXAMINED_BYTES].decode("utf-8", "ignore")
    lowered = text.lower()
    for place in _PLACES:
        if any(hint in lowered for hint in place.hints) and place.finds(text) is not None:
            return _narrowed(place, text)
    return None


def _narrowed(place: ItemPlace, text: str) -> ItemPlace:
    """The same for the one noun that is meant: looking for many costs five times as much, at every failing line."""
    found = place.nouns and _accepted(place.nouns, text)
    return _place_of_noun(found[0][1]) if found and found[0][1] else place


@lru_cache(256)
def _place_of_noun(noun: str) -> ItemPlace:
    noun = re.escape(noun)
    return _by_noun(re.compile(rf"({noun})(?<![\w/.-]{noun})(?i:{_LINK})(?:{_QUOTED}|{_BARE})"), ("",))


def _tidy(name: str) -> str | None:
    name = name.strip(_EDGES)
    if name.lower() in _PLACEHOLDERS:
        return None
    return name[:_MAX_NAME_CHARACTERS] or None


def _looks_like_id(name: str) -> bool:
    """Whether a word that is not quoted is a name: ordinary words have no digit, no dot and no slash inside."""
    if name.isdecimal():
        return True
    inner = name.strip(_EDGES)
    return any(map(str.isdecimal, inner)) or "/" in inner[1:] or "." in inner[1:-1] or "_" in inner[1:-1]


def _last(found: re.Match[str]) -> str:
    return next((group for group in found.groups()[1:] if group), "")


def _by_noun(pattern: re.Pattern[str], hints: tuple[str, ...]) -> ItemPlace:
    def finds(message: str) -> str | None:
        accepted = _accepted(pattern, message)
        if accepted is None:
            return None
        found, name = accepted
        return f"{found[1]} {name}" if found[1] and name.isdecimal() else name

    return ItemPlace(finds, hints, pattern if pattern in (_STRONG_NAMED, _FILES_NAMED, _WEAK_NAMED) else None)


def _accepted(pattern: re.Pattern[str], message: str) -> tuple[re.Match[str], str] | None:
    for found in pattern.finditer(message):
        name = _tidy(_last(found))
        if name is None or _CODE.search(name):
            continue
        if found.lastindex == pattern.groups:
            if _looks_like_id(found[pattern.groups]):
                return found, name
        elif not _is_a_field(found, message):
            return found, name
    return None


def _is_a_field(found: re.Match[str], message: str) -> bool:
    """`key 'title' is required`: a plain word in quotes behind a weak noun tells a field's name."""
    return _last(found).isalpha() and found[1].lower() in ("key", "id", "") and "requir" in message.lower()


def _by_key(message: str) -> str | None:
    weaker = None
    for found in _KEYED.finditer(message):
        key = found[1]
        name = _tidy(_last(found))
        if name is None or _MACHINERY.fullmatch(key) or _CODE.search(name):
            continue
        if key.lower() in ("id", "name", "key", "title", "url", "uri", "path"):
            weaker = weaker or name
        else:
            return name
    return weaker


def _by_pattern(pattern: re.Pattern[str], hints: tuple[str, ...]) -> ItemPlace:
    def finds(message: str) -> str | None:
        for found in pattern.finditer(message):
            name = _tidy(next(group for group in found.groups() if group))
            if name and not _CODE.search(name):
                return name
        return None

    return ItemPlace(finds, hints)


def _by_ending(message: str) -> str | None:
    for ending in _FILE_ENDING.finditer(message):
        before, quote = message[: ending.start()], message[ending.end() : ending.end() + 1]
        start = before.rfind(quote) if quote and quote in "\"'" else -1
        if start < 0:
            start = max(map(before.rfind, _BEFORE_A_NAME))
        if (name := _tidy(message[start + 1 : ending.end()])) and not _CODE.search(name):
            return name
    return None


def _at_the_beginning(message: str) -> str | None:
    found = _FIRST.match(message)
    if found is None:
        return None
    name = _tidy(_last(found))
    if name is None or not (_looks_like_id(name) or " " in name or not name.isascii()):
        return None
    return name


_PLACES = (
    _by_noun(_STRONG_NAMED, tuple(_STRONG.split("|"))),
    ItemPlace(_by_key, ("=", ":")),
    _by_pattern(_SPACED_FILE, ("=", ":")),
    _by_noun(_FILES_NAMED, tuple(_FILES.split("|"))),
    ItemPlace(_by_ending, (".",)),
    _by_noun(_CJK_NAMED, tuple(_CJK.split("|"))),
    _by_pattern(_OBJECT, ("://",)),
    _by_noun(_WEAK_NAMED, tuple(_WEAK.split("|"))),
    _by_noun(_VALUE, ("duplicate", "title", "name", "called", "slug")),
    _by_noun(_LINE, ("line",)),
    ItemPlace(_at_the_beginning),
)
"""The more exact before the less."""
