"""The ports of `jobwatch.ports` in memory, checked against the Protocols by mypy."""

import itertools
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from jobwatch.domain.connection import Connection, ConnectionUnusableError
from jobwatch.domain.listening import Subscription, Unheard
from jobwatch.domain.log_location import LogLocation
from jobwatch.domain.pace import SLEPT_FOR_MS, SPACING_MS
from jobwatch.domain.series import History
from jobwatch.domain.snapshot import Answer, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.telling import Held, Kind, Telling, still_counted, wait_ms
from jobwatch.domain.times import key_time
from jobwatch.domain.timetable import Slot, Timetable, spacing_ms
from jobwatch.domain.watch import Watch
from jobwatch.domain.watch_record import read_record, write_record
from jobwatch.logs import LogSource, LogUnreadable
from jobwatch.messages.document import Notification
from jobwatch.ports import (
    DeliveryBusyError,
    SecretUnusableError,
    ServiceUnavailableError,
    Standing,
    TopicBusyError,
    Unspoken,
    WatchChangedError,
    WatchMissingError,
)
from jobwatch.usecases.once import Once
from jobwatch.usecases.unnamed import UnnamedStates

if TYPE_CHECKING:
    from jobwatch import ports


class FakeClock:
    """A clock that a test moves."""

    def __init__(self, start: datetime = datetime(2024, 3, 1, 10, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def advance(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


class FakeWatches:
    """The table: keeps records, as the real one does, so that what a record loses is lost here too."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}
        self.fails_on_save: int = 0
        self.loses_answers: int = 0

    def add(self, watch: Watch) -> bool:
        if watch.watch_id in self.records:
            return False
        self.records[watch.watch_id] = write_record(watch)
        return True

    def get(self, watch_id: str) -> Watch:
        if watch_id not in self.records:
            raise WatchMissingError(watch_id)
        return read_record(self.records[watch_id])

    def save(self, watch: Watch) -> Watch:
        if self.fails_on_save:
            self.fails_on_save -= 1
            raise ServiceUnavailableError("DynamoDB PutItem: ThrottlingException")
        stored = self.records.get(watch.watch_id)
        if stored is None or stored["version"] != watch.version:
            raise WatchChangedError(watch.watch_id)
        written = replace(watch, version=watch.version + 1)
        self.records[watch.watch_id] = write_record(written)
        if self.loses_answers:
            # The SDK heard nothing, wrote again, and met its own write.
            self.loses_answers -= 1
            raise WatchChangedError(watch.watch_id)
        return written

    def overdue(self, since: datetime) -> Iterator[str]:
        for watch_id, record in list(self.records.items()):
            if "open_shard" in record and record["next_poll_at"] < key_time(since):
                yield watch_id


class FakeSeries:
    """The series; `unavailable` makes every call fail."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        self.unavailable = False
        self.unavailable_reads = 0

    def get(self, series_id: str) -> History:
        if self.unavailable_reads:
            self.unavailable_reads -= 1
            raise ServiceUnavailableError("DynamoDB GetItem series: ThrottlingException")
        self._answer()
        return History.from_json(json.loads(self.rows.get(series_id, "[]")))

    def put(self, series_id: str, history: History, *, at: datetime) -> None:
        self._answer()
        self.rows[series_id] = json.dumps(history.as_json())

    def _answer(self) -> None:
        if self.unavailable:
            raise ServiceUnavailableError("DynamoDB GetItem series: ThrottlingException")


@dataclass
class FakeConnections:
    """Connections by name; `unavailable` makes every reading fail as an AWS outage does."""

    by_name: dict[str, Connection] = field(default_factory=dict)
    unavailable: bool = False

    def get(self, name: str) -> Connection:
        if self.unavailable:
            raise ServiceUnavailableError("SSM GetParameter: InternalServerError")
        if name not in self.by_name:
            raise ConnectionUnusableError(f"connection {name}: there is no parameter /jobwatch/connections/{name}")
        return self.by_name[name]


@dataclass
class FakeTimetables:
    """Timetables in memory. `booked_seconds`: for so long each is booked when it is first used."""

    booked_seconds: float = 0.0
    slowed: list[tuple[str, int, int, float]] = field(default_factory=list)
    known: dict[str, Timetable] = field(default_factory=dict)

    def reserve(self, connection: str, requests_per_minute: int, now: float) -> Slot:
        now_ms, budget_ms = int(now * 1000), spacing_ms(requests_per_minute)
        free_ms = now_ms + round(self.booked_seconds * 1000)
        known = self.known.get(connection, Timetable(0, free_ms, 0, free_ms, budget_ms))
        number = known.next_number
        if known.next_free_ms <= now_ms:
            known = replace(known, next_free_ms=now_ms, anchor_number=number, anchor_ms=now_ms, spacing_before_ms=0)
        known = replace(known, next_number=number + 1, next_free_ms=known.next_free_ms + known.spacing_ms)
        self.known[connection] = known.adjusted(now_ms, budget_ms)
        return self.known[connection].slot(number)

    def slot(self, connection: str, number: int, requests_per_minute: int, now: float) -> Slot | None:
        known = self.known.get(connection)
        if known is None or number >= known.next_number:
            return None
        self.known[connection] = known.adjusted(int(now * 1000), spacing_ms(requests_per_minute))
        return self.known[connection].slot(number)

    def backlog_until(self, connection: str) -> float:
        return self.known[connection].next_free_ms / 1000 if connection in self.known else 0.0

    def throttled(
        self, connection: str, asked: int, requests_per_minute: int, now: float, retry_after_seconds: float
    ) -> None:
        self.slowed.append((connection, asked, requests_per_minute, retry_after_seconds))
        if connection in self.known:
            self.known[connection] = self.known[connection].slowed_down(
                asked, int(now * 1000), spacing_ms(requests_per_minute), math.ceil(retry_after_seconds * 1000)
            )


@dataclass
class FakeSecrets:
    """Secrets by name; `forgotten` are those that were to be read anew, `rotated` what that finds, if another."""

    by_name: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    forgotten: list[str] = field(default_factory=list)
    rotated: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def get(self, name: str) -> Mapping[str, Any]:
        if name not in self.by_name:
            raise SecretUnusableError(f"secret {name} does not exist")
        return self.by_name[name]

    def forget(self, name: str) -> None:
        self.forgotten.append(name)
        if name in self.rotated:
            self.by_name[name] = self.rotated.pop(name)


@dataclass
class FakeVendorStatus:
    """Answers in their order; the last one stays."""

    answers: list[Answer]
    asked: list[tuple[Submission, Connection]] = field(default_factory=list)
    with_fresh_tokens: list[bool] = field(default_factory=list)
    ends: list[Snapshot] = field(default_factory=list)
    log: LogSource | None = None

    def ask(self, submission: Submission, connection: Connection, *, fresh_token: bool = False) -> Answer:
        self.asked.append((submission, connection))
        self.with_fresh_tokens.append(fresh_token)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def open_log(self, submission: Submission, connection: Connection, location: str) -> LogSource:
        self.asked.append((submission, connection))
        if self.log is None:
            raise LogUnreadable(f"nothing is at {location}")
        return self.log

    def ask_details(
        self, submission: Submission, connection: Connection, ended: Snapshot, *, fresh_token: bool = False
    ) -> Answer:
        self.ends.append(ended)
        return self.ask(submission, connection, fresh_token=fresh_token)


@dataclass
class FakeExecutions:
    """The state machine: a name starts once. `running` is what a test says still runs."""

    started: list[tuple[str, int]] = field(default_factory=list)
    running: set[tuple[str, int]] = field(default_factory=set)
    fails: int = 0

    def start(self, watch_id: str, generation: int) -> None:
        if self.fails:
            self.fails -= 1
            raise ServiceUnavailableError("Step Functions StartExecution: ThrottlingException")
        if (watch_id, generation) not in self.started:
            self.started.append((watch_id, generation))
            self.running.add((watch_id, generation))

    def runs(self, watch_id: str, generation: int) -> bool:
        return (watch_id, generation) in self.running


@dataclass
class FakeRejectedSubmissions:
    """The queue of refused submissions."""

    name: str = "rejected-queue"
    kept: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def keep(self, reason: str, event: Mapping[str, Any]) -> None:
        self.kept.append((reason, event))


@dataclass
class FakeOperations:
    """The people who run jobwatch: subjects and texts, and what was counted only; `fails` lets so many calls fail."""

    told: list[tuple[str, str]] = field(default_factory=list)
    kinds: list[Kind] = field(default_factory=list)
    counted: list[Telling] = field(default_factory=list)
    fails: int = 0

    def tell(self, telling: Telling) -> None:
        if self.fails:
            self.fails -= 1
            raise ServiceUnavailableError("SNS Publish: InternalError")
        self.told.append((telling.subject, telling.text))
        self.kinds.append(telling.kind)

    def count(self, telling: Telling) -> None:
        self.counted.append(telling)


@dataclass
class FakeOperationsTopic:
    """The operations topic: when what was published, by a clock; `fails` lets so many calls fail."""

    clock: FakeClock
    published: list[tuple[datetime, str, str]] = field(default_factory=list)
    fails: int = 0

    def publish(self, subject: str, text: str) -> None:
        if self.fails:
            self.fails -= 1
            raise ServiceUnavailableError("SNS Publish: InternalError")
        self.published.append((self.clock(), subject, text))


@dataclass
class FakeTellingLedger:
    """What was told and held back, in memory."""

    spoken_ms: list[int] = field(default_factory=list)
    counts: Counter[Kind] = field(default_factory=Counter)
    since: datetime = datetime(2024, 3, 1, tzinfo=UTC)
    summary_waits: bool = False

    def admit(self, kind: Kind, now: datetime) -> bool:
        if self.summary_waits or wait_ms(self.spoken_ms, _ms(now)):
            self.hold(kind, now)
            return False
        self.spoken_ms = [*still_counted(self.spoken_ms, _ms(now)), _ms(now)]
        return True

    def hold(self, kind: Kind, now: datetime) -> None:
        self.since = self.since if self.counts else now
        self.counts[kind] += 1

    def held(self) -> Unspoken:
        names = {json.dumps(astuple(kind)): count for kind, count in self.counts.items()}
        return Unspoken(self.since, [Held(*each) for each in self.counts.items()], names)

    def let_go(self, unspoken: Unspoken) -> None:
        self.counts -= Counter({Kind(*json.loads(name)): count for name, count in unspoken.state.items()})

    def wait_for_summary(self, now: datetime) -> float:
        wait = wait_ms(self.spoken_ms, _ms(now))
        self.summary_waits = wait > 0
        if not wait:
            self.spoken_ms = [*still_counted(self.spoken_ms, _ms(now)), _ms(now)]
        return wait / 1000


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@dataclass
class FakePublisher:
    """The notification topic: subjects, parts and attributes; `busy` lets the next ones come back later."""

    busy: list[float] = field(default_factory=list)
    published: list[tuple[str, Mapping[str, str], Mapping[str, str | list[str]]]] = field(default_factory=list)
    fails: int = 0

    def publish(self, subject: str, parts: Mapping[str, str], attributes: Mapping[str, str | list[str]]) -> None:
        if self.busy:
            raise TopicBusyError(self.busy.pop(0))
        if self.fails:
            self.fails -= 1
            raise ServiceUnavailableError("SNS Publish: InternalError")
        self.published.append((subject, parts, attributes))


@dataclass
class FakePace:
    """The pace of the notification topic in memory."""

    next_free: float = 0.0
    next_turn: float = 0.0
    ends: int = 0
    ends_heard: int = 0
    heard_at: datetime | None = None

    def reserve(self, now: float, ends: int = 0) -> float:
        at = max(self.next_free, now)
        if at > now + SLEPT_FOR_MS / 1000:
            turn = max(self.next_turn, now + SLEPT_FOR_MS / 1000)
            self.next_turn = turn + SPACING_MS / 1000
            raise TopicBusyError(turn - now)
        self.next_free = at + SPACING_MS / 1000
        self.ends += ends
        return at

    def unpublished(self, ends: int) -> None:
        self.ends -= ends

    def heard(self, now: datetime) -> None:
        self.ends_heard, self.heard_at = self.ends, now

    def unheard(self) -> Unheard:
        return Unheard(self.ends - self.ends_heard, self.heard_at)


@dataclass
class FakeSubscriptions:
    """The subscriptions of a topic, as a test says they are."""

    all: list[Subscription] = field(default_factory=list)

    def listed(self) -> list[Subscription]:
        return list(self.all)


class FakeLog:
    """A log of bytes in memory."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size_bytes: int | None = len(content)

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        piece = self._content[start:end]
        if piece:
            yield piece


class UnreadableLog:
    """A log that is not there or may not be read."""

    size_bytes: int | None = None

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        raise LogUnreadable("missing, or jobwatch may not read it")


@dataclass
class FakeLogs:
    """Logs by bucket and key; any other cannot be read."""

    by_location: dict[tuple[str, str], bytes] = field(default_factory=dict)
    opened: list[LogLocation] = field(default_factory=list)

    def open(self, location: LogLocation) -> LogSource:
        self.opened.append(location)
        content = self.by_location.get((location.bucket, location.key))
        return UnreadableLog() if content is None else FakeLog(content)


@dataclass
class FakeDeliveries:
    """The ledger of deliveries; `fails` lets so many calls fail as an AWS outage does."""

    claims: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    posted: dict[str, datetime] = field(default_factory=dict)
    refusals: set[str] = field(default_factory=set)
    fails: int = 0

    def claim(self, delivery_id: str, run: str, *, now: datetime, until: datetime) -> Standing:
        self._call()
        if delivery_id in self.posted:
            return Standing.DELIVERED
        holder, claimed_until = self.claims.get(delivery_id, (run, now))
        if holder != run and claimed_until > now:
            raise DeliveryBusyError(delivery_id)
        self.claims[delivery_id] = (run, until)
        return Standing.REFUSED if delivery_id in self.refusals else Standing.NEW

    def release(self, delivery_id: str, run: str) -> None:
        self._call()
        if delivery_id in self.claims and self.claims[delivery_id][0] == run:
            del self.claims[delivery_id]

    def delivered(self, delivery_id: str, *, at: datetime) -> None:
        self._call()
        self.claims.pop(delivery_id, None)
        self.posted[delivery_id] = at

    def refused(self, delivery_id: str) -> None:
        self._call()
        self.claims.pop(delivery_id, None)
        self.refusals.add(delivery_id)

    def _call(self) -> None:
        if self.fails:
            self.fails -= 1
            raise ServiceUnavailableError("DynamoDB UpdateItem: ThrottlingException")


@dataclass
class FakeUndelivered:
    """The queue of notifications that a channel refused; `fails` lets so many calls fail."""

    name: str = "slack-dead-letters"
    kept: list[tuple[str, str]] = field(default_factory=list)
    fails: int = 0

    def keep(self, reason: str, notification_json: str) -> None:
        if self.fails:
            self.fails -= 1
            raise ServiceUnavailableError("SQS SendMessage: InternalError")
        self.kept.append((reason, notification_json))


class FakeIds:
    """Names that no other run has: run-1, run-2, …"""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def __call__(self) -> str:
        return f"run-{next(self._numbers)}"


def unnamed_states(clock: FakeClock, operations: FakeOperations | None = None) -> UnnamedStates:
    """What tells the operators of states that no outcome names, with a ledger of its own."""
    once, told = Once(FakeDeliveries(), clock, FakeIds()), operations or FakeOperations()
    return UnnamedStates(lambda: (once, told))


class FakeChannel:
    """A channel: raises the errors it was given, in their order, then takes what comes."""

    name, title, remedy = "slack", "Slack", "correct the secret"

    def __init__(self, errors: Iterable[Exception] = ()) -> None:
        self._errors = list(errors)
        self.posted: list[Notification] = []

    def post(self, notification: Notification) -> None:
        if self._errors:
            raise self._errors.pop(0)
        self.posted.append(notification)


if TYPE_CHECKING:
    # mypy refuses these lines when a fake no longer is what its port says.
    _clock: ports.Clock = FakeClock()
    _watches: ports.Watches = FakeWatches()
    _connections: ports.Connections = FakeConnections()
    _timetables: ports.Timetables = FakeTimetables()
    _secrets: ports.Secrets = FakeSecrets()
    _vendor_status: ports.VendorStatus = FakeVendorStatus([])
    _executions: ports.Executions = FakeExecutions()
    _rejected: ports.RejectedSubmissions = FakeRejectedSubmissions()
    _operations: ports.Operations = FakeOperations()
    _operations_topic: ports.OperationsTopic = FakeOperationsTopic(FakeClock())
    _telling_ledger: ports.TellingLedger = FakeTellingLedger()
    _publisher: ports.Publisher = FakePublisher()
    _pace: ports.Pace = FakePace()
    _subscriptions: ports.Subscriptions = FakeSubscriptions()
    _logs: ports.Logs = FakeLogs()
    _deliveries: ports.Deliveries = FakeDeliveries()
    _undelivered: ports.Undelivered = FakeUndelivered()
    _new_id: ports.NewId = FakeIds()
    _channel: ports.Channel = FakeChannel()
