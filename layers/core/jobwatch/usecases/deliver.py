"""Delivering to Slack: one notification, as blocks, to a webhook or through the Web API."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from jobwatch.messages.slack import slack_message
from jobwatch.ports import SlackChannel, SlackThrottledError


@dataclass(frozen=True)
class Delivery:
    """The parts that delivering needs."""

    slack: SlackChannel
    sleep: Callable[[float], None] = time.sleep

    def deliver(self, notification_json: str, remaining_seconds: Callable[[], float]) -> str:
        """Post the notification document that SNS carried; returns its watch id.

        Waits as long as Slack asks to, if that fits into `remaining_seconds`. Raises SlackThrottledError when it does
        not, and SlackRefusedError when Slack will never take it: Lambda then tries again, and the dead-letter queue
        keeps what stays undelivered.
        """
        notification: dict[str, Any] = json.loads(notification_json)
        message = slack_message(notification)
        while True:
            try:
                self.slack.post(message)
            except SlackThrottledError as throttled:
                if throttled.retry_after_seconds + 5 > remaining_seconds():
                    raise
                self.sleep(throttled.retry_after_seconds)
            else:
                return str(notification["watch_id"])
