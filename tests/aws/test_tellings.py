"""What the operators were told and what was held back: DynamoDB and its fake run the same suite."""

from collections.abc import Callable, Mapping
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobwatch.aws.tellings import DynamoTellingLedger
from jobwatch.domain.telling import Kind
from jobwatch.ports import ServiceUnavailableError, TellingLedger
from tests.aws.tables import create_table
from tests.fakes import FakeTellingLedger

TABLE = "deliveries"
NOW = datetime(2024, 3, 1, 10, tzinfo=UTC)
ONE, OTHER = (Kind("submissions refused", reason, "egain-prod", "kept") for reason in ("no parameter", "no job_id"))


@pytest.fixture
def table(aws: None) -> None:
    create_table("DeliveryTable", TABLE)


@pytest.fixture(params=["DynamoDB", "fake"])
def ledger(request: pytest.FixtureRequest) -> TellingLedger:
    if request.param == "fake":
        return FakeTellingLedger()
    request.getfixturevalue("table")
    return DynamoTellingLedger(TABLE)


def counts(ledger: TellingLedger) -> dict[Kind, int]:
    return {each.kind: each.count for each in ledger.held().kinds}


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class TestBoth:
    def test_five_of_a_minute_are_admitted_and_the_others_counted(self, ledger: TellingLedger) -> None:
        assert [ledger.admit(ONE, after(second)) for second in range(8)] == [True] * 5 + [False] * 3
        assert ledger.admit(OTHER, after(59)) is False
        assert ledger.admit(ONE, after(60)) is True, "the first is a minute old"
        assert ledger.admit(ONE, after(60.5)) is False
        assert counts(ledger) == {ONE: 4, OTHER: 1}
        assert ledger.held().since == after(5)

    def test_what_was_let_go_is_counted_no_longer_and_what_came_meanwhile_is(self, ledger: TellingLedger) -> None:
        for kind in (ONE, ONE, OTHER):
            ledger.hold(kind, NOW)
        seen = ledger.held()
        ledger.hold(ONE, NOW)
        ledger.let_go(seen)
        assert counts(ledger) == {ONE: 1}
        ledger.let_go(ledger.held())
        assert counts(ledger) == {}
        ledger.hold(OTHER, after(9))
        assert (counts(ledger), ledger.held().since) == ({OTHER: 1}, after(9))

    def test_a_summary_that_waits_has_the_next_place(self, ledger: TellingLedger) -> None:
        for second in range(5):
            ledger.admit(ONE, after(second))
        assert ledger.wait_for_summary(after(10)) == 50
        assert ledger.admit(ONE, after(60)) is False
        assert ledger.wait_for_summary(after(60)) == 0
        assert ledger.admit(ONE, after(60.5)) is False, "that was the fifth of the minute"
        assert ledger.admit(ONE, after(61)) is True


class TestDynamoDB:
    @pytest.fixture
    def real(self, table: None) -> DynamoTellingLedger:
        return DynamoTellingLedger(TABLE)

    def test_of_many_kinds_the_most_are_counted_by_themselves_and_none_is_lost(self, real: DynamoTellingLedger) -> None:
        for number in range(100):
            real.hold(Kind("submissions refused", f"connection c-{number}: there is no parameter", "", "kept"), NOW)
        held = real.held()
        assert sum(each.count for each in held.kinds) == 100
        assert len(held.kinds) == 61
        real.let_go(held)
        assert real.held().kinds == []

    def test_any_text_is_cut(self, real: DynamoTellingLedger) -> None:
        real.hold(Kind("x" * 9000, "\ud800\x00" * 9000, "日本語", "🎉"), NOW)
        [each] = real.held().kinds
        assert all(len(part) <= 300 for part in astuple(each.kind))

    def test_a_summary_that_was_given_up_holds_nobody_up_for_long(self, real: DynamoTellingLedger) -> None:
        for second in range(5):
            real.admit(ONE, after(second))
        real.wait_for_summary(after(10))
        assert real.admit(ONE, after(101)) is True

    def test_of_two_at_once_one_has_the_last_place(
        self, real: DynamoTellingLedger, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for second in range(4):
            real.admit(ONE, after(second))
        read, meanwhile = real._read, DynamoTellingLedger(TABLE)

        def read_and_lose(*_: object) -> Mapping[str, Any]:
            item = read()
            monkeypatch.setattr(real, "_read", read)
            assert meanwhile.admit(OTHER, after(4))
            return item

        monkeypatch.setattr(real, "_read", read_and_lose)
        assert real.admit(ONE, after(4)) is False
        assert counts(real) == {ONE: 1}

    def test_an_outage_is_unavailable(self, aws_fails: Callable[[str], None]) -> None:
        aws_fails("ProvisionedThroughputExceededException")
        ledger = DynamoTellingLedger(TABLE)
        for call in (lambda: ledger.admit(ONE, NOW), lambda: ledger.hold(ONE, NOW), ledger.held):
            with pytest.raises(ServiceUnavailableError):
                call()
