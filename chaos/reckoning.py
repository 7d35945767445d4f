"""The reckoning: whether everybody was told of the truth, on every channel, how often, and what is left behind."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import accumulate
from typing import Any

from chaos.canaries import leaks
from chaos.evidence import log_lines
from chaos.jobs import Running
from chaos.world import Told, World
from jobwatch.usecases.deliver import Fate

# What the embedded stack logs for a call whose process was killed.
_KILLED = "Worker process died"
# In the traceback of a notifier that published and could not write so.
_FAILED_MARK = "in _mark"
SNS, EMAIL, SLACK = "SNS", "email", "Slack"


@dataclass(frozen=True)
class Reckoning:
    """What is true after the storm. `failures`: every reason why the run failed, none for a good one.

    `at_once`: how many jobs ran at the same time, at most. `delays`: seconds from the moment that an end could be known
    to its publish. `doubled`: by channel, how many notifications more than once. `excused`: how many doubles the faults
    of the run account for, by channel.
    """

    watches: int
    at_once: int
    lost: Mapping[str, int]
    false: int
    doubled: Mapping[str, int]
    excused: Mapping[str, int]
    delays: Sequence[float]
    notices: Mapping[str, int]
    failures: Sequence[str]


@dataclass
class _Books:
    """What came, as it can be compared: notifications by watch, mails and posts by watch and headline."""

    told: dict[str, list[Told]] = field(default_factory=dict)
    mails: Counter[tuple[str, str]] = field(default_factory=Counter)
    posts: Counter[tuple[str, str]] = field(default_factory=Counter)


def waits_for(world: World, running: Sequence[Running]) -> str | None:
    """What is still to come before every watch has ended and all is told on every channel; None where nothing is."""
    executions = len(world.stack.executions("RUNNING"))
    books = _books(world)
    finished = {told.document["job_id"] for told in world.told if told.document["notice"] == "finished"}
    left = {
        "open watches": sum("open_shard" in item for item in world.items("WatchTable")),
        "running executions": executions,
        "jobs without an end": len({each.job.id for each in running} - finished),
        "messages on their way": len(list(_missing(books))),
        **{f"messages on {queue}": count for queue, count in _dead_letters(world).items()},
    }
    return ", ".join(f"{count} {what}" for what, count in left.items() if count) or None


def reckon(world: World, running: Sequence[Running], rejected_ids: Sequence[str], faults: Counter[str]) -> Reckoning:
    """Look at everything that the run left."""
    world.listen()
    books = _books(world)
    by_job = {told[0].document["job_id"]: told for told in books.told.values()}
    failures: list[str] = []
    lost: Counter[str] = Counter()
    false = 0
    delays = []
    for each in running:
        finished = [told for told in by_job.get(each.job.id, []) if told.document["notice"] == "finished"]
        if not finished:
            lost[SNS] += 1
            failures.append(f"lost: {_named(each)} was never told of")
            continue
        outcomes = {told.document["outcome"] for told in finished}
        if outcomes != {each.story.outcome}:
            false += 1
            failures.append(f"false: {_named(each)} was told as {', '.join(sorted(outcomes))}")
        if datetime.fromisoformat(finished[0].document["detected_at"]) < each.ends_at.replace(microsecond=0):
            false += 1
            failures.append(f"false: {_named(each)} was told before its end")
        delays.append((min(told.at for told in finished) - each.ends_at).total_seconds())
    for channel, told in _missing(books):
        lost[channel] += 1
        failures.append(f"lost: {told.id} did not reach {channel}")
    doubled, excused = _doubled(books), _excused(world, faults)
    for channel, count in doubled.items():
        if count > excused[channel]:
            failures.append(f"doubled: {count} on {channel}, of which the faults of the run excuse {excused[channel]}")
    failures += _left_behind(world, running, rejected_ids)
    failures += [f"leaked: {leak}" for leak in leaks(world)]
    return Reckoning(
        watches=len(running),
        at_once=_at_once(running),
        lost=lost,
        false=false,
        doubled=doubled,
        excused=excused,
        delays=sorted(delays),
        notices=Counter(told.document["notice"] for each in books.told.values() for told in each),
        failures=failures,
    )


def _at_once(running: Sequence[Running]) -> int:
    changes = [(each.job.submitted_at, 1) for each in running] + [(each.ends_at, -1) for each in running]
    return max(accumulate(change for _, change in sorted(changes)), default=0)


def _books(world: World) -> _Books:
    books = _Books()
    for told in world.told:
        books.told.setdefault(told.document["watch_id"], []).append(told)
    for mail in world.sandbox.inbox.to("team@example.com"):
        books.mails[_watch_of(mail.text), mail.subject] += 1
    for message in world.sandbox.slack.messages:
        blocks = message.payload["blocks"]
        # The header has a sign before the headline.
        headline = blocks[0]["text"]["text"].partition(" ")[2]
        books.posts[_watch_of(json.dumps(blocks[-1])), headline] += 1
    return books


def _watch_of(text: str) -> str:
    """The watch id that an email or a Slack message ends with."""
    return text.rpartition(", watch ")[2].split(",")[0].split('"')[0]


def _expected(books: _Books) -> dict[tuple[str, str], list[Told]]:
    """The first publish of every notification, by watch and headline: two of one watch may have the same headline."""
    first = {told.id: told for all_told in books.told.values() for told in reversed(all_told)}
    expected: dict[tuple[str, str], list[Told]] = {}
    for told in first.values():
        expected.setdefault((told.document["watch_id"], told.document["headline"]), []).append(told)
    return expected


def _missing(books: _Books) -> Iterator[tuple[str, Told]]:
    """The notifications that SNS published and a channel does not have."""
    for key, told in _expected(books).items():
        # A long headline is cut in Slack's header.
        for channel, count in ((EMAIL, books.mails[key]), (SLACK, books.posts[key])):
            for each in told[count:]:
                yield channel, each


def _doubled(books: _Books) -> dict[str, int]:
    published = Counter(told.id for all_told in books.told.values() for told in all_told)
    expected = {key: len(told) for key, told in _expected(books).items()}
    return {
        SNS: sum(count - 1 for count in published.values()),
        SLACK: sum(max(count - expected.get(key, 0), 0) for key, count in books.posts.items()),
    }


def _excused(world: World, faults: Counter[str]) -> dict[str, int]:
    """How many doubles the windows between a channel's yes and the mark can have let through, at most.

    Each needs a fault in that window: an answer that was lost, a process that was killed, a mark that failed.
    """
    notifier, slack = list(log_lines(world, "notifier")), list(log_lines(world, "slack"))
    # The embedded stack writes the traceback once more, in lines of its own.
    failed_marks = _lines_with(_FAILED_MARK, [line for line in notifier if line.startswith("{")])
    return {
        SNS: faults["sns answer lost Publish"] + _lines_with(_KILLED, notifier) + failed_marks,
        SLACK: faults["slack timeout"] + _lines_with(_KILLED, slack) + _lines_with(Fate.POSTED_UNRECORDED, slack),
    }


def _lines_with(text: str, lines: Sequence[str]) -> int:
    return sum(text in line for line in lines)


def _left_behind(world: World, running: Sequence[Running], rejected_ids: Sequence[str]) -> list[str]:
    failures = []
    watches = world.items("WatchTable")
    known = {each.job.id for each in running}
    if strangers := sorted(item["job_id"]["S"] for item in watches if item["job_id"]["S"] not in known):
        failures.append(f"left behind: watches of jobs that were never submitted: {strangers}")
    for item in watches:
        open_ends = sorted({"open_shard", "due", "claim"} & set(item))
        if open_ends or item["state"]["S"] != "ended":
            failures.append(f"left behind: {item['watch_id']['S']} is {item['state']['S']}, with {open_ends}")
        failures += _unfounded_recoveries(item)
    for item in world.items("DeliveryTable"):
        # What the operators were told, and not recorded as told, stays so.
        is_open = "delivered_at" not in item or "claimed_until_ms" in item
        if is_open and not item["delivery_id"]["S"].startswith(("rejected/", "stopped/")):
            failures.append(f"left behind: delivery {item['delivery_id']['S']}: {sorted(item)}")
    connections = {each.story.vendor.name for each in running}
    if strangers := sorted({item["connection"]["S"] for item in world.items("TimetableTable")} - connections):
        failures.append(f"left behind: timetables of {strangers}")
    failures += [f"left behind: {count} messages on {queue}" for queue, count in _dead_letters(world).items()]
    kept = [json.dumps(body) for body in world.stack.receive(world.physical_id("RejectedSubmissions"))]
    for job_id in rejected_ids:
        if not any(f'"{job_id}"' in body for body in kept):
            failures.append(f"lost: the bad event {job_id} is not on the rejected-submissions queue")
        if not any(f'"{job_id}"' in text for text in world.operations):
            failures.append(f"lost: the operators were not told of the bad event {job_id}")
    return failures


def _unfounded_recoveries(item: Mapping[str, Any]) -> list[str]:
    tellings = {
        notice: int(telling["M"]["times"]["N"]) for notice, telling in item.get("tellings", {}).get("M", {}).items()
    }
    causes = tellings.get("unreachable", 0) + tellings.get("stalled", 0)
    if tellings.get("recovered", 0) <= causes:
        return []
    return [f"false: {item['watch_id']} told {tellings['recovered']} recoveries of {causes} troubles"]


def _dead_letters(world: World) -> dict[str, int]:
    counts = {}
    for queue in ("SubmissionDeadLetters", "SlackDeadLetters", "AlertDeadLetters"):
        attributes = world.aws.client("sqs").get_queue_attributes(
            QueueUrl=world.physical_id(queue),
            AttributeNames=["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
        )["Attributes"]
        if count := sum(int(number) for number in attributes.values()):
            counts[queue] = count
    return counts


def _named(running: Running) -> str:
    return f"{running.story.vendor.name} {running.job.id} ({running.story.outcome})"
