"""The table of watches: DynamoDB and its fake run the same suite."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from jobwatch.aws.clients import client
from jobwatch.aws.watches import DynamoWatches
from jobwatch.domain.snapshot import Item
from jobwatch.domain.words import Notice, Outcome
from jobwatch.ports import ServiceUnavailableError, WatchChangedError, Watches, WatchMissingError
from tests.aws.tables import create_table
from tests.fakes import FakeWatches
from tests.unit.examples import T0, ended, finished, running, submission, watch

TABLE = "watches"


@pytest.fixture
def table(aws: None) -> None:
    create_table("WatchTable", TABLE)


@pytest.fixture(params=["DynamoDB", "fake"])
def watches(request: pytest.FixtureRequest) -> Watches:
    if request.param == "fake":
        return FakeWatches()
    request.getfixturevalue("table")
    return DynamoWatches(TABLE)


class TestBoth:
    def test_a_watch_comes_back_whole(self, watches: Watches) -> None:
        end = finished(ended(items=(Item("a.json", "Failed", 40.5, "x", failed=True),)))
        assert watches.add(end)
        assert watches.get(end.watch_id) == end

    def test_odd_texts_and_numbers_come_back_whole(self, watches: Watches) -> None:
        about = submission(
            job_id='日本語 "quotes"',
            name="\U0001f389",
            labels={"a": "", "b ": " "},
            parameters={"clusterId": "in01"},
            deadline_minutes=2**31 - 1,
        )
        odd = replace(watch(about, snapshot=running(0.1, 0.3)), pace={"progress": 1e-300, "eta": None})
        assert watches.add(odd)
        assert watches.get(odd.watch_id) == odd

    def test_a_second_one_of_the_same_id_changes_nothing(self, watches: Watches) -> None:
        first, second = watch(), watch(submission(name="another", deadline_minutes=1))
        assert watches.add(first)
        assert not watches.add(second)
        assert watches.get(first.watch_id) == first

    def test_each_save_makes_a_version(self, watches: Watches) -> None:
        watches.add(watch())
        saved = watches.save(replace(watch(), polls=1))
        again = watches.save(replace(saved, polls=2))
        assert (saved.version, again.version) == (1, 2)
        assert watches.get(again.watch_id) == again

    def test_of_two_that_read_the_same_version_one_writes(self, watches: Watches) -> None:
        watches.add(watch())
        one, other = watches.get(watch().watch_id), watches.get(watch().watch_id)
        kept = watches.save(replace(one, polls=1))
        with pytest.raises(WatchChangedError):
            watches.save(replace(other, polls=5))
        assert watches.get(kept.watch_id) == kept

    def test_what_was_removed_is_missing_and_is_not_made_anew(self, watches: Watches) -> None:
        with pytest.raises(WatchMissingError, match="no-such"):
            watches.get("egain-prod-import-no-such")
        with pytest.raises(WatchChangedError):
            watches.save(watch())
        with pytest.raises(WatchMissingError):
            watches.get(watch().watch_id)

    def test_open_watches_that_should_have_woken_are_found(self, watches: Watches) -> None:
        """Ended and told of, they need nobody; ended and not told of, they do."""
        due = T0 + timedelta(minutes=10)
        cases: list[tuple[datetime, dict[str, Any]]] = [
            (due, {}),
            (due + timedelta(seconds=1), {}),
            (due - timedelta(days=30), {"due": (Notice.FINISHED,), "outcome": Outcome.FAILED}),
            (due - timedelta(days=30), {"outcome": Outcome.FAILED}),
        ]
        for number, (wakes_at, changes) in enumerate(cases):
            watches.add(watch(submission(job_id=str(number)), next_poll_at=wakes_at, **changes))
        found = {watches.get(watch_id).submission.job_id for watch_id in watches.overdue(due + timedelta(seconds=1))}
        assert found == {"0", "2"}
        assert len(list(watches.overdue(due + timedelta(days=1)))) == 3


def test_people_find_their_way_in_the_item(table: None) -> None:
    """The hash key is `watch_id`; what one looks for stands at the top."""
    end = replace(finished(), told=frozenset({Notice.OVERDUE}))
    DynamoWatches(TABLE).add(end)
    [item] = client("dynamodb").scan(TableName=TABLE)["Items"]
    assert item["watch_id"] == {"S": end.watch_id}
    assert item["state"] == {"S": "ended"}
    assert item["outcome"] == {"S": "completed_with_errors"}
    assert item["polls"] == {"N": "14"}
    assert item["told"] == {"L": [{"S": "overdue"}]}
    assert Decimal(item["expires_at"]["N"]) > 1709290560


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "InternalServerError", "AccessDeniedException", "no connection"]
)
@pytest.mark.parametrize(
    "call",
    [
        lambda watches: watches.add(watch()),
        lambda watches: watches.get("x"),
        lambda watches: watches.save(watch()),
        lambda watches: list(watches.overdue(T0)),
    ],
)
def test_what_aws_refuses_is_unavailable(
    aws_fails: Callable[[str], None], code: str, call: Callable[[DynamoWatches], Any]
) -> None:
    aws_fails(code)
    with pytest.raises(ServiceUnavailableError, match="DynamoDB") as failed:
        call(DynamoWatches(TABLE))
    assert "secret-in-message" not in str(failed.value)
    assert code in str(failed.value) or "EndpointConnectionError" in str(failed.value)
