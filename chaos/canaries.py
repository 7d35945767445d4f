"""Canaries: every secret of a run, looked for in everything that the run wrote."""

import json
from collections.abc import Iterator

from chaos.vendor_faults import secrets_of
from chaos.world import World

TABLES = ("WatchTable", "TimetableTable", "SlackDeliveryTable")


def leaks(world: World) -> list[str]:
    """Where which secret stands that should stand nowhere: logs, tables, messages, queues, histories."""
    secrets = secrets_of(world.sandbox)
    found = set()
    for place, text in _everything(world):
        found |= {f"{name} in {place}" for name, secret in secrets.items() if secret in text}
    return sorted(found)


def _everything(world: World) -> Iterator[tuple[str, str]]:
    logs = world.aws.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        name = group["logGroupName"]
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=name):
            yield f"log {name}", "\n".join(event["message"] for event in page["events"])
    for table in TABLES:
        yield f"table {table}", json.dumps(world.items(table), default=str)
    for told in world.told:
        yield "a notification", json.dumps(told.message)
    for text in world.operations:
        yield "a message to the operators", text
    for mail in world.sandbox.inbox.mails:
        yield "an email", f"{mail.subject}\n{mail.text}"
    for message in world.sandbox.slack.messages:
        yield "a Slack message", json.dumps(message.payload)
    for execution in world.stack.executions():
        yield "an execution's history", json.dumps(world.stack.history(execution["executionArn"]), default=str)
    yield "what the embedded stack printed", world.aws.log_tail(10**9)
