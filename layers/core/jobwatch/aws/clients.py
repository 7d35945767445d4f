"""AWS clients, made when first used and kept for the life of the process."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from jobwatch.ports import ServiceUnavailableError

# On Lambda, the environment holds region and credentials, and boto3's import is paid for at each cold start. On a
# person's machine it costs nothing that matters, and knows where their credentials are.
_WITHOUT_BOTO3_ON_LAMBDA = frozenset({"dynamodb", "ssm", "secretsmanager", "stepfunctions"})


@cache
def client(service: str, *, patient: bool = True) -> Any:
    """The client of a service, with time-outs that fit into a function's own.

    `patient`: a function tries a throttled call again; not where its caller comes again by itself, as many others do,
    who would take what the limit allows from each other.
    """
    if service in _WITHOUT_BOTO3_ON_LAMBDA and "AWS_LAMBDA_FUNCTION_NAME" in os.environ:
        from jobwatch.aws.json_client import JsonClient

        return JsonClient(service, patient=patient)
    import boto3
    from botocore.config import Config

    make: Any = boto3.client  # its stubs know a literal for each service, not a name that varies
    return make(
        service,
        config=Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 4}),
    )


def error_code(error: Exception) -> str:
    """The AWS error code of a ClientError ("" for any other exception)."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


@contextmanager
def calling(what: str) -> Iterator[None]:
    """Turns what a client raises inside into ServiceUnavailableError; `what` names the service, call and object."""
    from botocore.exceptions import BotoCoreError, ClientError
    from urllib3.exceptions import HTTPError

    try:
        yield
    except (BotoCoreError, ClientError, HTTPError) as error:
        raise ServiceUnavailableError(f"{what}: {error_code(error) or type(error).__name__}") from error


class OtherwiseError(Exception):
    """The condition of a write does not hold: others wrote. `item` is what it met, where the call asked for that."""

    def __init__(self, item: Mapping[str, Any]) -> None:
        super().__init__()
        self.item = item


@contextmanager
def writing_if(what: str) -> Iterator[None]:
    """As `calling`, for a conditional write to DynamoDB: where its condition does not hold, OtherwiseError."""
    with calling(what):
        try:
            yield
        except Exception as error:
            if error_code(error) != "ConditionalCheckFailedException":
                raise
            raise OtherwiseError(getattr(error, "response", {}).get("Item", {})) from None
