"""The timetables of the connections in DynamoDB: one item per connection, one write per reservation.

`next_free_ms`: the first free moment. `slow_spacing_ms`, `slowed_at_ms`, `paused_until_ms`: after a 429, see
`jobwatch.domain.timetable`. All are whole milliseconds, so that DynamoDB's arithmetic is exact.
"""

from typing import Any

from jobwatch.aws.clients import calling, client, error_code
from jobwatch.domain.timetable import Slowdown, recover, slow_down, spacing_seconds

_SPACING = "if_not_exists(slow_spacing_ms, :spacing)"


class DynamoTimetables:
    """`jobwatch.ports.Timetables` on a DynamoDB table whose hash key is `connection`."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name
        # What the last write showed of a connection. Only a hint of which of two writes will do: the table decides.
        self._next_free_ms: dict[str, int] = {}

    def reserve(self, connection: str, requests_per_minute: int, now: float) -> float:
        now_ms = round(now * 1000)
        if self._next_free_ms.get(connection, 0) > now_ms:
            taken = self._queue_up(connection, requests_per_minute, now_ms)
        else:
            taken = self._take_now(connection, requests_per_minute, now_ms)
            if taken is None:
                taken = self._queue_up(connection, requests_per_minute, now_ms)
        if taken is None:
            raise RuntimeError(f"the timetable of {connection} can neither be free nor taken")
        return max(taken, now_ms) / 1000

    def backlog_until(self, connection: str) -> float:
        return self._next_free_ms.get(connection, 0) / 1000

    def paused_until(self, connection: str) -> float:
        with calling(f"DynamoDB GetItem timetable of {connection}"):
            item = client("dynamodb").get_item(TableName=self._table_name, Key={"connection": {"S": connection}})
        return _number(item.get("Item", {}), "paused_until_ms") / 1000

    def throttled(self, connection: str, requests_per_minute: int, now: float, retry_after_seconds: float) -> None:
        with calling(f"DynamoDB GetItem timetable of {connection}"):
            item = client("dynamodb").get_item(
                TableName=self._table_name, Key={"connection": {"S": connection}}, ConsistentRead=True
            )
        known = _slowdown(item.get("Item", {}))
        slower = slow_down(known, now, spacing_seconds(requests_per_minute), retry_after_seconds)
        if slower != known:
            self._write_slowdown(connection, slower)

    def _take_now(self, connection: str, requests_per_minute: int, now_ms: int) -> int | None:
        """The present moment, if the timetable is free; None if it is not."""
        changed = self._update(
            connection,
            f"SET next_free_ms = :now + {_SPACING}",
            {":now": now_ms, ":spacing": _spacing_ms(requests_per_minute)},
            condition="attribute_not_exists(next_free_ms) OR next_free_ms <= :now",
        )
        if changed is None:
            return None
        self._seen(connection, requests_per_minute, changed, now_ms)
        return now_ms

    def _queue_up(self, connection: str, requests_per_minute: int, now_ms: int) -> int | None:
        """The first free moment, behind everyone who came before."""
        spacing_ms = _spacing_ms(requests_per_minute)
        changed = self._update(
            connection,
            f"SET next_free_ms = if_not_exists(next_free_ms, :now) + {_SPACING}",
            {":now": now_ms, ":spacing": spacing_ms},
        )
        if changed is None:
            return None
        self._seen(connection, requests_per_minute, changed, now_ms)
        return _number(changed, "next_free_ms") - (_number(changed, "slow_spacing_ms") or spacing_ms)

    def _seen(self, connection: str, requests_per_minute: int, item: dict[str, Any], now_ms: int) -> None:
        self._next_free_ms[connection] = _number(item, "next_free_ms")
        known = _slowdown(item)
        if known is not None:
            recovered = recover(known, now_ms / 1000, spacing_seconds(requests_per_minute))
            if recovered != known:
                self._write_slowdown(connection, recovered)

    def _write_slowdown(self, connection: str, slowdown: Slowdown | None) -> None:
        if slowdown is None:
            self._update(connection, "REMOVE slow_spacing_ms, slowed_at_ms, paused_until_ms", {})
            return
        values = {
            ":spacing": round(slowdown.spacing_seconds * 1000),
            ":at": round(slowdown.slowed_at * 1000),
            ":until": round(slowdown.paused_until * 1000),
        }
        setting = "SET slow_spacing_ms = :spacing, slowed_at_ms = :at, paused_until_ms = :until"
        # Nobody takes a moment within the pause; a timetable that is booked beyond it stays as it is.
        later = self._update(
            connection,
            f"{setting}, next_free_ms = :until",
            values,
            condition="attribute_not_exists(next_free_ms) OR next_free_ms < :until",
        )
        if later is None:
            self._update(connection, setting, values)

    def _update(
        self, connection: str, expression: str, values: dict[str, int], condition: str | None = None
    ) -> dict[str, Any] | None:
        """The item after one write; None when the condition does not hold."""
        call: dict[str, Any] = {
            "TableName": self._table_name,
            "Key": {"connection": {"S": connection}},
            "UpdateExpression": expression,
            "ReturnValues": "ALL_NEW",
        }
        if values:
            call["ExpressionAttributeValues"] = {name: {"N": str(value)} for name, value in values.items()}
        if condition:
            call["ConditionExpression"] = condition
        dynamodb = client("dynamodb")
        with calling(f"DynamoDB UpdateItem timetable of {connection}"):
            try:
                attributes: dict[str, Any] = dynamodb.update_item(**call).get("Attributes", {})
            except dynamodb.exceptions.ClientError as error:
                if error_code(error) != "ConditionalCheckFailedException":
                    raise
                return None
        return attributes


def _spacing_ms(requests_per_minute: int) -> int:
    return max(round(spacing_seconds(requests_per_minute) * 1000), 1)


def _number(item: dict[str, Any], name: str) -> int:
    return int(item[name]["N"]) if name in item else 0


def _slowdown(item: dict[str, Any]) -> Slowdown | None:
    if "slow_spacing_ms" not in item:
        return None
    return Slowdown(
        spacing_seconds=_number(item, "slow_spacing_ms") / 1000,
        slowed_at=_number(item, "slowed_at_ms") / 1000,
        paused_until=_number(item, "paused_until_ms") / 1000,
    )
