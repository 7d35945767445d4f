"""Moments as they are written into a sentence, and kept beside it, so that a channel can show the reader's own time."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from jobwatch.domain.times import write_time
from jobwatch.messages.numbers import duration, span


@dataclass(frozen=True)
class Clock:
    """Writes moments as they are read `at` the time of the message; `written` has each as it was written, RFC 3339."""

    at: datetime
    written: dict[str, str] = field(default_factory=dict)

    def time(self, moment: datetime) -> str:
        """`10:00 UTC` within a day of the message; `1 Mar 2024, 10:00 UTC` further away."""
        near = abs(self.at - moment) < timedelta(days=1)
        text = f"{moment:%H:%M} UTC" if near else span(moment, moment)
        self.written[text] = write_time(moment)
        return text

    def since(self, moment: datetime) -> str:
        """`10:01 UTC (10 min)`."""
        return f"{self.time(moment)} ({self.lasting(moment)})"

    def ago(self, moment: datetime) -> str:
        """`10:01 UTC (10 min ago)`."""
        return f"{self.time(moment)} ({self.lasting(moment)} ago)"

    def lasting(self, moment: datetime) -> str:
        """`10 min`."""
        return duration((self.at - moment).total_seconds())
