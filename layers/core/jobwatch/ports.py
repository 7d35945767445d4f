"""What the use cases need of the world outside; the adapters in `aws/` and `http/` and the tests' fakes provide it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from jobwatch.domain.connection import Connection
from jobwatch.domain.exchange import Response
from jobwatch.domain.listening import Subscription, Unheard
from jobwatch.domain.log_location import LogLocation
from jobwatch.domain.series import History
from jobwatch.domain.snapshot import Answer, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.telling import Held, Kind, Telling
from jobwatch.domain.timetable import Slot
from jobwatch.domain.watch import Watch

if TYPE_CHECKING:
    from jobwatch.logs import LogSource
    from jobwatch.messages.document import Notification


class ServiceUnavailableError(Exception):
    """An AWS service did not do what was asked; trying again may help. `str()` names service, call and reason."""


class WatchMissingError(Exception):
    """There is no such watch."""


class WatchChangedError(Exception):
    """Somebody else has written the watch since it was read; read it again."""


class VendorStatus(Protocol):
    """The vendors' status APIs."""

    def ask(self, submission: Submission, connection: Connection, *, fresh_token: bool = False) -> Answer:
        """What the vendor says of the job now, in one request; what goes wrong on the way is a PollFailure.

        `fresh_token`: with a secret and a token read for this very request. Without, TokenRefused says that a token was
        refused, or a secret that is another by now. Raises
        ServiceUnavailableError where the connection's secret cannot be read now: the vendor was not asked.
        """

    def ask_details(
        self, submission: Submission, connection: Connection, ended: Snapshot, *, fresh_token: bool = False
    ) -> Answer:
        """The end with what it points to (`Snapshot.details`), in one request more. Raises as `ask` does."""

    def open_log(self, submission: Submission, connection: Connection, location: str) -> "LogSource":
        """A log on the connection's own host, to summarise. Raises LogUnreadable; ServiceUnavailableError as `ask`."""


class Watches(Protocol):
    """The table of watches."""

    def add(self, watch: Watch) -> bool:
        """Record a new watch; False, and nothing written, when there is one with its id already."""

    def get(self, watch_id: str) -> Watch:
        """The watch as last written. Raises WatchMissingError."""

    def save(self, watch: Watch) -> Watch:
        """Write the watch and return it with its new version. Raises WatchChangedError."""

    def overdue(self, since: datetime) -> Iterator[str]:
        """The ids of watches that have not ended, or not been told of, and should have woken before `since`."""


class SeriesHistories(Protocol):
    """The series of recurring jobs, by `Submission.series_id`."""

    def get(self, series_id: str) -> History:
        """The last runs of a series, perhaps without the very last; an empty history for one that is not known."""

    def put(self, series_id: str, history: History, *, at: datetime) -> None:
        """Keep the runs of a series, until a year after its last one."""


class Timetables(Protocol):
    """The timetables of the connections: all watches of one share its `requests_per_minute`. Moments: epoch seconds."""

    def reserve(self, connection: str, requests_per_minute: int, now: float) -> Slot:
        """Take the first free slot, `now` or later, for one request."""

    def slot(self, connection: str, number: int, requests_per_minute: int, now: float) -> Slot | None:
        """The slot of this number, at the moment that it has by now; None where the timetable does not know it."""

    def backlog_until(self, connection: str) -> float:
        """Until when the timetable was booked when last seen; in the past where it is free. No call is made."""

    def throttled(
        self, connection: str, asked: int, requests_per_minute: int, now: float, retry_after_seconds: float
    ) -> None:
        """The vendor answered 429 to the request of slot `asked`: slow all others down, to recover by and by."""


class Connections(Protocol):
    """The configured connections."""

    def get(self, name: str) -> Connection:
        """The connection as configured, about a minute ago at most while that can be read.

        Raises ConnectionUnusableError when it is missing or wrong; ServiceUnavailableError when it cannot be read, and
        none is in memory.
        """


class Secrets(Protocol):
    """The secret store."""

    def get(self, name: str) -> Mapping[str, Any]:
        """The secret's JSON object. Raises SecretUnusableError when it is missing, denied or no JSON object.

        Raises ServiceUnavailableError when it cannot be read now, and none is in memory.
        """

    def forget(self, name: str) -> None:
        """Read this secret anew next time: the vendor refused it, so it may have been rotated."""


class SecretUnusableError(Exception):
    """The secret is missing, denied or not a JSON object; `str()` names the secret, never its content."""


class SecretDeniedError(SecretUnusableError):
    """The secret may not be read by whoever asks: somebody has to give the right, and nothing is wrong with it."""


class Executions(Protocol):
    """The state machine."""

    def start(self, watch_id: str, generation: int) -> None:
        """Start the execution of a generation; nothing happens when it runs or ran already."""

    def runs(self, watch_id: str, generation: int) -> bool:
        """Whether the execution of a generation is running."""


class Logs(Protocol):
    """The vendors' logs."""

    def open(self, location: LogLocation) -> "LogSource":
        """A source to summarise; whether it can be read shows when it is read."""


class Publisher(Protocol):
    """The notification topic."""

    def publish(self, subject: str, parts: Mapping[str, str], attributes: Mapping[str, str | list[str]]) -> None:
        """Publish one message with a text for each protocol (`default`, `email`, `sms`), when its turn has come.

        Raises TopicBusyError, ServiceUnavailableError.
        """


