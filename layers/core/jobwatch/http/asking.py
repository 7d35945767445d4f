"""Asking a vendor about a job: authenticate, send, read."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from jobwatch.domain.connection import Connection
from jobwatch.domain.exchange import NoResponseError, NotAskableError, Response, SecretWrongError
from jobwatch.domain.scrub import hide_secrets, scrub
from jobwatch.domain.snapshot import Answer, FailureKind, Lack, PollFailure, Snapshot, TokenRefused
from jobwatch.domain.submission import Submission
from jobwatch.http.tokens import Tokens
from jobwatch.http.transport import Transport
from jobwatch.ports import SecretDeniedError, Secrets, SecretUnusableError
from jobwatch.vendors.registry import vendor_of
from jobwatch.vendors.rest import Rest
from jobwatch.vendors.vendor import ClientCredentials, StaticHeaders, StatusRequest

if TYPE_CHECKING:
    from jobwatch.logs import LogSource

# Fields of a secret that are no secret, and so may be words that stand in an answer.
_NOT_SECRET = frozenset({"client_id", "scope", "token_url", "username"})


class VendorApis:
    """The status APIs of all vendors over HTTP."""

    def __init__(self, secrets: Secrets, transport: Transport, heard: Callable[[Response], None] | None = None) -> None:
        """`heard` is told each answer of a status API as it came, its secrets masked."""
        self._heard = heard
        self._secrets = secrets
        self._transport = transport
        self._tokens = Tokens(transport)

    def ask(self, submission: Submission, connection: Connection, *, fresh_token: bool = False) -> Answer:
        """What the vendor says of the job now. Everything that goes wrong on the way is a PollFailure.

        One request to the status API, and one before it to the token address where no token is in memory, or
        `fresh_token` asks for another, and for the secret as it is now. A refusal of a token, or of a secret that was
        rotated since it was read, is TokenRefused; of fresh ones a plain PollFailure.
        """
        vendor = vendor_of(connection)
        return self._exchange(
            connection,
            lambda secret: vendor.request(submission, connection, secret),
            lambda response: vendor.read(submission, response),
            fresh_token=fresh_token,
        )

    def ask_details(
        self, submission: Submission, connection: Connection, ended: Snapshot, *, fresh_token: bool = False
    ) -> Answer:
        """The end with what it points to (`Snapshot.details`), in one request more; what goes wrong as in `ask`."""
        vendor = Rest(connection)  # no other vendor's answer points to more
        return self._exchange(
            connection,
            lambda secret: vendor.details_request(submission, connection, secret, ended),
            lambda response: vendor.read_details(submission, ended, response),
            fresh_token=fresh_token,
        )

    def open_log(self, submission: Submission, connection: Connection, location: str) -> "LogSource":
        """The log at an address on the connection's host. Raises LogUnreadable, ServiceUnavailableError."""
        # A poll that reads no log does not wait for what reads one.
        from jobwatch.http.log_source import HttpLogSource
        from jobwatch.logs import LogUnreadable

        try:
            secret = self._secrets.get(connection.secret)
            request = Rest(connection).log_request(submission, connection, secret, location)
        except (SecretUnusableError, NotAskableError) as error:
            raise LogUnreadable(str(error)) from error
        headers = request.auth.headers if isinstance(request.auth, StaticHeaders) else self._bearer(request.auth)
        if isinstance(headers, PollFailure):
            raise LogUnreadable(headers.detail)
        return HttpLogSource(self._transport, request.url, headers, _hidden(secret, headers))

    def _bearer(self, credentials: ClientCredentials) -> Mapping[str, str] | PollFailure:
        token = self._tokens.get(credentials)
        return token if isinstance(token, PollFailure) else {"Authorization": f"Bearer {token}"}

    def _exchange(
        self,
        connection: Connection,
        build: Callable[[Mapping[str, Any]], StatusRequest],
        read: Callable[[Response], Answer],
        *,
        fresh_token: bool,
    ) -> Answer:
        if fresh_token:
            self._secrets.forget(connection.secret)
        try:
            secret = self._secrets.get(connection.secret)
            request = build(secret)
        except (SecretUnusableError, NotAskableError) as error:
            self._secrets.forget(connection.secret)
            said = f"connection {connection.name}: {error}"
            return PollFailure(FailureKind.MISCONFIGURED, said, lacks=_lack(error))
        try:
            response = self._authorised(request, secret, fresh_token=fresh_token)
        except NoResponseError as error:
            return PollFailure(FailureKind.UNREACHABLE, str(error))
        if isinstance(response, PollFailure):
            answer: Answer = response
        else:
            answer = hide_secrets(read(response))
            if _is_refusal(answer) and isinstance(request.auth, ClientCredentials):
                # A token's end comes under any HTTP code: the vendor's own words for it are the adapter's to know.
                self._tokens.forget(request.auth)
                if not fresh_token:
                    return TokenRefused(FailureKind.UNAUTHORISED, answer.detail)
        if _is_refusal(answer):
            self._secrets.forget(connection.secret)
            if not fresh_token and self._was_rotated(connection.secret, secret):
                return TokenRefused(FailureKind.UNAUTHORISED, answer.detail)
        return answer

    def _was_rotated(self, name: str, secret: Mapping[str, Any]) -> bool:
        try:
            return self._secrets.get(name) != secret
        except SecretUnusableError:
            return False  # what is wrong with it, the next poll says

    def _authorised(
        self, request: StatusRequest, secret: Mapping[str, Any], *, fresh_token: bool
    ) -> Response | PollFailure:
        if not isinstance(request.auth, ClientCredentials):
            return self._send(request, request.auth.headers, secret)
        if fresh_token:
            self._tokens.forget(request.auth)
        token = self._tokens.get(request.auth)
        if isinstance(token, PollFailure):
            return token
        hidden = {**secret, "access_token": token}
        return self._send(request, {"Authorization": f"Bearer {token}"}, hidden)

    def _send(self, request: StatusRequest, auth_headers: Mapping[str, str], secret: Mapping[str, Any]) -> Response:
        response = self._transport.send(
            request.method, request.url, headers={**request.headers, **auth_headers}, json_body=request.json_body
        )
        response = scrub(response, _hidden(secret, auth_headers))
        if self._heard is not None:
            self._heard(response)
        return response


def _hidden(secret: Mapping[str, Any], auth_headers: Mapping[str, str]) -> list[str]:
    """What must not be shown of an answer."""
    hidden = [value for name, value in secret.items() if isinstance(value, str) and name not in _NOT_SECRET]
    # Basic credentials are the base64 of two fields together, which is none of the secret's own values.
    return hidden + [value.rpartition(" ")[2] for value in auth_headers.values()]


def _lack(error: SecretUnusableError | NotAskableError) -> Lack:
    if isinstance(error, SecretDeniedError):
        return Lack.RIGHT
    return Lack.SECRET if isinstance(error, SecretUnusableError | SecretWrongError) else Lack.CONNECTION


def _is_refusal(answer: Answer) -> TypeGuard[PollFailure]:
    return isinstance(answer, PollFailure) and answer.kind is FailureKind.UNAUTHORISED
