"""The timetables of the connections: DynamoDB and its fake run the same suite."""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobwatch.aws.clients import client
from jobwatch.aws.timetables import DynamoTimetables
from jobwatch.domain.timetable import CALM_SECONDS, spacing_ms
from jobwatch.ports import ServiceUnavailableError, Timetables
from tests.aws.tables import create_table
from tests.fakes import FakeTimetables

TABLE = "timetables"
NOW = 1_709_287_200.0
SPACING = spacing_ms(60) / 1000


def near(moments: Any) -> Any:
    """Equal to the millisecond. The default tolerance is a share, of an epoch half an hour."""
    return pytest.approx(moments, rel=0, abs=0.002)


def take(timetables: Timetables, now: float, times: int, requests_per_minute: int = 60) -> list[float]:
    """The moments of so many slots, all reserved now."""
    return [timetables.reserve("a", requests_per_minute, now).at for _ in range(times)]


def moments(
    timetables: Timetables, numbers: Iterable[int], now: float = NOW, requests_per_minute: int = 60
) -> list[float]:
    """The moments that slots have now."""
    slots = [timetables.slot("a", number, requests_per_minute, now) for number in numbers]
    return [slot.at for slot in slots if slot is not None]


@pytest.fixture
def table(aws: None) -> None:
    create_table("TimetableTable", TABLE)


@pytest.fixture(params=["DynamoDB", "fake"])
def timetables(request: pytest.FixtureRequest) -> Timetables:
    if request.param == "fake":
        return FakeTimetables()
    request.getfixturevalue("table")
    return DynamoTimetables(TABLE)


class TestBoth:
    def test_a_free_timetable_gives_the_present_moment(self, timetables: Timetables) -> None:
        assert take(timetables, NOW, 1) == [NOW]
        assert take(timetables, NOW + 500, 1) == [NOW + 500]

    def test_requests_of_one_moment_get_slots_in_their_order(self, timetables: Timetables) -> None:
        assert take(timetables, NOW, 5) == near([NOW + SPACING * number for number in range(5)])

    def test_idle_time_is_not_saved_up_for_a_burst(self, timetables: Timetables) -> None:
        take(timetables, NOW, 1)
        assert take(timetables, NOW + 3600, 3) == near([NOW + 3600 + SPACING * number for number in range(3)])

    def test_connections_do_not_share(self, timetables: Timetables) -> None:
        take(timetables, NOW, 10, 1)
        assert timetables.reserve("b", 1, NOW).at == NOW

    def test_the_backlog_is_seen_where_it_was_made(self, timetables: Timetables) -> None:
        assert timetables.backlog_until("a") < NOW
        take(timetables, NOW, 10)
        assert timetables.backlog_until("a") == near(NOW + 10 * SPACING)

    def test_a_429_moves_all_who_wait_behind_its_pause_in_their_order(self, timetables: Timetables) -> None:
        take(timetables, NOW, 4)
        timetables.throttled("a", 0, 60, NOW + 1, 90)
        assert moments(timetables, range(1, 4)) == near([NOW + 91 + 2 * SPACING * number for number in range(3)])
        assert take(timetables, NOW + 2, 1) == near([NOW + 91 + 2 * SPACING * 3]), "newcomers come behind"
        assert timetables.backlog_until("a") == near(NOW + 91 + 2 * SPACING * 4)

    def test_a_429_without_retry_after_slows_and_does_not_pause(self, timetables: Timetables) -> None:
        take(timetables, NOW, 3)
        timetables.throttled("a", 0, 60, NOW, 0)
        assert moments(timetables, range(1, 3)) == near([NOW + SPACING, NOW + 3 * SPACING])

    def test_the_budget_comes_back_when_it_stays_calm(self, timetables: Timetables) -> None:
        take(timetables, NOW, 1)
        timetables.throttled("a", 0, 60, NOW, 0)
        later = NOW + CALM_SECONDS + 1
        take(timetables, later, 1)
        assert take(timetables, later + 10, 2) == near([later + 10, later + 10 + SPACING])

    def test_a_recovery_leaves_held_slots_where_they_are(self, timetables: Timetables) -> None:
        """Their watches sleep until then, and newcomers must not come between them."""
        take(timetables, NOW, 200)
        timetables.throttled("a", 0, 60, NOW, 0)
        before = moments(timetables, range(150, 200))
        later = take(timetables, NOW + CALM_SECONDS + 1, 3)
        assert moments(timetables, range(150, 200)) == before
        assert later == near([before[-1] + 2 * SPACING, before[-1] + 4 * SPACING, before[-1] + 5 * SPACING])

    def test_a_storm_of_429s_widens_to_eight_times_at_most(self, timetables: Timetables) -> None:
        for moment in range(8):
            [slot] = [timetables.reserve("a", 60, NOW + 60 * moment)]
            timetables.throttled("a", slot.number, 60, NOW + 60 * moment, 0)
        taken = take(timetables, NOW + 500, 2)
        assert taken[1] - taken[0] == near(8 * SPACING)

    def test_a_lowered_budget_stretches_what_is_held(self, timetables: Timetables) -> None:
        take(timetables, NOW, 5, 60)
        assert moments(timetables, [4], NOW, 6) == near([NOW + 4 * spacing_ms(6) / 1000]), "also before one reserves"
        assert take(timetables, NOW, 1, 6) == near([NOW + 5 * spacing_ms(6) / 1000])
        assert moments(timetables, range(1, 5), NOW, 6) == near(
            [NOW + spacing_ms(6) / 1000 * number for number in range(1, 5)]
        )

    def test_a_raised_budget_begins_behind_what_is_held(self, timetables: Timetables) -> None:
        held = take(timetables, NOW, 5, 6)
        [last, *newcomers] = take(timetables, NOW + 1, 3, 600)
        assert moments(timetables, range(5), NOW + 1, 600) == held
        assert last == near(held[-1] + spacing_ms(6) / 1000)
        assert newcomers == near([last + spacing_ms(6) / 1000, last + (spacing_ms(6) + spacing_ms(600)) / 1000])

    def test_a_number_that_was_never_handed_out_is_no_slot(self, timetables: Timetables) -> None:
        """The table was restored from a backup."""
        assert timetables.slot("a", 0, 60, NOW) is None
        take(timetables, NOW, 3)
        assert timetables.slot("a", 2, 60, NOW) is not None
        assert timetables.slot("a", 3, 60, NOW) is None


