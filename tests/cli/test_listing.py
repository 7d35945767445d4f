"""Finding watches in the table: newest first, whole pages, and what each costs."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from jobwatch.aws.clients import client
from jobwatch.aws.watches import DynamoWatches
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch_cli.listing import DynamoListing, Filter
from tests.cli.stacks import TABLE, an_account
from tests.unit.examples import T0, running, submission, watch


@pytest.fixture
def listing(monkeypatch: pytest.MonkeyPatch) -> Iterator[DynamoListing]:
    with an_account(monkeypatch):
        yield DynamoListing(TABLE)


def add(number: int, *, minutes: float | None = None, connection: str = "egain-prod", **changes: Any) -> Watch:
    about = {key: changes.pop(key) for key in ("name", "labels", "attempt") if key in changes}
    job_id = changes.pop("job_id", f"job-{number:04}")
    accepted = T0 + timedelta(minutes=number if minutes is None else minutes)
    one = watch(submission(connection=connection, job_id=job_id, **about), accepted_at=accepted, **changes)
    assert DynamoWatches(TABLE).add(one)
    return one


def numbers(watches: Any) -> list[int]:
    return [int(each.submission.job_id.removeprefix("job-")) for each in watches]


def test_an_empty_table_has_an_empty_page(listing: DynamoListing) -> None:
    page = listing.page(Filter(), limit=10)
    assert (page.watches, page.next) == ((), None)


@pytest.mark.parametrize("count", [1, 49, 50, 51, 130])
def test_pages_have_every_watch_once_newest_first(listing: DynamoListing, count: int) -> None:
    for number in range(count):
        add(number, connection=f"connection-{number % 7}")
    seen: list[int] = []
    after = None
    while True:
        page = listing.page(Filter(), limit=50, after=after)
        seen += numbers(page.watches)
        after = page.next
        if after is None:
            break
        assert len(page.watches) == 50
    assert seen == list(reversed(range(count)))


def test_watches_of_one_moment_are_all_there(listing: DynamoListing) -> None:
    for number in range(25):
        add(number, minutes=5)
    first = listing.page(Filter(), limit=10)
    second = listing.page(Filter(), limit=10, after=first.next)
    third = listing.page(Filter(), limit=10, after=second.next)
    assert sorted(numbers([*first.watches, *second.watches, *third.watches])) == list(range(25))
    assert third.next is None


def test_filters_hold_together(listing: DynamoListing) -> None:
    add(1, connection="a", labels={"team": "search"})
    add(2, connection="a", labels={"team": "web"})
    add(3, connection="b", outcome=Outcome.FAILED)
    add(4, connection="a", outcome=Outcome.SUCCEEDED, labels={"team": "search"})
    assert numbers(listing.page(Filter(connection="a"), limit=9).watches) == [4, 2, 1]
    assert numbers(listing.page(Filter(running=True), limit=9).watches) == [2, 1]
    assert numbers(listing.page(Filter(outcome="failed"), limit=9).watches) == [3]
    assert numbers(listing.page(Filter(labels={"team": "search"}), limit=9).watches) == [4, 1]
    assert numbers(listing.page(Filter(since=T0 + timedelta(minutes=3)), limit=9).watches) == [4, 3]


def test_running_ones_are_paged_and_filtered_as_all_are(listing: DynamoListing) -> None:
    for number in range(7):
        add(number, labels={"team": "web" if number % 2 else "search"})
    add(8, outcome=Outcome.FAILED, due=(Notice.FINISHED,))
    first = listing.page(Filter(running=True), limit=3)
    second = listing.page(Filter(running=True), limit=4, after=first.next)
    assert numbers([*first.watches, *second.watches]) == [6, 5, 4, 3, 2, 1, 0]
    assert second.next is None
    wanted = Filter(running=True, labels={"team": "web"}, since=T0 + timedelta(minutes=2))
    assert numbers(listing.page(wanted, limit=9).watches) == [5, 3]


def test_ended_ones_are_found_back_to_a_moment_and_no_further_than_so_many(listing: DynamoListing) -> None:
    for number in range(6):
        add(number, outcome=None if number == 4 else Outcome.SUCCEEDED)
    ids, cut = listing.ended_ids(T0 + timedelta(minutes=2), most=10)
    assert (numbers(listing.get(ids)), cut) == ([5, 3, 2], None)
    ids, cut = listing.ended_ids(T0, most=3)
    assert (numbers(listing.get(ids)), cut) == ([5, 3], T0 + timedelta(minutes=3))


def test_a_job_id_finds_its_attempts_and_namesakes(listing: DynamoListing) -> None:
    add(1, job_id="7")
    add(2, job_id="7", attempt="2")
    add(3, job_id="7", connection="other")
    add(4, job_id="70")
    assert [each.submission.attempt for each in listing.of_job("7")] == [None, "2", None]


def test_a_name_finds_its_latest_runs(listing: DynamoListing) -> None:
    for number in range(5):
        add(number, name="Nightly 日本")
    add(9, name="Nightly")
    assert numbers(listing.of_name("Nightly 日本", limit=3)) == [4, 3, 2]
    assert listing.of_name("nobody") == []


def test_the_beginning_of_an_id_finds_what_begins_so(listing: DynamoListing) -> None:
    one = add(12)
    add(13)
    assert numbers(listing.beginning_with("job-0012")) == [12]
    assert numbers(listing.beginning_with(one.watch_id[:-3])) == [12]
    assert len(listing.beginning_with("job-")) == 2


def test_a_watch_that_went_between_index_and_item_is_left_out(listing: DynamoListing) -> None:
    assert listing.get(["gone", add(1).watch_id, "gone too"]) != []


def test_a_poll_changes_nothing_that_an_index_of_the_list_holds(listing: DynamoListing) -> None:
    """So it costs no write unit more: DynamoDB writes an index only where what it holds has changed."""
    one = add(1, name="Nightly")
    watches = DynamoWatches(TABLE)

    def held() -> list[Any]:
        indexes = ("listed", "by_job", "by_name")
        return [client("dynamodb").scan(TableName=TABLE, IndexName=index)["Items"] for index in indexes]

    before = held()
    polled = replace(
        watches.get(one.watch_id), polls=5, snapshot=running(3, 10), next_poll_at=T0 + timedelta(hours=3), wakes=4
    )
    watches.save(polled)
    assert held() == before
    assert all(before), "each index has the watch"
