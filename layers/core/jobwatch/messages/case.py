"""One notice of a watch, and what is known when it is told: what every sentence of the message is drawn from."""

from dataclasses import dataclass

from jobwatch.domain.claims import Claims
from jobwatch.domain.snapshot import Progress, Results, Snapshot
from jobwatch.domain.text import clean, clean_or_none
from jobwatch.domain.watch import Trouble, Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.clock import Clock
from jobwatch.messages.document import LogPart
from jobwatch.messages.numbers import counted, share
from jobwatch.messages.problems import example_of, gravest, says_the_same


@dataclass(frozen=True)
class Case:
    """`outcome`: of a finished notice alone. `cause`: None where nobody gave one."""

    watch: Watch
    notice: Notice
    outcome: Outcome | None
    log: LogPart | None
    claims: Claims
    cause: str | None
    clock: Clock

    @property
    def vendor(self) -> str:
        return self.watch.vendor_title

    @property
    def connection(self) -> str:
        return self.watch.submission.connection

    @property
    def noun(self) -> str:
        """What people call such a job."""
        return clean_or_none(self.watch.noun, 40) or self.watch.submission.operation.value

    @property
    def snapshot(self) -> Snapshot | None:
        return self.watch.snapshot

    @property
    def progress(self) -> Progress:
        return self.snapshot.progress if self.snapshot else Progress()

    @property
    def results(self) -> Results:
        return self.snapshot.results if self.snapshot else Results()

    @property
    def failed_items(self) -> int:
        return sum(item.failed for item in self.snapshot.items) if self.snapshot else 0

    @property
    def at_share(self) -> str:
        """` at 25%`; empty where nobody knows how far it came."""
        known = share(self.progress)
        return f" at {known}" if known else ""

    @property
    def log_line(self) -> int | None:
        """Where in the log a reader begins: at the cause, else at the gravest problem."""
        if self.log is None:
            return None
        problems = self.log["problems"]
        same = (each for each in problems if self.cause and says_the_same(example_of(each), self.cause))
        place = next((each for each in same if each["first_line"]), None) or gravest(problems)
        return place["first_line"] if place else None

    @property
    def last_answer(self) -> str:
        """The vendor's own word for where the job stood when it was last seen."""
        if self.snapshot is None:
            return f"{self.vendor} never showed the job"
        return f'{self.vendor} last said "{clean(self.snapshot.vendor_status, 80)}"'

    def silence(self, failing: Trouble) -> str:
        """Since when polls have failed, and how many."""
        return f"No answer on the job since {self.clock.since(failing.since)}, {counted(failing.polls, 'poll')} failed."

    def name_the_state(self, snapshot: Snapshot) -> str:
        """What to do about a state that nothing names."""
        state = clean(snapshot.vendor_status, 80)
        if self.watch.vendor != "rest":
            return f'jobwatch does not know the state "{state}".'
        return f'Name the state "{state}" in {snapshot.unnamed} (rest.outcomes), so that an end is seen.'


@dataclass(frozen=True)
class Words:
    """What a notice says: what happened to the job, how it stands in time, and what its reader does next."""

    event: str
    next_step: str
    situation: str | None = None
