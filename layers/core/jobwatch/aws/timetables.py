"""The timetables of the connections in DynamoDB: one item per connection, one write per reservation.

`next_free_ms`: the first free moment. `slow_spacing_ms`, `slowed_at_ms`, `paused_until_ms`: after a 429, see
`jobwatch.domain.timetable`. All are whole milliseconds, so that DynamoDB's arithmetic is exact.
"""

from typing import Any

from jobwatch.aws.clients import calling, client, error_code
from jobwatch.domain.timetable import Slowdown, recover, slow_down, spacing_seconds

_SPACING = "if_not_exists(slow_spacing_ms, :spacing)"
# A slowdown that this many others changed first is slow enough.
_TRIES = 4


class _OtherwiseError(Exception):
    """The condition of a write does not hold."""


class DynamoTimetables:
    """`jobwatch.ports.Timetables` on a DynamoDB table whose hash key is `connection`."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name
        # What was last seen of a connection. Only a hint of which of two writes will do: the table decides.
        self._next_free_ms: dict[str, int] = {}

    def reserve(self, connection: str, requests_per_minute: int, now: float) -> float:
        now_ms = round(now * 1000)
        if self._next_free_ms.get(connection, 0) <= now_ms:
            try:
                return self._take_now(connection, requests_per_minute, now_ms) / 1000
            except _OtherwiseError:
                pass
        return max(self._queue_up(connection, requests_per_minute, now_ms), now_ms) / 1000

    def backlog_until(self, connection: str) -> float:
        return self._next_free_ms.get(connection, 0) / 1000

    def paused_until(self, connection: str) -> float:
        item = self._read(connection, consistent=False)
        # A poll in a slot that was booked before writes nothing here, yet must know how long the queue is.
        self._next_free_ms[connection] = max(self._next_free_ms.get(connection, 0), _number(item, "next_free_ms"))
        return _number(item, "paused_until_ms") / 1000

    def throttled(self, connection: str, requests_per_minute: int, now: float, retry_after_seconds: float) -> None:
        for _ in range(_TRIES):
            known = _slowdown(self._read(connection, consistent=True))
            slower = slow_down(known, now, spacing_seconds(requests_per_minute), retry_after_seconds)
            self._keep_free_until(connection, slower.paused_until)
            if slower == known or self._replaced(connection, known, slower):
                return

    def _take_now(self, connection: str, requests_per_minute: int, now_ms: int) -> int:
        """The present moment. Raises _OtherwiseError when the timetable is not free."""
        item = self._update(
            connection,
            f"SET next_free_ms = :now + {_SPACING}",
            {":now": now_ms, ":spacing": _milliseconds(spacing_seconds(requests_per_minute))},
            condition="attribute_not_exists(next_free_ms) OR next_free_ms <= :now",
        )
        self._seen(connection, requests_per_minute, item, now_ms)
        return now_ms

    def _queue_up(self, connection: str, requests_per_minute: int, now_ms: int) -> int:
        """The first free moment, behind everyone who came before."""
        spacing_ms = _milliseconds(spacing_seconds(requests_per_minute))
        item = self._update(
            connection,
            f"SET next_free_ms = if_not_exists(next_free_ms, :now) + {_SPACING}",
            {":now": now_ms, ":spacing": spacing_ms},
        )
        self._seen(connection, requests_per_minute, item, now_ms)
        return _number(item, "next_free_ms") - (_number(item, "slow_spacing_ms") or spacing_ms)

    def _seen(self, connection: str, requests_per_minute: int, item: dict[str, Any], now_ms: int) -> None:
        self._next_free_ms[connection] = _number(item, "next_free_ms")
        known = _slowdown(item)
        if known is not None:
            recovered = recover(known, now_ms / 1000, spacing_seconds(requests_per_minute))
            if recovered != known:
                self._replaced(connection, known, recovered)

    def _replaced(self, connection: str, known: Slowdown | None, slowdown: Slowdown | None) -> bool:
        """Whether `known` was still what the table holds: a recovery must not undo a 429 that has just come."""
        values: dict[str, int] = {}
        condition = "attribute_not_exists(slowed_at_ms)"
        if known is not None:
            condition = "slowed_at_ms = :known_at AND paused_until_ms = :known_until"
            values = {":known_at": _milliseconds(known.slowed_at), ":known_until": _milliseconds(known.paused_until)}
        expression = "REMOVE slow_spacing_ms, slowed_at_ms, paused_until_ms"
        if slowdown is not None:
            expression = "SET slow_spacing_ms = :spacing, slowed_at_ms = :at, paused_until_ms = :until"
            values |= {
                ":spacing": _milliseconds(slowdown.spacing_seconds),
                ":at": _milliseconds(slowdown.slowed_at),
                ":until": _milliseconds(slowdown.paused_until),
            }
        try:
            self._update(connection, expression, values, condition)
        except _OtherwiseError:
            return False
        return True

    def _keep_free_until(self, connection: str, moment: float) -> None:
        """Nobody takes a moment before this one; a timetable that is booked beyond it stays as it is."""
        try:
            item = self._update(
                connection,
                "SET next_free_ms = :until",
                {":until": _milliseconds(moment)},
                condition="attribute_not_exists(next_free_ms) OR next_free_ms < :until",
            )
        except _OtherwiseError:
            return
        self._next_free_ms[connection] = _number(item, "next_free_ms")

    def _read(self, connection: str, *, consistent: bool) -> dict[str, Any]:
        with calling(f"DynamoDB GetItem timetable of {connection}"):
            found: dict[str, Any] = client("dynamodb").get_item(
                TableName=self._table_name, Key={"connection": {"S": connection}}, ConsistentRead=consistent
            )
        item: dict[str, Any] = found.get("Item", {})
        return item

    def _update(
        self, connection: str, expression: str, values: dict[str, int], condition: str | None = None
    ) -> dict[str, Any]:
        """The item after one write. Raises _OtherwiseError when the condition does not hold."""
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
                raise _OtherwiseError from None
        return attributes


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


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
