"""The timetables of the connections: DynamoDB and its fake run the same suite."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from jobwatch.aws.clients import client
from jobwatch.aws.timetables import DynamoTimetables
from jobwatch.domain.timetable import CALM_SECONDS, spacing_seconds
from jobwatch.ports import ServiceUnavailableError, Timetables
from tests.fakes import FakeTimetables

TABLE = "timetables"
NOW = 1_709_287_200.0
SPACING = spacing_seconds(60)


def near(moments: Any) -> Any:
    """Equal to the millisecond. The default tolerance is a share, of an epoch half an hour."""
    return pytest.approx(moments, rel=0, abs=0.002)


@pytest.fixture
def table(aws: None) -> None:
    client("dynamodb").create_table(
        TableName=TABLE,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "connection", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "connection", "KeyType": "HASH"}],
    )


@pytest.fixture(params=["DynamoDB", "fake"])
def timetables(request: pytest.FixtureRequest) -> Timetables:
    if request.param == "fake":
        return FakeTimetables()
    request.getfixturevalue("table")
    return DynamoTimetables(TABLE)


class TestBoth:
    def test_a_free_timetable_gives_the_present_moment(self, timetables: Timetables) -> None:
        assert timetables.reserve("a", 60, NOW) == NOW
        assert timetables.reserve("a", 60, NOW + 500) == NOW + 500

    def test_requests_of_one_moment_get_slots_in_their_order(self, timetables: Timetables) -> None:
        taken = [timetables.reserve("a", 60, NOW) for _ in range(5)]
        assert taken == near([NOW + SPACING * number for number in range(5)])

    def test_idle_time_is_not_saved_up_for_a_burst(self, timetables: Timetables) -> None:
        timetables.reserve("a", 60, NOW)
        taken = [timetables.reserve("a", 60, NOW + 3600) for _ in range(3)]
        assert taken == near([NOW + 3600 + SPACING * number for number in range(3)])

    def test_connections_do_not_share(self, timetables: Timetables) -> None:
        for _ in range(10):
            timetables.reserve("a", 1, NOW)
        assert timetables.reserve("b", 1, NOW) == NOW

    def test_the_backlog_is_seen_where_it_was_made(self, timetables: Timetables) -> None:
        assert timetables.backlog_until("a") < NOW
        for _ in range(10):
            timetables.reserve("a", 60, NOW)
        assert timetables.backlog_until("a") == near(NOW + 10 * SPACING)

    def test_a_429_pauses_everyone_and_doubles_the_spacing(self, timetables: Timetables) -> None:
        timetables.reserve("a", 60, NOW)
        timetables.throttled("a", 60, NOW + 1, 90)
        assert timetables.paused_until("a") == near(NOW + 91)
        taken = [timetables.reserve("a", 60, NOW + 2) for _ in range(3)]
        assert taken == near([NOW + 91 + 2 * SPACING * number for number in range(3)])

    def test_a_429_without_retry_after_slows_and_does_not_pause(self, timetables: Timetables) -> None:
        timetables.throttled("a", 60, NOW, 0)
        taken = [timetables.reserve("a", 60, NOW + 1) for _ in range(2)]
        assert taken == near([NOW + 1, NOW + 1 + 2 * SPACING])

    def test_a_pause_leaves_a_longer_backlog_as_it_is(self, timetables: Timetables) -> None:
        for _ in range(100):
            timetables.reserve("a", 60, NOW)
        timetables.throttled("a", 60, NOW, 30)
        assert timetables.reserve("a", 60, NOW) == near(NOW + 100 * SPACING)

    def test_the_budget_comes_back_when_it_stays_calm(self, timetables: Timetables) -> None:
        timetables.throttled("a", 60, NOW, 0)
        later = NOW + CALM_SECONDS + 1
        timetables.reserve("a", 60, later)
        taken = [timetables.reserve("a", 60, later + 10) for _ in range(2)]
        assert taken == near([later + 10, later + 10 + SPACING])
        assert timetables.paused_until("a") < later

    def test_a_storm_of_429s_widens_to_eight_times_at_most(self, timetables: Timetables) -> None:
        for moment in range(8):
            timetables.throttled("a", 60, NOW + 60 * moment, 0)
        taken = [timetables.reserve("a", 60, NOW + 500) for _ in range(2)]
        assert taken[1] - taken[0] == near(8 * SPACING)

    def test_a_lowered_budget_counts_from_the_second_slot_also_in_a_slowdown(self, timetables: Timetables) -> None:
        timetables.throttled("a", 600, NOW, 0)
        taken = [timetables.reserve("a", 6, NOW) for _ in range(4)]
        assert taken[3] - taken[1] == near(2 * spacing_seconds(6))


def test_two_functions_share_one_timetable(table: None) -> None:
    """Each with what it remembers of the timetable, and neither remembers what the other took."""
    one, other = DynamoTimetables(TABLE), DynamoTimetables(TABLE)
    taken = [each.reserve("a", 60, NOW) for _ in range(5) for each in (one, other)]
    assert taken == near([NOW + SPACING * number for number in range(10)])


def test_clocks_that_differ_take_no_slot_twice(table: None) -> None:
    ahead, behind = DynamoTimetables(TABLE), DynamoTimetables(TABLE)
    taken = [each.reserve("a", 60, NOW + skew) for _ in range(5) for each, skew in ((ahead, 4.0), (behind, 0.0))]
    gaps = [later - earlier for earlier, later in pairwise(taken)]
    assert min(gaps) == near(SPACING)


def test_one_write_per_reservation_where_the_queue_is_known(table: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a poll costs: the write that fails its condition is paid for too."""
    timetables = DynamoTimetables(TABLE)
    writes = []
    real = client("dynamodb").update_item

    def update_item(**call: Any) -> Any:
        writes.append(call)
        return real(**call)

    monkeypatch.setattr(client("dynamodb"), "update_item", update_item)
    for number in range(10):
        timetables.reserve("a", 60, NOW + number * 10)
    for _ in range(10):
        timetables.reserve("a", 60, NOW + 90)
    assert len(writes) == 20


