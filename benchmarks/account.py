"""A model of an AWS account, in simulated time: what its limits do to many callers at once.

Things that take time are generators that yield the seconds until they go on; `Account.run` lets them.
"""

from __future__ import annotations

import heapq
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import count
from typing import Any, Final, TypeVar

from jobwatch.aws import json_client
from jobwatch.aws.kept import Kept
from jobwatch.ports import ServiceUnavailableError

T = TypeVar("T")
Steps = Generator[float, None, T]

# How long a process is kept that nobody calls. AWS names no time; five to fifteen minutes are reported.
_IDLE_SECONDS: Final = 300.0
_SSM_A_SECOND: Final = 40
"""https://docs.aws.amazon.com/general/latest/gr/ssm.html, GetParameter, without the paid higher throughput."""
_SECRETS_A_SECOND: Final = 10_000
"""https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html, GetSecretValue."""
_STARTS: Final = (800, 150)
"""https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html, StartExecution of a Standard machine in
most regions: bucket, and refill a second."""
_MAILS_A_SECOND: Final = 10
"""https://docs.aws.amazon.com/general/latest/gr/sns.html: deliveries to an email subscription, a hard limit. SNS
switches one off that gets more."""


class Result(StrEnum):
    """How a call of a function ended, if not well; the names that the machine's retriers match."""

    THROTTLED = "Lambda.TooManyRequestsException"
    FAILED = "ServiceUnavailableError"


class Bucket:
    """A limit on calls: so many at once, and so many a second after that."""

    def __init__(self, size: float, a_second: float) -> None:
        self._size, self._a_second = size, a_second
        self._left, self._at = size, 0.0
        self.calls = 0
        self.throttled = 0

    def take(self, now: float) -> bool:
        """Whether a call is let through."""
        self.calls += 1
        self._left = min(self._left + (now - self._at) * self._a_second, self._size)
        self._at = now
        if self._left < 1:
            self.throttled += 1
            return False
        self._left -= 1
        return True


