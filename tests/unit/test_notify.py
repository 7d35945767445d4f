"""Notifying: what is due is told once, whatever becomes of the log, SNS or the table."""

import json
from dataclasses import replace
from typing import Any

import pytest

from jobwatch.domain.log_location import LogLocation
from jobwatch.domain.series import History, Run
from jobwatch.domain.snapshot import Results
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch.logs import LogSource
from jobwatch.ports import ServiceUnavailableError
from jobwatch.usecases.notify import Notifier
from tests.fakes import FakeClock, FakeIds, FakeLogs, FakePublisher, FakeSeries, FakeWatches
from tests.unit.examples import JOB_ID, T0, ended, finished, running, watch

KEY = ("mybucket", f"logs/import-logs-{JOB_ID}.txt")
ERRORS = b"2024-03-01T10:14:02Z ERROR Article 1042: link target 77 not found\n" * 3
CLEAN = b"2024-03-01T10:14:02Z INFO all is well\n"


class World:
    """A notifier with everything around it in memory."""

    def __init__(self, start: Watch, log: bytes | None = None, allowed: tuple[str, ...] = ("arn:aws:s3:::*",)) -> None:
        self.watches, self.publisher = FakeWatches(), FakePublisher()
        self.series = FakeSeries()
        self.watches.add(start)
        self.watch_id = start.watch_id
        self.logs = FakeLogs({} if log is None else {KEY: log})
        clock, ids = FakeClock(T0), FakeIds()
        self.notifier = Notifier(self.watches, self.logs, self.publisher, allowed, clock, ids, self.series)

    def notify(self) -> tuple[str, int]:
        step = self.notifier.notify(self.watch_id, lambda: 300.0).step
        return step.next, step.wait_seconds

    @property
    def documents(self) -> list[dict[str, Any]]:
        return [json.loads(parts["default"]) for _, parts, _ in self.publisher.published]


def test_the_end_is_told_in_every_form_and_recorded() -> None:
    world = World(finished(), ERRORS)
    assert world.notify() == ("done", 0)
    [(subject, parts, attributes)] = world.publisher.published
    assert subject == "Nightly KB sync: import finished with 5 errors"
    assert set(parts) == {"default", "email", "sms"}
    assert attributes["outcome"] == "completed_with_errors"
    after = world.watches.get(world.watch_id)
    assert (after.due, after.outcome) == ((), Outcome.COMPLETED_WITH_ERRORS)
    assert after.told == {Notice.FINISHED}


def test_a_second_run_tells_nothing() -> None:
    world = World(finished(), ERRORS)
    assert [world.notify(), world.notify()] == [("done", 0), ("done", 0)]
    assert len(world.publisher.published) == 1


def test_what_sns_did_not_take_stays_due() -> None:
    world = World(finished())
    world.publisher.fails = 1
    with pytest.raises(ServiceUnavailableError):
        world.notify()
    assert world.watches.get(world.watch_id).due == (Notice.FINISHED,)
    assert world.notify() == ("done", 0)
    assert len(world.publisher.published) == 1


def test_while_the_topic_is_busy_the_end_waits_for_its_turn() -> None:
    """The machine waits; no function does, and no retry is used up."""
    world = World(finished(), ERRORS)
    world.publisher.busy = [1200.3]
    assert world.notify() == ("wait", 1201)
    assert world.watches.get(world.watch_id).claim is None
    assert world.watches.get(world.watch_id).due == (Notice.FINISHED,)
    assert world.notify() == ("done", 0)
    assert len(world.publisher.published) == 1


def test_notices_of_a_running_job_lead_back_to_waiting() -> None:
    seen = watch(snapshot=running(), due=(Notice.RECOVERED, Notice.OVERDUE), next_poll_at=T0.replace(minute=2))
    world = World(seen)
    assert world.notify() == ("wait", 120)
    assert [document["notice"] for document in world.documents] == ["recovered", "overdue"]
    assert [document["outcome"] for document in world.documents] == [None, None]
    assert world.logs.opened == [], "a running job's log is not read"


def test_a_failure_between_two_notices_loses_and_repeats_none() -> None:
    seen = watch(snapshot=running(), due=(Notice.RECOVERED, Notice.OVERDUE), next_poll_at=T0)
    world = World(seen)

    class SecondFails(FakePublisher):
        def publish(self, subject: str, parts: Any, attributes: Any) -> None:
            if self.published and not self.fails:
                self.fails = 2
                raise ServiceUnavailableError("SNS")
            self.published.append((subject, parts, attributes))

    world.publisher = SecondFails()
    world.notifier = replace(world.notifier, publisher=world.publisher)
    with pytest.raises(ServiceUnavailableError):
        world.notify()
    world.notify()
    assert [document["notice"] for document in world.documents] == ["recovered", "overdue"]


