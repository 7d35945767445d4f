"""Finding watches: listed newest first, by job id, by name, and by the beginning of an id; nothing is scanned.

The indexes hold no more than keys and what filters need, and nothing that a poll changes; the rows that are shown are
read from the table itself.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from jobwatch.aws.clients import calling, client
from jobwatch.aws.watches import OPEN_INDEX, watch_of_item
from jobwatch.domain.times import key_time, parse_rfc3339
from jobwatch.domain.watch import Watch
from jobwatch.domain.watch_record import LIST_SHARDS, OPEN_SHARDS, list_shard

LISTED_INDEX: Final = "listed"
JOB_INDEX: Final = "by_job"
NAME_INDEX: Final = "by_name"
_ALL_SHARDS: Final = tuple(str(number) for number in range(LIST_SHARDS))
_ALL_OPEN: Final = tuple(str(number) for number in range(OPEN_SHARDS))
_PAGE: Final = 100
_WALK: Final = 1000
"""Rows of a query where many are looked through: a quarter of the megabyte that one answers with at most."""
_BATCH: Final = 100
"""Items that BatchGetItem takes (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html)."""


@dataclass(frozen=True)
class Filter:
    """Which watches: of a connection, running ones (`running`), with an outcome, with labels, submitted since."""

    connection: str | None = None
    running: bool = False
    outcome: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    since: datetime | None = None

    def takes(self, row: Mapping[str, Any]) -> bool:
        """Whether a row of the index is wanted."""
        labels = {name: value["S"] for name, value in row.get("labels", {}).get("M", {}).items()}
        return self._fits(row["connection"]["S"], row.get("outcome", {}).get("S"), labels)

    def fits(self, watch: Watch) -> bool:
        """Whether a watch is wanted."""
        about = watch.submission
        early = self.since is not None and watch.accepted_at < self.since
        return not early and self._fits(about.connection, watch.outcome, about.labels)

    def _fits(self, connection: str, outcome: str | None, labels: Mapping[str, str]) -> bool:
        return (
            self.connection in (None, connection)
            and not (self.running and outcome is not None)
            and self.outcome in (None, outcome)
            and all(labels.get(name) == value for name, value in self.labels.items())
        )


@dataclass(frozen=True)
class Page:
    """Watches, newest first, and the mark that the next page begins after; None where there are no more."""

    watches: tuple[Watch, ...]
    next: str | None


class DynamoListing:
    """The watches of a table, for those who look. Every call raises ServiceUnavailableError where AWS refuses."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def page(self, wanted: Filter, *, limit: int, after: str | None = None) -> Page:
        """`limit` watches at most. `after`: the mark of the page before."""
        if wanted.running:
            # What runs is few; a year's ended watches are not looked through for it.
            running = [
                each for each in self.running() if wanted.fits(each) and (after is None or _mark_of(each) < after)
            ]
            return Page(tuple(running[:limit]), _mark_of(running[limit - 1]) if len(running) > limit else None)
        shards = [list_shard(wanted.connection)] if wanted.connection else _ALL_SHARDS
        rows = self._rows(LISTED_INDEX, "shard", shards, since=wanted.since, after=after)
        found = list(itertools.islice(filter(wanted.takes, rows), limit + 1))
        mark = _mark(found[limit - 1]) if len(found) > limit else None
        return Page(tuple(self.get(_ids(found[:limit]))), mark)

    def running(self) -> list[Watch]:
        """All watches that have not ended, newest first; a read unit for two of them."""
        with ThreadPoolExecutor(OPEN_SHARDS) as pool:
            rows = [row for found in pool.map(self._open_rows, _ALL_OPEN) for row in found]
        # The index also has those that have ended and are to be told of.
        running = [each for each in self.get(_ids(rows)) if each.outcome is None]
        return sorted(running, key=_mark_of, reverse=True)

    def ended_ids(self, since: datetime, *, most: int) -> tuple[list[str], datetime | None]:
        """The ids of those submitted since that have ended, newest first; and, where more than `most` watches were
        submitted, how far back they were looked through.
        """
        rows = self._rows(LISTED_INDEX, "shard", _ALL_SHARDS, since=since, rows_each=_WALK)
        found = list(itertools.islice(rows, most + 1))
        cut = parse_rfc3339(found[most - 1]["accepted_at"]["S"]) if len(found) > most else None
        return [row["watch_id"]["S"] for row in found[:most] if "outcome" in row], cut

    def of_job(self, job_id: str) -> list[Watch]:
        """The watches of a vendor's job id, the newest first: of its attempts, operations and connections."""
        return self.get(_ids(self._rows(JOB_INDEX, "job_id", [job_id])))

    def of_name(self, name: str, *, limit: int = 20) -> list[Watch]:
        """The latest watches that people call so, newest first."""
        return self.get(_ids(itertools.islice(self._rows(NAME_INDEX, "name", [name]), limit)))

    def beginning_with(self, text: str, *, among: int = 1000) -> list[Watch]:
        """Those of the newest `among` watches whose watch id or job id begins so."""
        rows = itertools.islice(self._rows(LISTED_INDEX, "shard", _ALL_SHARDS), among)
        # A watch id ends in a hash: people type the job id's beginning, which only the item has.
        watches = self.get(_ids(rows))
        return [each for each in watches if each.watch_id.startswith(text) or each.submission.job_id.startswith(text)]

    def get(self, watch_ids: Sequence[str]) -> list[Watch]:
        """The watches of these ids in their order; those that are gone are left out."""
        batches = [watch_ids[at : at + _BATCH] for at in range(0, len(watch_ids), _BATCH)]
        with ThreadPoolExecutor(8) as pool:
            items = {item["watch_id"]["S"]: item for batch in pool.map(self._batch, batches) for item in batch}
        return [watch_of_item(items[watch_id]) for watch_id in watch_ids if watch_id in items]

    def _batch(self, watch_ids: Sequence[str]) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        keys = [{"watch_id": {"S": watch_id}} for watch_id in dict.fromkeys(watch_ids)]
        while keys:
            with calling("DynamoDB BatchGetItem of watches"):
                answer = client("dynamodb").batch_get_item(RequestItems={self._table_name: {"Keys": keys}})
            items += answer.get("Responses", {}).get(self._table_name, [])
            keys = answer.get("UnprocessedKeys", {}).get(self._table_name, {}).get("Keys", [])
        return items

    def _open_rows(self, shard: str) -> list[dict[str, Any]]:
        page = self._query(OPEN_INDEX, "open_shard", shard, None, None, None, _WALK)
        rows = list(page["Items"])
        while "LastEvaluatedKey" in page:
            page = self._query(OPEN_INDEX, "open_shard", shard, None, None, page["LastEvaluatedKey"], _WALK)
            rows += page["Items"]
        return rows

    def _rows(
        self,
        index: str,
        key: str,
        values: Sequence[str],
        *,
        since: datetime | None = None,
        after: str | None = None,
        rows_each: int = _PAGE,
    ) -> Iterator[dict[str, Any]]:
        """The rows of some partitions of an index, newest first over all of them; pages are read as they are needed."""
        with ThreadPoolExecutor(max(len(values), 1)) as pool:
            first = list(pool.map(lambda value: self._query(index, key, value, since, after, None, rows_each), values))
        queues = (
            _in_order(self._partition(index, key, value, since, after, page, rows_each))
            for value, page in zip(values, first, strict=True)
        )
        yield from heapq.merge(*queues, key=_mark, reverse=True)

    def _partition(
        self,
        index: str,
        key: str,
        value: str,
        since: datetime | None,
        after: str | None,
        page: Mapping[str, Any],
        rows_each: int,
    ) -> Iterator[dict[str, Any]]:
        while True:
            yield from (row for row in page["Items"] if after is None or _mark(row) < after)
            if "LastEvaluatedKey" not in page:
                return
            page = self._query(index, key, value, since, after, page["LastEvaluatedKey"], rows_each)

    def _query(
        self,
        index: str,
        key: str,
        value: str,
        since: datetime | None,
        after: str | None,
        start: Mapping[str, Any] | None,
        rows_each: int,
    ) -> Mapping[str, Any]:
        conditions, values = ["#key = :key"], {":key": {"S": value}}
        if since is not None and after is not None:
            conditions.append("accepted_at BETWEEN :since AND :until")
        elif since is not None:
            conditions.append("accepted_at >= :since")
        elif after is not None:
            conditions.append("accepted_at <= :until")
        if since is not None:
            values[":since"] = {"S": key_time(since)}
        if after is not None:
            values[":until"] = {"S": after.partition("#")[0]}
        call: dict[str, Any] = {
            "TableName": self._table_name,
            "IndexName": index,
            "KeyConditionExpression": " AND ".join(conditions),
            "ExpressionAttributeNames": {"#key": key},
            "ExpressionAttributeValues": values,
            "ScanIndexForward": False,
            "Limit": rows_each,
        }
        if start:
            call["ExclusiveStartKey"] = start
        with calling(f"DynamoDB Query of the index {index}"):
            answer: Mapping[str, Any] = client("dynamodb").query(**call)
        return answer


def _in_order(rows: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The rows of one moment by their id: DynamoDB orders by the sort key alone, and a page ends at a mark."""
    for _, of_one_moment in itertools.groupby(rows, key=lambda row: row["accepted_at"]["S"]):
        yield from sorted(of_one_moment, key=_mark, reverse=True)


def _ids(rows: Iterator[dict[str, Any]] | Sequence[dict[str, Any]]) -> list[str]:
    return [row["watch_id"]["S"] for row in rows]


def _mark_of(watch: Watch) -> str:
    return f"{key_time(watch.accepted_at)}#{watch.watch_id}"


def _mark(row: Mapping[str, Any]) -> str:
    return f"{row['accepted_at']['S']}#{row['watch_id']['S']}"
