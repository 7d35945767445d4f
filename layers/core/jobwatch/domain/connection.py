"""A connection: a named account at a vendor."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from jobwatch.domain.address import AddressRefusedError, check_address
from jobwatch.domain.checking import SchemaMismatchError, check
from jobwatch.domain.request_template import DescriptionError
from jobwatch.domain.rest_description import Description, read_description
from jobwatch.domain.tell import Expected, Tell, TellError, read_expected, read_tell
from jobwatch.domain.words import DEFAULT_NOTICES, Notice


class ConnectionUnusableError(Exception):
    """The connection is missing or wrong; `str()` names the connection, the place and the reason."""


class ConnectionDeniedError(ConnectionUnusableError):
    """jobwatch may not read the connection: somebody has to give it the right, and nothing is wrong with what asks."""


@dataclass(frozen=True)
class Polling:
    """How to poll a connection. Defaults and ranges are those of the public contract.

    `remembered_seconds`: how long the vendor knows a job that has ended, as its adapter says; None: not known.
    """

    min_seconds: int = 15
    max_seconds: int = 300
    requests_per_minute: int = 60
    deadline_minutes: int = 480
    stall_minutes: int = 60
    grace_minutes: int = 10
    give_up_hours: int = 72
    usual_deadline: bool = False
    """Whether the deadline is the longest that is usual of the series; `deadline_minutes` where no history says."""
    remembered_seconds: int | None = None


@dataclass(frozen=True)
class Connection:
    """Where an account's API is, which secret opens it, how to poll it, whom to tell how.

    `rest`: for the vendor of that name alone. `expected`: which runs are to be submitted how often.
    """

    name: str
    vendor: str
    base_url: str
    secret: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    polling: Polling = Polling()
    notices: frozenset[Notice] = frozenset(DEFAULT_NOTICES)
    rest: Description | None = None
    tell: Tell = Tell()  # noqa: RUF009 - frozen
    expected: tuple[Expected, ...] = ()


def read_connection(name: str, document: object, secret_prefix: str, vendors: frozenset[str]) -> Connection:
    """The connection in an SSM parameter's JSON.

    `secret_prefix`: what the secret's name must start with. `vendors`: the known ones.
    Raises ConnectionUnusableError for unknown fields, values out of range, addresses that may not be called, and a
    `rest` description that is wrong, missing, or beside another vendor.
    """
    try:
        fields = check("connection", document)
    except SchemaMismatchError as error:
        raise ConnectionUnusableError(f"connection {name}: {error}") from None
    if fields["vendor"] not in vendors:
        known = ", ".join(sorted(vendors))
        raise ConnectionUnusableError(f"connection {name}: vendor: {fields['vendor'][:40]!r} is none of {known}")
    if not fields["secret"].startswith(secret_prefix):
        raise ConnectionUnusableError(f"connection {name}: secret: must start with {secret_prefix}")
    try:
        base_url = check_address(fields["base_url"])
    except AddressRefusedError as error:
        raise ConnectionUnusableError(f"connection {name}: base_url: {error}") from None
    given = dict(fields.get("polling", {}))
    usual_deadline = given.get("deadline_minutes") == "usual"
    if usual_deadline:
        del given["deadline_minutes"]
    polling = Polling(**{key: int(value) for key, value in given.items()}, usual_deadline=usual_deadline)
    if polling.max_seconds < polling.min_seconds:
        raise ConnectionUnusableError(
            f"connection {name}: polling.max_seconds: is {polling.max_seconds}, below min_seconds {polling.min_seconds}"
        )
    return Connection(
        name=name,
        vendor=fields["vendor"],
        base_url=base_url,
        secret=fields["secret"],
        parameters=fields.get("parameters", {}),
        polling=polling,
        notices=frozenset(Notice(notice) for notice in fields.get("notices", DEFAULT_NOTICES)),
        rest=_rest(name, fields),
        tell=_tell(name, fields),
        expected=_expected(name, fields),
    )


def _tell(name: str, fields: Mapping[str, Any]) -> Tell:
    try:
        return read_tell(fields.get("tell", {}))
    except TellError as error:
        raise ConnectionUnusableError(f"connection {name}: tell.{error}") from None


def _expected(name: str, fields: Mapping[str, Any]) -> tuple[Expected, ...]:
    try:
        return read_expected(fields.get("expected", []))
    except TellError as error:
        raise ConnectionUnusableError(f"connection {name}: expected{error}") from None


def _rest(name: str, fields: Mapping[str, object]) -> Description | None:
    if (fields["vendor"] == "rest") != ("rest" in fields):
        reason = (
            "describes an API, so the vendor must be rest" if "rest" in fields else "is missing: it describes the API"
        )
        raise ConnectionUnusableError(f"connection {name}: rest: {reason}")
    try:
        return read_description(fields["rest"]) if "rest" in fields else None
    except DescriptionError as error:
        raise ConnectionUnusableError(f"connection {name}: rest.{error}") from None
