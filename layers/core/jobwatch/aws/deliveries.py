"""The ledger of deliveries in DynamoDB: one item per notification in a channel, or telling of the operators.

`run`, `claimed_until_ms`: whose claim it is, and until when (epoch milliseconds). `delivered_at`: it was posted.
`is_refused`: the channel refused it, and the operators were told.
"""

from datetime import datetime, timedelta
from typing import Any

from jobwatch.aws.clients import OtherwiseError, client, writing_if
from jobwatch.domain.times import write_time
from jobwatch.ports import DeliveryBusyError, Standing

# Longer than a message can wait on a dead-letter queue (14 days) before it is sent again.
_KEPT_FOR = timedelta(days=30)


class DynamoDeliveries:
    """`jobwatch.ports.Deliveries` on a DynamoDB table whose hash key is `delivery_id`."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def claim(self, delivery_id: str, run: str, *, now: datetime, until: datetime) -> Standing:
        item, done = self._update(
            delivery_id,
            "SET #run = :run, claimed_until_ms = :until, expires_at = :expires",
            {
                ":run": {"S": run},
                ":until": _number(_milliseconds(until)),
                ":now": _number(_milliseconds(now)),
                ":expires": _number(int((now + _KEPT_FOR).timestamp())),
            },
            # Its own claim is taken again: the answer to the first write may have been lost, and the SDK wrote again.
            condition="attribute_not_exists(delivered_at) AND "
            "(attribute_not_exists(claimed_until_ms) OR claimed_until_ms <= :now OR #run = :run)",
        )
        if done:
            return Standing.REFUSED if "is_refused" in item else Standing.NEW
        if "delivered_at" in item:
            return Standing.DELIVERED
        raise DeliveryBusyError(f"another run is delivering {delivery_id}")

    def release(self, delivery_id: str, run: str) -> None:
        self._update(delivery_id, "REMOVE #run, claimed_until_ms", {":run": {"S": run}}, condition="#run = :run")

    def delivered(self, delivery_id: str, *, at: datetime) -> None:
        self._update(
            delivery_id, "SET delivered_at = :at REMOVE #run, claimed_until_ms", {":at": {"S": write_time(at)}}
        )

    def refused(self, delivery_id: str) -> None:
        self._update(delivery_id, "SET is_refused = :yes REMOVE #run, claimed_until_ms", {":yes": {"BOOL": True}})

    def _update(
        self, delivery_id: str, expression: str, values: dict[str, Any], condition: str | None = None
    ) -> tuple[dict[str, Any], bool]:
        """The item after the write and True; as it stands and False where the condition does not hold."""
        call: dict[str, Any] = {
            "TableName": self._table_name,
            "Key": {"delivery_id": {"S": delivery_id}},
            "UpdateExpression": expression,
            # RUN is a word of DynamoDB's own.
            "ExpressionAttributeNames": {"#run": "run"},
            "ExpressionAttributeValues": values,
            "ReturnValues": "ALL_NEW",
        }
        if condition:
            call |= {"ConditionExpression": condition, "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        try:
            with writing_if(f"DynamoDB UpdateItem delivery {delivery_id}"):
                return client("dynamodb").update_item(**call).get("Attributes", {}), True
        except OtherwiseError as otherwise:
            return dict(otherwise.item), False


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _number(value: int) -> dict[str, str]:
    return {"N": str(value)}
