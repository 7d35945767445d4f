"""What CloudWatch counts: each figure once, with closed dimensions, in the format that it reads."""

import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, cast

import pytest

from jobwatch import metrics
from jobwatch.domain.listening import Hearing
from jobwatch.domain.snapshot import Answer, FailureKind, NotFound, PollFailure
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Outcome
from jobwatch.messages.document import Notification
from jobwatch.metrics import SNS, Metric
from jobwatch.usecases.accept import Accepted
from jobwatch.usecases.deliver import Delivered, Fate
from jobwatch.usecases.listening import Heard
from jobwatch.usecases.notify import Notified
from jobwatch.usecases.poll import NextStep, Polled, PutOff, Step
from tests.unit.examples import T0, ended, finished, running, watch

WAIT = Step(NextStep.WAIT, 60)


def by_name(found: Iterable[Metric]) -> dict[str, Metric]:
    each = list(found)
    assert len({metric.name for metric in each}) == len(each)
    return {metric.name: metric for metric in each}


class TestPolls:
    def poll(self, answer: Answer | None, after: Watch | None = None) -> dict[str, Metric]:
        return by_name(metrics.of_poll(Polled(after or watch(), answer, WAIT)))

    def test_a_poll_counts_once(self) -> None:
        assert self.poll(running()) == {"Polls": Metric("Polls")}

    def test_a_wake_that_asks_nobody_is_no_poll(self) -> None:
        assert self.poll(None) == {}

    def test_a_poll_that_is_put_off_is_no_poll_and_no_failure(self) -> None:
        found = by_name(metrics.of_poll(Polled(watch(), PutOff("SSM is down"), WAIT)))
        assert found == {"PollsPutOff": Metric("PollsPutOff")}

    @pytest.mark.parametrize("kind", FailureKind)
    def test_a_failed_poll_counts_by_its_kind(self, kind: FailureKind) -> None:
        found = self.poll(PollFailure(kind, "no"))
        assert found["PollFailures"].dimensions == {"kind": kind.value}
        assert set(found) == {"Polls", "PollFailures"}

    def test_a_job_that_is_not_known_is_no_failed_poll(self) -> None:
        assert set(self.poll(NotFound("no such job"))) == {"Polls"}

    def test_the_delay_runs_from_the_vendors_end_to_the_detection(self) -> None:
        after = watch(outcome=Outcome.SUCCEEDED, detected_at=T0 + timedelta(minutes=75, seconds=42))
        assert self.poll(ended(), after)["DetectionDelay"].value == 42

    def test_a_job_that_had_ended_before_its_submission_is_not_detected_late(self) -> None:
        after = watch(accepted_at=T0 + timedelta(days=2), detected_at=T0 + timedelta(days=2, seconds=5))
        assert self.poll(ended(), after)["DetectionDelay"].value == 5

    def test_a_vendors_clock_that_runs_ahead_gives_no_negative_delay(self) -> None:
        after = watch(detected_at=T0 + timedelta(minutes=74))
        assert self.poll(ended(), after)["DetectionDelay"].value == 0

    def test_an_end_without_a_time_has_no_delay(self) -> None:
        after = watch(detected_at=T0 + timedelta(minutes=75))
        assert set(self.poll(ended(finished_at=None), after)) == {"Polls"}


class TestNotifications:
    def told(self, **changes: Any) -> dict[str, Metric]:
        notification = cast("Notification", {"notice": "finished", "outcome": "failed", "log": None} | changes)
        return by_name(metrics.of_notifying(Notified(finished(), (notification,), WAIT)))

    def test_an_end_counts_by_its_outcome(self) -> None:
        assert self.told()["WatchesEnded"].dimensions == {"outcome": "failed"}

    def test_an_interim_notice_ends_nothing(self) -> None:
        assert set(self.told(notice="stalled", outcome=None)) == {"Notifications"}

    def test_bytes_of_a_log_that_was_read(self) -> None:
        assert self.told(log={"bytes": 2048})["LogBytes"].value == 2048

    def test_no_bytes_of_a_log_that_was_not_read(self) -> None:
        assert "LogBytes" not in self.told(log={"bytes": None})

    def test_each_counts_by_channel_and_result(self) -> None:
        assert self.told()["Notifications"].dimensions == {"channel": "sns", "result": "published"}
        for fate in Fate:
            [found] = metrics.of_delivery(Delivered("slack", "w", "w/finished/1", fate))
            assert found.dimensions == {"channel": "slack", "result": fate.name.lower()}

    def test_a_failed_one_counts_and_fails_all_the_same(self, capsys: pytest.CaptureFixture[str]) -> None:
        with pytest.raises(ZeroDivisionError), metrics.counting_failures("slack", "w"):
            raise ZeroDivisionError
        [line] = lines(capsys)
        assert (line["Notifications"], line["channel"], line["result"], line["watch_id"]) == (
            [1.0],
            "slack",
            "failed",
            "w",
        )

    def test_a_good_one_is_no_failure(self, capsys: pytest.CaptureFixture[str]) -> None:
        with metrics.counting_failures(SNS, "w"):
            pass
        assert capsys.readouterr().out == ""


def test_a_watch_starts_once_however_often_it_is_submitted() -> None:
    assert set(by_name(metrics.of_acceptance(Accepted("w", True)))) == {"WatchesStarted"}
    assert set(by_name(metrics.of_acceptance(Accepted("w", False)))) == set()


@pytest.fixture(autouse=True)
def _namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_NAMESPACE", "jobwatch-prod")
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "poller")


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_line_is_what_cloudwatch_reads_and_names_the_watch_beside_the_dimensions(
    capsys: pytest.CaptureFixture[str],
) -> None:
    metrics.emit([Metric("PollFailures", dimensions={"kind": FailureKind.UNAUTHORISED})], "egain-prod-import-1")

    [line] = lines(capsys)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert directive["Namespace"] == "jobwatch-prod"
    assert directive["Metrics"] == [{"Name": "PollFailures", "Unit": "Count"}]
    assert sorted(directive["Dimensions"][0]) == ["kind", "service"]
    assert line["PollFailures"] == [1.0]
    assert line["kind"] == "unauthorised"
    assert line["watch_id"] == "egain-prod-import-1"


@pytest.mark.parametrize(
    ("heard", "counted"),
    [
        (
            Heard(Hearing.CONFIRMED, Hearing.GONE, somebody=True),
            [
                Metric("AddressesUnheard", 0, dimensions={"topic": "notifications"}),
                Metric("AddressesUnheard", 1, dimensions={"topic": "operations"}),
                Metric("NobodyListens", 0),
            ],
        ),
        (Heard(None, None, somebody=False), [Metric("NobodyListens", 1)]),
    ],
)
def test_an_address_that_does_not_hear_counts_at_every_sweep(heard: Heard, counted: list[Metric]) -> None:
    assert list(metrics.of_listening(heard)) == counted
