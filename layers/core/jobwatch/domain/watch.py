"""A watch: jobwatch following one vendor job from its submission to its end."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from jobwatch.domain.connection import Connection
from jobwatch.domain.prior import Prior
from jobwatch.domain.snapshot import FailureKind, Lack, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.text import clean_or_none
from jobwatch.domain.words import Notice, Outcome


@dataclass(frozen=True)
class Trouble:
    """A run of polls without an answer on the job: since when, how many, and what the last one said.

    `kind`, `lacks`: why the last one failed; None where the vendor answered that it knows no such job.
    """

    since: datetime
    polls: int
    detail: str
    kind: FailureKind | None = None
    lacks: Lack | None = None


@dataclass(frozen=True)
class Telling:
    """How often a notice of a watch was told, and when last."""

    times: int
    last_at: datetime


@dataclass(frozen=True)
class Claim:
    """The right to publish the next notice: nobody but `holder`, one run of the notifier, publishes before `until`."""

    holder: str
    until: datetime


@dataclass(frozen=True)
class Booking:
    """A slot's number on the connection's timetable, and since when the poll that it is for has been due."""

    number: int
    since: datetime


@dataclass(frozen=True)
class Watch:
    """What is known of a watch. One DynamoDB item holds it; the machine carries only its id.

    `failing`: nothing but failed polls since. `missing`: nothing but not-found answers since. `unanswered_since`:
    since when the vendor gave no answer on the job, because polls failed, were throttled, or could not be made.
    `fruitless`: how many polls in a row failed or found no job; the waits grow with it.
    `due`: notices to be told now, oldest first; `told`: those told whose cause lasts; `tellings`: every notice that was
    told. `claim`: who is publishing the first of `due`.
    `ended`: the end that the vendor named, while what it points to (`Snapshot.details`) is still to be
    asked, or its log on the vendor's host to be read. `log`: the contract's log object of such a log, once it was.
    `seen_at`: when the vendor last said how the job stands. `waits_since`: since when it waits for a person there.
    `unnamed_told`: the last state that no outcome names and that the operators were told of, or need not be.
    `moved_at`: when the progress was last seen to change; `quarter`: the furthest quarter of it, 0 to 3.
    `scheduled_start`: the start that the vendor last named. `version` rises with every write (optimistic locking).
    `next_poll_at`: when the machine wakes next; before `ask_from` it does not ask the vendor. That is the end of a
    Retry-After or, with a `booking`, of the queue for its slot, as far as known. `held_up_seconds`: the longest that a
    poll had to queue. `put_off`: how many polls in a row could not be made, for AWS did not hand out the connection or
    its secret. `token_refused`: the next poll asks with a fresh token, and for the last time.
    `vendor_title`: what people call the vendor. `generation`: which execution follows the watch, counted up from the
    second of its acceptance: a watch that was deleted and submitted again finds no name of an execution taken.
    `wakes`: how often that one has called the poller.
    """

    submission: Submission
    vendor: str
    vendor_title: str
    accepted_at: datetime
    next_poll_at: datetime
    version: int = 0
    polls: int = 0
    pace: dict[str, Any] = field(default_factory=dict)
    snapshot: Snapshot | None = None
    ended: Snapshot | None = None
    log: Mapping[str, Any] | None = None
    seen_at: datetime | None = None
    moved_at: datetime | None = None
    waits_since: datetime | None = None
    unnamed_told: str | None = None
    quarter: int = 0
    scheduled_start: datetime | None = None
    failing: Trouble | None = None
    missing: Trouble | None = None
    fruitless: int = 0
    unanswered_since: datetime | None = None
    due: tuple[Notice, ...] = ()
    told: frozenset[Notice] = frozenset()
    tellings: Mapping[Notice, Telling] = field(default_factory=dict)
    claim: Claim | None = None
    outcome: Outcome | None = None
    detected_at: datetime | None = None
    ask_from: datetime | None = None
    booking: Booking | None = None
    token_refused: bool = False
    held_up_seconds: float = 0.0
    noun: str | None = None
    """What people call such a job at this API, such as build; None for the operation's own name."""
    secret: str | None = None
    """The name of the connection's secret, as last configured."""
    job_link: str | None = None
    """Where people see the job in the vendor's own pages, as the connection says."""
    time_zone: str | None = None
    """The IANA name of the zone that its readers live in; None for the stack's."""
    put_off: int = 0
    generation: int = 1
    wakes: int = 0
    prior: Prior | None = None
    """What the earlier runs of its series say of when it will end."""
    severity: str | None = None
    cause: str | None = None
    """How grave its end was told to be, and why it came: what lists show of it."""
    usual_seconds: int | None = None
    """The longest that a run of its series may take without being unusual; None where no history says."""

    @property
    def watch_id(self) -> str:
        return self.submission.watch_id

    def notification_id(self, notice: Notice) -> str:
        """The id of the notification that tells `notice` next; it stays until that is recorded as told."""
        telling = self.tellings.get(notice)
        return f"{self.watch_id}/{notice}/{telling.times + 1 if telling else 1}"

    @property
    def job_name(self) -> str:
        """What people call the job, or else its id: one line."""
        return clean_or_none(self.submission.name, 120) or f"job {self.submission.job_id}"

    @property
    def counts_from(self) -> datetime:
        """Deadline, stall and give-up count from the later of submission and the vendor's scheduled start."""
        submitted_at = self.submission.submitted_at
        return max(submitted_at, self.scheduled_start) if self.scheduled_start else submitted_at


def as_configured(watch: Watch, connection: Connection) -> Watch:
    """The watch with what its messages need of its connection, which may be gone or broken when they are written."""
    return replace(
        watch,
        noun=connection.rest.noun if connection.rest else None,
        secret=connection.secret,
        job_link=connection.tell.job_link(watch.submission, connection.parameters),
        time_zone=connection.tell.time_zone,
    )
