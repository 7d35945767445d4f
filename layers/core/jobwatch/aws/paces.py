"""The pace of a topic in DynamoDB: one item of the ledger of deliveries, one write a publish.

`next_free_ms`: the next slot. `next_turn_ms`: when the next of those that found too long a queue comes back; they come
back at the pace of the slots, so that each finds one. `ends`: the jobs whose end was published; `ends_heard` of them
when somebody was last seen to hear, at `heard_at_ms`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from jobwatch.aws.clients import OtherwiseError, calling, client, writing_if
from jobwatch.domain.listening import Unheard
from jobwatch.domain.pace import SLEPT_FOR_MS, SPACING_MS
from jobwatch.ports import ServiceUnavailableError, TopicBusyError

# Each that fails has read what another wrote; then it writes what fits that.
_TRIES: Final = 20
_NOW_FREE: Final = "attribute_not_exists(next_free_ms) OR next_free_ms <= :now"
_SOON_FREE: Final = "next_free_ms > :now AND next_free_ms <= :last"


class DynamoPace:
    """`jobwatch.ports.Pace` on the table whose hash key is `delivery_id`."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name
        # A hint of which write will do: the table decides.
        self._next_free_ms = 0

    def reserve(self, now: float, ends: int = 0) -> float:
        now_ms = int(now * 1000)
        last_ms = now_ms + SLEPT_FOR_MS
        for _ in range(_TRIES):
            try:
                if self._next_free_ms <= now_ms:
                    values = {"now": now_ms, "next": now_ms + SPACING_MS, "ends": ends}
                    self._update("SET next_free_ms = :next ADD ends :ends", values, _NOW_FREE)
                    return now_ms / 1000
                if self._next_free_ms > last_ms:
                    raise TopicBusyError((self._turn(last_ms) - now_ms) / 1000)
                values = {"now": now_ms, "last": last_ms, "spacing": SPACING_MS, "ends": ends}
                item = self._update("SET next_free_ms = next_free_ms + :spacing ADD ends :ends", values, _SOON_FREE)
                return (_number(item, "next_free_ms") - SPACING_MS) / 1000
            except OtherwiseError as otherwise:
                self._next_free_ms = _number(otherwise.item, "next_free_ms")
        raise ServiceUnavailableError(
            "DynamoDB UpdateItem pace of the notification topic: others write it all the time"
        )

    def unpublished(self, ends: int) -> None:
        self._update("ADD ends :less", {"less": -ends})

    def heard(self, now: datetime) -> None:
        self._update(
            "SET ends_heard = if_not_exists(ends, :none), heard_at_ms = :now",
            {"none": 0, "now": round(now.timestamp() * 1000)},
        )

    def unheard(self) -> Unheard:
        with calling("DynamoDB GetItem pace of the notification topic"):
            found = client("dynamodb").get_item(
                TableName=self._table_name, Key={"delivery_id": {"S": "notifications"}}, ConsistentRead=True
            )
        item = found.get("Item", {})
        heard_at_ms = _number(item, "heard_at_ms")
        since = datetime.fromtimestamp(heard_at_ms / 1000, UTC) if heard_at_ms else None
        return Unheard(_number(item, "ends") - _number(item, "ends_heard"), since)

    def _turn(self, last_ms: int) -> int:
        """When one that finds the queue too long comes back."""
        try:
            first = {"last": last_ms, "next": last_ms + SPACING_MS}
            self._update(
                "SET next_turn_ms = :next", first, "attribute_not_exists(next_turn_ms) OR next_turn_ms <= :last"
            )
            return last_ms
        except OtherwiseError:
            # Whoever writes meanwhile moves it on.
            item = self._update("ADD next_turn_ms :spacing", {"spacing": SPACING_MS})
            return _number(item, "next_turn_ms") - SPACING_MS

    def _update(self, expression: str, values: Mapping[str, int], condition: str | None = None) -> dict[str, Any]:
        """The item after one write. Raises OtherwiseError when the condition does not hold."""
        call: dict[str, Any] = {
            "TableName": self._table_name,
            "Key": {"delivery_id": {"S": "notifications"}},
            "UpdateExpression": expression,
            "ExpressionAttributeValues": {f":{name}": {"N": str(value)} for name, value in values.items()},
            "ReturnValues": "ALL_NEW",
        }
        if condition:
            call |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        with writing_if("DynamoDB UpdateItem pace of the notification topic"):
            item: dict[str, Any] = client("dynamodb").update_item(**call)["Attributes"]
        self._next_free_ms = _number(item, "next_free_ms")
        return item


def _number(item: Mapping[str, Any], name: str) -> int:
    return int(item[name]["N"]) if name in item else 0
