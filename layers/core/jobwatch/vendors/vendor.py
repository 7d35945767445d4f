"""The seam between jobwatch and a vendor's status API."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from jobwatch.domain.connection import Connection
from jobwatch.domain.exchange import Response
from jobwatch.domain.snapshot import Answer
from jobwatch.domain.submission import Submission
from jobwatch.domain.words import Operation


@dataclass(frozen=True)
class StaticHeaders:
    """Credentials that are sent as they stand."""

    headers: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True)
class ClientCredentials:
    """What a bearer token is fetched with, kept while valid, and refreshed once refused.

    `fields`: the body of the token request, as a form or `as_json`. `basic`: user name and password beside it.
    `hidden`: what of these must never be shown.
    """

    token_url: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    hidden: tuple[str, ...] = field(repr=False)
    as_json: bool = False
    basic: tuple[str, str] | None = field(default=None, repr=False)

    @classmethod
    def usual(
        cls, token_url: str, client_id: str, client_secret: str, *, scope: str | None = None, as_basic: bool = False
    ) -> "ClientCredentials":
        """The client credentials grant of OAuth 2.0 (RFC 6749, 4.4), the client in the body or in a header (2.3.1)."""
        fields = {"grant_type": "client_credentials"}
        if not as_basic:
            fields |= {"client_id": client_id, "client_secret": client_secret}
        if scope:
            fields["scope"] = scope
        basic = (client_id, client_secret) if as_basic else None
        return cls(token_url, tuple(fields.items()), (client_secret,), basic=basic)


@dataclass(frozen=True)
class StatusRequest:
    """One call of a status API. `url` lies under the connection's address; `auth` is added when it is sent."""

    url: str
    auth: StaticHeaders | ClientCredentials
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    json_body: Mapping[str, Any] | None = None


class Vendor(Protocol):
    """A vendor's status API. Pure: no I/O, no clock."""

    title: str
    """The vendor's name as people write it."""
    operations: frozenset[Operation]
    """The operations whose jobs it can be asked about."""
    remembers: timedelta | None
    """How long the vendor still knows a job that has ended, by the most careful of its documents; None: not known."""

    def check(self, submission: Submission, connection: Connection) -> None:
        """Refuse a submission that this API can never be asked about. Raises NotAskableError with the reason."""

    def request(self, submission: Submission, connection: Connection, secret: Mapping[str, Any]) -> StatusRequest:
        """The call that asks for the job's status. Raises NotAskableError."""

    def read(self, submission: Submission, response: Response) -> Answer:
        """What the response says. Never raises, whatever the response holds."""

    def after_success(self, operation: Operation) -> str | None:
        """What the vendor says comes after a plain success, if it says anything."""
