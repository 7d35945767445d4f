"""AWS clients, made when first used and kept for the life of the process."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from jobwatch.ports import ServiceUnavailableError


@cache
def client(service: str) -> Any:
    """The boto3 client of a service, with time-outs that fit into a function's own."""
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
    """Turns what boto3 raises inside into ServiceUnavailableError; `what` names the service, call and object."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise ServiceUnavailableError(f"{what}: {error_code(error) or type(error).__name__}") from error
