"""What a log says: counts by level, grouped problems, what failed, from any log, in one pass, every byte of it.

A log's way through this package:

1. **Read** (`source`, `engine`): bytes in pieces, up to the end or as far as the caller's time allows.
2. **Made into lines** (`decode`, `terminal`, `codepages`, `documents`, `blocks`): unpacked, clean UTF-8, whole lines; a
   record of several lines (a JSON object, an XML record, a row with line breaks in a cell) is one.
3. **Each form read once** (`layout`, `readings`, by the rules of `lines`, `heads`, `tables`, `messages`): the layout
   learned from the head passes over the lines that state the usual harmless level; others are looked up by what they
   are without their digits, and only a form not met before is read for its level and message.
4. **Put together and counted** (`entries`, `tally`, `groups`, `failed`): lines that belong to one entry are one, and
   count for its level, for the group of its template (`templates`), and for what failed (`items`).
5. **Reported** (`report`, `summary`): groups that say the same are joined, the worst come first, secrets are taken out.
"""

from jobwatch.logs.engine import summarise
from jobwatch.logs.failed import FailedThing, FailedThings
from jobwatch.logs.source import FileLogSource, LogChanged, LogSource, LogUnreadable, StreamLogSource
from jobwatch.logs.summary import Burst, FailedItems, LogSummary, Occurrence, Problem

__all__ = [
    "Burst",
    "FailedItems",
    "FailedThing",
    "FailedThings",
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
