"""What a run wrote: logs, tables, histories. Looked through for secrets, and kept where the run failed."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

from chaos.world import World

_TABLES = ("WatchTable", "TimetableTable", "DeliveryTable")


def log_lines(world: World, function: str) -> Iterator[str]:
    """What a function (by the end of its log group's name) logged."""
    logs = world.aws.client("logs")
    for group in logs.describe_log_groups()["logGroups"]:
        if group["logGroupName"].endswith(f"-{function}"):
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                yield from (event["message"] for event in page["events"])


def everything(world: World) -> Iterator[tuple[str, str]]:
    """Every text that the run left, with where it stands."""
    for function in ("intake", "poller", "notifier", "slack", "alert", "sweeper"):
        yield f"log of {function}", "\n".join(log_lines(world, function))
    for table in _TABLES:
        yield f"table {table}", "\n".join(json.dumps(item) for item in world.items(table))
    yield "notifications", "\n".join(json.dumps(told.message) for told in world.told)
    yield "messages to the operators", "\n\n".join(world.operations)
    yield "emails", "\n\n".join(f"{mail.subject}\n{mail.text}" for mail in world.sandbox.inbox.mails)
    yield "Slack messages", "\n".join(json.dumps(message.payload) for message in world.sandbox.slack.messages)
    histories = (
        f"{execution['name']} {json.dumps(world.stack.history(execution['executionArn']), default=str)}"
        for execution in world.stack.executions()
    )
    yield "histories of executions", "\n".join(histories)
    yield "what the embedded stack printed", world.aws.log_tail(10**9)


def keep_evidence(world: World, folder: Path) -> None:
    """Write it all to a folder, in place of what an earlier run left there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for place, text in everything(world):
        (folder / f"{place}.txt".replace(" ", "-")).write_text(text, encoding="utf-8")