OPERATIONS = st.one_of(
    st.tuples(st.just("reserve"), st.sampled_from([6, 60, 6000])),
    st.tuples(st.just("throttled"), st.sampled_from([0, 1, 45, 3600])),
    st.tuples(st.just("pass"), st.floats(0, 400)),
)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(operations=st.lists(OPERATIONS, max_size=20))
def test_dynamodb_and_the_fake_hand_out_the_same_slots(table: None, operations: list[tuple[str, float]]) -> None:
    """What the rules' own tests show of the fake then holds in the table."""
    client("dynamodb").delete_item(TableName=TABLE, Key={"connection": {"S": "a"}})
    stored, fake = DynamoTimetables(TABLE), FakeTimetables()
    now, number = NOW, 0
    for operation, value in operations:
        if operation == "pass":
            now += value
        elif operation == "reserve":
            slot = stored.reserve("a", int(value), now)
            assert slot == fake.reserve("a", int(value), now)
            number = slot.number
        else:
            stored.throttled("a", number, 60, now, value)
            fake.throttled("a", number, 60, now, value)
        assert moments(stored, range(number + 1), now) == moments(fake, range(number + 1), now)
        assert stored.backlog_until("a") == fake.backlog_until("a")


def test_two_functions_share_one_timetable(table: None) -> None:
    """Each with what it remembers of the timetable, and neither remembers what the other took."""
    one, other = DynamoTimetables(TABLE), DynamoTimetables(TABLE)
    taken = [each.reserve("a", 60, NOW).at for _ in range(5) for each in (one, other)]
    assert taken == near([NOW + SPACING * number for number in range(10)])


def test_clocks_that_differ_take_no_slot_twice(table: None) -> None:
    ahead, behind = DynamoTimetables(TABLE), DynamoTimetables(TABLE)
    taken = [each.reserve("a", 60, NOW + skew).at for _ in range(5) for each, skew in ((ahead, 4.0), (behind, 0.0))]
    gaps = [later - earlier for earlier, later in pairwise(taken)]
    assert min(gaps) == near(SPACING)