class Process:
    """A function's process: what it keeps of connections and secrets, by jobwatch's own rule and ages."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.idle_since = 0.0
        self.connections: Kept[bool] = Kept("connection", 60.0, now)
        self.secrets: Kept[bool] = Kept("secret", 300.0, now)


class _ReadNeededError(BaseException):
    """What `Kept` does not take for an answer: the reading takes time, and is done outside of it."""


@dataclass
class Mail:
    """An email subscription. `off_at`: when SNS switched it off, for more than ten mails within a second.

    `unheard`: how many were sent to nobody since.
    """

    off_at: float | None = None
    unheard: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        self._second: list[float] = []

    def send(self, now: float) -> None:
        """One mail; whether it arrives says `off_at`."""
        self.unheard += self.off_at is not None
        self._second = [at for at in self._second if at > now - 1] + [now]
        self.most = max(self.most, len(self._second))
        if len(self._second) > _MAILS_A_SECOND and self.off_at is None:
            self.off_at = now


class Account:
    """The limits, the functions, and the time. `functions_at_once`: Lambda's concurrency of the account."""

    def __init__(self, functions_at_once: int, seed: int) -> None:
        self.now = 0.0
        self.rng = random.Random(seed)
        self.ssm = Bucket(_SSM_A_SECOND, _SSM_A_SECOND)
        self.secrets_manager = Bucket(_SECRETS_A_SECOND, _SECRETS_A_SECOND)
        self.starts = Bucket(*_STARTS)
        self.mail = Mail()
        self.throttled: Counter[str] = Counter()
        self.most_at_once = 0
        self._functions_at_once = functions_at_once
        self._running = 0
        self._idle: defaultdict[str, list[Process]] = defaultdict(list)
        self._next = count()
        self._ahead: list[tuple[float, int, Steps[Any]]] = []

    def begin(self, steps: Steps[Any], after: float = 0.0) -> None:
        """Let something take its time from now on, beside all else."""
        heapq.heappush(self._ahead, (self.now + after, next(self._next), steps))

    def run(self, until: float) -> None:
        """Go on until a moment, in seconds, or until nothing is left to do."""
        while self._ahead and self._ahead[0][0] <= until:
            self.now, _, steps = heapq.heappop(self._ahead)
            try:
                self.begin(steps, next(steps))
            except StopIteration:
                continue

    def call(self, limit: Bucket, seconds: float, *, patient: bool = True) -> Steps[bool]:
        """One call of jobwatch's AWS client, with its tries and pauses: whether it was let through in the end."""
        last_try_begins_by = self.now + json_client._LAST_TRY_BEGINS_WITHIN_SECONDS
        for number in count():
            yield seconds
            if limit.take(self.now):
                return True
            pause_seconds = self.rng.random() * 2**number
            if not patient or number + 1 == json_client._TRIES or self.now + pause_seconds > last_try_begins_by:
                return False
            yield pause_seconds
        raise AssertionError

    def kept(self, values: Kept[bool], name: str, limit: Bucket, seconds: float, *, patient: bool) -> Steps[bool]:
        """Whether a process has a value, kept or read."""

        def needed() -> bool:
            raise _ReadNeededError

        try:
            return values.get(name, needed)
        except _ReadNeededError:
            answered = yield from self.call(limit, seconds, patient=patient)

        def read() -> bool:
            if not answered:
                raise ServiceUnavailableError("ThrottlingException")
            return True

        try:
            return values.get(name, read)
        except ServiceUnavailableError:
            return False

    def invoke(
        self, function: str, cold_seconds: float, work: Callable[[Process], Steps[T | Result]]
    ) -> Steps[T | Result]:
        """One call of a function: what its work returns, or THROTTLED where the account runs no more."""
        if self._running >= self._functions_at_once:
            self.throttled[function] += 1
            return Result.THROTTLED
        self._running += 1
        self.most_at_once = max(self.most_at_once, self._running)
        idle = self._idle[function]
        while idle and idle[0].idle_since < self.now - _IDLE_SECONDS:
            idle.pop(0)
        if idle:
            process = idle.pop()
        else:
            process = Process(lambda: self.now)
            yield cold_seconds
        result = yield from work(process)
        process.idle_since = self.now
        idle.append(process)
        self._running -= 1
        return result


@dataclass(frozen=True)
class Retrier:
    """One of a state's retriers, in the words of the States Language."""

    errors: tuple[str, ...]
    interval: float
    rate: float
    attempts: int
    longest: float

    @classmethod
    def of_state(cls, state: dict[str, Any]) -> tuple[Retrier, ...]:
        """Those of a state of the machine."""
        return tuple(
            cls(
                tuple(each["ErrorEquals"]),
                each["IntervalSeconds"],
                each["BackoffRate"],
                each["MaxAttempts"],
                each["MaxDelaySeconds"],
            )
            for each in state["Retry"]
        )


def retried(account: Account, retriers: Sequence[Retrier], call: Callable[[], Steps[T | Result]]) -> Steps[T | Result]:
    """A task of the machine: its calls, with full jitter between them, until one ends well or no retrier is left."""
    tries: Counter[Retrier] = Counter()
    while True:
        result = yield from call()
        if not isinstance(result, Result):
            return result
        retrier = next((each for each in retriers if {result.value, "States.ALL"} & set(each.errors)), None)
        if retrier is None or tries[retrier] >= retrier.attempts:
            return result
        pause = min(retrier.interval * retrier.rate ** tries[retrier], retrier.longest)
        tries[retrier] += 1
        yield account.rng.random() * pause


def ranked(values: Sequence[float], shares: Sequence[float] = (0.5, 0.95, 1.0)) -> Iterator[float]:
    """The values that these shares of all are no larger than; none of none."""
    in_order = sorted(values)
    return (in_order[max(round(share * len(in_order)) - 1, 0)] for share in shares) if in_order else iter(())
