"""A connection's budget, kept by the real poller for many watches at once, whatever the vendor and the machine do."""

import heapq
import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import count, pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from jobwatch.domain.connection import Connection
from jobwatch.domain.snapshot import Answer, FailureKind, PollFailure, Snapshot, TokenRefused
from jobwatch.domain.submission import Submission
from jobwatch.logs import LogSource, LogUnreadable
from jobwatch.ports import ServiceUnavailableError
from jobwatch.usecases.poll import Poller
from tests.fakes import FakeClock, FakeConnections, FakeTimetables, FakeWatches, unnamed_states
from tests.unit.examples import CONNECTION, T0, running, submission, watch

POLLING = replace(CONNECTION.polling, give_up_hours=2160, deadline_minutes=43200, stall_minutes=10080)


@dataclass
class Storm:
    """For so long the vendor answers 429, and says when to come back."""

    at: float
    seconds: float
    retry_after: float


@dataclass
class World:
    """One connection with many watches; all times in seconds from the start."""

    watch_count: int
    budgets: Sequence[tuple[float, int]] = ((0.0, 60),)
    storms: Sequence[Storm] = ()
    refuses_tokens: float = 0.0
    dies: float = 0.0
    seed: int = 1
    asked: list[tuple[float, int, str]] = field(default_factory=list)
    pauses: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock, self.rng = FakeClock(T0), random.Random(self.seed)
        self.watches, self.connections, self.timetables = FakeWatches(), FakeConnections(), FakeTimetables()
        self.poller = Poller(
            self.watches,
            self.connections,
            self.timetables,
            self,
            self.clock,
            self.rng,
            self.sleep,
            10**9,
            unnamed_states(self.clock),
        )
        self.order, self.events = count(), list[tuple[float, int, Callable[[], object]]]()
        self.stands_still = threading.Event()
        for number in range(self.watch_count):
            self.submit(str(number), self.rng.uniform(0, 1))

    def submit(self, job_id: str, at: float) -> None:
        start = watch(submission(job_id=job_id), next_poll_at=T0 + timedelta(seconds=at))
        self.watches.add(start)
        self.at(at, lambda: self.poll(start.watch_id))

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        heapq.heappush(self.events, (seconds, next(self.order), act))

    def budget_at(self, at: float) -> int:
        return [budget for since, budget in self.budgets if since <= at][-1]

    def seconds(self) -> float:
        return (self.clock.now - T0).total_seconds()

    def run(self, until: float) -> None:
        """One thing after the other, each as far as it goes without sleeping."""
        while self.events and self.events[0][0] <= until:
            at, _, act = heapq.heappop(self.events)
            self.clock.now = T0 + timedelta(seconds=at)
            polling = replace(POLLING, requests_per_minute=self.budget_at(at))
            self.connections.by_name["egain-prod"] = replace(CONNECTION, polling=polling)
            self.stands_still.clear()
            act()
            self.stands_still.wait()

    def poll(self, watch_id: str, retry: int = 0) -> None:
        threading.Thread(target=self.call_poller, args=(watch_id, retry), daemon=True).start()

    def call_poller(self, watch_id: str, retry: int) -> None:
        try:
            step = self.poller.poll(watch_id, 1, is_retry=retry > 0).step
        except ServiceUnavailableError:
            self.at(self.seconds() + 3, lambda: self.poll(watch_id, retry + 1))
        else:
            starts_after = self.rng.uniform(0.1, 0.8)
            self.at(self.seconds() + step.wait_seconds + starts_after, lambda: self.poll(watch_id))
        self.stands_still.set()

    def sleep(self, seconds: float) -> None:
        goes_on = threading.Event()
        self.at(self.seconds() + seconds, goes_on.set)
        self.stands_still.set()
        goes_on.wait()

    def open_log(self, submission: Submission, connection: Connection, location: str) -> LogSource:
        raise LogUnreadable("nothing is there")

    def ask_details(
        self, submission: Submission, connection: Connection, ended: Snapshot, *, fresh_token: bool = False
    ) -> Answer:
        raise NotImplementedError("these vendors' ends point to nothing")

    def ask(self, about: Submission, connection: Connection, *, fresh_token: bool = False) -> Answer:
        now = self.seconds()
        self.asked.append((now, connection.polling.requests_per_minute, about.job_id))
        if self.rng.random() < self.dies:
            self.watches.fails_on_save = 1
        for storm in self.storms:
            if storm.at <= now < storm.at + storm.seconds:
                self.pauses.append((now, now + storm.retry_after))
                return PollFailure(FailureKind.THROTTLED, "HTTP 429", storm.retry_after)
        if not fresh_token and self.rng.random() < self.refuses_tokens:
            return TokenRefused(FailureKind.UNAUTHORISED, "HTTP 401")
        return running(None, None)

    def asked_between(self, start: float, end: float) -> list[float]:
        return [at for at, _, _ in self.asked if start < at <= end]

    def check(self) -> None:
        for budget, asked in self.by_budget():
            for first, one_too_many in zip(asked, asked[budget:], strict=False):
                assert one_too_many - first >= 60, f"{budget + 1} requests in the minute from {first}"
        for start, end in self.pauses:
            assert self.asked_between(start, end - 0.001) == [], f"asked in the pause from {start} to {end}"

    def by_budget(self) -> list[tuple[int, list[float]]]:
        """The requests under each budget, from the first that was made under it."""
        stretches: list[tuple[int, list[float]]] = []
        for at, budget, _ in self.asked:
            if not stretches or stretches[-1][0] != budget:
                stretches.append((budget, []))
            stretches[-1][1].append(at)
        return stretches