class TopicBusyError(ServiceUnavailableError):
    """So many publish to the topic that this one has to come back later."""

    def __init__(self, come_back_seconds: float) -> None:
        super().__init__(
            f"the notification topic is published to as fast as may be, for {come_back_seconds:.0f} s more"
        )
        self.come_back_seconds = come_back_seconds


class Pace(Protocol):
    """How fast all functions together publish to the notification topic, and how many ends went there."""

    def reserve(self, now: float, ends: int = 0) -> float:
        """Take the first free slot for one publish, which tells so many ends; both in seconds since the epoch.

        Raises TopicBusyError where that is too far away to wait for it; nothing is taken then.
        """

    def unpublished(self, ends: int) -> None:
        """What was reserved for so many ends was not published."""

    def heard(self, now: datetime) -> None:
        """Somebody hears the topic."""

    def unheard(self) -> Unheard:
        """What was published since then."""


class Subscriptions(Protocol):
    """Who is subscribed to a topic."""

    def listed(self) -> list[Subscription]:
        """All subscriptions, also those that are not confirmed."""


class Operations(Protocol):
    """The people who run jobwatch."""

    def tell(self, telling: Telling) -> None:
        """Tell them, or have it counted in the next summary if they are told much. Raises ServiceUnavailableError."""

    def count(self, telling: Telling) -> None:
        """Have it counted in the next summary only. Raises ServiceUnavailableError."""


class OperationsTopic(Protocol):
    """The operations topic."""

    def publish(self, subject: str, text: str) -> None:
        """Publish one message."""


@dataclass(frozen=True)
class Unspoken:
    """What was held back `since` a moment; `kinds` is empty where nothing was. `state`: the ledger's own."""

    since: datetime
    kinds: Sequence[Held]
    state: Mapping[str, int]


class TellingLedger(Protocol):
    """What the operators were told within the last minute, and how many of what were held back."""

    def admit(self, kind: Kind, now: datetime) -> bool:
        """Whether one of this kind may be told now. If not, it is counted."""

    def hold(self, kind: Kind, now: datetime) -> None:
        """Count one of this kind."""

    def held(self) -> Unspoken:
        """All that was counted since it was last let go."""

    def let_go(self, unspoken: Unspoken) -> None:
        """Count this no longer. What was counted meanwhile stays."""

    def wait_for_summary(self, now: datetime) -> float:
        """0.0, and the summary may be told now; or in so many seconds, and until then nothing else is."""


class RejectedSubmissions(Protocol):
    """The queue on which refused submissions are kept."""

    name: str
    """As people find it in AWS."""

    def keep(self, reason: str, event: Mapping[str, Any]) -> None:
        """Keep the event with the reason it was refused for."""


class ChannelError(Exception):
    """A channel did not take a notification. Its kinds say what that means for the next try:

    ChannelThrottledError    wait so long, then try again
    ChannelUnavailableError  try again
    ChannelRefusedError      ask a person; trying again changes nothing
    """


class ChannelThrottledError(ChannelError):
    """The channel takes no more now."""

    def __init__(self, title: str, retry_after_seconds: float) -> None:
        super().__init__(f"{title} asks to wait {retry_after_seconds:.0f} s")
        self.retry_after_seconds = retry_after_seconds


class ChannelUnavailableError(ChannelError):
    """The channel did not take the notification this time."""


class ChannelRefusedError(ChannelError):
    """The channel will not take the notification, however often it is sent; `str()` says why.

    `fault`: the channel's own word for it, where it gave one.
    """

    def __init__(self, reason: str, fault: str | None = None) -> None:
        super().__init__(reason)
        self.fault = fault


class Channel(Protocol):
    """Where notifications go beside SNS."""

    name: str
    """In ledger ids, metrics and the template: lower case."""
    title: str
    """As people call it."""
    remedy: str
    """What to do where it refuses: "correct …"."""

    def post(self, notification: "Notification") -> None:
        """Post one. Raises ChannelThrottledError, ChannelUnavailableError, ChannelRefusedError."""


class Http(Protocol):
    """Sends requests."""

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], json_body: Mapping[str, Any] | None = None
    ) -> Response:
        """The answer to one request, whatever it says. Raises NoResponseError."""


class Standing(StrEnum):
    """How a delivery stands when it is claimed."""

    NEW = "new"
    REFUSED = "refused before, and told"
    DELIVERED = "delivered"


class DeliveryBusyError(Exception):
    """Another run is delivering this; if it fails, a later try finds the claim given up or run out."""


class Deliveries(Protocol):
    """The ledger of what was told in channels and to the operators: one entry each (`delivery_id`)."""

    def claim(self, delivery_id: str, run: str, *, now: datetime, until: datetime) -> Standing:
        """Take the right to post, until a moment. Nothing is taken of what is delivered. Raises DeliveryBusyError."""

    def release(self, delivery_id: str, run: str) -> None:
        """Give the run's claim up, if it has it."""

    def delivered(self, delivery_id: str, *, at: datetime) -> None:
        """Record that it was posted."""

    def refused(self, delivery_id: str) -> None:
        """Record that the channel refused it and the operators know; it may be claimed again."""


class Undelivered(Protocol):
    """The queue of what did not reach a channel."""

    name: str
    """As people find it in AWS."""

    def keep(self, reason: str, notification_json: str) -> None:
        """Keep a notification with the reason, in the form of what Lambda itself puts there."""


class NewId(Protocol):
    """A name that no other run has."""

    def __call__(self) -> str: ...


class Clock(Protocol):
    """Now, in UTC."""

    def __call__(self) -> datetime: ...
