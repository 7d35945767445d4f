"""The series in DynamoDB: one item a series, with its last runs."""

import json
from datetime import datetime, timedelta

from jobwatch.aws.clients import calling, client
from jobwatch.domain.series import History

_KEPT_FOR = timedelta(days=366)


class DynamoSeries:
    """`jobwatch.ports.SeriesHistories` on a DynamoDB table whose hash key is `series_id`."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def get(self, series_id: str) -> History:
        with calling(f"DynamoDB GetItem series {series_id}"):
            item = client("dynamodb").get_item(TableName=self._table_name, Key={"series_id": {"S": series_id}})
        runs = item.get("Item", {}).get("runs", {}).get("S", "[]")
        return History.from_json(json.loads(runs))

    def put(self, series_id: str, history: History, *, at: datetime) -> None:
        # Of two ends at once, the later write has one run only: a sample is lost, and nothing else.
        with calling(f"DynamoDB UpdateItem series {series_id}"):
            client("dynamodb").update_item(
                TableName=self._table_name,
                Key={"series_id": {"S": series_id}},
                UpdateExpression="SET runs = :runs, expires_at = :expires",
                ExpressionAttributeValues={
                    ":runs": {"S": json.dumps(history.as_json(), ensure_ascii=False, separators=(",", ":"))},
                    ":expires": {"N": str(int((at + _KEPT_FOR).timestamp()))},
                },
            )
