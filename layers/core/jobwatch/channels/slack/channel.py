"""Posting to Slack: an incoming webhook, or chat.postMessage with a bot token."""

from collections.abc import Mapping
from typing import Any

from jobwatch.channels.posting import Post, Posting, Service
from jobwatch.channels.slack.blocks import slack_message
from jobwatch.domain.address import check_address
from jobwatch.domain.exchange import Response, json_object, secret_text
from jobwatch.messages.document import Notification

_API_URL = "https://slack.com/api"
# chat.postMessage errors that pass (Slack API reference); every other one needs a person.
_SLACK = Service(
    "Slack",
    throttling=frozenset({"ratelimited", "rate_limited"}),
    passing=frozenset({"internal_error", "fatal_error", "service_unavailable", "request_timeout"}),
)


class Slack:
    """`jobwatch.ports.Channel` for the secret `{webhook_url}` or `{bot_token, channel, api_url?}`."""

    name = "slack"
    title = _SLACK.title
    remedy = "correct the Slack secret, or what it names (webhook, bot, channel)"

    def __init__(self, posting: Posting) -> None:
        self._posting = posting

    def post(self, notification: Notification) -> None:
        message = slack_message(notification)
        self._posting.send(_SLACK, lambda secret: _post(secret, message))


def _post(secret: Mapping[str, Any], message: Mapping[str, Any]) -> Post:
    hidden = tuple(str(secret.get(name, "")) for name in ("webhook_url", "bot_token"))
    if "webhook_url" in secret:
        return Post(check_address(secret_text(secret, "webhook_url")), message, _fault_of_webhook, hidden=hidden)
    api_url = check_address(secret_text(secret, "api_url")) if "api_url" in secret else _API_URL
    headers = {"Authorization": f"Bearer {secret_text(secret, 'bot_token')}"}
    body = {"channel": secret_text(secret, "channel"), **message}
    return Post(f"{api_url}/chat.postMessage", body, _fault_of_api, headers, hidden)


def _fault_of_webhook(response: Response) -> str | None:
    """A webhook says ok in more than one form; a page is a proxy's, or of somebody else's sign-in."""
    answer = json_object(response) or {}
    is_page = response.body.lstrip().startswith(b"<")
    return None if response.status_code == 200 and answer.get("ok", True) is True and not is_page else _said(response)


def _fault_of_api(response: Response) -> str | None:
    return None if (json_object(response) or {}).get("ok") is True else _said(response)


def _said(response: Response) -> str:
    return str((json_object(response) or {}).get("error") or response.body[:200].decode("utf-8", "replace"))
