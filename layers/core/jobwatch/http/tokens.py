"""Bearer tokens: fetched with a client's credentials, kept in memory while they are valid."""

import time
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

from jobwatch.domain.exchange import NoResponseError, Response, json_object
from jobwatch.domain.scrub import scrub
from jobwatch.domain.snapshot import FailureKind, NotFound, PollFailure
from jobwatch.domain.text import clean_or_none
from jobwatch.http.transport import Transport
from jobwatch.vendors.reading import failed_answer, number
from jobwatch.vendors.vendor import ClientCredentials

# Renewed this long before the end, so that a token does not expire on its way.
_MARGIN_SECONDS = 30.0
# No vendor document publishes a lifetime; expires_in is only RECOMMENDED (RFC 6749, 5.1).
_LIFETIME_IF_UNSAID_SECONDS = 300.0


@dataclass(frozen=True)
class _Token:
    value: str = field(repr=False)
    valid_until: float


class Tokens:
    """Bearer tokens by credentials, so that a changed secret never meets an older secret's token."""

    def __init__(self, transport: Transport, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._transport = transport
        self._monotonic = monotonic
        self._kept: dict[ClientCredentials, _Token] = {}

    def get(self, credentials: ClientCredentials) -> str | PollFailure:
        """A valid token, from memory or from the token address; or why there is none."""
        kept = self._kept.get(credentials)
        if kept is not None and self._monotonic() < kept.valid_until:
            return kept.value
        return self._fetch(credentials)

    def forget(self, credentials: ClientCredentials) -> None:
        """The vendor refused the token: fetch another one next time."""
        self._kept.pop(credentials, None)

    def _fetch(self, credentials: ClientCredentials) -> str | PollFailure:
        asked_at = self._monotonic()
        try:
            response = self._send(credentials)
        except NoResponseError as error:
            return PollFailure(FailureKind.UNREACHABLE, f"token address: {error}")
        body = json_object(response) or {}
        token = body.get("access_token")
        if response.status_code != 200 or not isinstance(token, str) or not _can_be_sent(token):
            return _refusal(failed_answer(response, _said(body)), response.status_code)
        lifetime = number(body.get("expires_in")) or _LIFETIME_IF_UNSAID_SECONDS
        self._kept[credentials] = _Token(token, asked_at + max(lifetime - _MARGIN_SECONDS, lifetime / 2))
        return token

    def _send(self, credentials: ClientCredentials) -> Response:
        headers, hidden = {"Accept": "application/json"}, list(credentials.hidden)
        if credentials.basic is not None:
            pair = b64encode(":".join(credentials.basic).encode()).decode()
            headers["Authorization"] = f"Basic {pair}"
            hidden.append(pair)
        body = dict(credentials.fields)
        form, json_body = (None, body) if credentials.as_json else (body, None)
        return scrub(
            self._transport.send("POST", credentials.token_url, headers=headers, json_body=json_body, form=form), hidden
        )


def _can_be_sent(token: str) -> bool:
    """Whether a header can carry the token, which has no blanks either (RFC 6750, 2.1)."""
    return token.isascii() and token.isprintable() and token != "" and " " not in token


def _said(body: dict[str, object]) -> str | None:
    said = [clean_or_none(body.get(key), 150) for key in ("error", "error_description")]
    return ": ".join(part for part in said if part) or ("no access_token in the answer" if body else None)


def _refusal(answer: NotFound | PollFailure, status_code: int) -> PollFailure:
    """A token address that does not know the client says 400 or 401 (RFC 6749, 5.2), some 404: all are refusals."""
    detail = f"token address: {answer.detail}"
    if isinstance(answer, NotFound):
        return PollFailure(FailureKind.UNAUTHORISED, detail)
    if answer.kind is FailureKind.REFUSED:
        kind = FailureKind.UNAUTHORISED if 400 <= status_code < 500 else FailureKind.UNREADABLE
        return PollFailure(kind, detail)
    return PollFailure(answer.kind, detail, answer.retry_after_seconds)
