"""The timetables of the connections in DynamoDB: one item per connection, one write per reservation.

An item holds the numbers of `jobwatch.domain.timetable.Timetable`, all whole, so that DynamoDB's arithmetic is exact.
"""

import math
from dataclasses import asdict, fields
from typing import Any

from jobwatch.aws.clients import OtherwiseError, calling, client, writing_if
from jobwatch.domain.timetable import Slot, Timetable, spacing_ms

# Of a connection that is asked a hundred times a second, about one reading in three still holds when it is written.
_TRIES = 10
_NAMES = [field.name for field in fields(Timetable)]
# Exactly one of it and its opposite holds, also for an item of another layout.
_BOOKED = "attribute_exists(next_number) AND next_free_ms > :now"


class DynamoTimetables:
    """`jobwatch.ports.Timetables` on a DynamoDB table whose hash key is `connection`."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name
        # What was last seen of a connection. Only a hint of which of two writes will do: the table decides.
        self._next_free_ms: dict[str, int] = {}

    def reserve(self, connection: str, requests_per_minute: int, now: float) -> Slot:
        now_ms, budget_ms = int(now * 1000), spacing_ms(requests_per_minute)
        queues_up = self._next_free_ms.get(connection, 0) > now_ms
        while True:
            try:
                write = self._queue_up if queues_up else self._take_now
                known = write(connection, now_ms, budget_ms)
                break
            except OtherwiseError:
                queues_up = not queues_up
        number = known.next_number - 1
        return self._adjusted(connection, known, now_ms, budget_ms).slot(number)

    def slot(self, connection: str, number: int, requests_per_minute: int, now: float) -> Slot | None:
        known = self._read(connection)
        if known is None or number >= known.next_number:
            return None
        return self._adjusted(connection, known, int(now * 1000), spacing_ms(requests_per_minute)).slot(number)

    def backlog_until(self, connection: str) -> float:
        return self._next_free_ms.get(connection, 0) / 1000

    def throttled(
        self, connection: str, asked: int, requests_per_minute: int, now: float, retry_after_seconds: float
    ) -> None:
        now_ms, budget_ms = int(now * 1000), spacing_ms(requests_per_minute)
        for _ in range(_TRIES):
            known = self._read(connection)
            if known is None:
                # Its slot has gone with the table's item; nobody holds another.
                return
            slower = known.slowed_down(asked, now_ms, budget_ms, math.ceil(retry_after_seconds * 1000))
            if slower == known or self._replaced(connection, known, slower):
                return

    def _take_now(self, connection: str, now_ms: int, budget_ms: int) -> Timetable:
        """After taking the present moment. Raises OtherwiseError when the timetable is not free."""
        return self._update(
            connection,
            "SET anchor_number = if_not_exists(next_number, :zero), anchor_ms = :now, spacing_before_ms = :zero, "
            "next_number = if_not_exists(next_number, :zero) + :one, "
            "next_free_ms = :now + if_not_exists(spacing_ms, :budget), "
            "spacing_ms = if_not_exists(spacing_ms, :budget), "
            "slowed_at_ms = if_not_exists(slowed_at_ms, :zero), calm_from_ms = if_not_exists(calm_from_ms, :zero)",
            f"NOT ({_BOOKED})",
            {"now": now_ms, "budget": budget_ms, "zero": 0, "one": 1},
        )

    def _queue_up(self, connection: str, now_ms: int, _budget_ms: int) -> Timetable:
        """After taking the first free moment, behind all who came before. Raises OtherwiseError when that is past."""
        return self._update(
            connection,
            "SET next_number = next_number + :one, next_free_ms = next_free_ms + spacing_ms",
            _BOOKED,
            {"now": now_ms, "one": 1},
        )

    def _adjusted(self, connection: str, known: Timetable, now_ms: int, budget_ms: int) -> Timetable:
        adjusted = known.adjusted(now_ms, budget_ms)
        # Where somebody else wrote meanwhile, the next one who comes here adjusts it.
        return adjusted if adjusted == known or self._replaced(connection, known, adjusted) else known

    def _replaced(self, connection: str, known: Timetable, timetable: Timetable) -> bool:
        """Whether `known` was still what the table holds: neither a slot nor a 429 of somebody else must be undone."""
        before, after = asdict(known), asdict(timetable)
        try:
            self._update(
                connection,
                "SET " + ", ".join(f"{name} = :{name}" for name in _NAMES),
                " AND ".join(f"{name} = :known_{name}" for name in _NAMES),
                after | {f"known_{name}": value for name, value in before.items()},
            )
        except OtherwiseError:
            return False
        return True

    def _read(self, connection: str) -> Timetable | None:
        with calling(f"DynamoDB GetItem timetable of {connection}"):
            # Not eventually: a slot that a 429 has just moved back must not be used.
            found = client("dynamodb").get_item(
                TableName=self._table_name, Key={"connection": {"S": connection}}, ConsistentRead=True
            )
        item: dict[str, Any] = found.get("Item", {})
        return self._seen(connection, item) if all(name in item for name in _NAMES) else None

    def _update(self, connection: str, expression: str, condition: str, values: dict[str, int]) -> Timetable:
        """The timetable after one write. Raises OtherwiseError when the condition does not hold."""
        with writing_if(f"DynamoDB UpdateItem timetable of {connection}"):
            written = client("dynamodb").update_item(
                TableName=self._table_name,
                Key={"connection": {"S": connection}},
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues={f":{name}": {"N": str(value)} for name, value in values.items()},
                ReturnValues="ALL_NEW",
            )
        return self._seen(connection, written["Attributes"])

    def _seen(self, connection: str, item: dict[str, Any]) -> Timetable:
        known = Timetable(**{name: int(item[name]["N"]) for name in _NAMES})
        self._next_free_ms[connection] = known.next_free_ms
        return known
