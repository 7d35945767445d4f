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


def _message(rng: random.Random) -> str:
    return rng.choice(_MESSAGES).format(
        n=rng.randrange(99_999),
        m=rng.randrange(9_000),
        b=rng.randrange(255),
        c=rng.randrange(255),
        d=rng.randrange(5),
        hex=f"{rng.getrandbits(48):012x}",
        status=rng.choice((200, 404, 503)),
    )


def blocks(size_bytes: int, problem_share: float, *, seed: int, json_lines: bool = False) -> Iterator[bytes]:
    """Blocks of whole lines, together at least `size_bytes`; every block differs from all before it by its times.

    Lines are drawn once for a block and used again with new times, so that a generator in Python keeps up.
    """
    rng = random.Random(seed)
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    patterns = [_pattern(rng, problem_share, json_lines) for _ in range(8)]
    made = 0
    while made < size_bytes:
        moment += timedelta(seconds=4)
        seconds = moment.strftime("%Y-%m-%dT%H:%M:%S").encode()
        block = patterns[rng.randrange(len(patterns))].replace(b"@@@@-@@-@@T@@:@@:@@", seconds)
        made += len(block)
        yield block


def _pattern(rng: random.Random, problem_share: float, json_lines: bool) -> bytes:
    lines = []
    for number in range(_BLOCK_LINES):
        level = rng.choice(_LEVELS) if rng.random() < problem_share else "INFO"
        at = f"@@@@-@@-@@T@@:@@:@@.{number * 999 // _BLOCK_LINES:03d}Z"
        logger, message = rng.choice(_LOGGERS), _message(rng)
        if json_lines:
            lines.append(f'{{"time":"{at}","level":"{level.lower()}","logger":"{logger}","message":"{message}"}}\n')
        else:
            lines.append(f"{at} {level} [worker-{rng.randrange(10)}] {logger} - {message}\n")
    return "".join(lines).encode()
