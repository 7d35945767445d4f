"""Alarms, their pages in the runbook, the dashboard, and the metrics behind them."""

import json
import re
from typing import Any

import pytest

from jobwatch.domain.snapshot import FailureKind
from jobwatch.domain.words import Outcome
from jobwatch.usecases.deliver import Fate
from tests.architecture.deployment import FUNCTIONS, RESOURCES, ROOT, TEMPLATE, of_type

ALARMS = of_type("AWS::CloudWatch::Alarm")
NAMESPACE = {"Ref": "AWS::StackName"}
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
HEADINGS = re.findall(r"^## (.+)$", RUNBOOK, re.MULTILINE)

CHANNEL_RESULTS = {
    *(("sns", result) for result in ("published", "failed")),
    *(("slack", result) for result in ("failed", *(fate.name.lower() for fate in Fate))),
}
# What `jobwatch.metrics` counts: service, then the values of the dimensions; tests/unit/test_metrics.py has the rest.
COUNTED: dict[str, set[tuple[str, ...]]] = {
    "WatchesStarted": {("intake",)},
    "SubmissionsRejected": {("intake",)},
    "Polls": {("poller",)},
    "PollsPutOff": {("poller",)},
    "PollFailures": {("poller", kind.value) for kind in FailureKind},
    "DetectionDelay": {("poller",)},
    # Of a stopped watch nobody is told.
    "WatchesEnded": {("notifier", outcome.value) for outcome in Outcome if outcome is not Outcome.STOPPED},
    "LogBytes": {("notifier",)},
    "Notifications": {
        ("notifier" if channel == "sns" else "slack", channel, result) for channel, result in CHANNEL_RESULTS
    },
    "WatchesRestarted": {("sweeper",)},
    "AddressesUnheard": {("sweeper", "notifications"), ("sweeper", "operations")},
    "NobodyListens": {("sweeper",)},
}


