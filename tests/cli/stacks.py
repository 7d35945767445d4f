"""A stack of jobwatch in memory, as far as the command looks at it: outputs, and the table with its indexes."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from jobwatch.aws import clients
from jobwatch.aws.clients import client
from tests.aws.tables import create_table

TABLE = "watches"
SERIES_TABLE = "series"
MACHINE = "arn:aws:states:us-east-1:123456789012:stateMachine:watch"
_OUTPUTS = [
    {"OutputKey": "WatchTableName", "OutputValue": TABLE},
    {"OutputKey": "SeriesTableName", "OutputValue": SERIES_TABLE},
    {"OutputKey": "WatchStateMachineArn", "OutputValue": MACHINE},
]


class _Stacks:
    """CloudFormation with one stack, `jobwatch`. Moto's own needs packages that nothing else here does."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def describe_stacks(self, StackName: str = "jobwatch") -> dict[str, Any]:  # noqa: N803 - boto3's name
        if StackName != "jobwatch":
            error: Any = {"Code": "ValidationError", "Message": f"Stack with id {StackName} does not exist"}
            raise ClientError({"Error": error}, "DescribeStacks")
        return {"Stacks": [{"StackName": "jobwatch", "Outputs": _OUTPUTS}]}

    def get_paginator(self, _operation: str) -> Any:
        return SimpleNamespace(paginate=lambda **_: [self.describe_stacks()])


_STACKS = _Stacks()


@contextmanager
def an_account(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An account with the stack `jobwatch` and its empty table of watches."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION", "JOBWATCH_STACK"):
        monkeypatch.delenv(name, raising=False)
    client.cache_clear()
    with mock_aws():
        monkeypatch.setattr(clients, "client", lambda name: _STACKS if name == "cloudformation" else client(name))
        create_table("WatchTable", TABLE)
        create_table("SeriesTable", SERIES_TABLE)
        yield
    client.cache_clear()