def writes_of(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Every write from now on, as it is made."""
    writes: list[dict[str, Any]] = []
    real = client("dynamodb").update_item

    def update_item(**call: Any) -> Any:
        writes.append(call)
        return real(**call)

    monkeypatch.setattr(client("dynamodb"), "update_item", update_item)
    return writes


def test_one_write_per_reservation_where_the_queue_is_known(table: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a poll costs: the write that fails its condition is paid for too."""
    timetables, writes = DynamoTimetables(TABLE), writes_of(monkeypatch)
    for number in range(10):
        timetables.reserve("a", 60, NOW + number * 10)
    for _ in range(10):
        timetables.reserve("a", 60, NOW + 90)
    assert len(writes) == 20


@pytest.mark.parametrize("booked", [0, 3])
def test_a_lost_answer_costs_at_most_a_slot(table: None, monkeypatch: pytest.MonkeyPatch, booked: int) -> None:
    """The SDK hears nothing, and writes again what was written."""
    take(DynamoTimetables(TABLE), NOW, booked)
    timetables = DynamoTimetables(TABLE)
    timetables.slot("a", 0, 60, NOW)
    real = client("dynamodb").update_item

    def update_item(**call: Any) -> Any:
        monkeypatch.setattr(client("dynamodb"), "update_item", real)
        real(**call)
        return real(**call)

    monkeypatch.setattr(client("dynamodb"), "update_item", update_item)
    assert take(timetables, NOW, 2) == near([NOW + (booked + 1) * SPACING, NOW + (booked + 2) * SPACING])


def test_a_fresh_function_learns_of_the_queue_when_it_looks_its_slot_up(table: None) -> None:
    """A poll in a slot that it held reserves nothing, and still must know that its next one will have to queue."""
    for _ in range(10):
        DynamoTimetables(TABLE).reserve("a", 60, NOW)
    fresh = DynamoTimetables(TABLE)
    fresh.slot("a", 3, 60, NOW)
    assert fresh.backlog_until("a") == near(NOW + 10 * SPACING)


def before_writes_like(
    monkeypatch: pytest.MonkeyPatch, expression: str, act: Callable[[], object], times: int
) -> list[int]:
    """Let others act right before the next so many writes of this expression; a list of those times."""
    acted: list[int] = []
    real = client("dynamodb").update_item

    def update_item(**call: Any) -> Any:
        if call["UpdateExpression"].startswith(expression) and len(acted) < times:
            acted.append(len(acted))
            act()
        return real(**call)

    monkeypatch.setattr(client("dynamodb"), "update_item", update_item)
    return acted


REPLACES = "SET next_number = :next_number"


def test_a_recovery_does_not_undo_a_429_that_comes_meanwhile(table: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor said "not before five minutes" between another poll's reservation and its recovery."""
    timetables = DynamoTimetables(TABLE)
    take(timetables, NOW, 1)
    timetables.throttled("a", 0, 60, NOW, 0)
    later = NOW + CALM_SECONDS + 1
    acted = before_writes_like(
        monkeypatch, REPLACES, lambda: DynamoTimetables(TABLE).throttled("a", 0, 60, later, 300), times=1
    )
    take(timetables, later, 1)
    assert acted, "nobody recovered, so this shows nothing"
    assert take(timetables, later + 1, 1) >= [later + 300]


def test_a_429_gets_through_while_others_reserve(table: None, monkeypatch: pytest.MonkeyPatch) -> None:
    timetables = DynamoTimetables(TABLE)
    take(timetables, NOW, 1)
    acted = before_writes_like(monkeypatch, REPLACES, lambda: take(DynamoTimetables(TABLE), NOW, 1), times=5)
    timetables.throttled("a", 0, 60, NOW + 0.5, 300)
    assert len(acted) == 5
    assert moments(timetables, range(1, 6)) == near([NOW + 300.5 + 2 * SPACING * number for number in range(5)])


@pytest.mark.parametrize(("first", "second"), [(10, 600), (600, 10)])
def test_of_two_429s_at_once_the_longer_pause_counts(
    table: None, monkeypatch: pytest.MonkeyPatch, first: int, second: int
) -> None:
    timetables = DynamoTimetables(TABLE)
    take(timetables, NOW, 4)
    acted = before_writes_like(
        monkeypatch, REPLACES, lambda: DynamoTimetables(TABLE).throttled("a", 0, 60, NOW + 1, first), times=1
    )
    timetables.throttled("a", 0, 60, NOW + 1, second)
    assert acted
    assert moments(timetables, [1, 3]) == near([NOW + 601, NOW + 601 + 4 * SPACING])


def test_a_table_that_was_restored_is_no_reason_to_wait(table: None) -> None:
    """What a function remembers of a queue that is gone."""
    timetables = DynamoTimetables(TABLE)
    take(timetables, NOW, 100)
    client("dynamodb").delete_item(TableName=TABLE, Key={"connection": {"S": "a"}})
    assert take(timetables, NOW, 1) == [NOW]
    timetables.throttled("a", 99, 60, NOW + 1, 30)
    assert take(timetables, NOW + 2, 1) == near([NOW + 31])


def test_an_item_of_another_layout_is_no_timetable(table: None) -> None:
    item = {"next_free_ms": NOW * 1000 + 60_000, "slow_spacing_ms": 8400, "slowed_at_ms": NOW * 1000}
    client("dynamodb").put_item(
        TableName=TABLE, Item={"connection": {"S": "a"}} | {name: {"N": f"{value:.0f}"} for name, value in item.items()}
    )
    timetables = DynamoTimetables(TABLE)
    assert timetables.slot("a", 0, 60, NOW) is None
    timetables.throttled("a", 0, 60, NOW, 0)
    assert take(timetables, NOW, 2) == near([NOW, NOW + SPACING])


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "no connection"])
@pytest.mark.parametrize(
    "call",
    [
        lambda timetables: timetables.reserve("a", 60, NOW),
        lambda timetables: timetables.slot("a", 0, 60, NOW),
        lambda timetables: timetables.throttled("a", 0, 60, NOW, 0),
    ],
)
def test_what_aws_refuses_is_unavailable(
    aws_fails: Callable[[str], None], code: str, call: Callable[[DynamoTimetables], Any]
) -> None:
    aws_fails(code)
    with pytest.raises(ServiceUnavailableError, match="timetable of a") as failed:
        call(DynamoTimetables(TABLE))
    assert "secret-in-message" not in str(failed.value)
