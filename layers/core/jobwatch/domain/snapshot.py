"""One normalised answer of a vendor's status API, and the other things that an answer can be."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from jobwatch.domain.words import Outcome


class Phase(StrEnum):
    """Where a job stands, as the vendor says."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    ENDED = "ended"


@dataclass(frozen=True)
class Progress:
    """How far a job is: items, and per cent from 0 to 100. Any of them may be unknown."""

    processed: float | None = None
    total: float | None = None
    percentage: float | None = None


@dataclass(frozen=True)
class Results:
    """Counts of a finished job; None where the vendor gives none."""

    successful: int | None = None
    warnings: int | None = None
    errors: int | None = None


@dataclass(frozen=True)
class Item:
    """A file or record that the vendor names. `failed` decides the outcome, `state` is the vendor's word.

    `size_bytes`: how large it is; `count`: how many rows or records the job took from it. Both where the vendor says.
    """

    name: str
    state: str | None = None
    progress: float | None = None
    error: str | None = None
    failed: bool = False
    size_bytes: int | None = None
    count: int | None = None


@dataclass(frozen=True)
class Message:
    """A line that the vendor wrote into its answer. `level`: error, warning or info."""

    level: str
    text: str


@dataclass(frozen=True)
class Snapshot:
    """What a vendor says of a job. `verdict` is set exactly when `phase` is ended: succeeded, failed or cancelled.

    Rows with errors do not change the verdict here; `jobwatch.domain.outcome` weighs them. `size_bytes`: how much the
    job was given. `unnamed`: where no outcome names its state (connection x, or a vendor's documents), so that it is
    taken as running and no end can be seen; None where one does. `waits_for`: what a person has to do at the vendor
    before the job goes on. `details`: the address where more about its end can be asked, in a request of its own.
    `remarks`: what is worth knowing beside; `doubts`: what makes the answer itself doubtful, as
    far as only the adapter sees it (`jobwatch.domain.doubts` has the whole). `retry_after_seconds`: how long the vendor
    asks not to be asked again.
    """

    phase: Phase
    vendor_status: str
    verdict: Outcome | None = None
    progress: Progress = Progress()
    results: Results = Results()
    error: str | None = None
    retryable: bool | None = None
    starts_at: datetime | None = None
    finished_at: datetime | None = None
    predicted_end: datetime | None = None
    current_operation: str | None = None
    log_location: str | None = None
    items: tuple[Item, ...] = ()
    messages: tuple[Message, ...] = ()
    size_bytes: int | None = None
    unnamed: str | None = None
    waits_for: str | None = None
    details: str | None = None
    remarks: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    retry_after_seconds: float | None = None

    def __post_init__(self) -> None:
        if (self.phase is Phase.ENDED) != (self.verdict is not None):
            raise ValueError("a snapshot has a verdict exactly when the job has ended")


def without_details(snapshot: Snapshot, reason: str) -> Snapshot:
    """The end, once what it points to will not be known any more, and a doubt that says so."""
    doubt = f"What the vendor says of the end beyond its status is not known: {reason}"
    return replace(snapshot, details=None, doubts=(*snapshot.doubts, doubt))


class FailureKind(StrEnum):
    """Why a poll brought no snapshot."""

    THROTTLED = "throttled"
    UNAUTHORISED = "unauthorised"
    UNREACHABLE = "unreachable"
    VENDOR_ERROR = "vendor_error"
    UNREADABLE = "unreadable"
    REFUSED = "refused"
    MISCONFIGURED = "misconfigured"


class Lack(StrEnum):
    """What of jobwatch's own configuration a poll could not be made for."""

    CONNECTION = "connection"
    SECRET = "secret"  # noqa: S105 - the word
    RIGHT = "right"


@dataclass(frozen=True)
class PollFailure:
    """A poll that brought no snapshot: never a job failure. `detail` is for people and holds no secret.

    `lacks`: what is missing or wrong on jobwatch's side, where `kind` is misconfigured and that is known.
    """

    kind: FailureKind
    detail: str
    retry_after_seconds: float | None = None
    lacks: Lack | None = None


class TokenRefused(PollFailure):
    """The vendor refused what has changed since: a token that may have ended, or a secret that was rotated.

    Ask once more, with a fresh one.
    """


@dataclass(frozen=True)
class NotFound:
    """The vendor answered that it does not know the job."""

    detail: str
    retry_after_seconds: float | None = None


Answer = Snapshot | NotFound | PollFailure