def test_a_removed_watch_is_lost() -> None:
    world = World(finished())
    world.watches.records.clear()
    assert world.notify() == ("lost", 0)


class TestLog:
    def test_errors_count_where_the_vendor_gives_no_counts(self) -> None:
        world = World(finished(ended(results=Results())), ERRORS)
        world.notify()
        [document] = world.documents
        assert document["outcome"] == "completed_with_errors"
        assert document["log"]["levels"]["error"] == 3
        assert document["log"]["complete"] is True
        assert world.watches.get(world.watch_id).outcome is Outcome.COMPLETED_WITH_ERRORS
        [(_, _, attributes)] = world.publisher.published
        assert attributes["outcome"] == "completed_with_errors"

    def test_a_count_of_zero_stands_with_a_remark(self) -> None:
        world = World(finished(ended(results=Results(5000, 0, 0))), ERRORS)
        world.notify()
        [document] = world.documents
        assert document["outcome"] == "succeeded"
        assert document["remarks"] == ["The vendor counted 0 errors, yet the log has 3 lines at error level."]

    @pytest.mark.parametrize(
        ("changes", "log", "allowed", "note"),
        [
            ({}, None, ("arn:aws:s3:::*",), "missing"),
            ({}, CLEAN, (), "LogObjectArns"),
            ({}, CLEAN, ("arn:aws:s3:::other/*",), "outside LogObjectArns"),
            ({"log_location": "https://example.com/log.txt"}, CLEAN, ("arn:aws:s3:::*",), "not an S3 location"),
            ({"log_location": "s3://mybucket/logs/../secret"}, CLEAN, ("arn:aws:s3:::*",), "not read"),
            ({}, b"\x7fELF\x00\x01\x02" * 500, ("arn:aws:s3:::*",), ""),
        ],
    )
    def test_what_cannot_be_read_holds_nothing_back(
        self, changes: dict[str, Any], log: bytes | None, allowed: tuple[str, ...], note: str
    ) -> None:
        world = World(finished(ended(**changes)), log, allowed)
        assert world.notify() == ("done", 0)
        [document] = world.documents
        assert document["log"]["complete"] is False
        assert note in document["log"]["note"]
        assert document["log"]["note"]
        assert {"location", "bytes", "lines", "levels", "problems", "complete", "note"} <= set(document["log"])
        assert document["outcome"] == "completed_with_errors"
        if not allowed or "other" in allowed[0]:
            assert world.logs.opened == [], "what may not be read is not even opened"

    def test_a_defect_in_reading_logs_holds_nothing_back(self) -> None:
        class Defective(FakeLogs):
            def open(self, location: LogLocation) -> LogSource:
                raise KeyError("ContentLength")

        world = World(finished())
        world.notifier = replace(world.notifier, logs=Defective())
        assert world.notify() == ("done", 0)
        [document] = world.documents
        assert document["log"]["complete"] is False
        assert "KeyError" in document["log"]["note"]

    def test_a_vendor_that_names_no_log_gives_null(self) -> None:
        world = World(finished(ended(log_location=None)))
        world.notify()
        assert world.documents[0]["log"] is None


class TestHistory:
    """Each end is kept with the runs of its series before it; the series' table holds nothing back."""

    def world(self) -> "World":
        return World(finished())

    def test_an_end_is_kept_and_what_lists_show_of_it(self) -> None:
        world = self.world()
        world.notify()
        series_id = finished().submission.series_id
        assert series_id is not None
        [run] = world.series.get(series_id).runs
        assert run.outcome is Outcome.COMPLETED_WITH_ERRORS
        assert (run.successful, run.errors, run.watched_seconds) == (4985, 5, 76 * 60)
        stored = world.watches.get(finished().watch_id)
        assert stored.severity == "bad"

    def test_a_table_that_is_down_means_a_message_without_history(self) -> None:
        world = self.world()
        world.series.unavailable = True
        world.notify()
        [document] = world.documents
        assert document["usual"] is None

    def test_what_could_not_be_read_is_not_written_over(self) -> None:
        world = self.world()
        series_id = finished().submission.series_id or ""
        world.series.put(series_id, History((Run(Outcome.FAILED),)), at=T0)
        world.series.unavailable_reads = 1
        world.notify()
        assert [run.outcome for run in world.series.get(series_id).runs] == [Outcome.FAILED]
