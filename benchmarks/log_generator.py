"""Logs made from a seed: an import job's lines, a given share of them WARN or worse, as text or as JSON lines."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_BLOCK_LINES = 4000
_LEVELS = ("WARN", "WARN", "ERROR", "ERROR", "FATAL")
_LOGGERS = ("import.reader", "import.links", "import.index", "http.client", "store.blob")


_MESSAGES = (
    "Article {n}: link target kb-{m} not found, kept as text",
    "Connection to 10.0.{b}.{c}:{n} timed out after {m} ms",
    "Skipped /data/in/part-{n}.json: schema version {b} unknown",
    "Request {hex} for user u{b} answered {status} in {c} ms",
    "Imported batch {n}: {b} records, 0 errors, queue length {c}",
    "Cache entry article:{n} in region eu-west-1 was stale, fetched again",
    "Attachment image-{n}.png is {m} KB, limit is 5000 KB, resized",
    "Retry {d} of 5 for document {n}: service busy, waiting {b} s",
)


def _message(rng: random.Random, items: int) -> str:
    return rng.choice(_MESSAGES).format(
        n=rng.randrange(items),
        m=rng.randrange(9_000),
        b=rng.randrange(255),
        c=rng.randrange(255),
        d=rng.randrange(5),
        hex=f"{rng.getrandbits(48):012x}",
        status=rng.choice((200, 404, 503)),
    )


def blocks(
    size_bytes: int, problem_share: float, *, seed: int, json_lines: bool = False, items: int = 99_999
) -> Iterator[bytes]:
    """Blocks of whole lines, together at least `size_bytes`; every block differs from all before it by its times.

    Lines are drawn once for a block and used again with new times, so that a generator in Python keeps up.
    """
    rng = random.Random(seed)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    patterns = [_pattern(rng, problem_share, json_lines, items) for _ in range(8)]
    made = 0
    while made < size_bytes:
        moment += timedelta(seconds=4)
        seconds = moment.strftime("%Y-%m-%dT%H:%M:%S").encode()
        block = patterns[rng.randrange(len(patterns))].replace(b"@@@@-@@-@@T@@:@@:@@", seconds)
        made += len(block)
        yield block


def _pattern(rng: random.Random, problem_share: float, json_lines: bool, items: int) -> bytes:
    lines = []
    for number in range(_BLOCK_LINES):
        level = rng.choice(_LEVELS) if rng.random() < problem_share else "INFO"
        at = f"@@@@-@@-@@T@@:@@:@@.{number * 999 // _BLOCK_LINES:03d}Z"
        logger, message = rng.choice(_LOGGERS), _message(rng, items)
        if json_lines:
            lines.append(f'{{"time":"{at}","level":"{level.lower()}","logger":"{logger}","message":"{message}"}}\n')
        else:
            lines.append(f"{at} {level} [worker-{rng.randrange(10)}] {logger} - {message}\n")
    return "".join(lines).encode()


SHAPES = ("no level", "colour", "nested JSON", "varied widths", "invalid UTF-8", "mixed words")
"""Logs in which no fixed column tells the level."""
_WORDS = 2000


def shaped(shape: str, size_bytes: int) -> Iterator[bytes]:
    """Blocks of whole lines of one shape: of SHAPES, `text`, `empty lines`, or `items` (20,000 things that failed)."""
    if shape == "text":
        yield from blocks(size_bytes, 0.02, seed=7, items=1000)
        return
    rng = random.Random(shape)
    words = ["".join(rng.choice("bdfgklmnprst") + rng.choice("aeiou") for _ in range(2 + n % 3)) for n in range(_WORDS)]
    made = number = 0
    while made < size_bytes:
        lines = [_shaped_line(shape, number + n, rng, words) for n in range(_BLOCK_LINES)]
        number += _BLOCK_LINES
        block = b"".join(lines)
        made += len(block)
        yield block


def _shaped_line(shape: str, n: int, rng: random.Random, words: list[str]) -> bytes:
    at = f"2026-01-01T{n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d}.{n % 1000:03d}Z"
    bad = n % 50 == 0
    level, said = ("ERROR", "refused") if bad else ("INFO", "stored")
    item, took = n % 1000, rng.randrange(5000)
    match shape:
        case "no level":
            return f"{at} copied part-{item}.json to archive/{took} in {took} ms\n".encode()
        case "colour":
            colour = 31 if bad else 32
            return f"{at} \x1b[{colour}m{level}\x1b[0m [w-{n % 9}] import.index - article {item} {said}\n".encode()
        case "nested JSON":
            meta = f'"meta":{{"level":"{level.lower()}","ctx":{{"n":{took}}}}}'
            return f'{{"ts":"{at}",{meta},"payload":{{"text":"article {item} {said}"}}}}\n'.encode()
        case "varied widths":
            return f"{n} {10 ** (took % 8)} [{'x' * (took % 12 + 1)}] {level} a.b: article {item} {said}\n".encode()
        case "invalid UTF-8":
            return f"{at} {level} [w-{n % 9}] import - Größe von Artikel {item}: {said}\n".encode("latin-1")
        case "mixed words":
            return f"{at} {level} {' '.join(rng.choices(words, k=10))}\n".encode()
        case "items":
            reason = " ".join(words[:70])[:500]
            return f"{at} ERROR article {n % 25_000}: {reason}\n".encode()
    return b"\n"
