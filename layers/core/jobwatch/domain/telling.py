"""What the operators are told: how often in a minute, and what a summary makes of the rest."""

from collections.abc import Sequence
from dataclasses import dataclass

# The operators' mail is read by people, and SNS switches an address off that gets more than ten a second.
# https://docs.aws.amazon.com/sns/latest/dg/sns-email-notifications.html
SPOKEN_A_MINUTE = 5
_MINUTE_MS = 60_000


@dataclass(frozen=True)
class Kind:
    """What a summary counts as one kind.

    `what`: in the plural, with what happened to them ("submissions refused"). `connection`: "" where none is named.
    `stands`: where they are now, or what becomes of them, as the end of a sentence.
    """

    what: str
    reason: str
    connection: str
    stands: str


@dataclass(frozen=True)
class Telling:
    """A message to the operators, and the kind under which it is counted where the minute is full."""

    subject: str
    text: str
    kind: Kind


@dataclass(frozen=True)
class Held:
    """How many of a kind were not told one by one."""

    kind: Kind
    count: int


def wait_ms(spoken_ms: Sequence[int], now_ms: int) -> int:
    """The milliseconds until one more may be told, 0 for now; `spoken_ms`: when the last ones were, oldest first."""
    recent = still_counted(spoken_ms, now_ms)
    return 0 if len(recent) < SPOKEN_A_MINUTE else recent[-SPOKEN_A_MINUTE] + _MINUTE_MS - now_ms


def still_counted(spoken_ms: Sequence[int], now_ms: int) -> list[int]:
    """Those of the last minute."""
    return [moment for moment in spoken_ms if moment > now_ms - _MINUTE_MS]
