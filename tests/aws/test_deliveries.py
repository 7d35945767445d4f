"""The ledger of deliveries: DynamoDB and its fake run the same suite."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from jobwatch.aws.clients import client
from jobwatch.aws.deliveries import DynamoDeliveries
from jobwatch.ports import Deliveries, DeliveryBusyError, ServiceUnavailableError, Standing
from tests.aws.tables import create_table
from tests.fakes import FakeDeliveries

TABLE = "deliveries"
NOW = datetime(2024, 3, 1, 10, tzinfo=UTC)
ID = "egain-prod-import-0123456789abcdef/finished/1/slack"


@pytest.fixture
def table(aws: None) -> None:
    create_table("DeliveryTable", TABLE)


@pytest.fixture(params=["DynamoDB", "fake"])
def deliveries(request: pytest.FixtureRequest) -> Deliveries:
    if request.param == "fake":
        return FakeDeliveries()
    request.getfixturevalue("table")
    return DynamoDeliveries(TABLE)


def claim(deliveries: Deliveries, run: str, seconds: float = 0.0, delivery_id: str = ID) -> Standing:
    """Claimed so many seconds later, for a minute."""
    now = NOW + timedelta(seconds=seconds)
    return deliveries.claim(delivery_id, run, now=now, until=now + timedelta(minutes=1))


class TestBoth:
    def test_one_of_two_gets_it(self, deliveries: Deliveries) -> None:
        assert claim(deliveries, "one") is Standing.NEW
        for seconds in (0, 59.9):
            with pytest.raises(DeliveryBusyError):
                claim(deliveries, "other", seconds)
        assert claim(deliveries, "other", delivery_id="another/slack") is Standing.NEW

    def test_a_claim_that_ran_out_is_taken_over(self, deliveries: Deliveries) -> None:
        claim(deliveries, "killed")
        assert claim(deliveries, "other", 60) is Standing.NEW
        with pytest.raises(DeliveryBusyError):
            claim(deliveries, "third", 61)

    def test_its_own_claim_is_taken_again(self, deliveries: Deliveries) -> None:
        """The answer to the first write was lost, and the SDK wrote again."""
        assert [claim(deliveries, "one"), claim(deliveries, "one")] == [Standing.NEW, Standing.NEW]

    def test_what_is_delivered_stays_so(self, deliveries: Deliveries) -> None:
        claim(deliveries, "one")
        deliveries.delivered(ID, at=NOW)
        assert claim(deliveries, "other") is Standing.DELIVERED
        assert claim(deliveries, "other", 10**6) is Standing.DELIVERED

    def test_a_claim_given_up_is_free(self, deliveries: Deliveries) -> None:
        claim(deliveries, "one")
        deliveries.release(ID, "one")
        assert claim(deliveries, "other") is Standing.NEW

    def test_nobody_gives_up_the_claim_of_another(self, deliveries: Deliveries) -> None:
        claim(deliveries, "one")
        deliveries.release(ID, "other")
        with pytest.raises(DeliveryBusyError):
            claim(deliveries, "other")

    def test_what_was_refused_may_be_tried_again_and_is_known(self, deliveries: Deliveries) -> None:
        claim(deliveries, "one")
        deliveries.refused(ID)
        assert claim(deliveries, "other") is Standing.REFUSED
        deliveries.delivered(ID, at=NOW)
        assert claim(deliveries, "third") is Standing.DELIVERED


def test_entries_outlive_the_dead_letter_queue_and_then_go(table: None) -> None:
    deliveries = DynamoDeliveries(TABLE)
    claim(deliveries, "one")
    deliveries.delivered(ID, at=NOW)
    item = client("dynamodb").get_item(TableName=TABLE, Key={"delivery_id": {"S": ID}})["Item"]
    assert set(item) == {"delivery_id", "delivered_at", "expires_at"}
    kept_for = int(item["expires_at"]["N"]) - NOW.timestamp()
    assert 14 * 86400 < kept_for <= 60 * 86400


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "ResourceNotFoundException"])
def test_what_aws_refuses_is_unavailable(aws_fails: Callable[[str], None], code: str) -> None:
    aws_fails(code)
    deliveries = DynamoDeliveries(TABLE)
    calls: list[Callable[[], object]] = [
        lambda: claim(deliveries, "one"),
        lambda: deliveries.release(ID, "one"),
        lambda: deliveries.delivered(ID, at=NOW),
        lambda: deliveries.refused(ID),
    ]
    for call in calls:
        with pytest.raises(ServiceUnavailableError) as failed:
            call()
        assert "secret-in-message" not in str(failed.value)
