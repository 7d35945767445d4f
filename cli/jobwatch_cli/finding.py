"""What a check found: one thing that was looked at, and what to do about it."""

from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """How something that was looked at stands: as it should, not certain or not seen, or wrong."""

    GOOD = "✓"
    WARNING = "!"
    BAD = "✗"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. `next_step`: what to do; None where there is nothing to do."""

    subject: str
    mark: Mark
    text: str
    next_step: str | None = None

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong with it, as far as was seen."""
        return self.mark is not Mark.BAD
