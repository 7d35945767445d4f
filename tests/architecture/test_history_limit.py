"""No configuration that the contract allows runs an execution into Step Functions' limit of 25,000 events.

An execution that reaches the limit fails, and its job is followed no longer. The embedded stack has no such limit.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import pytest

from jobwatch.domain.connection import Polling
from jobwatch.domain.follow import tell
from jobwatch.domain.snapshot import Answer, FailureKind, PollFailure
from jobwatch.usecases.poll import NextStep, Poller
from tests.architecture.deployment import MACHINE, RESOURCES, STATES
from tests.fakes import FakeClock, FakeConnections, FakeTimetables, FakeVendorStatus, FakeWatches, unnamed_states
from tests.unit.examples import CONNECTION, EVERY_NOTICE, running, watch

LIMIT = 25_000
# AWS's own default where a retrier names no MaxAttempts.
DEFAULT_ATTEMPTS = 3
# TaskScheduled, TaskStarted, and TaskSucceeded, TaskFailed or TaskTimedOut.
EVENTS_PER_ATTEMPT = 3
ENTERED_AND_EXITED = 2
STARTED_AND_ENDED = 2


def most_events(state: dict[str, Any]) -> int:
    """What one visit adds to the history at most: a task that ends at the very last attempt."""
    if state["Type"] != "Task":
        return ENTERED_AND_EXITED
    retries: int = sum(retrier.get("MaxAttempts", DEFAULT_ATTEMPTS) for retrier in state.get("Retry", []))
    return ENTERED_AND_EXITED + EVENTS_PER_ATTEMPT * (1 + retries)


def successors(name: str) -> list[str]:
    state = STATES[name]
    following = [state.get("Next"), state.get("Default")]
    following += [branch["Next"] for branch in (*state.get("Choices", []), *state.get("Catch", []))]
    return [name for name in following if name]


def rounds(path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Every way from Poll back to it or to an end that visits no task twice."""
    for name in successors(path[-1]):
        if name == "Poll" or not successors(name):
            yield (*path, name)
        elif STATES[name]["Type"] != "Task" or name not in path:
            yield from rounds((*path, name))


def most_events_between_polls(*, to_an_end: bool) -> int:
    """From entering Poll until it is entered again, or until the execution has ended."""
    ways = [way for way in rounds(("Poll",)) if (way[-1] != "Poll") == to_an_end]
    return max(sum(most_events(STATES[name]) for name in (way if to_an_end else way[:-1])) for way in ways)


def wakes_per_execution() -> int:
    variables = RESOURCES["PollerFunction"]["Properties"]["Environment"]["Variables"]
    return int(variables["WAKES_PER_EXECUTION"])


def test_a_wake_is_counted_as_the_machine_makes_it() -> None:
    """Wait, Poll and the choice without a retry are nine events; if not, what follows counts another machine."""
    path = ["Poll", "What next?", "Wait"]
    assert sum(ENTERED_AND_EXITED for _ in path) + EVENTS_PER_ATTEMPT == 9
    assert [name for name in path if name in successors(path[path.index(name) - 1])] == path
    assert MACHINE["StartAt"] == "Wait"


def test_the_most_that_all_wakes_of_an_execution_can_add_stays_below_the_limit() -> None:
    """Every call at its last retry, and something to tell at every wake: a job that stalls and recovers in turn."""
    events = (
        STARTED_AND_ENDED
        + most_events(STATES["Wait"])
        + wakes_per_execution() * most_events_between_polls(to_an_end=False)
        + most_events_between_polls(to_an_end=True)
    )
    assert events < LIMIT


def test_days_without_a_free_function_fit_beside_the_wakes() -> None:
    """A pass by way of Busy is no wake that the poller could count. Past the limit, the sweeper starts another one."""
    way = ("Poll", "Poll again", "Busy")
    assert (*way, "Poll") in rounds(("Poll",))
    passes = (LIMIT - 9 * wakes_per_execution()) // sum(most_events(STATES[name]) for name in way)
    # Full jitter takes half of a pause on average.
    throttled = [STATES[name]["Retry"][0] for name in way[:-1]]
    assert all(each["ErrorEquals"] == ["Lambda.TooManyRequestsException"] for each in throttled)
    pauses = [
        min(each["IntervalSeconds"] * each["BackoffRate"] ** number, each["MaxDelaySeconds"]) / 2
        for each in throttled
        for number in range(each["MaxAttempts"])
    ]
    assert passes * (sum(pauses) + STATES["Busy"]["Seconds"]) > timedelta(days=2).total_seconds()


def wakes_until_handover(
    polling: Polling, answers: Iterator[Answer], wakes_per_execution: int, *, dies: bool = False
) -> int:
    """How often the poller is called until it hands over, with a notifier that tells whatever is due, or dies."""
    clock, watches = FakeClock(), FakeWatches()
    watches.add(watch())
    vendor = FakeVendorStatus([next(answers)])
    poller = Poller(
        watches,
        FakeConnections({"egain-prod": replace(CONNECTION, polling=polling, notices=EVERY_NOTICE)}),
        FakeTimetables(),
        vendor,
        clock,
        random.Random(1),
        lambda seconds: None,
        wakes_per_execution,
        unnamed_states(clock),
    )
    for wakes in range(1, 10 * wakes_per_execution):
        step = poller.poll(watch().watch_id, 1).step
        vendor.answers = [next(answers)]
        if step.next is NextStep.CONTINUE:
            return wakes
        stored = watches.get(watch().watch_id)
        if step.next is NextStep.NOTIFY and not dies:
            for notice in stored.due:
                stored = watches.save(tell(stored, notice, at=clock.now))
        clock.now = max(clock.now + timedelta(seconds=1), stored.next_poll_at)
    return wakes


def steady() -> Iterator[Answer]:
    """A job that gets on a little with every poll."""
    return (running(processed, 10**6) for processed in count())


def by_turns() -> Iterator[Answer]:
    """A job that stands still at every other poll: stalled, recovered, stalled, recovered."""
    return (running(processed // 2, 10**6) for processed in count())


def on_and_off() -> Iterator[Answer]:
    """A vendor that cannot be asked at every other poll."""
    down = PollFailure(FailureKind.UNREACHABLE, "no connection within 5 s")
    return (running(processed, 10**6) if processed % 2 else down for processed in count())


IMPATIENT = Polling(give_up_hours=2160, deadline_minutes=43200, stall_minutes=1, grace_minutes=1)
POLLINGS = [replace(IMPATIENT, min_seconds=seconds, max_seconds=86400) for seconds in (1, 15, 120, 3600)]


@pytest.mark.parametrize("answers", [steady, by_turns, on_and_off])
@pytest.mark.parametrize("polling", POLLINGS, ids=lambda polling: f"{polling.min_seconds} s")
def test_an_execution_hands_over_after_its_wakes_whatever_there_is_to_tell(
    polling: Polling, answers: Callable[[], Iterator[Answer]]
) -> None:
    assert wakes_until_handover(polling, answers(), wakes_per_execution=6) <= 6 + 1


def test_an_execution_whose_notifier_dies_every_time_hands_over_too() -> None:
    """A run that dies after its claim sends the machine round until the claim has run out, and the next dies again."""
    assert wakes_until_handover(IMPATIENT, by_turns(), wakes_per_execution=6, dies=True) <= 6 + 1
