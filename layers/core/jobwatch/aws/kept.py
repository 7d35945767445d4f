"""What a process has read from AWS and keeps for a while, and for longer while it cannot be read again.

SSM answers 40 calls of GetParameter a second, to the account's region as a whole
(https://docs.aws.amazon.com/general/latest/gr/ssm.html); a function that read at every use would take all of them, and
fail where others take them.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from aws_lambda_powertools import Logger

from jobwatch.ports import ServiceUnavailableError

T = TypeVar("T")

# Processes that began together read again one by one.
_SPREAD: Final = 0.25
_USED_WHILE_UNREADABLE_SECONDS: Final = 3600.0
# A call that fails takes its tries' time, and of a limit that others need too.
_NOT_READ_AGAIN_FOR_SECONDS: Final = 15.0


@dataclass
class _Entry(Generic[T]):
    """`read_at`: when the value was read. `again_at`: until then it is used unseen. In seconds."""

    value: T
    read_at: float
    again_at: float


class Kept(Generic[T]):
    """Values by name, each read when there is none or it is older than `keep_seconds` (up to a quarter less).

    `what`: what they are, for the log. `seconds`: a clock that goes on while a function is frozen.
    """

    def __init__(self, what: str, keep_seconds: float, seconds: Callable[[], float] = time.time) -> None:
        self._what = what
        self._keep_seconds = keep_seconds
        self._seconds = seconds
        self._entries: dict[str, _Entry[T]] = {}
        self._unreadable_until = 0.0
        self._reason = ""

    def get(self, name: str, read: Callable[[], T]) -> T:
        """The value that is kept, or what `read` returns now.

        While `read` raises ServiceUnavailableError, the one read before goes on being used, for an hour, and the log
        says so; without one, that is raised. For some seconds, no other is read either that can be used on. Whatever
        else it raises counts at once: what was kept is gone.
        """
        now = self._seconds()
        entry = self._entries.get(name)
        if entry is not None and entry.read_at <= now < entry.again_at:
            return entry.value
        usable = entry is not None and entry.read_at <= now < entry.read_at + _USED_WHILE_UNREADABLE_SECONDS
        if entry is not None and usable and now < self._unreadable_until:
            return self._old(name, entry, now)
        try:
            value = read()
        except ServiceUnavailableError as error:
            self._unreadable_until = self._seconds() + _NOT_READ_AGAIN_FOR_SECONDS
            self._reason = str(error)
            if entry is None or not usable:
                raise
            return self._old(name, entry, now)
        except Exception:
            self._entries.pop(name, None)
            raise
        spread = 1 - _SPREAD * random.random()  # noqa: S311 - spreads reads; nobody gains by guessing it
        self._entries[name] = _Entry(value, now, now + self._keep_seconds * spread)
        return value

    def _old(self, name: str, entry: _Entry[T], now: float) -> T:
        entry.again_at = min(self._unreadable_until, entry.read_at + _USED_WHILE_UNREADABLE_SECONDS)
        Logger(child=True).warning(
            f"an old {self._what} is used",
            extra={"name_of_it": name, "age_seconds": round(now - entry.read_at), "reason": self._reason},
        )
        return entry.value

    def forget(self, name: str) -> None:
        """Read it anew next time; what was kept is used only while that cannot be done."""
        if name in self._entries:
            self._entries[name].again_at = 0.0
