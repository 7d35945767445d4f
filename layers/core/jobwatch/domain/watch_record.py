"""A watch as a flat record of plain JSON values, and back: what the table holds."""

import json
import zlib
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from jobwatch.domain.prior import Prior
from jobwatch.domain.snapshot import FailureKind, Item, Lack, Message, Phase, Progress, Results, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.times import key_time, parse_rfc3339, write_time
from jobwatch.domain.watch import Booking, Claim, Telling, Trouble, Watch
from jobwatch.domain.words import Notice, Operation, Outcome

# Finished watches stay a year: as long as a job id could reasonably be sent again.
KEEP_ENDED_SECONDS = 366 * 24 * 3600


# A partition of an index takes 1,000 writes a second; so many share the watches.
OPEN_SHARDS = 8
# Of the index of all watches. Those of one connection share a partition: they are listed by one query.
LIST_SHARDS = 16


def shard(watch_id: str) -> str:
    """Which partition of the index of open watches a watch is in."""
    return str(zlib.crc32(watch_id.encode()) % OPEN_SHARDS)


def list_shard(connection: str) -> str:
    """Which partition of the index of all watches a connection's watches are in."""
    return str(zlib.crc32(connection.encode()) % LIST_SHARDS)


def write_record(watch: Watch) -> dict[str, Any]:
    """The record of a watch. Top-level values are what people look for in the table; the rest is JSON text.

    While a job runs, the items and messages of its last snapshot are left out: nobody is told of them, and every
    kilobyte is a write unit more for each poll.
    """
    submission = watch.submission
    record: dict[str, Any] = {
        "watch_id": watch.watch_id,
        # Only what still needs an execution is in the sweeper's index.
        "open_shard": shard(watch.watch_id) if watch.outcome is None or watch.due else None,
        # What people list and find watches by; no poll changes it, so none pays for the indexes.
        "shard": list_shard(submission.connection),
        "version": watch.version,
        "state": "ended" if watch.outcome else "watching",
        "connection": submission.connection,
        "operation": submission.operation.value,
        "job_id": submission.job_id,
        "attempt": submission.attempt,
        "vendor": watch.vendor,
        "vendor_title": watch.vendor_title,
        "noun": watch.noun,
        "secret": watch.secret,
        "job_link": watch.job_link,
        "time_zone": watch.time_zone,
        "name": submission.name,
        "series": submission.series,
        "submitted_by": submission.submitted_by,
        "submitted_at": write_time(submission.submitted_at),
        "labels": dict(submission.labels),
        "deadline_minutes": submission.deadline_minutes,
        "usual": _write_json([*watch.prior.as_json(), watch.usual_seconds]) if watch.prior else None,
        "parameters": dict(submission.parameters),
        "accepted_at": key_time(watch.accepted_at),
        "next_poll_at": key_time(watch.next_poll_at),
        "ask_from": write_time(watch.ask_from) if watch.ask_from else None,
        "booking": (
            {"number": watch.booking.number, "since": write_time(watch.booking.since)} if watch.booking else None
        ),
        "token_refused": 1 if watch.token_refused else None,
        "held_up_seconds": round(watch.held_up_seconds) or None,
        "put_off": watch.put_off or None,
        "generation": watch.generation,
        "wakes": watch.wakes,
        "polls": watch.polls,
        "outcome": watch.outcome.value if watch.outcome else None,
        "detected_at": write_time(watch.detected_at) if watch.detected_at else None,
        "severity": watch.severity,
        "cause": watch.cause,
        "due": [notice.value for notice in watch.due],
        "told": sorted(notice.value for notice in watch.told),
        "tellings": {
            notice.value: {"times": telling.times, "last_at": write_time(telling.last_at)}
            for notice, telling in watch.tellings.items()
        },
        "claim": {"holder": watch.claim.holder, "until": write_time(watch.claim.until)} if watch.claim else None,
        "seen_at": write_time(watch.seen_at) if watch.seen_at else None,
        "waits_since": write_time(watch.waits_since) if watch.waits_since else None,
        "unnamed_told": watch.unnamed_told,
        "moved_at": write_time(watch.moved_at) if watch.moved_at else None,
        "quarter": watch.quarter,
        "scheduled_start": write_time(watch.scheduled_start) if watch.scheduled_start else None,
        "failing": _write_trouble(watch.failing),
        "missing": _write_trouble(watch.missing),
        "fruitless": watch.fruitless or None,
        "unanswered_since": write_time(watch.unanswered_since) if watch.unanswered_since else None,
        "pace": _write_json(watch.pace) if watch.pace else None,
        "snapshot": _write_snapshot(watch.snapshot, with_lists=bool(watch.due)) if watch.snapshot else None,
        "log": _write_json(dict(watch.log)) if watch.log and (watch.due or watch.outcome is None) else None,
        "ended": _write_snapshot(watch.ended, with_lists=True) if watch.ended else None,
        "expires_at": int(watch.detected_at.timestamp()) + KEEP_ENDED_SECONDS if watch.detected_at else None,
    }
    return {name: value for name, value in record.items() if value not in (None, {}, [])}


