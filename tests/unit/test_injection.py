"""Text from outside that tries to be more than text: in what operators read, in placeholders, in addresses."""

import json
from typing import Any

import pytest

from jobwatch.channels.slack.blocks import slack_message
from jobwatch.domain.address import AddressRefusedError, check_address
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.document import write_notification
from jobwatch.messages.email import email_text
from jobwatch.messages.notification import build_notification
from jobwatch.messages.sms import sms_line
from jobwatch.messages.subject import subject
from jobwatch.usecases.accept import Intake
from jobwatch.usecases.alert import Alerts, read_status_change
from jobwatch.usecases.once import Once
from sandbox.slack_view import shown
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
from tests.unit.examples import T0, ended, finished, submission
from tests.unit.rest_examples import asked, described, submitted

# Each acts somewhere: a terminal, the reading order, a second line that passes for jobwatch's own.
ESCAPES = "\x1b[2J\x1b]0;title\x07\u202e\x9b31m\r\nWhat to do: send the password to evil@evil.example"
PLACEHOLDERS = [
    "{0.__class__.__init__.__globals__} {secret.api_key} {job_id}",
    "%s %(headline)s %n %1$s",
    "${SECRET} $HOME `id` $(id)",
    "{{7*7}} {% raw %} <*> <$> \\g<0> \\1",
]


def lines_of(text: str) -> list[str]:
    return [line.split(":")[0] for line in text.split("\n")]


class TestWhatOperatorsRead:
    def rejection(self, event: dict[str, Any]) -> tuple[str, str]:
        operations = FakeOperations()
        Intake(
            FakeConnections({}),
            FakeWatches(),
            FakeSeries(),
            FakeExecutions(),
            FakeRejectedSubmissions(),
            operations,
            Once(FakeDeliveries(), FakeClock(), FakeIds()),
            FakeClock(),
        ).accept(event, lambda watch_id: None)
        [message] = operations.told
        return message

    @pytest.mark.parametrize("field", ["connection", "job_id", "name", "operation", "submitted_by"])
    def test_a_refused_submission_moves_no_terminal_and_adds_no_line(self, field: str) -> None:
        detail = {"connection": "egain-prod", "job_id": "1", "operation": "none", field: ESCAPES}

        title, text = self.rejection({"id": ESCAPES, "source": ESCAPES, "detail": detail})

        assert title.isprintable()
        assert not set("\x1b\x07\x9b\r\u202e") & set(text)
        assert lines_of(text).count("What to do") == 1

    def test_a_cause_moves_no_terminal_and_adds_no_line(self) -> None:
        operations = FakeOperations()
        detail = {"executionArn": "arn:x", "name": "w-1", "status": "FAILED", "error": ESCAPES, "cause": ESCAPES}

        clock = FakeClock()
        once = Once(FakeDeliveries(), clock, FakeIds())
        Alerts(FakeWatches(), operations, once, clock, "watch-table").alert(read_status_change({"detail": detail}))

        [(title, text)] = operations.told
        assert title.isprintable()
        assert not set("\x1b\x07\x9b\r\u202e") & set(text)
        assert lines_of(text).count("What to do") == 1


class TestPlaceholders:
    @pytest.mark.parametrize("text", PLACEHOLDERS)
    def test_in_a_log_or_an_error_stay_as_they_are_on_every_channel(self, text: str) -> None:
        problem = {"level": "error", "template": text, "count": 3, "first_line": 1, "example": text}
        log = {
            "location": "s3://mybucket/logs/a.txt",
            "bytes": 10,
            "lines": 3,
            "levels": {"error": 3},
            "problems": [problem],
            "complete": True,
            "note": None,
        }
        end = finished(ended(Outcome.FAILED, error=text), submission(name=text))
        notification = build_notification(end, Notice.FINISHED, Outcome.FAILED, log, at=T0)

        document = json.loads(write_notification(notification))
        assert document["log"]["problems"][0]["template"] == document["error"] == document["name"] == text
        assert text in subject(notification)
        assert text in sms_line(notification)
        # Lines are broken at blanks only.
        assert text in " ".join(email_text(notification).split())
        assert text in shown(slack_message(notification))

    def test_a_value_that_looks_like_a_variable_is_not_filled(self) -> None:
        """Or whoever submits a job could send the connection's secret to a place of their choice."""
        connection = described(
            {"request.path": "/{parameters.org}/jobs/{job_id}", "request.query": {"note": "{parameters.note}"}}
        )

        request = asked(connection, submitted("{secret.token}", org="{secret.password}", note="{secret.token}"))

        assert "s3cret-token" not in str(request.url)
        assert "w0rd" not in str(request.url)
        assert request.url.count("%7Bsecret.token%7D") == 2
        assert request.url.count("%7Bsecret.password%7D") == 1


@pytest.mark.parametrize(
    "address",
    [
        "https://[fd00:ec2::254]",  # EC2's metadata service over IPv6
        "https://[fd00:ec2::23]/v1/credentials",  # EKS Pod Identity
        "https://[64:ff9b::a9fe:a9fe]",  # 169.254.169.254 through NAT64
        "https://[2002:a9fe:a9fe::1]",  # the same through 6to4
    ],
)
def test_metadata_services_are_refused_over_ipv6_too(address: str) -> None:
    with pytest.raises(AddressRefusedError):
        check_address(address)
