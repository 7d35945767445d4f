"""How a connection's people are told: refused with the place and the reason, and links that lead nowhere else."""

from dataclasses import replace
from typing import Any

import pytest

from jobwatch.channels.slack.blocks import slack_message
from jobwatch.domain.connection import Connection, ConnectionUnusableError, read_connection
from jobwatch.domain.tell import Expected, Route, Tell
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.email import email_text
from jobwatch.messages.notification import Around, build_notification
from sandbox.slack_view import links
from tests.unit.examples import JOB_ID, T0, ended, finished, submission

LEAST = {"vendor": "egain", "base_url": "https://api.egain.cloud", "secret": "jobwatch/egain-prod"}
CONTRACT: dict[str, Any] = {
    "tell": {
        "job_url": "https://kb.example.com/imports/{job_id}",
        "time_zone": "Europe/Berlin",
        "slack_channel": "C0123456789",
        "slack_mention": ["S0123456789"],
        "routes": [
            {"labels": {"team": "search"}, "slack_channel": "C0987654321", "slack_mention": ["U0123456789"]},
        ],
    },
    "expected": [{"series": "Nightly KB sync", "operation": "import", "every_hours": 24, "late_minutes": 60}],
}


def read(**fields: Any) -> Connection:
    return read_connection("egain-prod", {**LEAST, **fields}, "jobwatch/", frozenset({"egain"}))


def test_the_contracts_example() -> None:
    connection = read(**CONTRACT)
    assert connection.tell == Tell(
        "https://kb.example.com/imports/{job_id}",
        "Europe/Berlin",
        "C0123456789",
        ("S0123456789",),
        (Route({"team": "search"}, "C0987654321", ("U0123456789",)),),
    )
    assert connection.expected == (Expected("Nightly KB sync", "import", 24, 60),)
    assert (read().tell, read().expected) == (Tell(), ())


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("an unknown field", {"tell": {"job_link": "x"}}, "tell.job_link: there is no such field; is job_url meant?"),
    ("plain http", {"tell": {"job_url": "http://kb.example.com/{job_id}"}}, "tell.job_url: must be https"),
    ("no address", {"tell": {"job_url": "kb.example.com/{job_id}"}}, "tell.job_url: "),
    ("a scheme that acts", {"tell": {"job_url": "javascript:alert({job_id})"}}, "tell.job_url: "),
    ("credentials", {"tell": {"job_url": "https://a:b@kb.example.com/{job_id}"}}, "tell.job_url: must not hold a user"),
    ("an unknown variable", {"tell": {"job_url": "https://kb.example.com/{name}"}}, "{name} is neither {job_id} nor"),
    ("the secret", {"tell": {"job_url": "https://kb.example.com/{secret.token}"}}, "{secret.token} is neither"),
    ("a host from outside", {"tell": {"job_url": "https://{job_id}.example.com/"}}, "the host must be written out"),
    ("a host from outside", {"tell": {"job_url": "https://{parameters.host}/x"}}, "the host must be written out"),
    ("a stray brace", {"tell": {"job_url": "https://kb.example.com/{job_id}}"}}, "tell.job_url: "),
    ("a zone that is none", {"tell": {"time_zone": "Mars/Olympus"}}, "tell.time_zone: 'Mars/Olympus' is no IANA"),
    ("a zone that climbs", {"tell": {"time_zone": "../../etc/passwd"}}, "tell.time_zone: "),
    ("a channel's name", {"tell": {"slack_channel": "#alerts"}}, "tell.slack_channel: "),
    ("a name to mention", {"tell": {"slack_mention": ["@here"]}}, "tell.slack_mention[0]: "),
    ("a broadcast", {"tell": {"slack_mention": ["!channel"]}}, "tell.slack_mention[0]: "),
    (
        "a route for all",
        {"tell": {"routes": [{"labels": {}, "slack_channel": "C0123456789"}]}},
        "tell.routes[0].labels",
    ),
    ("a route to nowhere", {"tell": {"routes": [{"labels": {"a": "b"}}]}}, "tell.routes[0]: names neither"),
    ("a series without a name", {"expected": [{"operation": "import"}]}, "expected[0].series: is missing"),
    (
        "an operation that is none",
        {"expected": [{**CONTRACT["expected"][0], "operation": "sync"}]},
        "expected[0].operation",
    ),
    ("an hour too few", {"expected": [{**CONTRACT["expected"][0], "every_hours": 0}]}, "expected[0].every_hours"),
    ("one series twice", {"expected": CONTRACT["expected"] * 2}, "expected[1]: import of series 'Nightly KB sync'"),
    ("not_started in notices", {"notices": ["finished", "not_started"]}, "notices[1]"),
]


