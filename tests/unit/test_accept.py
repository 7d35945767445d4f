"""Accepting: one watch and one execution per job, whatever comes twice; a refusal reaches people and the queue."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from jobwatch.domain.connection import Connection, ConnectionDeniedError, ConnectionUnusableError
from jobwatch.domain.series import History, Run
from jobwatch.domain.telling import Telling
from jobwatch.domain.words import Outcome
from jobwatch.ports import DeliveryBusyError, ServiceUnavailableError
from jobwatch.usecases.accept import Accepted, Intake, Rejected
from jobwatch.usecases.once import Once
from tests.fakes import (
    FakeClock,
    FakeConnections,
    FakeDeliveries,
    FakeExecutions,
    FakeIds,
    FakeOperations,
    FakeRejectedSubmissions,
    FakeSeries,
    FakeWatches,
)
from tests.unit.examples import CONNECTION, JOB_ID, T0, Followed, ended, job_id_of

ZILLIZ = Connection("vectors", "zilliz", "https://api.cloud.zilliz.com", "jobwatch/zilliz")


class World:
    """An intake with everything around it in memory."""

    def __init__(self) -> None:
        self.clock = FakeClock(T0 + timedelta(seconds=2))
        self.connections = FakeConnections({"egain-prod": CONNECTION, "vectors": ZILLIZ})
        self.watches, self.executions = FakeWatches(), FakeExecutions()
        self.series = FakeSeries()
        self.rejected, self.operations = FakeRejectedSubmissions(), FakeOperations()
        self.deliveries = FakeDeliveries()
        self.identified: list[str] = []
        self.intake = Intake(
            self.connections,
            self.watches,
            self.series,
            self.executions,
            self.rejected,
            self.operations,
            Once(self.deliveries, self.clock, FakeIds()),
            self.clock,
        )

    def accept(self, **detail: Any) -> Accepted | Rejected:
        return self.intake.accept(event(**detail), self.identified.append)


def event(**detail: Any) -> dict[str, Any]:
    return {
        "id": "e-1",
        "detail-type": "Job Submitted",
        "source": "content.sync",
        "time": "2024-03-01T10:00:00Z",
        "detail": {"connection": "egain-prod", "job_id": JOB_ID, **detail},
    }


def test_a_submission_becomes_a_watch_and_its_execution() -> None:
    world = World()
    result = world.accept(name="Nightly KB sync", labels={"team": "knowledge"})
    assert isinstance(result, Accepted)
    assert result.new
    watch = world.watches.get(result.watch_id)
    assert (watch.vendor, watch.submission.submitted_at, watch.accepted_at) == ("egain", T0, world.clock.now)
    assert watch.submission.labels == {"team": "knowledge"}
    assert watch.next_poll_at == world.clock.now
    assert world.executions.started == [(result.watch_id, watch.generation)]
    assert (world.rejected.kept, world.operations.told) == ([], [])


def test_the_same_job_again_changes_nothing_also_when_other_fields_differ() -> None:
    world = World()
    first = world.accept(name="first")
    again = world.accept(name="second", deadline_minutes=5, labels={"a": "b"})
    assert isinstance(first, Accepted)
    assert again == Accepted(first.watch_id, new=False)
    assert world.watches.get(first.watch_id).submission.name == "first"
    assert len(world.executions.started) == 1


def test_another_operation_or_case_of_the_id_is_another_job() -> None:
    world = World()
    results = [world.accept(), world.accept(operation="validation"), world.accept(job_id=JOB_ID.lower())]
    assert all(isinstance(result, Accepted) and result.new for result in results)
    assert len(world.executions.started) == 3


def test_an_ended_watch_is_not_followed_again() -> None:
    world = World()
    accepted = world.accept()
    assert isinstance(accepted, Accepted)
    followed = Followed(world.watches.get(accepted.watch_id))
    world.watches.save(followed.at(76, ended()))
    world.executions.started.clear()
    assert world.accept() == Accepted(accepted.watch_id, new=False)
    assert world.executions.started == []
    assert world.watches.get(accepted.watch_id).outcome is Outcome.COMPLETED_WITH_ERRORS


def test_a_crash_between_recording_and_starting_is_made_good_by_the_retry() -> None:
    world = World()
    world.executions.fails = 1
    with pytest.raises(ServiceUnavailableError):
        world.accept()
    assert world.executions.started == []
    retried = world.accept()
    assert isinstance(retried, Accepted)
    assert [watch_id for watch_id, _ in world.executions.started] == [retried.watch_id]


def test_a_job_whose_watch_was_deleted_can_be_watched_again() -> None:
    """The names of the executions of its first life stay taken for 90 days."""
    world = World()
    world.accept()
    world.watches.records.clear()
    world.clock.now += timedelta(minutes=5)
    again = world.accept()
    assert isinstance(again, Accepted)
    first, second = world.executions.started
    assert first != second
    assert second == (again.watch_id, world.watches.get(again.watch_id).generation)


def test_a_watch_that_exists_is_no_refusal_whatever_became_of_its_connection() -> None:
    world = World()
    first = world.accept()
    assert isinstance(first, Accepted)
    world.intake = replace(world.intake, connections=FakeConnections({}))
    assert world.accept() == Accepted(first.watch_id, new=False)
    assert (world.rejected.kept, world.operations.told) == ([], [])


def test_a_connection_that_jobwatch_may_not_read_is_no_refusal() -> None:
    """Somebody has to give the right back; until then the submission is tried again, and kept."""

    class Denied(FakeConnections):
        def get(self, name: str) -> Connection:
            raise ConnectionDeniedError(f"connection {name}: cannot be read (AccessDeniedException)")

    world = World()
    world.intake = replace(world.intake, connections=Denied())
    with pytest.raises(ServiceUnavailableError, match="cannot be read"):
        world.accept()
    assert (world.rejected.kept, world.operations.told) == ([], [])


def test_an_event_time_in_the_future_pushes_no_deadline() -> None:
    """Whoever calls PutEvents may set the time."""
    world = World()
    ahead = {**event(), "time": "2030-01-01T00:00:00Z"}
    accepted = world.intake.accept(ahead, world.identified.append)
    assert isinstance(accepted, Accepted)
    assert world.watches.get(accepted.watch_id).submission.submitted_at == world.clock.now


def test_an_outage_is_no_rejection() -> None:
    world = World()
    world.connections.unavailable = True
    with pytest.raises(ServiceUnavailableError):
        world.accept()
    assert len(world.identified) == 1, "the log line of the failure must name the watch"
    assert (world.rejected.kept, world.operations.told) == ([], [])


REFUSED = [
    ({"connection": "no-such"}, "connection no-such: there is no parameter"),
    ({"job_id": 2**60}, "job_id"),
    ({"job_id": ""}, "job_id"),
    ({"job_id": ".."}, "job_id"),
    ({"operation": "reimport"}, "operation"),
    ({"connection": "vectors", "operation": "validation"}, "Zilliz/Milvus has no validation"),
    ({"connection": "vectors", "operation": "import"}, "clusterId"),
    ({"labels": {"team": 5}}, "labels.team"),
]


@pytest.mark.parametrize(("detail", "reason"), REFUSED)
def test_a_refusal_is_told_once_with_reason_and_event_and_kept(detail: dict[str, Any], reason: str) -> None:
    world = World()
    result = world.accept(**detail)
    assert isinstance(result, Rejected)
    assert reason in result.reason
    assert world.rejected.kept == [(result.reason, event(**detail))]
    [(subject, text)] = world.operations.told
    assert len(subject) < 100
    assert result.reason in text
    assert json.dumps(event(**detail), indent=2) in text
    assert (world.watches.records, world.executions.started) == ({}, [])


def test_an_event_that_comes_twice_is_refused_once() -> None:
    world = World()
    assert world.accept(connection="no-such") == world.accept(connection="no-such")
    assert (len(world.rejected.kept), len(world.operations.told)) == (1, 1)
    world.accept(connection="another-such")
    assert len(world.operations.told) == 2


def test_a_refusal_that_was_not_told_is_told_by_the_retry() -> None:
    world = World()
    world.operations.fails = 1
    with pytest.raises(ServiceUnavailableError):
        world.accept(connection="no-such")
    world.accept(connection="no-such")
    assert len(world.operations.told) == 1


def test_a_refusal_whose_run_was_killed_is_told_when_its_claim_has_run_out(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()

    class KilledError(BaseException):
        """The function has no more time."""

    def killed(telling: Telling) -> None:
        raise KilledError

    with monkeypatch.context() as patched:
        patched.setattr(world.operations, "tell", killed)
        with pytest.raises(KilledError):
            world.accept(connection="no-such")
    with pytest.raises(DeliveryBusyError):
        world.accept(connection="no-such")
    # SQS shows the message again.
    world.clock.now += timedelta(minutes=3)
    world.accept(connection="no-such")
    assert len(world.operations.told) == 1


def test_a_refusal_whose_record_fails_is_not_told_again_at_once() -> None:
    """What is raised, Lambda tries again."""
    world = World()

    class Unrecorded(FakeDeliveries):
        def delivered(self, delivery_id: str, *, at: datetime) -> None:
            raise ServiceUnavailableError("DynamoDB UpdateItem: ThrottlingException")

    world.intake = replace(world.intake, once=Once(Unrecorded(), world.clock, FakeIds()))
    assert isinstance(world.accept(connection="no-such"), Rejected)


@pytest.mark.parametrize(
    "detail", [None, [], "text", {"connection": {"a": "b"}}, {"connection": "<\n日本語>" * 50}, {}]
)
def test_garbage_is_refused_all_the_same(detail: object) -> None:
    world = World()
    assert isinstance(world.intake.accept({"detail": detail}, world.identified.append), Rejected)
    [(subject, text)] = world.operations.told
    assert len(subject) < 100
    assert subject.isprintable()
    assert "Reason: " in text


def test_a_huge_event_still_fits_into_a_message() -> None:
    world = World()
    world.accept(labels={"note": 5}, junk="\U0001f389" * 100_000)
    [(_, text)] = world.operations.told
    assert len(text.encode()) < 256 * 1024
    assert "cut; the whole event is on the queue" in text
    assert world.rejected.kept[0][1]["detail"]["junk"] == "\U0001f389" * 100_000


def test_a_broken_connection_is_the_submissions_problem_too() -> None:
    class Broken(FakeConnections):
        def get(self, name: str) -> Connection:
            raise ConnectionUnusableError(f"connection {name}: base_url: must be https")

    world = World()
    world.intake = replace(world.intake, connections=Broken())
    assert world.accept() == Rejected("connection egain-prod: base_url: must be https")


class TestEventsThatAreNoSubmission:
    def unknown(self, **changes: Any) -> dict[str, Any]:
        return {**event(), "detail-type": "Job Submited", **changes}

    def test_each_is_kept_and_told_once_a_day_for_source_and_detail_type(self) -> None:
        world = World()
        for number in range(3):
            world.intake.accept(self.unknown(id=f"e-{number}"), world.identified.append)
        assert len(world.rejected.kept) == 3
        [(subject, text)] = world.operations.told
        assert subject == "jobwatch rejected an event (egain-prod)"
        assert 'detail-type: "Job Submited" is none that jobwatch takes; is "Job Submitted" meant?' in text
        assert "content.sync" in text
        assert "kept on the queue rejected-queue" in " ".join(text.split())
        world.intake.accept(self.unknown(source="another"), world.identified.append)
        world.intake.accept(self.unknown(**{"detail-type": "Order Placed"}), world.identified.append)
        assert len(world.operations.told) == 3
        world.clock.now += timedelta(days=1)
        world.intake.accept(self.unknown(id="tomorrow"), world.identified.append)
        assert len(world.operations.told) == 4

    def test_no_watch_begins_and_the_same_event_is_kept_once(self) -> None:
        world = World()
        for _ in range(2):
            assert isinstance(world.intake.accept(self.unknown(), world.identified.append), Rejected)
        assert (world.watches.records, world.executions.started) == ({}, [])
        assert len(world.rejected.kept) == 1

    @pytest.mark.parametrize("detail", [None, [], "text", {"connection": 7}])
    def test_whatever_is_in_it(self, detail: Any) -> None:
        world = World()
        world.intake.accept(self.unknown(detail=detail), world.identified.append)
        assert len(world.rejected.kept) == len(world.operations.told) == 1


class TestFieldsThatWereMeantToBeOthers:
    def test_it_is_accepted_and_told_once_a_day_for_a_field(self) -> None:
        world = World()
        for name in ("one", "two"):
            result = world.accept(job_id=job_id_of(name), operaton="export")
            assert isinstance(result, Accepted)
            assert world.watches.get(result.watch_id).submission.operation == "import"
        [(subject, text)] = world.operations.told
        assert subject == "jobwatch: is operation meant by operaton? (egain-prod)"
        assert "ignored" in text
        assert "content.sync" in text
        assert world.rejected.kept == []
        world.accept(job_id=job_id_of("three"), lables={"team": "x"})
        assert len(world.operations.told) == 2
        world.clock.now += timedelta(days=1)
        world.accept(job_id=job_id_of("four"), operaton="export")
        assert len(world.operations.told) == 3

    def test_other_unknown_fields_are_nobodys_matter(self) -> None:
        world = World()
        world.accept(environment="prod", operaton=None)
        assert world.operations.told == []


class TestHistory:
    """What the runs before say is kept in the watch: the deadline, and when to poll."""

    def runs(self, count: int, seconds: float = 3600) -> History:
        history = History()
        for _ in range(count):
            history = history.with_run(Run(Outcome.SUCCEEDED, seconds=1.0, watched_seconds=seconds, successful=10))
        return history

    def test_a_run_of_a_series_knows_when_it_will_end(self) -> None:
        world = World()
        world.series.put("egain-prod/import/Nightly", self.runs(9), at=T0)
        world.accept(name="Nightly")
        [record] = world.watches.records.values()
        stored = world.watches.get(record["watch_id"])
        assert stored.prior is not None
        assert stored.prior.runs == 9
        assert stored.usual_seconds is not None
        assert 3600 < stored.usual_seconds < 2 * 3600
        assert len(record["usual"]) < 200

    def test_few_runs_say_when_to_poll_and_not_what_is_usual(self) -> None:
        world = World()
        world.series.put("egain-prod/import/weekly", self.runs(2), at=T0)
        world.accept(name="Nightly", series="weekly")
        [watch_id] = world.watches.records
        assert world.watches.get(watch_id).prior is not None
        assert world.watches.get(watch_id).usual_seconds is None

    def test_a_run_of_no_series_is_compared_with_nothing(self) -> None:
        world = World()
        world.accept()
        [watch_id] = world.watches.records
        assert world.watches.get(watch_id).prior is None

    def test_a_history_that_cannot_be_read_holds_no_submission_back(self) -> None:
        world = World()
        world.series.unavailable = True
        assert isinstance(world.accept(name="Nightly"), Accepted)
        [watch_id] = world.watches.records
        assert world.watches.get(watch_id).prior is None
