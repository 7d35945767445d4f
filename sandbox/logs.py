"""Import logs for the demo and the tests.

The line format is invented: no document publishes how eGain's import log looks, only that it lies at
`logFileLocation`. A reader of logs must not depend on it. What it has of real ones: a time, a level, a thread and a
logger in each line, the same problem again and again with other ids, and a stack trace that continues a line.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from sandbox.jobs import Job, Results, Script, State

_WARNINGS = (
    "Article {id}: image {file}.png is {size} KB, scaled down",
    "Article {id}: attribute 'review_date' is empty, default used",
    "Topic {id}: name is longer than 255 characters, cut",
)
_ERRORS = (
    "Article {id}: link target {other} not found",
    "Article {id}: attachment {file}.pdf could not be read",
)
_TRACE = """\
java.sql.SQLTransientConnectionException: HikariPool-1 - Connection is not available, request timed out after 30000ms.
\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:696)
\tat com.zaxxer.hikari.pool.HikariPool.getConnection(HikariPool.java:197)
\tat com.example.content.ImportJob.nextBatch(ImportJob.java:412)
\tat java.base/java.lang.Thread.run(Thread.java:840)"""


def import_log(job: Job, *, info_lines: int = 200, seed: int = 0) -> str:
    """The whole log of a job as text; see `import_log_lines`."""
    return "\n".join(import_log_lines(job.script, job.submitted_at, info_lines=info_lines, seed=seed)) + "\n"


def import_log_lines(script: Script, started_at: datetime, *, info_lines: int = 200, seed: int = 0) -> Iterator[str]:
    """The lines of a log: as many WARN and ERROR lines as the script's results name, among so many INFO lines.

    A failed script's log ends with its error and a stack trace. The same arguments give the same lines.
    """
    chance = random.Random(seed)
    results = script.results or Results(script.total)
    levels = ["INFO"] * info_lines + ["WARN"] * results.warnings + ["ERROR"] * results.errors
    chance.shuffle(levels)
    length = min(script.duration_seconds, 86_400)
    step = length / max(1, len(levels))
    at = started_at
    yield _line(at, "INFO", "main", f"Job started, {script.total} items found")
    for number, level in enumerate(levels, start=1):
        at = started_at + timedelta(seconds=step * number)
        yield _line(at, level, f"worker-{chance.randint(1, 4)}", _text(level, chance, number))
    if script.end is State.FAILED:
        yield _line(at, "ERROR", "main", script.error or "Job failed")
        yield from _TRACE.splitlines()
    else:
        counts = f"{results.successful} successful, {results.warnings} warnings, {results.errors} errors"
        yield _line(at, "INFO", "main", f"Job ended: {counts}")


def _text(level: str, chance: random.Random, number: int) -> str:
    if level == "INFO":
        return f"Article {1000 + number} processed in {chance.randint(8, 240)} ms"
    template = chance.choice(_WARNINGS if level == "WARN" else _ERRORS)
    return template.format(
        id=1000 + number,
        other=chance.randint(1000, 9999),
        file=f"{chance.getrandbits(32):08x}",
        size=chance.randint(5000, 9999),
    )


def _line(at: datetime, level: str, thread: str, text: str) -> str:
    stamp = f"{at:%Y-%m-%d %H:%M:%S},{at.microsecond // 1000:03d}"
    return f"{stamp} {level:<5} [{thread}] content.ImportJob - {text}"
