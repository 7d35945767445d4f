"""How the answers of a described API are read: states, errors, fields, and whatever else comes."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobwatch.domain.doubts import doubts
from jobwatch.domain.outcome import settle
from jobwatch.domain.snapshot import FailureKind, NotFound, Phase, PollFailure, Snapshot
from jobwatch.domain.words import Outcome
from jobwatch.vendors.rest_fields import read_time
from tests.unit.rest_examples import NOW, answered, described, submitted


class TestStates:
    @pytest.mark.parametrize(
        ("status", "phase", "verdict"),
        [
            ("done", Phase.ENDED, Outcome.SUCCEEDED),
            ("DONE ", Phase.ENDED, Outcome.SUCCEEDED),
            ("failed", Phase.ENDED, Outcome.FAILED),
            ("doing", Phase.RUNNING, None),
            ("done-ish", Phase.RUNNING, None),
            (0, Phase.RUNNING, None),
        ],
    )
    def test_what_the_table_does_not_name_is_running(
        self, status: object, phase: Phase, verdict: Outcome | None
    ) -> None:
        answer = answered({"status": status})
        assert (answer.phase, answer.verdict, answer.remarks) == (phase, verdict, ())

    def test_a_state_that_no_outcome_names_is_told_with_state_and_connection(self) -> None:
        connection = described({"outcomes.running": ["working"]})
        assert doubts(submitted(), answered({"status": "working"}, connection)) == ()
        for state in ("Completed", "archiving"):
            answer = answered({"status": state}, connection)
            said = f'The state "{state}" is not named in connection mine, so jobwatch cannot see an end.'
            assert doubts(submitted(), answer) == (said,)

    def test_a_condition_that_does_not_hold_is_no_state(self) -> None:
        connection = described({"snapshot.state": "body.kind == 'x' && 'done'"})
        assert answered({"kind": "x"}, connection).verdict is Outcome.SUCCEEDED
        assert answered({"kind": "y"}, connection).kind is FailureKind.UNREADABLE

    @pytest.mark.parametrize("outcomes", [{"succeeded": [True]}, {"succeeded": [True], "running": [False]}])
    def test_false_is_a_state_beside_true(self, outcomes: dict[str, list[bool]]) -> None:
        connection = described({"snapshot.state": "body.done", "outcomes": outcomes})
        assert answered({"done": False}, connection).phase is Phase.RUNNING
        assert answered({"done": True}, connection).verdict is Outcome.SUCCEEDED

    @pytest.mark.parametrize(
        ("state", "body", "outcomes", "verdict"),
        [
            ("body.done", {"done": True}, {"succeeded": [True], "failed": ["x"]}, Outcome.SUCCEEDED),
            ("body.code", {"code": 4}, {"succeeded": [4], "failed": [5]}, Outcome.SUCCEEDED),
            ("body.code", {"code": 5.0}, {"succeeded": [4], "failed": [5]}, Outcome.FAILED),
            ("contains(keys(body), 'result')", {"result": None}, {"succeeded": [True]}, Outcome.SUCCEEDED),
            ("length(body.left) == `0`", {"left": []}, {"succeeded": [True]}, Outcome.SUCCEEDED),
            ('headers."x-state"', {}, {"succeeded": ["ok"]}, Outcome.SUCCEEDED),
            (
                "find(body.jobs, 'id', watch.job_id).state",
                {"jobs": [{"id": 8, "state": "no"}, {"id": 7, "state": "ok"}]},
                {"succeeded": ["ok"]},
                Outcome.SUCCEEDED,
            ),
        ],
    )
    def test_booleans_presence_comparison_numbers_and_lists(
        self, state: str, body: Any, outcomes: dict[str, Any], verdict: Outcome
    ) -> None:
        answer = answered(body, described({"snapshot.state": state, "outcomes": outcomes}), x_state="OK")
        assert answer.verdict is verdict

    def test_a_state_by_http_code_alone(self) -> None:
        connection = described(
            {
                "snapshot.state": "status_code",
                "outcomes": {"succeeded": [200, 303], "failed": [409]},
                "status_codes": [303, 409],
            }
        )
        assert answered(b"", connection, 202).phase is Phase.RUNNING
        assert answered(b"a;b;c", connection, 200).verdict is Outcome.SUCCEEDED
        assert answered(b"", connection, 303).verdict is Outcome.SUCCEEDED
        assert answered(b"", connection, 409).verdict is Outcome.FAILED
        assert answered(b"", connection, 502).kind is FailureKind.VENDOR_ERROR
        assert answered(b"<!DOCTYPE html><p>Log in", connection, 200).kind is FailureKind.UNREADABLE

    def test_an_http_code_while_it_runs_and_a_body_at_the_end(self) -> None:
        connection = described({"snapshot.state": "status_code == `202` && 'running' || body.status"})
        assert answered(b"", connection, 202).phase is Phase.RUNNING
        assert answered({"status": "done"}, connection).verdict is Outcome.SUCCEEDED
        assert answered(b"{", connection, 202).kind is FailureKind.UNREADABLE

    def test_a_404_that_means_done(self) -> None:
        changes = {
            "snapshot.state": "status_code",
            "outcomes": {"running": [200], "succeeded": [404]},
            "status_codes": [404],
        }
        assert answered({"error": "gone"}, described(changes), 404).verdict is Outcome.SUCCEEDED
        assert isinstance(answered(b"<html>no such page", described(changes), 404), NotFound)
        assert isinstance(answered({"status": "done"}, described(), 404), NotFound)

    @pytest.mark.parametrize("body", [b"", b"null", b"{}", b'{"status": null}', b'{"status": ""}', b'{"status": "do'])
    def test_no_state_is_no_answer(self, body: bytes) -> None:
        answer = answered(body)
        assert isinstance(answer, PollFailure)
        assert answer.kind is FailureKind.UNREADABLE

    def test_no_state_is_what_the_table_says_but_no_body_never_is(self) -> None:
        connection = described({"outcomes.running": [None]})
        assert answered({"id": 7}, connection).phase is Phase.RUNNING
        for garbage in (b"", b"ok", b"<html>", b'{"done": tr'):
            assert answered(garbage, connection).kind is FailureKind.UNREADABLE

    def test_an_error_document_is_no_status(self) -> None:
        """RFC 9457: its `status` is an HTTP code, which no table names."""
        problem = {"title": "Not right", "status": 503}
        assert answered(problem, content_type="application/problem+json").kind is FailureKind.UNREADABLE

    def test_a_negation_does_not_end_a_job_whose_answer_is_cut_off(self) -> None:
        connection = described({"snapshot.state": "body.left && 'running' || 'done'"})
        assert answered({"left": 0 or None}, connection).verdict is Outcome.SUCCEEDED
        assert answered(b'{"left": 4', connection).kind is FailureKind.UNREADABLE
        assert answered(b"", connection).kind is FailureKind.UNREADABLE

    @pytest.mark.parametrize("status", [["done"], {"a": "done"}, 1.5, float("nan"), float("inf")])
    def test_what_cannot_be_a_state(self, status: object) -> None:
        assert answered({"status": status}).kind is FailureKind.UNREADABLE

    def test_partial_success_is_completed_with_errors(self) -> None:
        answer = answered({"status": "partial"}, described({"outcomes.completed_with_errors": ["partial"]}))
        assert isinstance(answer, Snapshot)
        assert settle(answer) is Outcome.COMPLETED_WITH_ERRORS

    def test_a_state_for_unknown_jobs(self) -> None:
        answer = answered({"status": "no-such-job"}, described({"outcomes.not_found": ["no-such-job"]}))
        assert isinstance(answer, NotFound)


class TestFailures:
    """An API's own error is a failed poll, whatever HTTP code came with it."""

    def test_an_error_under_200(self) -> None:
        changes = {
            "snapshot.failure": "body.code != `0` && {code: body.code, text: body.message}",
            "failures": {"not_found": ["E7"], "unauthorised": [21119], "throttled": ["slow_down"]},
        }
        connection = described(changes)
        assert answered({"code": 0, "status": "done"}, connection).verdict is Outcome.SUCCEEDED
        assert answered({"code": 21119, "message": "The key is illegal."}, connection).kind is FailureKind.UNAUTHORISED
        assert isinstance(answered({"code": "e7"}, connection), NotFound)
        throttled = answered({"code": "SlowDown", "message": "x"}, connection, retry_after="9")
        assert (throttled.kind, throttled.retry_after_seconds) == (FailureKind.THROTTLED, 9)
        assert isinstance(answered({"code": 404, "status": "done"}, connection), NotFound)
        other = answered({"code": 5, "message": "Oh no", "status": "done"}, connection)
        assert (other.kind, "5 Oh no" in other.detail) == (FailureKind.VENDOR_ERROR, True)

    @pytest.mark.parametrize("nothing", [None, False, 0, "", [], {}])
    def test_no_error(self, nothing: object) -> None:
        answer = answered({"status": "done", "error": nothing}, described({"snapshot.failure": "body.error"}))
        assert answer.verdict is Outcome.SUCCEEDED

    @pytest.mark.parametrize(
        "error", [{"code": 0}, {"code": "0", "text": ""}, {"code": None}, {"code": 0, "text": None}]
    )
    def test_a_code_of_0_without_a_text_is_no_error(self, error: dict[str, object]) -> None:
        connection = described({"snapshot.failure": "body.{code: code, text: text}"})
        assert answered({"status": "done", **error}, connection).verdict is Outcome.SUCCEEDED

    def test_a_named_code_counts_more_than_the_http_code(self) -> None:
        connection = described({"snapshot.failure": "body.type", "failures.not_found": ["ResourceNotFoundException"]})
        assert isinstance(answered({"type": "ResourceNotFoundException"}, connection, 400), NotFound)
        assert answered({"type": "ValidationException"}, connection, 400).kind is FailureKind.REFUSED
        assert "ValidationException" in answered({"type": "ValidationException"}, connection, 400).detail


