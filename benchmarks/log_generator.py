"""Logs made from a seed: an import job's lines, a given share of them WARN or worse, as text or as JSON lines."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

_BLOCK_LINES = 4000
_LEVELS = ("WARN", "WARN", "ERROR", "ERROR", "FATAL")
_LOGGERS = ("import.reader", "import.links", "import.index", "http.client", "store.blob")


def _message(rng: random.Random) -> str:
    kind = rng.randrange(8)
    if kind == 0:
        return f"Article {rng.randrange(99_999)}: link target kb-{rng.randrange(99_999)} not found, kept as text"
    if kind == 1:
        return f"Connection to 10.0.{rng.randrange(255)}.{rng.randrange(255)}:{rng.randrange(65_535)} timed out after {rng.randrange(30_000)} ms"
    if kind == 2:
        return f"Skipped /data/in/part-{rng.randrange(999)}.json: schema version {rng.randrange(9)} unknown"
    if kind == 3:
        return f"Request {rng.getrandbits(48):012x} for user u{rng.randrange(999)} answered {rng.choice((200, 404, 503))} in {rng.randrange(900)} ms"
    if kind == 4:
        return f"Imported batch {rng.randrange(9999)}: {rng.randrange(500)} records, 0 errors, queue length {rng.randrange(99)}"
    if kind == 5:
        return (
            f"Cache entry article:{rng.randrange(99_999)} in region eu-west-{rng.randrange(3)} was stale, fetched again"
        )
    if kind == 6:
        return f"Attachment image-{rng.randrange(9999)}.png is {rng.randrange(9_000)} KB, limit is 5000 KB, resized"
    return f"Retry {rng.randrange(5)} of 5 for document {rng.randrange(99_999)}: service busy, waiting {rng.randrange(60)} s"


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
