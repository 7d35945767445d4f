"""What the operators were told and what was held back, in DynamoDB: one item of the ledger of deliveries.

`spoken_ms`: when the last messages were. `version`: of that list. `summary_until_ms`: until then a summary waits for
its turn. `n_…`: how many of a kind are held back, since `held_since_ms`; `k_…` says of which kind, as JSON.
"""

import json
from collections.abc import Mapping
from dataclasses import astuple
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from jobwatch.aws.clients import OtherwiseError, calling, client, writing_if
from jobwatch.domain.telling import Held, Kind, still_counted, wait_ms
from jobwatch.domain.text import clean
from jobwatch.ports import ServiceUnavailableError, Unspoken

_ITEM = "operations"
# Each success of another run is a place less, so that after so many tries the minute is full.
_TRIES = 10
# A summary of more reads nobody, and an item and an expression have limits (400 KB, 4 KB).
_MOST_KINDS = 60
_REST = Kind("of further kinds", "of further kinds", "", "the functions' logs have each")
# Longer than a summary waits for its turn.
_SUMMARY_WAITS_MS = 90_000


class DynamoTellingLedger:
    """`jobwatch.ports.TellingLedger` on the table whose hash key is `delivery_id`."""

    def __init__(self, table_name: str) -> None:
        self._table_name = table_name

    def admit(self, kind: Kind, now: datetime) -> bool:
        now_ms = _milliseconds(now)
        for _ in range(_TRIES):
            item = self._read()
            if wait_ms(_spoken(item), now_ms) > 0 or _number(item, "summary_until_ms") > now_ms:
                break
            if self._spoke(item, now_ms):
                return True
        self.hold(kind, now)
        return False

    def hold(self, kind: Kind, now: datetime) -> None:
        kind = Kind(*(clean(part, 300) for part in astuple(kind)))
        counted = {name for name, count in _counts(self._read()).items() if count > 0}
        if _name(kind) not in counted and len(counted) >= _MOST_KINDS:
            kind = _REST
        self._update(
            "ADD #count :one SET #kind = :kind, held_since_ms = if_not_exists(held_since_ms, :now)",
            {":one": _n(1), ":kind": {"S": json.dumps(astuple(kind))}, ":now": _n(_milliseconds(now))},
            {"#count": f"n_{_name(kind)}", "#kind": f"k_{_name(kind)}"},
        )

    def held(self) -> Unspoken:
        item = self._read()
        counts = _counts(item)
        kinds = [Held(Kind(*json.loads(item[f"k_{name}"]["S"])), count) for name, count in counts.items() if count > 0]
        return Unspoken(datetime.fromtimestamp(_number(item, "held_since_ms") / 1000, UTC), kinds, counts)

    def let_go(self, unspoken: Unspoken) -> None:
        named = list(enumerate(unspoken.state.items()))
        counts = {f"#n{place}": f"n_{name}" for place, (name, _) in named}
        kinds = {f"#k{place}": f"k_{name}" for place, (name, _) in named}
        values = {f":n{place}": count for place, (_, count) in named}
        try:
            self._update(
                f"REMOVE held_since_ms, {', '.join([*counts, *kinds])}",
                {name: _n(value) for name, value in values.items()},
                counts | kinds,
                " AND ".join(f"#n{place} = :n{place}" for place, _ in named),
            )
        except OtherwiseError:
            # More came meanwhile: that stays, and its kind with it.
            self._update(
                "ADD " + ", ".join(f"#n{place} :n{place}" for place, _ in named),
                {name: _n(-value) for name, value in values.items()},
                counts,
            )

    def wait_for_summary(self, now: datetime) -> float:
        now_ms = _milliseconds(now)
        for _ in range(_TRIES):
            item = self._read()
            wait = wait_ms(_spoken(item), now_ms)
            if wait > 0:
                self._update("SET summary_until_ms = :until", {":until": _n(now_ms + _SUMMARY_WAITS_MS)})
                return wait / 1000
            if self._spoke(item, now_ms):
                return 0.0
        raise ServiceUnavailableError("DynamoDB UpdateItem what the operators are told: others write it all the time")

    def _spoke(self, item: Mapping[str, Any], now_ms: int) -> bool:
        """Whether `item` was still what the table holds, and one more message is noted now."""
        spoken = sorted([*still_counted(_spoken(item), now_ms), now_ms])
        version = _number(item, "version")
        values = {":spoken": {"L": [_n(each) for each in spoken]}, ":next": _n(version + 1)}
        try:
            self._update(
                "SET spoken_ms = :spoken, version = :next REMOVE summary_until_ms",
                values | ({":known": _n(version)} if version else {}),
                condition="version = :known" if version else "attribute_not_exists(version)",
            )
        except OtherwiseError:
            return False
        return True

    def _read(self) -> dict[str, Any]:
        with calling("DynamoDB GetItem what the operators are told"):
            found = client("dynamodb").get_item(
                TableName=self._table_name, Key={"delivery_id": {"S": _ITEM}}, ConsistentRead=True
            )
        item: dict[str, Any] = found.get("Item", {})
        return item

    def _update(
        self,
        expression: str,
        values: Mapping[str, Any],
        names: Mapping[str, str] | None = None,
        condition: str | None = None,
    ) -> None:
        """One write. Raises OtherwiseError when the condition does not hold."""
        call: dict[str, Any] = {
            "TableName": self._table_name,
            "Key": {"delivery_id": {"S": _ITEM}},
            "UpdateExpression": expression,
            "ExpressionAttributeValues": dict(values),
        }
        if names:
            call["ExpressionAttributeNames"] = dict(names)
        if condition:
            call["ConditionExpression"] = condition
        with writing_if("DynamoDB UpdateItem what the operators are told"):
            client("dynamodb").update_item(**call)


def _name(kind: Kind) -> str:
    return sha256(json.dumps(astuple(kind)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _counts(item: Mapping[str, Any]) -> dict[str, int]:
    return {name.removeprefix("n_"): int(value["N"]) for name, value in item.items() if name.startswith("n_")}


def _spoken(item: Mapping[str, Any]) -> list[int]:
    return [int(each["N"]) for each in item.get("spoken_ms", {"L": []})["L"]]


def _number(item: Mapping[str, Any], name: str) -> int:
    return int(item[name]["N"]) if name in item else 0


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _n(value: int) -> dict[str, str]:
    return {"N": str(value)}
