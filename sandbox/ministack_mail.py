"""Runs MiniStack with what AWS does and it leaves out.

Email subscriptions that arrive, publishes refused that AWS refuses, asynchronous invocations that are retried
(`sandbox.ministack_async`), processes of functions that fail alone (`sandbox.ministack_workers`), and the name under
which a machine hears of a throttled one (`sandbox.ministack_throttles`).

`python -m sandbox.ministack_mail` takes the place of `python -m ministack`, with its environment and arguments. It
posts each mail to the address in SANDBOX_INBOX_URL (an `Inbox`). Confirmation, filter policies and the choice of the
`email` part stay MiniStack's own; only its stub for the delivery is completed here, around two of its functions:
`_fanout` and `publish_internal`.
"""

import json
import logging
import os
import urllib.request
from typing import Any

from sandbox import ministack_async, ministack_throttles, ministack_workers
from sandbox.inbox import SnsRefusedError, check_publish

logger = logging.getLogger("sns")


def install(inbox_url: str) -> None:
    """Complete MiniStack's SNS within this process; AttributeError where its functions have other names."""
    from ministack.services import sns

    fanout, publish = sns._fanout, sns.publish_internal

    def publish_internal(topic_arn: str, message: Any, subject: str = "", **more: Any) -> Any:
        text = json.dumps(message) if isinstance(message, dict | list) else message
        try:
            check_publish(subject, text, more.get("message_structure"))
        except SnsRefusedError as refused:
            raise sns.SnsPublishError("InvalidParameter", str(refused)) from refused
        return publish(topic_arn, message, subject, **more)

    def _fanout(topic_arn: str, msg_id: str, message: str, subject: str, *more: Any, **named: Any) -> None:
        fanout(topic_arn, msg_id, message, subject, *more, **named)
        structure, attributes = (*more, "", {})[:2]
        for mail in _mails(sns, topic_arn, message, structure, attributes or {}):
            _post(inbox_url, {**mail, "subject": subject})

    sns.publish_internal, sns._fanout = publish_internal, _fanout


def _mails(sns: Any, topic_arn: str, message: str, structure: str, attributes: Any) -> list[dict[str, str]]:
    """What goes to each email subscription, chosen with MiniStack's own functions."""
    topic = sns._topic_by_arn_any_scope(topic_arn)
    mails = []
    for subscription in topic["subscriptions"] if topic else []:
        if not subscription["confirmed"] or not subscription["protocol"].startswith("email"):
            continue
        text = sns._resolve_message_for_protocol(message, structure, subscription["protocol"])
        if sns._matches_filter_policy(subscription, attributes, text):
            mails.append({"to": subscription["endpoint"], "topic_arn": topic_arn, "text": text})
    return mails


def _post(inbox_url: str, mail: dict[str, str]) -> None:
    body = json.dumps(mail).encode()
    request = urllib.request.Request(f"{inbox_url}/mail", body, {"Content-Type": "application/json"})
    try:
        urllib.request.urlopen(request, timeout=5).close()
    except OSError as error:
        logger.warning("the inbox at %s did not take a mail: %s", inbox_url, error)


if __name__ == "__main__":
    from ministack.app import main

    install(os.environ["SANDBOX_INBOX_URL"])
    ministack_async.install()
    ministack_workers.install()
    ministack_throttles.install()
    main()
