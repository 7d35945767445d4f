"""Posting with a secret: what every channel over HTTP has in common.

One table says what an answer means for the next try, whichever channel it is of: 429 to wait, 5xx and silence to try
again, everything else that is no yes to ask a person.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from jobwatch.domain.address import AddressRefusedError
from jobwatch.domain.exchange import NoResponseError, NotAskableError, Response, retry_after_seconds
from jobwatch.domain.scrub import scrub
from jobwatch.domain.text import clean
from jobwatch.ports import (
    ChannelRefusedError,
    ChannelThrottledError,
    ChannelUnavailableError,
    Http,
    Secrets,
    SecretUnusableError,
)

# Without a Retry-After. One message a second and channel is Slack's rule of thumb; Teams takes four.
_RETRY_AFTER_IF_UNSAID_SECONDS = 1.0
_SAID_CHARACTERS = 120


@dataclass(frozen=True)
class Service:
    """What is posted to. `throttling`, `passing`: its own words for "later", whatever the HTTP status is."""

    title: str
    throttling: frozenset[str] = frozenset()
    passing: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Post:
    """One POST of JSON. `fault`: the service's word for what is wrong, None for a yes; asked of 2xx answers too.

    `hidden`: what must not be shown of the answer, should it come back in it.
    """

    url: str
    body: Mapping[str, Any]
    fault: Callable[[Response], str | None]
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    hidden: tuple[str, ...] = field(default=(), repr=False)


Build = Callable[[Mapping[str, Any]], Post]


@dataclass(frozen=True)
class Posting:
    """Sends what a channel builds with its secret. A secret that was replaced since it was read is read anew."""

    http: Http
    secrets: Secrets
    secret_name: str

    def send(self, service: Service, build: Build) -> Response:
        """The service's yes to the post that `build` makes with the secret.

        Raises ChannelThrottledError, ChannelUnavailableError, ChannelRefusedError; ServiceUnavailableError where the
        secret cannot be read now.
        """
        secret = self._secret(service)
        try:
            return self._send(service, build, secret)
        except ChannelRefusedError:
            self.secrets.forget(self.secret_name)
            # A replaced webhook answers 403 or 404 from then on, a token token_revoked: neither took the message.
            renewed = self._secret(service)
            if renewed == secret:
                raise
            return self._send(service, build, renewed)

    def _secret(self, service: Service) -> Mapping[str, Any]:
        try:
            return self.secrets.get(self.secret_name)
        except SecretUnusableError as error:
            self.secrets.forget(self.secret_name)
            raise ChannelRefusedError(f"{service.title} secret {self.secret_name}: {error}") from None

    def _send(self, service: Service, build: Build, secret: Mapping[str, Any]) -> Response:
        try:
            post = build(secret)
        except (NotAskableError, AddressRefusedError) as error:
            raise ChannelRefusedError(f"{service.title} secret {self.secret_name}: {error}") from None
        try:
            response = self.http.send("POST", post.url, headers=post.headers, json_body=post.body)
        except NoResponseError as error:
            raise ChannelUnavailableError(f"{service.title}: {error}") from None
        response = scrub(response, post.hidden)
        _check(service, response, post.fault(response))
        return response


def _check(service: Service, response: Response, fault: str | None) -> None:
    code = response.status_code
    if 200 <= code < 300 and fault is None:
        return
    said = clean(fault or response.body[:200].decode("utf-8", "replace"), _SAID_CHARACTERS)
    if code == 429 or fault in service.throttling:
        raise ChannelThrottledError(service.title, retry_after_seconds(response) or _RETRY_AFTER_IF_UNSAID_SECONDS)
    if code >= 500 or fault in service.passing:
        raise ChannelUnavailableError(f"{service.title} answered HTTP {code}: {said}")
    raise ChannelRefusedError(f"{service.title} refused the message with HTTP {code}: {said}", fault)