@pytest.mark.parametrize(("fields", "said"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED])
def test_what_cannot_work_is_refused_with_its_place(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ConnectionUnusableError) as refused:
        read(**fields)
    assert "connection egain-prod: " in str(refused.value)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://kb.example.com/imports/{job_id}", f"https://kb.example.com/imports/{JOB_ID}"),
        ("https://kb.example.com/#/p/{parameters.project}/{job_id}", f"https://kb.example.com/#/p/a%2Fb%3Fc/{JOB_ID}"),
        ("https://kb.example.com/?id={job_id}&p={parameters.space}", f"https://kb.example.com/?id={JOB_ID}&p=mine"),
        ("https://kb.example.com/{parameters.missing}/{job_id}", None),
        ("https://kb.example.com/{parameters.dots}/{job_id}", None),
    ],
)
def test_whatever_a_submission_holds_is_one_part_of_the_address(url: str, link: str | None) -> None:
    about = submission(parameters={"project": "a/b?c", "dots": ".."})
    assert read(tell={"job_url": url}).tell.job_link(about, {"space": "mine", "project": "theirs"}) == link


def test_a_click_leads_to_what_operators_configured_and_to_the_console_alone() -> None:
    end = finished(
        ended(Outcome.FAILED, error="see https://evil.example <https://evil.example|here>"),
        job_link="https://kb.example.com/1",
    )
    log = {"location": f"s3://mybucket/a b/{JOB_ID}?x&y", "levels": {}, "problems": [], "complete": False}
    note = build_notification(end, Notice.FINISHED, Outcome.FAILED, log, at=T0)
    console = f"https://console.aws.amazon.com/s3/object/mybucket?prefix=a%20b/{JOB_ID}%3Fx%26y"
    assert links(slack_message(note)) == ["https://kb.example.com/1", console]
    assert f"The log: {console}\n" in email_text(note)


@pytest.mark.parametrize(
    ("partition", "host"),
    [
        ("aws", "console.aws.amazon.com"),
        ("aws-cn", "console.amazonaws.cn"),
        ("aws-us-gov", "console.amazonaws-us-gov.com"),
        ("aws-iso", None),
    ],
)
def test_the_console_is_that_of_the_partition(partition: str, host: str | None) -> None:
    log = {"location": "s3://mybucket/k", "levels": {}, "problems": [], "complete": False}
    around = Around(partition=partition)
    note = build_notification(finished(), Notice.FINISHED, Outcome.FAILED, log, at=T0, around=around)
    assert note["links"]["log"] == (host and f"https://{host}/s3/object/mybucket?prefix=k")


@pytest.mark.parametrize(
    "location", ["https://logs.example.com/1", "s3://UPPER/k", "s3://b", "/tmp/x", "s3://mybucket/../k"]
)
def test_a_log_elsewhere_has_no_link(location: str) -> None:
    log = {"location": location, "levels": {}, "problems": [], "complete": False}
    assert build_notification(finished(), Notice.FINISHED, Outcome.FAILED, log, at=T0)["links"]["log"] is None


def test_the_connections_zone_goes_before_the_stacks() -> None:
    stack = Around(time_zone="America/New_York")
    for zone, shown in ((None, "05:00–06:15 EST"), ("Europe/Berlin", "11:00–12:15 CET")):
        end = replace(finished(), time_zone=zone)
        note = build_notification(end, Notice.FINISHED, end.outcome, None, at=T0, around=stack)
        assert f"Took 75 min, 1 Mar 2024, {shown} (1 Mar 2024, 10:00–11:15 UTC)" in email_text(note)