class TestElapsedTime:
    """The time that is missing follows from the time that the job has taken; Airbyte and dbt give one of each."""

    @pytest.mark.parametrize(
        ("elapsed", "seconds"),
        [
            ("PT8H6M12S", 29172),
            ("PT0.5S", 0.5),
            ("P1DT1H", 90000),
            ("00:11:50", 710),
            ("11:50", 710),
            (710, 710),
            ("710", 710),
            (0, 0),
            *((odd, None) for odd in ("soon", "8 h", "PT", "P", "", -1, True, None, 1e9, "1:2:3:4")),
        ],
    )
    def test_forms(self, elapsed: object, seconds: float | None) -> None:
        connection = described({"snapshot.elapsed": "body.took", "snapshot.started_at": "body.from"})
        seen = answered({"status": "done", "took": elapsed, "from": "2024-03-01T01:00:00Z"}, connection)
        start = datetime(2024, 3, 1, 1, tzinfo=UTC)
        assert seen.starts_at == start
        assert seen.finished_at == (None if seconds is None else start + timedelta(seconds=seconds))

    def test_the_start_of_what_runs_or_has_an_end(self) -> None:
        connection = described({"snapshot.elapsed": "body.took", "snapshot.finished_at": "body.to"})
        assert answered({"status": "x", "took": 60}, connection).starts_at == NOW - timedelta(minutes=1)
        ended = answered({"status": "done", "took": 60, "to": "2024-03-01T01:00:00Z"}, connection)
        assert ended.starts_at == datetime(2024, 3, 1, 0, 59, tzinfo=UTC)
        assert answered({"status": "done", "took": 60}, connection).starts_at is None


