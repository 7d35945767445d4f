"""AWS in memory (moto), and AWS that fails."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from jobwatch.aws.clients import client


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty account. The adapters keep their clients for a process; here, for a test."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    client.cache_clear()
    with mock_aws():
        yield
    client.cache_clear()


@pytest.fixture
def aws_fails(aws: None, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Lets every call from here on fail with an error code; "no connection" for none at all."""

    def fail(code: str) -> None:
        def call(self: BaseClient, operation_name: str, kwargs: Any) -> Any:
            if code == "no connection":
                raise EndpointConnectionError(endpoint_url="https://aws.example")
            modelled: Any = self.exceptions.from_code(code)
            raise modelled({"Error": {"Code": code, "Message": "secret-in-message"}}, operation_name)

        monkeypatch.setattr(BaseClient, "_make_api_call", call)

    return fail
