"""Posting to Slack: an incoming webhook, or chat.postMessage with a bot token."""

from collections.abc import Mapping
from typing import Any

from jobwatch.domain.address import AddressRefusedError, check_address
from jobwatch.domain.text import clean
from jobwatch.http.scrub import scrub
from jobwatch.http.transport import NoResponseError, Transport
from jobwatch.ports import (
    Secrets,
    SecretUnusableError,
    SlackRefusedError,
    SlackThrottledError,
    SlackUnavailableError,
)
from jobwatch.vendors.reading import json_object, retry_after_seconds, secret_text
from jobwatch.vendors.vendor import NotAskableError, Response

_API_URL = "https://slack.com/api"
# Without a Retry-After, Slack's rule of thumb: one message a second and channel.
_RETRY_AFTER_IF_UNSAID_SECONDS = 1.0
# chat.postMessage errors that pass (Slack API reference); every other one needs a person.
_PASSING = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)


class SlackApi:
    """`jobwatch.ports.SlackChannel` for the secret `{webhook_url}` or `{bot_token, channel, api_url?}`."""

    def __init__(self, secrets: Secrets, secret_name: str, transport: Transport) -> None:
        self._secrets = secrets
        self._secret_name = secret_name
        self._transport = transport

    def post(self, message: Mapping[str, Any]) -> None:
        secret = self._secret()
        try:
            self._post(secret, message)
        except SlackRefusedError:
            self._secrets.forget(self._secret_name)
            # A replaced webhook answers 403 or 404 from then on, a token token_revoked: neither took the message.
            renewed = self._secret()
            if renewed == secret:
                raise
            self._post(renewed, message)

    def _secret(self) -> Mapping[str, Any]:
        try:
            return self._secrets.get(self._secret_name)
        except SecretUnusableError as error:
            self._secrets.forget(self._secret_name)
            raise SlackRefusedError(f"Slack secret {self._secret_name}: {error}") from None

    def _post(self, secret: Mapping[str, Any], message: Mapping[str, Any]) -> None:
        try:
            if "webhook_url" in secret:
                url, headers, body = check_address(secret_text(secret, "webhook_url")), {}, dict(message)
            else:
                api_url = check_address(secret_text(secret, "api_url")) if "api_url" in secret else _API_URL
                url = f"{api_url}/chat.postMessage"
                headers = {"Authorization": f"Bearer {secret_text(secret, 'bot_token')}"}
                body = {"channel": secret_text(secret, "channel"), **message}
        except (NotAskableError, AddressRefusedError) as error:
            raise SlackRefusedError(f"Slack secret {self._secret_name}: {error}") from None
        try:
            response = self._transport.send("POST", url, headers=headers, json_body=body)
        except NoResponseError as error:
            raise SlackUnavailableError(f"Slack: {error}") from None
        secrets = [str(secret.get(name, "")) for name in ("webhook_url", "bot_token")]
        self._judge(scrub(response, secrets), is_webhook="webhook_url" in secret)

    def _judge(self, response: Response, *, is_webhook: bool) -> None:
        answer = json_object(response) or {}
        # A webhook says ok in more than one form; a page is a proxy's, or of somebody else's sign-in.
        is_page = response.body.lstrip().startswith(b"<")
        if response.status_code == 200 and answer.get("ok", is_webhook) is True and not is_page:
            return
        said = clean(str(answer.get("error") or response.body[:200].decode("utf-8", "replace")), 120)
        if response.status_code == 429 or said in ("ratelimited", "rate_limited"):
            raise SlackThrottledError(retry_after_seconds(response) or _RETRY_AFTER_IF_UNSAID_SECONDS)
        if response.status_code >= 500 or said in _PASSING:
            raise SlackUnavailableError(f"Slack answered HTTP {response.status_code}: {said}")
        raise SlackRefusedError(f"Slack refused the message with HTTP {response.status_code}: {said}")
