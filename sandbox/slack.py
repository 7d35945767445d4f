"""Slack's incoming webhook and chat.postMessage: refuses what Slack refuses, keeps what it takes.

Answers are those of docs.slack.dev, "Sending messages using incoming webhooks" and chat.postMessage.
"""

import json
import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request

from sandbox import misbehaviour
from sandbox.jobs import Clock
from sandbox.misbehaviour import Fault
from sandbox.serving import Server
from sandbox.slack_rules import MAX_BLOCK_TEXT, MAX_TEXT, block_text_length, faults

WEBHOOK_ERRORS = {
    "invalid_payload": 400,
    "invalid_blocks": 400,
    "no_text": 400,
    "user_not_found": 400,
    "too_many_attachments": 400,
    "action_prohibited": 403,
    "posting_to_general_channel_denied": 403,
    "invalid_token": 403,
    "team_disabled": 403,
    "no_service": 404,
    "no_service_id": 404,
    "no_team": 404,
    "no_active_hooks": 404,
    "channel_not_found": 404,
    "channel_is_archived": 410,
    "rollup_error": 500,
}
"""What a webhook answers in plain text, with the HTTP status beside it."""


@dataclass(frozen=True)
class ReceivedMessage:
    """A message that Slack took."""

    payload: dict[str, Any]
    channel: str
    via: str
    received_at: datetime


class Slack(Server):
    """One workspace with one channel, a webhook and a bot."""

    name = "slack"
    team, service, hook_token = "T00000000", "B00000000", "sandboxsandboxsandbox00"
    bot_token = "xoxb-sandbox-bot-token"
    channel = "C00000000"

    def __init__(self, clock: Clock, seed: int = 0) -> None:
        super().__init__(clock, seed)
        self.messages: list[ReceivedMessage] = []
        self._arrived = threading.Condition()
        self.app.add_url_rule("/services/<team>/<service>/<token>", view_func=self._webhook, methods=["POST"])
        self.app.add_url_rule("/api/chat.postMessage", view_func=self._post_message, methods=["POST"])

    @property
    def webhook_url(self) -> str:
        """The address of the webhook, which is its secret."""
        return f"{self.url}/services/{self.team}/{self.service}/{self.hook_token}"

    @property
    def webhook_secret(self) -> dict[str, str]:
        """The Slack secret for the webhook."""
        return {"webhook_url": self.webhook_url}

    @property
    def bot_secret(self) -> dict[str, str]:
        """The Slack secret for chat.postMessage."""
        return {"bot_token": self.bot_token, "channel": self.channel, "api_url": self.api_url}

    @property
    def api_url(self) -> str:
        """What stands in place of https://slack.com/api."""
        return f"{self.url}/api"

    def wait_for(self, count: int, timeout_seconds: float) -> list[ReceivedMessage]:
        """The messages, as soon as there are so many; TimeoutError where that takes longer."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.messages) >= count, timeout_seconds):
                raise TimeoutError(f"{len(self.messages)} of {count} messages came within {timeout_seconds} s")
            return list(self.messages)

    def _webhook(self, team: str, service: str, token: str) -> Response:
        if (team, service) != (self.team, self.service):
            return _plain("no_service")
        if token != self.hook_token:
            return _plain("invalid_token")
        payload = _payload()
        error = _refusal(payload)
        if payload is None or error:
            return _plain(error or "invalid_payload")
        self._keep(payload, self.channel, "webhook")
        return Response("ok", mimetype="text/html")

    def _post_message(self) -> Response:
        authorization = request.headers.get("Authorization", "")
        if not authorization:
            return jsonify({"ok": False, "error": "not_authed"})
        if authorization != f"Bearer {self.bot_token}":
            return jsonify({"ok": False, "error": "invalid_auth"})
        payload = _payload()
        if payload is None:
            return jsonify({"ok": False, "error": "invalid_json"})
        if payload.get("channel") not in (self.channel, "#sandbox"):
            return jsonify({"ok": False, "error": "channel_not_found"})
        if error := _refusal(payload):
            messages = faults(payload) if error == "invalid_blocks" else []
            answer: dict[str, Any] = {"ok": False, "error": error}
            if messages:
                answer |= {"errors": [m.removeprefix("[ERROR] ") for m in messages]}
                answer |= {"response_metadata": {"messages": messages}}
            return jsonify(answer)
        self._keep(payload, self.channel, "chat.postMessage")
        ts = f"{self.clock.now().timestamp():.6f}"
        return jsonify({"ok": True, "channel": self.channel, "ts": ts, "message": payload})

    def _keep(self, payload: dict[str, Any], channel: str, via: str) -> None:
        with self._arrived:
            self.messages.append(ReceivedMessage(payload, channel, via, self.clock.now()))
            self._arrived.notify_all()


def webhook_error(error: str, **more: Any) -> Fault:
    """A webhook's refusal by its name, as a fault to set; `more` as for `Fault`."""
    return misbehaviour.plain(WEBHOOK_ERRORS[error], error, **more)


def api_error(error: str, **more: Any) -> Fault:
    """A refusal by chat.postMessage, HTTP 200 with ok: false, as a fault to set."""
    return misbehaviour.json_error(200, {"ok": False, "error": error}, **more)


def rate_limited(retry_after_seconds: int = 30, **more: Any) -> Fault:
    """HTTP 429 with Retry-After, as both ways to post answer it."""
    fault = misbehaviour.too_many(retry_after_seconds, **more)
    fault.body = json.dumps({"ok": False, "error": "ratelimited"}).encode()
    return fault


def _payload() -> dict[str, Any] | None:
    if request.mimetype == "application/x-www-form-urlencoded":
        text = request.form.get("payload", "")
    else:
        text = request.get_data(as_text=True)
    try:
        payload = json.loads(text)
    except ValueError:
        return None
    return payload if isinstance(payload, dict) else None


def _refusal(payload: dict[str, Any] | None) -> str | None:
    if payload is None:
        return "invalid_payload"
    text, blocks = payload.get("text"), payload.get("blocks")
    if text is not None and not isinstance(text, str):
        return "invalid_payload"
    if faults(payload):
        return "invalid_blocks"
    if blocks and block_text_length(blocks) > MAX_BLOCK_TEXT:
        return "msg_blocks_too_long"
    if text and len(text) > MAX_TEXT:
        return "msg_too_long"
    if not text and not blocks and not payload.get("attachments"):
        return "no_text"
    return None


def _plain(error: str) -> Response:
    return Response(error, WEBHOOK_ERRORS.get(error, 400), mimetype="text/html")