def test_a_fresh_function_learns_of_the_queue_when_it_asks_for_the_pause(table: None) -> None:
    """A poll in a slot that it held reserves nothing, and still must know that its next one will have to queue."""
    for _ in range(10):
        DynamoTimetables(TABLE).reserve("a", 60, NOW)
    fresh = DynamoTimetables(TABLE)
    fresh.paused_until("a")
    assert fresh.backlog_until("a") == near(NOW + 10 * SPACING)


def test_a_recovery_does_not_undo_a_429_that_comes_meanwhile(table: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor said "not before five minutes" between another poll's reservation and its recovery."""
    timetables = DynamoTimetables(TABLE)
    timetables.throttled("a", 60, NOW, 0)
    later = NOW + CALM_SECONDS + 1
    real = client("dynamodb").update_item

    def update_item(**call: Any) -> Any:
        if call["UpdateExpression"].startswith("REMOVE"):
            monkeypatch.setattr(client("dynamodb"), "update_item", real)
            DynamoTimetables(TABLE).throttled("a", 60, later, 300)
        return real(**call)

    monkeypatch.setattr(client("dynamodb"), "update_item", update_item)
    timetables.reserve("a", 60, later)
    assert client("dynamodb").update_item is real, "nobody recovered, so this shows nothing"
    assert timetables.paused_until("a") == near(later + 300)


@pytest.mark.parametrize(("first", "second"), [(10, 600), (600, 10)])
def test_of_two_429s_at_once_the_longer_pause_counts(
    table: None, monkeypatch: pytest.MonkeyPatch, first: int, second: int
) -> None:
    timetables = DynamoTimetables(TABLE)
    timetables.throttled("a", 60, NOW, 5)
    real = client("dynamodb").update_item

    def update_item(**call: Any) -> Any:
        if "slow_spacing_ms = :spacing" in call["UpdateExpression"]:
            monkeypatch.setattr(client("dynamodb"), "update_item", real)
            DynamoTimetables(TABLE).throttled("a", 60, NOW + 1, first)
        return real(**call)

    monkeypatch.setattr(client("dynamodb"), "update_item", update_item)
    timetables.throttled("a", 60, NOW + 1, second)
    assert timetables.paused_until("a") == near(NOW + 601)


def test_a_table_that_was_restored_is_no_reason_to_wait(table: None) -> None:
    """What a function remembers of a queue that is gone."""
    timetables = DynamoTimetables(TABLE)
    for _ in range(100):
        timetables.reserve("a", 60, NOW)
    client("dynamodb").delete_item(TableName=TABLE, Key={"connection": {"S": "a"}})
    assert timetables.reserve("a", 60, NOW) == NOW


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "no connection"])
@pytest.mark.parametrize(
    "call",
    [
        lambda timetables: timetables.reserve("a", 60, NOW),
        lambda timetables: timetables.paused_until("a"),
        lambda timetables: timetables.throttled("a", 60, NOW, 0),
    ],
)
def test_what_aws_refuses_is_unavailable(
    aws_fails: Callable[[str], None], code: str, call: Callable[[DynamoTimetables], Any]
) -> None:
    aws_fails(code)
    with pytest.raises(ServiceUnavailableError, match="timetable of a") as failed:
        call(DynamoTimetables(TABLE))
    assert "secret-in-message" not in str(failed.value)
