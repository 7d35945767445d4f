"""What a log says: counts by level, grouped problems, the first and the last error, from any log, in one pass."""

from jobwatch.logs.engine import summarise
from jobwatch.logs.source import FileLogSource, LogChanged, LogSource, LogUnreadable, StreamLogSource
from jobwatch.logs.summary import Burst, FailedItems, LogSummary, Occurrence, Problem

__all__ = [
    "Burst",
    "FailedItems",
    "FileLogSource",
    "LogChanged",
    "LogSource",
    "LogSummary",
    "LogUnreadable",
    "Occurrence",
    "Problem",
    "StreamLogSource",
    "summarise",
]
