"""A log on the vendor's own host: the end is kept, the log read in a slot of its own, then people are told."""

import io
from dataclasses import replace
from typing import Any

import pytest

from jobwatch.domain.snapshot import Results, Snapshot
from jobwatch.domain.watch_record import read_record, write_record
from jobwatch.domain.words import Notice, Outcome
from jobwatch.logs import StreamLogSource
from tests.unit.examples import ended
from tests.unit.rest_examples import answered, described
from tests.unit.test_poll import World

LOG = "https://api.example.com/v1/files/7"
END = replace(ended(), results=Results(), log_location=LOG)


def world(end: Snapshot = END, log: bytes | None = b"ERROR row 7: no such product\n") -> World:
    here = World(end)
    connection = replace(described(), name="egain-prod", vendor="egain")
    here.connections.by_name["egain-prod"] = connection
    here.vendor.log = StreamLogSource(io.BytesIO(log)) if log is not None else None
    return here


def test_the_end_is_kept_before_the_log_is_read() -> None:
    here = world()
    assert here.poll().step.next == "wait"
    assert (here.stored.outcome, here.stored.ended, here.stored.log) == (None, END, None)
    here.clock.advance(2)
    assert here.poll().step.next == "notify"
    assert (here.stored.outcome, here.stored.ended) == (Outcome.SUCCEEDED, None)
    assert here.stored.log is not None
    assert (here.stored.log["location"], here.stored.log["levels"]["error"]) == (LOG, 1)
    assert here.timetables.known["egain-prod"].next_number == 2, "each request has a slot"
    assert read_record(write_record(here.stored)).log == here.stored.log
    assert read_record(write_record(replace(here.stored, due=(), told=frozenset({Notice.FINISHED})))).log is None


def test_a_log_that_kills_the_function_costs_nobody_the_end() -> None:
    here = world()
    here.poll()
    here.clock.advance(2)
    assert here.poller.poll(here.watch_id, 1, is_retry=True).step.next == "notify"
    assert here.stored.log is not None
    assert "jobwatch failed on it" in here.stored.log["note"]


def test_a_log_that_is_not_there_holds_no_end_back() -> None:
    here = world(log=None)
    here.poll()
    here.clock.advance(2)
    assert here.poll().step.next == "notify"
    assert here.stored.log is not None
    assert "nothing is at" in here.stored.log["note"]


@pytest.mark.parametrize("location", ["s3://bucket/key", "https://other.example.com/x", "/x", "x", None])
def test_no_other_log_is_read_here(location: str | None) -> None:
    here = world(replace(END, log_location=location))
    assert here.poll().step.next == "notify"
    assert here.stored.log is None


@pytest.mark.parametrize(
    ("said", "location"),
    [
        ("/files/7", "https://api.example.com/files/7"),
        ("https://api.example.com/files/7", "https://api.example.com/files/7"),
        ("s3://b/k", "s3://b/k"),
        ("https://other.example.com/x", "https://other.example.com/x"),
        ("//other.example.com/x", "//other.example.com/x"),
    ],
)
def test_a_path_is_one_on_the_connections_host(said: Any, location: str) -> None:
    connection = described({"snapshot.log_location": "body.log"})
    assert answered({"status": "done", "log": said}, connection).log_location == location