class TestFields:
    def test_everything(self) -> None:
        changes = {
            "snapshot.progress": {"percentage": "body.p", "processed": "body.n", "total": "body.t"},
            "snapshot.results": {"successful": "body.ok", "warnings": "body.w", "errors": "length(body.bad)"},
            "snapshot.error": "body.error",
            "snapshot.retryable": "body.again",
            "snapshot.started_at": "body.from",
            "snapshot.finished_at": "body.to",
            "snapshot.current_operation": "body.step",
            "snapshot.log_location": "body.log",
            "snapshot.items": "body.files[].{name: file, state: st, progress: pc, error: why, failed: bad}",
            "snapshot.messages": "body.notes[].{level: severity, text: msg}",
        }
        answer = answered(
            {
                "status": "done", "p": "45.5 %", "n": "12", "t": 40, "ok": 11.0, "w": "2", "bad": [1],
                "error": {"code": 3, "why": "x"}, "again": "TRUE", "from": 1709287200, "to": "1709290800000",
                "step": "Indexing\u202e\n now", "log": "s3://b/k",
                "files": [{"file": "a", "st": "ok", "bad": False}, {"file": 5, "pc": 40, "why": "broken"}, {}, "c"],
                "notes": [{"severity": "WARN", "msg": "m"}, "plain", {"severity": "error"}, None],
            },
            described(changes),
        )  # fmt: skip
        assert (answer.progress.percentage, answer.progress.processed, answer.progress.total) == (45.5, 12, 40)
        assert (answer.results.successful, answer.results.warnings, answer.results.errors) == (11, 2, 1)
        assert (answer.error, answer.retryable) == ('{"code": 3, "why": "x"}', True)
        assert answer.starts_at == datetime(2024, 3, 1, 10, tzinfo=UTC)
        assert answer.finished_at == datetime(2024, 3, 1, 11, tzinfo=UTC)
        assert (answer.current_operation, answer.log_location) == ("Indexing now", "s3://b/k")
        assert [(item.name, item.state, item.progress, item.error, item.failed) for item in answer.items] == [
            ("5", None, 40, "broken", True),
            ("a", "ok", None, None, False),
        ]
        # "plain" and null have no field `severity`: the expression makes objects without text of them.
        assert [(message.level, message.text) for message in answer.messages] == [("warning", "m")]

    def test_an_item_fails_by_its_state(self) -> None:
        answer = answered(
            {"status": "done", "f": [{"s": "FAILED"}, {"s": "done"}]},
            described({"snapshot.items": "body.f[].{state: s}"}),
        )
        assert [item.failed for item in answer.items] == [True, False]

    def test_an_item_fails_by_a_state_that_is_a_number(self) -> None:
        connection = described({"snapshot.items": "body.f[].{state: s}", "outcomes.failed": [20]})
        answer = answered({"status": "done", "f": [{"s": 20}, {"s": 10}, {"s": [20]}, {"s": "20"}]}, connection)
        assert [(item.state, item.failed) for item in answer.items][:2] == [("20", True), ("20", True)]
        assert not any(item.failed for item in answer.items[2:])

    def test_an_item_can_be_called_0_and_an_error_of_0_is_none(self) -> None:
        connection = described({"snapshot.items": "body.f[].{name: n, error: e}"})
        answer = answered({"status": "done", "f": [{"n": 0, "e": 0}, {"n": 1, "e": 4}]}, connection)
        assert [(item.name, item.failed) for item in answer.items] == [("1", True), ("0", False)]

    def test_an_end_is_only_told_of_a_job_that_ended(self) -> None:
        connection = described({"snapshot.finished_at": "body.updated", "snapshot.predicted_end": "body.eta"})
        body = {"updated": "2024-03-01T11:00:00Z", "eta": "2024-03-01T13:00:00Z"}
        running, done = answered({"status": "x", **body}, connection), answered({"status": "done", **body}, connection)
        assert (running.finished_at, running.predicted_end) == (None, datetime(2024, 3, 1, 13, tzinfo=UTC))
        assert (done.finished_at, done.predicted_end) == (datetime(2024, 3, 1, 11, tzinfo=UTC), None)

    def test_seconds_that_remain(self) -> None:
        connection = described({"snapshot.remaining_seconds": "body.eta"})
        assert answered({"status": "x", "eta": 90}, connection).predicted_end == datetime(
            2024, 3, 1, 12, 1, 30, tzinfo=UTC
        )
        odd_values: list[object] = [1e15, -1, "soon", None, [], float("inf")]
        for odd in odd_values:
            assert answered({"status": "x", "eta": odd}, connection).predicted_end is None

    def test_a_fraction_and_a_difference(self) -> None:
        connection = described(
            {"snapshot.progress": {"fraction": "body.f", "processed": "subtract(body.t, body.left)"}}
        )
        answer = answered({"status": "x", "f": 0.073, "t": 10, "left": 4}, connection)
        assert (answer.progress.percentage, answer.progress.processed) == (7.3, 6)
        assert answered({"status": "x", "f": 7.3}, connection).progress.percentage is None

    @pytest.mark.parametrize(
        "odd",
        [None, True, [], {}, [[]], "x" * 100_000, 10**400, -1, 1e308, float("nan"), "\ud800", "1e999", [{"a": 1}] * 5],
        ids=lambda odd: ascii(odd)[:20],
    )
    def test_odd_values_never_raise(self, odd: object) -> None:
        places = ["error", "retryable", "started_at", "finished_at", "predicted_end", "remaining_seconds", "items"]
        places += ["messages", "current_operation", "log_location", "progress.percentage", "progress.fraction"]
        places += ["progress.total", "results.errors", "failure"]
        body = {"status": "done", **{place: odd for place in places if place != "failure"}}
        connection = described({f"snapshot.{place}": f'body."{place}"' for place in places})
        answer = answered(json.dumps(body).encode(), connection)
        assert isinstance(answer, Snapshot)
        assert all(
            len(text) <= 1200
            for text in (answer.error or "", answer.log_location or "", answer.current_operation or "")
        )
        failed = answered(json.dumps({**body, "failure": odd}).encode(), connection)
        assert isinstance(failed, Snapshot | PollFailure)

    def test_long_lists_keep_what_failed(self) -> None:
        connection = described({"snapshot.items": "body.f", "snapshot.messages": "body.f[].{level: l, text: name}"})
        files = [{"name": f"file {n}", "failed": n == 5000, "l": "error" if n == 5000 else "info"} for n in range(6000)]
        answer = answered({"status": "done", "f": files}, connection)
        assert (len(answer.items), answer.items[0].name) == (50, "file 5000")
        assert (len(answer.messages), answer.messages[0].text) == (50, "file 5000")
        assert ["6,000" in remark for remark in answer.remarks] == [True, True]

    @pytest.mark.parametrize(
        ("value", "moment"),
        [
            ("2024-03-01T10:00:00.000+0000", datetime(2024, 3, 1, 10, tzinfo=UTC)),
            ("2024-03-01 10:00:00 +0100", datetime(2024, 3, 1, 9, tzinfo=UTC)),
            ("2024-03-01 10:00:00 UTC", datetime(2024, 3, 1, 10, tzinfo=UTC)),
            ("Fri, 01 Mar 2024 10:00:00 GMT", datetime(2024, 3, 1, 10, tzinfo=UTC)),
            ("1709287200.5", datetime(2024, 3, 1, 10, 0, 0, 500000, tzinfo=UTC)),
            (1709287200000, datetime(2024, 3, 1, 10, tzinfo=UTC)),
            ("0001-01-01T00:00:00Z", None),
            ("9999-12-31T23:59:59Z", None),
            (0, None),
            (20240301, None),
            ("soon", None),
            (True, None),
        ],
    )
    def test_times_as_apis_write_them(self, value: object, moment: datetime | None) -> None:
        assert read_time(value) == moment
