"""The watch table in DynamoDB: one item per watch."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from jobwatch.aws.clients import OtherwiseError, calling, client, writing_if
from jobwatch.domain.times import key_time
from jobwatch.domain.watch import Watch
from jobwatch.domain.watch_record import OPEN_SHARDS, read_record, write_record
from jobwatch.ports import WatchChangedError, WatchMissingError

OPEN_INDEX = "open"


class DynamoWatches:
    """`jobwatch.ports.Watches` on a DynamoDB table whose hash key is `watch_id`."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def add(self, watch: Watch) -> bool:
        return self._put(watch, "attribute_not_exists(watch_id)", {})

    def get(self, watch_id: str) -> Watch:
        with calling(f"DynamoDB GetItem {watch_id}"):
            item = client("dynamodb").get_item(
                TableName=self._table_name, Key={"watch_id": {"S": watch_id}}, ConsistentRead=True
            )
        if "Item" not in item:
            raise WatchMissingError(f"there is no watch {watch_id} in {self._table_name}")
        return watch_of_item(item["Item"])

    def save(self, watch: Watch) -> Watch:
        written = replace(watch, version=watch.version + 1)
        if not self._put(written, "version = :read", {":read": {"N": str(watch.version)}}):
            raise WatchChangedError(f"watch {watch.watch_id} was written by another since version {watch.version}")
        return written

    def overdue(self, since: datetime) -> Iterator[str]:
        for number in range(OPEN_SHARDS):
            call: dict[str, Any] = {
                "TableName": self._table_name,
                "IndexName": OPEN_INDEX,
                "KeyConditionExpression": "open_shard = :shard AND next_poll_at < :since",
                "ExpressionAttributeValues": {":shard": {"S": str(number)}, ":since": {"S": key_time(since)}},
            }
            while True:
                with calling("DynamoDB Query of the open watches"):
                    page = client("dynamodb").query(**call)
                yield from [item["watch_id"]["S"] for item in page["Items"]]
                if "LastEvaluatedKey" not in page:
                    break
                call["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def _put(self, watch: Watch, condition: str, values: dict[str, Any]) -> bool:
        item = {name: _to_attribute(value) for name, value in write_record(watch).items()}
        call: dict[str, Any] = {"TableName": self._table_name, "Item": item, "ConditionExpression": condition}
        if values:
            call["ExpressionAttributeValues"] = values
        try:
            with writing_if(f"DynamoDB PutItem {watch.watch_id}"):
                client("dynamodb").put_item(**call)
        except OtherwiseError:
            return False
        return True


def watch_of_item(item: dict[str, Any]) -> Watch:
    """The watch in an item of the table. Raises KeyError or ValueError for one that is none."""
    return read_record({name: _from_attribute(value) for name, value in item.items()})


def _to_attribute(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"S": value}
    if isinstance(value, int):
        return {"N": str(value)}
    if isinstance(value, dict):
        return {"M": {name: _to_attribute(each) for name, each in value.items()}}
    if isinstance(value, list):
        return {"L": [_to_attribute(each) for each in value]}
    raise TypeError(f"a watch record holds no {type(value).__name__}")


def _from_attribute(attribute: dict[str, Any]) -> Any:
    [(kind, value)] = attribute.items()
    match kind:
        case "S":
            return value
        case "N":
            return int(Decimal(value))
        case "M":
            return {name: _from_attribute(each) for name, each in value.items()}
        case "L":
            return [_from_attribute(each) for each in value]
    raise TypeError(f"a watch record holds no attribute of type {kind}")