def read_record(record: dict[str, Any]) -> Watch:
    """The watch of a record that `write_record` made. Raises KeyError or ValueError for any other."""
    usual = json.loads(record["usual"]) if "usual" in record else []
    return Watch(
        submission=Submission(
            connection=record["connection"],
            job_id=record["job_id"],
            operation=Operation(record["operation"]),
            submitted_at=parse_rfc3339(record["submitted_at"]),
            attempt=record.get("attempt"),
            name=record.get("name"),
            series=record.get("series"),
            submitted_by=record.get("submitted_by"),
            labels=record.get("labels", {}),
            deadline_minutes=record.get("deadline_minutes"),
            parameters=record.get("parameters", {}),
        ),
        vendor=record["vendor"],
        vendor_title=record["vendor_title"],
        noun=record.get("noun"),
        secret=record.get("secret"),
        job_link=record.get("job_link"),
        time_zone=record.get("time_zone"),
        accepted_at=parse_rfc3339(record["accepted_at"]),
        next_poll_at=parse_rfc3339(record["next_poll_at"]),
        version=record["version"],
        polls=record["polls"],
        pace=json.loads(record["pace"]) if "pace" in record else {},
        snapshot=_read_snapshot(record["snapshot"]) if "snapshot" in record else None,
        log=json.loads(record["log"]) if "log" in record else None,
        ended=_read_snapshot(record["ended"]) if "ended" in record else None,
        seen_at=_time(record.get("seen_at")),
        waits_since=_time(record.get("waits_since")),
        unnamed_told=record.get("unnamed_told"),
        moved_at=_time(record.get("moved_at")),
        quarter=record.get("quarter", 0),
        scheduled_start=_time(record.get("scheduled_start")),
        failing=_read_trouble(record.get("failing")),
        missing=_read_trouble(record.get("missing")),
        fruitless=record.get("fruitless", 0),
        unanswered_since=_time(record.get("unanswered_since")),
        due=tuple(Notice(notice) for notice in record.get("due", [])),
        told=frozenset(Notice(notice) for notice in record.get("told", [])),
        tellings={
            Notice(notice): Telling(telling["times"], parse_rfc3339(telling["last_at"]))
            for notice, telling in record.get("tellings", {}).items()
        },
        claim=_read_claim(record.get("claim")),
        outcome=Outcome(record["outcome"]) if "outcome" in record else None,
        detected_at=_time(record.get("detected_at")),
        ask_from=_time(record.get("ask_from")),
        booking=_read_booking(record.get("booking")),
        token_refused="token_refused" in record,
        held_up_seconds=float(record.get("held_up_seconds", 0)),
        put_off=record.get("put_off", 0),
        generation=record["generation"],
        wakes=record["wakes"],
        prior=Prior.from_json(usual[:3]),
        usual_seconds=usual[3] if usual else None,
        severity=record.get("severity"),
        cause=record.get("cause"),
    )


def _time(text: str | None) -> datetime | None:
    return parse_rfc3339(text) if text else None


def _write_trouble(trouble: Trouble | None) -> dict[str, Any] | None:
    if trouble is None:
        return None
    fields = {**asdict(trouble), "since": write_time(trouble.since)}
    return {name: value for name, value in fields.items() if value is not None}


def _read_trouble(record: dict[str, Any] | None) -> Trouble | None:
    if not record:
        return None
    return Trouble(
        parse_rfc3339(record["since"]),
        record["polls"],
        record["detail"],
        FailureKind(record["kind"]) if "kind" in record else None,
        Lack(record["lacks"]) if "lacks" in record else None,
    )


def _read_claim(record: dict[str, Any] | None) -> Claim | None:
    return Claim(record["holder"], parse_rfc3339(record["until"])) if record else None


def _read_booking(record: dict[str, Any] | None) -> Booking | None:
    return Booking(record["number"], parse_rfc3339(record["since"])) if record else None


def _write_snapshot(snapshot: Snapshot, *, with_lists: bool) -> str:
    if not with_lists:
        snapshot = replace(snapshot, items=(), messages=())
    # What the vendor asked for is in the watch's own `ask_from`.
    fields = asdict(replace(snapshot, retry_after_seconds=None))
    for name in ("starts_at", "finished_at", "predicted_end"):
        fields[name] = write_time(fields[name]) if fields[name] else None
    for name in ("progress", "results"):
        fields[name] = {key: value for key, value in fields[name].items() if value is not None}
    return _write_json({name: value for name, value in fields.items() if value not in (None, {}, ())})


def _read_snapshot(text: str) -> Snapshot:
    fields = json.loads(text)
    return Snapshot(
        phase=Phase(fields["phase"]),
        vendor_status=fields["vendor_status"],
        verdict=Outcome(fields["verdict"]) if "verdict" in fields else None,
        progress=Progress(**fields.get("progress", {})),
        results=Results(**fields.get("results", {})),
        error=fields.get("error"),
        retryable=fields.get("retryable"),
        starts_at=_time(fields.get("starts_at")),
        finished_at=_time(fields.get("finished_at")),
        predicted_end=_time(fields.get("predicted_end")),
        current_operation=fields.get("current_operation"),
        log_location=fields.get("log_location"),
        items=tuple(Item(**item) for item in fields.get("items", [])),
        messages=tuple(Message(**message) for message in fields.get("messages", [])),
        size_bytes=fields.get("size_bytes"),
        unnamed=fields.get("unnamed"),
        waits_for=fields.get("waits_for"),
        details=fields.get("details"),
        remarks=tuple(fields.get("remarks", [])),
        doubts=tuple(fields.get("doubts", [])),
    )


def _write_json(document: dict[str, Any] | list[Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
