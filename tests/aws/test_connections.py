"""Connections in SSM: read about once a minute, refused with the place, unavailable when SSM is."""

import json
from collections.abc import Callable

import pytest

from jobwatch.aws.clients import client
from jobwatch.aws.connections import SsmConnections
from jobwatch.domain.connection import ConnectionDeniedError, ConnectionUnusableError
from jobwatch.ports import ServiceUnavailableError

DOCUMENT = {"vendor": "egain", "base_url": "https://api.egain.cloud", "secret": "jobwatch/egain-prod"}


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connections(aws: None, clock: Clock) -> SsmConnections:
    return SsmConnections("/jobwatch/connections/", "jobwatch/", frozenset({"egain"}), clock)


def put(value: str, kind: str = "String") -> None:
    name = "/jobwatch/connections/egain-prod"
    client("ssm").put_parameter(Name=name, Type=kind, Value=value, Overwrite=True)


@pytest.mark.parametrize("kind", ["String", "SecureString"])
def test_a_parameter_is_a_connection(connections: SsmConnections, kind: str) -> None:
    put(json.dumps(DOCUMENT), kind)
    connection = connections.get("egain-prod")
    assert (connection.name, connection.base_url) == ("egain-prod", "https://api.egain.cloud")


def test_an_edit_counts_within_a_minute(connections: SsmConnections, clock: Clock) -> None:
    put(json.dumps(DOCUMENT))
    connections.get("egain-prod")
    put(json.dumps({**DOCUMENT, "polling": {"min_seconds": 20}}))
    assert connections.get("egain-prod").polling.min_seconds == 15
    clock.now += 60
    assert connections.get("egain-prod").polling.min_seconds == 20


def test_a_removed_or_broken_one_is_used_no_more_once_ssm_has_said_so(
    connections: SsmConnections, clock: Clock
) -> None:
    put(json.dumps(DOCUMENT))
    connections.get("egain-prod")
    put("not json")
    clock.now += 60
    with pytest.raises(ConnectionUnusableError, match="not JSON"):
        connections.get("egain-prod")
    put(json.dumps(DOCUMENT))
    connections.get("egain-prod")
    client("ssm").delete_parameter(Name="/jobwatch/connections/egain-prod")
    clock.now += 60
    with pytest.raises(ConnectionUnusableError, match="there is no parameter"):
        connections.get("egain-prod")


def test_a_kept_one_is_used_while_ssm_is_throttled(
    connections: SsmConnections, clock: Clock, aws_fails: Callable[[str], None]
) -> None:
    put(json.dumps(DOCUMENT))
    connections.get("egain-prod")
    aws_fails("ThrottlingException")
    clock.now += 600
    assert connections.get("egain-prod").base_url == "https://api.egain.cloud"


def test_a_kept_one_is_not_used_once_it_may_not_be_read(
    connections: SsmConnections, clock: Clock, aws_fails: Callable[[str], None]
) -> None:
    put(json.dumps(DOCUMENT))
    connections.get("egain-prod")
    aws_fails("AccessDeniedException")
    clock.now += 60
    with pytest.raises(ConnectionDeniedError):
        connections.get("egain-prod")


def test_a_missing_one_is_named_with_its_parameter(connections: SsmConnections) -> None:
    with pytest.raises(ConnectionUnusableError, match=r"connection no-such.*/jobwatch/connections/no-such"):
        connections.get("no-such")


@pytest.mark.parametrize("value", ["not json", "[]", "{", '{"vendor": "egain"}', "[" * 4000])
def test_a_broken_one_is_unusable(connections: SsmConnections, value: str) -> None:
    put(value)
    with pytest.raises(ConnectionUnusableError, match="egain-prod"):
        connections.get("egain-prod")


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerError", "no connection"])
def test_an_outage_is_not_the_connections_fault(
    connections: SsmConnections, aws_fails: Callable[[str], None], code: str
) -> None:
    aws_fails(code)
    with pytest.raises(ServiceUnavailableError, match="SSM GetParameter"):
        connections.get("egain-prod")


@pytest.mark.parametrize("code", ["AccessDeniedException", "InvalidKeyId"])
def test_a_parameter_that_may_not_be_read_is_known_as_that(
    connections: SsmConnections, aws_fails: Callable[[str], None], code: str
) -> None:
    """As an outage it would fail every poll, and the watch's limits with it; nobody would hear of the job."""
    aws_fails(code)
    with pytest.raises(ConnectionDeniedError, match=f"cannot be read \\({code}\\)"):
        connections.get("egain-prod")
