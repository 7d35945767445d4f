"""The pace of the notification topic: DynamoDB and its fake run the same suite."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from jobwatch.aws.paces import DynamoPace
from jobwatch.ports import Pace, ServiceUnavailableError, TopicBusyError
from tests.aws.tables import create_table
from tests.fakes import FakePace

TABLE = "deliveries"
T0 = 1_700_000_000.0
NOW = datetime.fromtimestamp(T0, UTC)


@pytest.fixture
def table(aws: None) -> None:
    create_table("DeliveryTable", TABLE)


@pytest.fixture(params=["DynamoDB", "fake"])
def new_process(request: pytest.FixtureRequest) -> Callable[[], Pace]:
    """Makes the part as another process has it; all share one table."""
    if request.param == "fake":
        fake = FakePace()
        return lambda: fake
    request.getfixturevalue("table")
    return lambda: DynamoPace(TABLE)


def most_within_a_second(moments: list[float]) -> int:
    return max(sum(start <= each < start + 1 for each in moments) for start in moments)


class TestBoth:
    def test_slots_of_many_processes_are_never_more_than_eight_within_a_second(
        self, new_process: Callable[[], Pace]
    ) -> None:
        processes = [new_process() for _ in range(5)]
        slots = [processes[number % 5].reserve(T0 + 0.001 * number) for number in range(100)]
        assert len({round(slot, 3) for slot in slots}) == 100
        assert most_within_a_second(slots) <= 7, "one may leave late"
        assert slots[0] == T0
        assert slots[-1] < T0 + 100 / 6.5

    def test_what_finds_too_long_a_queue_comes_back_at_the_pace_of_the_slots(
        self, new_process: Callable[[], Pace]
    ) -> None:
        slots, turns = [], []
        for _ in range(300):
            try:
                slots.append(new_process().reserve(T0))
            except TopicBusyError as busy:
                turns.append(T0 + busy.come_back_seconds)
        assert len(slots) == 140
        assert max(slots) <= T0 + 20
        assert min(turns) >= T0 + 20
        assert most_within_a_second(turns) <= 7
        # Each of them finds a slot then.
        slots += [new_process().reserve(turn) for turn in sorted(turns)]
        assert most_within_a_second(slots) <= 7

    def test_a_free_topic_is_not_waited_for(self, new_process: Callable[[], Pace]) -> None:
        assert [new_process().reserve(T0 + 60 * number) for number in range(3)] == [T0, T0 + 60, T0 + 120]

    def test_ends_are_counted_since_somebody_heard(self, new_process: Callable[[], Pace]) -> None:
        pace = new_process()
        assert (pace.unheard().ends, pace.unheard().since) == (0, None)
        for number in range(3):
            pace.reserve(T0 + number, ends=1)
        pace.reserve(T0 + 4)
        assert pace.unheard().ends == 3
        pace.heard(NOW)
        pace.reserve(T0 + 5, ends=1)
        pace.reserve(T0 + 6, ends=1)
        pace.unpublished(1)
        assert (new_process().unheard().ends, pace.unheard().since) == (1, NOW)

    def test_before_anything_was_published_somebody_may_hear(self, new_process: Callable[[], Pace]) -> None:
        new_process().heard(NOW)
        new_process().reserve(T0, ends=1)
        assert new_process().unheard().ends == 1


def test_an_outage_is_unavailable(aws_fails: Callable[[str], None]) -> None:
    aws_fails("ProvisionedThroughputExceededException")
    with pytest.raises(ServiceUnavailableError):
        DynamoPace(TABLE).reserve(T0)
