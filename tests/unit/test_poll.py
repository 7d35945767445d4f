"""Polling: one question at most, its meaning recorded before the machine hears of it."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from jobwatch.domain.connection import Connection, Polling
from jobwatch.domain.snapshot import Answer, FailureKind, NotFound, PollFailure, Snapshot, TokenRefused
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch.ports import ServiceUnavailableError, WatchChangedError
from jobwatch.usecases.poll import NextStep, Polled, Poller, PutOff, Step
from tests.fakes import (
    FakeClock,
    FakeConnections,
    FakeOperations,
    FakeTimetables,
    FakeVendorStatus,
    FakeWatches,
    unnamed_states,
)
from tests.unit.examples import CONNECTION, T0, ended, finished, running, scheduled, watch

DOWN = PollFailure(FailureKind.UNREACHABLE, "no connection within 5 s")


class World:
    """A poller with everything around it in memory."""

    def __init__(self, *answers: Answer, start: Watch | None = None, wakes_per_execution: int = 500) -> None:
        self.clock = FakeClock(T0 + timedelta(minutes=1))
        self.watches, self.connections = FakeWatches(), FakeConnections({"egain-prod": CONNECTION})
        self.vendor, self.timetables = FakeVendorStatus(list(answers) or [running()]), FakeTimetables()
        start = start or watch()
        self.watch_id = start.watch_id
        self.watches.add(start)
        self.slept: list[float] = []
        self.operations = FakeOperations()
        self.poller = Poller(
            self.watches,
            self.connections,
            self.timetables,
            self.vendor,
            self.clock,
            random.Random(1),
            self.sleep,
            wakes_per_execution,
            unnamed_states(self.clock, self.operations),
        )

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.clock.advance(seconds)

    def poll(self, generation: int = 1) -> Polled:
        return self.poller.poll(self.watch_id, generation)

    @property
    def stored(self) -> Watch:
        return self.watches.get(self.watch_id)


def test_a_running_job_is_recorded_and_waited_for() -> None:
    world = World(running(current_operation="Reading"))
    polled = world.poll()
    assert polled.answer == running(current_operation="Reading")
    assert polled.watch is not None
    assert polled.watch.version == world.stored.version == 1
    assert (world.stored.polls, world.stored.snapshot) == (1, running(current_operation="Reading"))
    assert polled.step.next == "wait"
    assert 15 <= polled.step.wait_seconds <= 300
    assert world.clock.now + timedelta(seconds=polled.step.wait_seconds) >= world.stored.next_poll_at


def test_an_end_is_recorded_before_the_machine_hears_of_it() -> None:
    world = World(ended())
    polled = world.poll()
    assert (polled.step.next, polled.step.wait_seconds) == ("notify", 0)
    assert world.stored.outcome is Outcome.COMPLETED_WITH_ERRORS
    assert world.stored.due == (Notice.FINISHED,)


def test_a_second_run_finds_the_end_and_asks_nobody() -> None:
    """The function may end after the write and before its answer; the machine then calls it again."""
    world = World(ended())
    world.poll()
    again = world.poll()
    assert (again.answer, again.step.next) == (None, "notify")
    assert len(world.vendor.asked) == 1


@pytest.mark.parametrize(
    ("start", "step"),
    [
        (finished(), "notify"),
        (replace(finished(), due=(), told=frozenset({Notice.FINISHED})), "done"),
        (watch(due=(Notice.OVERDUE,)), "notify"),
    ],
)
def test_what_is_due_or_over_is_not_asked_about(start: Watch, step: str) -> None:
    world = World(start=start)
    assert world.poll().step.next == step
    assert world.vendor.asked == []
    assert (world.stored.due, world.stored.polls) == (start.due, start.polls)


def test_a_write_that_fails_is_a_poll_that_is_repeated() -> None:
    world = World(ended())
    world.watches.fails_on_save = 1
    with pytest.raises(ServiceUnavailableError):
        world.poll()
    assert world.stored.outcome is None
    assert world.poll().step.next == "notify"


def test_two_polls_at_once_write_one() -> None:
    world = World(running())

    class Meanwhile(FakeVendorStatus):
        def ask(self, submission: object, connection: object, *, fresh_token: bool = False) -> Answer:
            world.watches.save(replace(world.stored, polls=7))
            return running()

    world.poller = replace(world.poller, vendor_status=Meanwhile([running()]))
    with pytest.raises(WatchChangedError):
        world.poll()
    assert world.stored.polls == 7


def test_a_removed_watch_is_lost() -> None:
    world = World()
    world.watches.records.clear()
    assert world.poll() == Polled(None, None, world.poll().step)
    assert world.poll().step.next == "lost"


@pytest.mark.parametrize("answer", [DOWN, NotFound("HTTP 404"), PollFailure(FailureKind.THROTTLED, "HTTP 429", 7)])
def test_what_goes_wrong_at_the_vendor_is_no_error(answer: Answer) -> None:
    world = World(answer)
    polled = world.poll()
    assert (polled.answer, polled.step.next) == (answer, "wait")


def test_a_429_slows_the_whole_connection_down() -> None:
    world = World(PollFailure(FailureKind.THROTTLED, "HTTP 429", 10**9))
    world.poll()
    assert world.timetables.slowed == [("egain-prod", 0, 60, 3600)]


@pytest.mark.parametrize(
    ("connection", "detail"),
    [
        (None, "connection egain-prod: there is no parameter"),
        (Connection("egain-prod", "zilliz", "https://x.example", "jobwatch/x"), "now one of zilliz"),
    ],
)
def test_a_connection_that_is_gone_or_another_is_a_failed_poll(connection: Connection | None, detail: str) -> None:
    world = World()
    world.connections.by_name = {"egain-prod": connection} if connection else {}
    polled = world.poll()
    assert isinstance(polled.answer, PollFailure)
    assert polled.answer.kind is FailureKind.MISCONFIGURED
    assert detail in polled.answer.detail
    assert world.vendor.asked == []
    assert polled.step.next == "wait"
    world.clock.advance(600)
    assert world.poll().step.next == "notify", "nobody hears of it otherwise"
    assert world.stored.due == (Notice.UNREACHABLE,)


def test_the_connections_settings_count_as_they_are_now() -> None:
    world = World(running())
    slow = replace(CONNECTION, polling=replace(CONNECTION.polling, min_seconds=200, max_seconds=250))
    world.connections.by_name["egain-prod"] = slow
    assert 200 <= world.poll().step.wait_seconds <= 250


class TestTimetable:
    def test_a_slot_in_seconds_is_slept_for(self) -> None:
        world = World()
        world.timetables.booked_seconds = 2
        assert world.poll().answer is not None
        assert sum(world.slept) == pytest.approx(2)

    def test_a_slot_that_a_429_moves_back_while_it_is_slept_for_is_not_used(self) -> None:
        world = World()
        world.timetables.booked_seconds = 2

        def sleep(seconds: float) -> None:
            world.sleep(seconds)
            world.timetables.throttled("egain-prod", -1, 60, world.clock.now.timestamp(), 90)

        world.poller = replace(world.poller, sleep=sleep)
        assert world.poll().step == Step(NextStep.WAIT, 90)
        assert world.vendor.asked == []

    def test_a_later_slot_is_waited_for_by_the_machine(self) -> None:
        world = World()
        world.timetables.booked_seconds = 90
        polled = world.poll()
        assert (polled.answer, polled.step.next, polled.step.wait_seconds) == (None, "wait", 90)
        assert world.vendor.asked == []
        world.clock.advance(90)
        assert world.poll().answer is not None

    def test_a_held_slot_that_moved_back_is_waited_for_and_the_message_says_how_long(self) -> None:
        world = World()
        world.timetables.booked_seconds = 90
        world.poll()
        world.timetables.throttled("egain-prod", -1, 60, world.clock.now.timestamp(), 600)
        booked = world.timetables.known["egain-prod"].next_number
        world.clock.advance(90)
        assert world.poll().step == Step(NextStep.WAIT, 510)
        assert world.timetables.known["egain-prod"].next_number == booked, "it keeps its place"
        assert (world.stored.polls, world.stored.held_up_seconds) == (0, 660), "since the submission"
        world.clock.advance(510)
        assert world.poll().answer is not None

    @pytest.mark.parametrize("seconds_late", [29, 31])
    def test_a_slot_missed_by_more_than_half_a_minute_is_lost(self, seconds_late: int) -> None:
        world = World()
        world.timetables.booked_seconds = 90
        world.poll()
        world.clock.advance(90 + seconds_late)
        world.timetables.reserve("egain-prod", 60, world.clock.now.timestamp())
        world.poll()
        assert bool(world.slept) == (seconds_late > 30), "then it queues again"

    def test_limits_act_while_a_poll_queues(self) -> None:
        world = World(start=watch(snapshot=running(), moved_at=T0))
        world.clock.now = T0 + timedelta(minutes=481)
        world.timetables.booked_seconds = 900
        assert world.poll().step.next == "notify"
        assert world.stored.due == (Notice.OVERDUE,)

    def test_a_retry_takes_another_slot_than_the_run_that_died(self) -> None:
        """Which may have asked the vendor before it died."""
        world = World()
        world.timetables.booked_seconds = 90
        world.poll()
        world.clock.advance(90)
        world.watches.fails_on_save = 1
        with pytest.raises(ServiceUnavailableError):
            world.poll()
        world.clock.advance(0.1)
        world.poller.poll(world.watch_id, 1, is_retry=True)
        assert world.slept == [pytest.approx(0.95)]
        assert len(world.vendor.asked) == 2


class TestRefusedToken:
    REFUSED = TokenRefused(FailureKind.UNAUTHORISED, "HTTP 401")

    def test_is_renewed_in_a_slot_of_its_own(self) -> None:
        world = World(self.REFUSED, running())
        polled = world.poll()
        assert polled.answer == running()
        assert world.vendor.with_fresh_tokens == [False, True]
        assert world.slept == [pytest.approx(1.05)]
        assert (world.stored.polls, world.stored.token_refused) == (1, False)

    def test_waits_for_a_slot_that_is_far_and_is_no_failed_poll(self) -> None:
        world = World(self.REFUSED, PollFailure(FailureKind.UNAUTHORISED, "HTTP 401"))
        seldom = replace(CONNECTION, polling=replace(CONNECTION.polling, requests_per_minute=1))
        world.connections.by_name["egain-prod"] = seldom
        polled = world.poll()
        assert (polled.answer, polled.step) == (None, Step(NextStep.WAIT, 63))
        assert (world.stored.polls, world.stored.failing, world.stored.token_refused) == (0, None, True)
        world.clock.advance(63)
        world.poll()
        assert world.vendor.with_fresh_tokens == [False, True]
        assert (world.stored.polls, world.stored.token_refused) == (1, False)
        assert world.stored.failing is not None, "a refusal of a fresh token is one"


class NoSecret(FakeVendorStatus):
    """Secrets Manager does not answer: the vendor cannot be asked."""

    def ask(self, submission: object, connection: object, *, fresh_token: bool = False) -> Answer:
        raise ServiceUnavailableError("Secrets Manager GetSecretValue: ThrottlingException")


class TestPutOff:
    """SSM or Secrets Manager does not answer, and a cold process has nothing in memory."""

    @pytest.mark.parametrize("service", ["SSM", "Secrets Manager"])
    def test_a_poll_comes_again_in_seconds_and_is_no_failed_one(self, service: str) -> None:
        world = World()
        if service == "SSM":
            world.connections.unavailable = True
        else:
            world.poller = replace(world.poller, vendor_status=NoSecret([]))
        polled = world.poll()
        assert isinstance(polled.answer, PutOff)
        assert service in polled.answer.detail
        assert polled.step.next == "wait"
        assert 2 <= polled.step.wait_seconds <= 5
        assert (world.stored.polls, world.stored.failing, world.stored.fruitless) == (0, None, 0)
        assert world.stored.unanswered_since is None

    def test_it_comes_again_ever_later_up_to_five_minutes_until_it_can_be_made(self) -> None:
        world = World()
        world.connections.unavailable = True
        waits = []
        for _ in range(12):
            waits.append(world.poll().step.wait_seconds)
            world.clock.advance(waits[-1])
        assert [wait <= 5 * 2**number for number, wait in enumerate(waits)] == [True] * 12
        assert max(waits) <= 300
        assert min(waits[8:]) >= 150
        world.connections.unavailable = False
        assert world.poll().answer == running()
        assert (world.stored.polls, world.stored.put_off) == (1, 0)

    def test_many_that_begin_together_do_not_come_again_together(self) -> None:
        world = World()
        world.connections.unavailable = True
        moments = set()
        for _ in range(50):
            world.watches.records.clear()
            world.watches.add(watch())
            world.poll()
            moments.add(world.stored.next_poll_at)
        assert len(moments) > 40

    @pytest.mark.parametrize("service", ["SSM", "Secrets Manager"])
    def test_the_slot_that_it_holds_stays_its_own(self, service: str) -> None:
        world = World()
        world.timetables.booked_seconds = 20.0
        world.clock.advance(world.poll().step.wait_seconds)
        assert world.stored.booking is not None
        number = world.stored.booking.number
        working = world.poller
        if service == "SSM":
            world.connections.unavailable = True
        else:
            world.poller = replace(world.poller, vendor_status=NoSecret([]))
        step = world.poll().step
        world.connections.unavailable, world.poller = False, working
        world.clock.advance(step.wait_seconds)
        assert world.stored.booking.number == number
        assert world.poll().answer == running()
        assert world.timetables.known["egain-prod"].next_number == number + 1, "no second slot was taken"

    def test_an_hour_of_it_hands_over_like_any_wakes(self) -> None:
        world = World(wakes_per_execution=3)
        world.connections.unavailable = True
        steps = [world.poll().step.next for _ in range(4)]
        assert steps == ["wait", "wait", "wait", "continue"]

    def test_the_hard_limit_ends_a_watch_whose_secret_cannot_be_read(self) -> None:
        world = World(start=watch(told=frozenset({Notice.OVERDUE})))
        world.poller = replace(world.poller, vendor_status=NoSecret([]))
        world.clock.advance(73 * 3600)
        world.poll()
        world.clock.advance(3600)
        assert world.poll().step.next == "notify"
        assert world.stored.outcome is Outcome.GAVE_UP


class TestFreshExecutions:
    """A history of 25,000 events ends an execution; a long watch goes on in a fresh one before that."""

    def test_go_on_after_so_many_wakes(self) -> None:
        world = World(running(), wakes_per_execution=3)
        for _ in range(3):
            step = world.poll().step
            assert step.next == "wait"
            world.clock.advance(step.wait_seconds)
        assert world.poll().step == Step(NextStep.CONTINUE)
        assert (world.stored.generation, world.stored.wakes, world.stored.polls) == (2, 0, 3)
        assert world.poll(generation=2).answer is not None, "the fresh one asks at once"

    def test_the_former_starts_its_successor_until_that_has_begun_and_then_ends(self) -> None:
        world = World(running(), wakes_per_execution=1)
        world.clock.advance(world.poll().step.wait_seconds)
        assert world.poll().step.next == "continue"
        assert world.poll().step.next == "continue"
        world.poll(generation=2)
        assert world.poll(generation=1).step.next == "done"
        assert len(world.vendor.asked) == 2

    def test_an_end_is_told_by_the_execution_that_saw_it(self) -> None:
        world = World(ended(), wakes_per_execution=1)
        assert world.poll().step.next == "notify"
        assert world.stored.generation == 1

    def test_a_notifier_that_dies_every_time_leads_to_a_fresh_one_too(self) -> None:
        """It leaves its claim: the machine waits, polls, finds the notice due, and goes to the notifier again."""
        world = World(ended(), wakes_per_execution=3)
        assert [world.poll().step.next for _ in range(4)] == ["notify", "notify", "notify", "continue"]
        assert world.poll(generation=1).step.next == "continue", "until the fresh one has begun"
        assert world.poll(generation=2).step.next == "notify"
        assert world.poll(generation=1).step.next == "done"

    def test_a_watch_that_was_taken_back_is_lost(self) -> None:
        """The table was restored from a backup: the watch of before has another execution, or none."""
        world = World(start=watch(generation=2))
        assert world.poll(generation=3).step == Step(NextStep.LOST)
        assert world.vendor.asked == []


class TestAStateThatNoOutcomeNames:
    def unnamed(self, state: str) -> Snapshot:
        return running(vendor_status=state, unnamed="connection egain-prod")

    def test_is_told_to_the_operators_once_by_connection_and_state(self) -> None:
        states = ["Completed", "Completed", "Archived", "Completed", "Step 1 of 7", "Step 2 of 7"]
        world = World(*map(self.unnamed, states))
        for _ in states:
            world.clock.advance(301)
            world.poll()
        assert ["Completed" in text for _, text in world.operations.told] == [True, False, False]
        assert [subject for subject, _ in world.operations.told][1] == 'jobwatch: unknown state "Archived" (egain-prod)'
        assert "jobwatch cannot see an end" in world.operations.told[0][1]

    def test_that_cannot_be_told_now_holds_no_poll_up_and_is_told_with_the_next(self) -> None:
        world = World(self.unnamed("Completed"), self.unnamed("Completed"))
        world.operations.fails = 1
        assert world.poll().step.next == "wait"
        assert (world.operations.told, world.stored.polls) == ([], 1)
        world.clock.advance(301)
        world.poll()
        assert len(world.operations.told) == 1

    def test_that_is_named_is_told_to_nobody(self) -> None:
        world = World(running(), ended(), NotFound("HTTP 404"))
        world.poll()
        world.clock.advance(301)
        world.poll()
        assert world.operations.told == []


def test_no_wait_is_longer_than_half_of_what_the_vendor_remembers() -> None:
    """Milvus forgot an ended job after three hours: an end between two polls would be lost."""
    patient = Connection(
        "egain-prod", "zilliz", "https://x.example.com", "jobwatch/x", {"flavour": "milvus"}, Polling(15, 86400)
    )
    for answer in (scheduled(T0 + timedelta(days=2)), running(None, None), NotFound("404"), DOWN):
        world = World(answer, start=replace(watch(), vendor="zilliz", fruitless=30, accepted_at=T0 - timedelta(days=1)))
        world.connections.by_name["egain-prod"] = patient
        assert world.poll().step.wait_seconds <= 5400
