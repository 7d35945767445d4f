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
from jobwatch.aws.watches import watch_of_item
from jobwatch.domain.times import key_time
from jobwatch.domain.watch import Watch
from jobwatch.domain.watch_record import LIST_SHARDS, list_shard

LISTED_INDEX: Final = "listed"
JOB_INDEX: Final = "by_job"
NAME_INDEX: Final = "by_name"
_ALL_SHARDS: Final = tuple(str(number) for number in range(LIST_SHARDS))
_PAGE: Final = 100
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
        labels = row.get("labels", {}).get("M", {})
        return (
            self.connection in (None, row["connection"]["S"])
            and not (self.running and "outcome" in row)
            and self.outcome in (None, row.get("outcome", {}).get("S"))
            and all(labels.get(name, {}).get("S") == value for name, value in self.labels.items())
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
        shards = [list_shard(wanted.connection)] if wanted.connection else _ALL_SHARDS
        rows = self._rows(LISTED_INDEX, "shard", shards, since=wanted.since, after=after)
        found = list(itertools.islice(filter(wanted.takes, rows), limit + 1))
        mark = _mark(found[limit - 1]) if len(found) > limit else None
        return Page(tuple(self.get(_ids(found[:limit]))), mark)

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

    def _rows(
        self, index: str, key: str, values: Sequence[str], *, since: datetime | None = None, after: str | None = None
    ) -> Iterator[dict[str, Any]]:
        """The rows of some partitions of an index, newest first over all of them; pages are read as they are needed."""
        with ThreadPoolExecutor(max(len(values), 1)) as pool:
            first = list(pool.map(lambda value: self._query(index, key, value, since, after, None), values))
        queues = (
            _in_order(self._partition(index, key, value, since, after, page))
            for value, page in zip(values, first, strict=True)
        )
        yield from heapq.merge(*queues, key=_mark, reverse=True)

    def _partition(
        self, index: str, key: str, value: str, since: datetime | None, after: str | None, page: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        while True:
            yield from (row for row in page["Items"] if after is None or _mark(row) < after)
            if "LastEvaluatedKey" not in page:
                return
            page = self._query(index, key, value, since, after, page["LastEvaluatedKey"])

    def _query(
        self,
        index: str,
        key: str,
        value: str,
        since: datetime | None,
        after: str | None,
        start: Mapping[str, Any] | None,
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
            "Limit": _PAGE,
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


def _mark(row: Mapping[str, Any]) -> str:
    return f"{row['accepted_at']['S']}#{row['watch_id']['S']}"