@settings(max_examples=15, deadline=None)
@given(
    watch_count=st.integers(1, 60),
    budgets=st.lists(st.tuples(st.floats(1, 500), st.sampled_from([1, 6, 20, 60, 300])), max_size=2).map(sorted),
    storms=st.lists(
        st.builds(Storm, st.floats(0, 500), st.floats(0, 30), st.sampled_from([0, 1, 20, 90, 400])), max_size=3
    ),
    refuses_tokens=st.sampled_from([0.0, 0.2, 1.0]),
    dies=st.sampled_from([0.0, 0.2]),
    seed=st.integers(0, 1000),
)
def test_no_minute_holds_more_than_the_budget_and_nobody_asks_in_a_pause(
    watch_count: int,
    budgets: list[tuple[float, int]],
    storms: list[Storm],
    refuses_tokens: float,
    dies: float,
    seed: int,
) -> None:
    world = World(watch_count, [(0.0, 60), *budgets], storms, refuses_tokens, dies, seed)
    world.run(800)
    assert world.asked
    world.check()


def test_who_waited_when_a_429_came_asks_first_in_the_same_order_and_newcomers_after() -> None:
    world = World(60, storms=[Storm(20, 1.5, 90)])
    world.run(25)
    assert world.pauses
    stored = [world.watches.get(watch_id) for watch_id in world.watches.records]
    throttled = {job_id for at, _, job_id in world.asked if at >= 20}
    held = {each.submission.job_id: each.booking.number for each in stored if each.booking}
    waiting = sorted(held.keys() - throttled, key=lambda job_id: held[job_id])
    newcomers = [f"new-{number}" for number in range(5)]
    for job_id in newcomers:
        world.submit(job_id, 26)
    world.run(500)
    asked = [job_id for at, _, job_id in world.asked if at > 25]
    assert len(waiting) > 50
    assert [job_id for job_id in dict.fromkeys(asked) if job_id in waiting] == waiting
    assert min(map(asked.index, newcomers)) > asked.index(waiting[-1])
    world.check()


def test_a_429_halves_the_pace_of_a_full_queue_and_it_recovers_under_permanent_overload() -> None:
    world = World(100, storms=[Storm(300, 0.9, 0)])
    world.run(1500)
    assert world.pauses
    assert len(world.asked_between(240, 300)) >= 55
    assert 27 <= len(world.asked_between(310, 370)) <= 30
    assert len(world.asked_between(1400, 1460)) >= 55, "a queue that never empties must not keep it slow"
    world.check()


def test_where_the_budget_is_too_small_all_are_asked_about_alike() -> None:
    world = World(100)
    world.run(1800)
    polls = [sum(job_id == str(number) for _, _, job_id in world.asked) for number in range(100)]
    assert max(polls) - min(polls) <= 2
    assert world.watches.get(next(iter(world.watches.records))).held_up_seconds > 60


def test_a_refused_token_takes_a_second_slot() -> None:
    world = World(1, [(0.0, 1)], refuses_tokens=1.0)
    world.run(100)
    [refused, asked] = [at for at, _, _ in world.asked]
    assert asked - refused >= 63


def test_a_poll_that_is_repeated_takes_another_slot() -> None:
    """The function died after it had asked: the machine calls it again within seconds."""
    world = World(30)
    world.run(60)
    world.dies = 1.0
    world.run(120)
    gaps = [later - earlier for (earlier, _, _), (later, _, _) in pairwise(world.asked)]
    assert len(world.asked_between(60, 120)) > 30
    assert min(gaps[5:]) > 0
    world.check()