def dashboard() -> list[dict[str, Any]]:
    """The widgets, each placeholder filled with its own name."""
    body, given = RESOURCES["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    slack = [f', "{name}.Arn"' for name in ALARMS if name.startswith("Slack")]
    conditional = {"SlackAlarm": "".join(slack), "SlackSource": " | SOURCE 'SlackLog'"}
    assert set(given) == {"SlackName", "SlackQueue", *conditional}
    filled = re.sub(r"\$\{([\w.:]+)\}", lambda found: conditional.get(found[1], found[1]), body)
    widgets: list[dict[str, Any]] = json.loads(filled)["widgets"]
    return widgets


def own_metrics() -> list[list[Any]]:
    """The dashboard's rows of jobwatch's own metrics, without their options."""
    rows = [row for widget in dashboard() for row in widget["properties"].get("metrics", [])]
    return [[each for each in row if isinstance(each, str)] for row in rows if row[0] == "AWS::StackName"]


WAITING = "ApproximateNumberOfMessagesVisible"


def _of_metric(name: str) -> list[dict[str, Any]]:
    return [alarm for alarm in ALARMS.values() if alarm["MetricName"] == name]


def _queue_of(alarm: dict[str, Any]) -> str:
    return str(alarm["Dimensions"][0]["Value"]["Fn::GetAtt"]).removesuffix(".QueueName")


def _keeps_what_fails(function: dict[str, Any]) -> bool:
    return "DestinationConfig" in function.get("EventInvokeConfig", {})


class TestRunbook:
    @pytest.mark.parametrize("name", ALARMS)
    def test_an_alarm_leads_to_its_page(self, name: str) -> None:
        assert ALARMS[name]["AlarmDescription"].endswith(f"What to do: docs/runbook.md#{name.lower()}")
        assert name in HEADINGS

    def test_no_page_is_of_an_alarm_that_is_gone(self) -> None:
        assert {heading for heading in HEADINGS if heading.endswith("Alarm")} == set(ALARMS)

    @pytest.mark.parametrize("name", ALARMS)
    def test_a_page_says_what_it_means_where_to_look_and_what_to_do(self, name: str) -> None:
        page = re.split(r"^## ", RUNBOOK.split(f"## {name}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
        for part in ("**Means**", "**Look**", "**Do**"):
            assert page.count(part) == 1, f"{name}: {part}"


class TestAlarms:
    def test_those_on_own_metrics_ask_for_what_is_counted(self) -> None:
        """An alarm on a metric or a dimension that nobody writes stays green for ever."""
        own = {name: alarm for name, alarm in ALARMS.items() if alarm["Namespace"] == NAMESPACE}
        assert len(own) >= 4
        for name, alarm in own.items():
            values = tuple(each["Value"] for each in alarm["Dimensions"])
            assert values in COUNTED[alarm["MetricName"]], name

    def test_one_tells_of_a_sweeper_that_is_no_longer_called(self) -> None:
        """Without calls there is no data: a threshold alone would never be passed."""
        alarm = ALARMS["SweeperSilentAlarm"]
        assert alarm["TreatMissingData"] == "missing"
        assert alarm["InsufficientDataActions"] == [{"Ref": "OperationsTopic"}]

    def test_every_dead_letter_queue_has_one(self) -> None:
        watched = {_queue_of(alarm) for alarm in ALARMS.values() if alarm["MetricName"] == WAITING}
        # Each rejected submission is told by itself; on intake's queue, messages are no trouble until they grow old.
        assert watched == set(of_type("AWS::SQS::Queue")) - {"RejectedSubmissions", "SubmissionQueue"}

    def test_one_tells_of_submissions_that_wait(self) -> None:
        """Of a message that was received three times and not processed, the age is no longer counted."""
        [alarm] = [alarm for alarm in ALARMS.values() if alarm["MetricName"] == "ApproximateAgeOfOldestMessage"]
        assert _queue_of(alarm) == "SubmissionQueue"
        assert alarm["Threshold"] < 3 * RESOURCES["SubmissionQueue"]["Properties"]["VisibilityTimeout"]

    def test_functions_that_wait_for_others_to_end_have_one(self) -> None:
        throttled = {alarm["Dimensions"][0]["Value"]["Ref"] for alarm in _of_metric("Throttles")}
        assert throttled == {"PollerFunction", "NotifierFunction"}, "the machine calls them, and waits"
        queued = {name for name, function in FUNCTIONS.items() if _keeps_what_fails(function)}
        for metric in ("AsyncEventAge", "AsyncEventsDropped"):
            # Intake's own queue is before it; what comes to it without is of an older stack.
            functions = {alarm["Dimensions"][0]["Value"]["Ref"] for alarm in _of_metric(metric)}
            assert functions == queued - {"IntakeFunction"}, metric

    def test_one_tells_of_events_that_are_on_no_queue(self) -> None:
        [alarm] = _of_metric("InvocationsFailedToBeSentToDlq")
        rule = RESOURCES["SubmissionRule"]["Properties"]
        assert {each["Name"]: each["Value"] for each in alarm["Dimensions"]} == {
            "EventBusName": rule["EventBusName"],
            "RuleName": rule["Name"],
        }


class TestDashboard:
    def test_shows_every_metric_in_every_value_of_its_dimensions(self) -> None:
        shown: dict[str, set[tuple[str, ...]]] = {}
        for _, metric, *pairs in own_metrics():
            shown.setdefault(metric, set()).add(tuple(pairs[1::2]))
        assert shown == COUNTED

    def test_shows_every_alarm(self) -> None:
        [alarms] = [each["properties"]["alarms"] for each in dashboard() if each["type"] == "alarm"]
        assert {each.removesuffix(".Arn") for each in alarms} == set(ALARMS)

    def test_shows_every_queue_and_function(self) -> None:
        text = json.dumps(dashboard())
        for queue in of_type("AWS::SQS::Queue"):
            assert f"{queue}.QueueName" in text or (queue == "SlackDeadLetters" and "SlackQueue" in text)
        for function in FUNCTIONS:
            assert f'"{function}"' in text or (function == "SlackFunction" and "SlackName" in text)

    def test_logs_of_every_function_are_searched(self) -> None:
        [query] = [each["properties"]["query"] for each in dashboard() if each["type"] == "log"]
        groups = {function["LoggingConfig"]["LogGroup"]["Ref"] for function in FUNCTIONS.values()}
        assert set(re.findall(r"SOURCE '(\w+)'", query)) == groups

    def test_widgets_lie_beside_each_other(self) -> None:
        taken: set[tuple[int, int]] = set()
        for each in dashboard():
            across, down = range(each["x"], each["x"] + each["width"]), range(each["y"], each["y"] + each["height"])
            cells = {(x, y) for x in across for y in down}
            assert not cells & taken, each["properties"]["title"]
            assert max(across) < 24
            taken |= cells


def test_two_stacks_of_an_account_count_apart() -> None:
    assert TEMPLATE["Globals"]["Function"]["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"] == NAMESPACE
