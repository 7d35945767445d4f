"""Alarms: each looks at a figure that is counted, is silent when all is well, and speaks when it is not."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from jobwatch.channels.registry import CHANNELS
from jobwatch.domain.snapshot import FailureKind
from jobwatch.domain.words import Outcome
from jobwatch.metrics import SNS
from jobwatch.usecases.deliver import Fate
from tests.architecture.deployment import ROOT
from tests.gate.deployment import Deployment
from tests.gate.flows import called_asynchronously, functions, variable

# Counts are added up, gauges are looked at where they are highest.
_COUNT, _GAUGE = "Sum", "Maximum"
# By namespace: the metrics that alarms may look at, their dimensions, and how they are read.
# https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
# https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
# https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
_AWS: dict[str, tuple[tuple[set[str], ...], dict[str, str]]] = {
    "AWS/Lambda": (
        ({"FunctionName"},),
        dict.fromkeys(
            ("Errors", "Invocations", "Throttles", "DestinationDeliveryFailures", "AsyncEventsDropped"), _COUNT
        )
        | dict.fromkeys(("AsyncEventAge", "ConcurrentExecutions", "Duration"), _GAUGE),
    ),
    "AWS/States": (
        ({"StateMachineArn"},),
        dict.fromkeys(("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionThrottled"), _COUNT),
    ),
    "AWS/SQS": (
        ({"QueueName"},),
        dict.fromkeys(("ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"), _GAUGE),
    ),
    "AWS/SNS": (
        ({"TopicName"},),
        dict.fromkeys(("NumberOfNotificationsFailed", "NumberOfNotificationsFailedToRedriveToDlq"), _COUNT),
    ),
    "AWS/Events": (
        ({"RuleName"}, {"EventBusName", "RuleName"}, {"EventBusName"}),
        dict.fromkeys(
            ("InvocationsFailedToBeSentToDlq", "InvocationsSentToDlq", "FailedInvocations", "ThrottledRules"), _COUNT
        ),
    ),
    "AWS/DynamoDB": (
        ({"TableName"}, {"TableName", "Operation"}),
        dict.fromkeys(("ReadThrottleEvents", "WriteThrottleEvents", "ThrottledRequests", "SystemErrors"), _COUNT),
    ),
}
_OF_ASYNCHRONOUS = ("DestinationDeliveryFailures", "AsyncEventsDropped", "AsyncEventAge")
# So few seconds, of the last milliseconds, are no trouble.
_LEAST = {"DetectionDelay": 60, "ApproximateAgeOfOldestMessage": 60, "AsyncEventAge": 60_000}
# What is tried again as it fails.
_RETRIED = frozenset({"PollFailures", "Notifications"})
# A steady trouble is told within so long; nobody waits for more.
_TOLD_WITHIN_SECONDS = 3600
# What a steady trouble shows: far beyond any threshold that means something.
_MUCH = 100_000.0
_COMPARE = {
    "GreaterThanThreshold": lambda value, threshold: value > threshold,
    "GreaterThanOrEqualToThreshold": lambda value, threshold: value >= threshold,
    "LessThanThreshold": lambda value, threshold: value < threshold,
    "LessThanOrEqualToThreshold": lambda value, threshold: value <= threshold,
}


def findings(deployment: Deployment) -> list[str]:
    """Alarms that cannot speak, speak always, or are missing."""
    return sorted(set(_findings(deployment)))


def _findings(deployment: Deployment) -> Iterator[str]:
    operators = variable(deployment, "functions/alert", "OPERATIONS_TOPIC_ARN")
    alarms = deployment.of_type("AWS::CloudWatch::Alarm")
    for name, alarm in alarms.items():
        if "Threshold" not in alarm:
            yield f"{name}: has no threshold"
        if alarm.get("AlarmActions") != [operators] or alarm.get("ActionsEnabled", True) is not True:
            yield f"{name}: is told to {alarm.get('AlarmActions')}"
        yield from _counted(deployment, name, alarm)
        yield from _speaks(name, alarm, operators)
        anchor = f"#{name.lower()}"
        if f"docs/runbook.md{anchor}" not in alarm.get("AlarmDescription", "") or not _in_the_runbook(name):
            yield f"{name}: does not say what to do, or the runbook does not"
    yield from _missing(deployment, alarms)


def _counted(deployment: Deployment, name: str, alarm: dict[str, Any]) -> Iterator[str]:
    namespace, metric = alarm.get("Namespace", ""), alarm.get("MetricName", "")
    dimensions = {each.get("Name"): each.get("Value") for each in alarm.get("Dimensions", [])}
    if namespace in _AWS:
        possible, metrics = _AWS[namespace]
        if metric not in metrics:
            yield f"{name}: {namespace} has no {metric} (that tests/gate/alarms.py knows)"
        elif set(dimensions) not in possible:
            yield f"{name}: {metric} has no dimensions {sorted(dimensions)}"
        read_as = metrics.get(metric)
        if namespace == "AWS/Events" and not _rules(deployment, dimensions):
            yield f"{name}: {dimensions} is no rule"
        function = deployment.named(dimensions.get("FunctionName"), "AWS::Lambda::Function")
        if metric in _OF_ASYNCHRONOUS and function not in called_asynchronously(deployment):
            yield f"{name}: {function} is not called asynchronously"
    elif namespace != deployment.stack:
        yield f"{name}: nobody counts in {namespace}"
        return
    else:
        service = dimensions.pop("service", None)
        counted = counted_by("functions/channel" if service in CHANNELS else f"functions/{service}")
        if metric not in counted:
            yield f"{name}: {service} does not count {metric}"
        elif set(dimensions) != counted[metric].dimensions:
            yield f"{name}: {metric} is counted by {sorted(counted[metric].dimensions)}"
        for dimension, value in dimensions.items():
            if value not in _VALUES.get(dimension, ()) and not _in_metrics(value):
                yield f"{name}: {dimension} is never {value}"
        read_as = _GAUGE if metric in counted and counted[metric].is_gauge else _COUNT
    if alarm.get("Statistic") != read_as:
        yield f"{name}: {metric} is read as {alarm.get('Statistic')}, not {read_as}"


def _rules(deployment: Deployment, dimensions: dict[str, str]) -> list[str]:
    """The rules of an alarm's dimensions; of one on a bus of its own, both."""
    return [
        name
        for name, rule in deployment.of_type("AWS::Events::Rule").items()
        if dimensions.get("RuleName") == str(deployment.identities[name]["Ref"]).rpartition("|")[2]
        and dimensions.get("EventBusName") == rule.get("EventBusName")
    ]


_VALUES: dict[str, set[str]] = {
    "kind": {str(each) for each in FailureKind},
    "outcome": {str(each) for each in Outcome},
    "channel": {SNS, *CHANNELS},
    "result": {each.name.lower() for each in Fate} | {"published", "failed"},
}


@dataclass(frozen=True)
class Counted:
    """A metric of jobwatch's own: its dimensions beside `service`; a gauge has a value, a count is one each time."""

    dimensions: frozenset[str]
    is_gauge: bool


@cache
def _in_metrics(value: str) -> bool:
    """Whether the code that counts names a value."""
    return f'"{value}"' in (ROOT / "layers/core/jobwatch/metrics.py").read_text(encoding="utf-8")


@cache
def counted_by(folder: str) -> dict[str, Counted]:
    """The metrics that the function of a folder emits."""
    path = ROOT / folder / "app.py"
    if not path.is_file():
        return {}
    emitted = set(re.findall(r"\bmetrics\.(\w+)\(", path.read_text(encoding="utf-8")))
    found: dict[str, Counted] = {}
    for definition in ast.parse((ROOT / "layers/core/jobwatch/metrics.py").read_text(encoding="utf-8")).body:
        if isinstance(definition, ast.FunctionDef) and definition.name in emitted:
            found |= _emitted(definition)
    return found


def _emitted(definition: ast.FunctionDef) -> dict[str, Counted]:
    found: dict[str, Counted] = {}
    for node in ast.walk(definition):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        if node.func.id == "_notification":
            found["Notifications"] = Counted(frozenset({"channel", "result"}), is_gauge=False)
        elif node.func.id == "Metric" and isinstance(node.args[0], ast.Constant):
            given = next((each.value for each in node.keywords if each.arg == "dimensions"), None)
            keys = given.keys if isinstance(given, ast.Dict) else []
            dimensions = frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
            found[str(node.args[0].value)] = Counted(dimensions, is_gauge=len(node.args) > 1)
    return found


def _speaks(name: str, alarm: dict[str, Any], operators: Any) -> Iterator[str]:
    """Played through as CloudWatch does: a quiet hour, and one of steady trouble.

    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
    """
    compare = _COMPARE.get(alarm.get("ComparisonOperator", ""))
    period, periods = alarm.get("Period", 0), alarm.get("EvaluationPeriods", 0)
    of_them, threshold = alarm.get("DatapointsToAlarm", periods), alarm.get("Threshold", 0)
    missing = alarm.get("TreatMissingData", "missing")
    if compare is None or not 1 <= of_them <= periods or (period not in (10, 30) and (period % 60 or not period)):
        yield f"{name}: {of_them} of {periods} periods of {period} s"
        return
    if period * periods > _TOLD_WITHIN_SECONDS:
        yield f"{name}: trouble is told after {period * periods} s"
    on_silence = alarm["ComparisonOperator"].startswith("Less")
    if on_silence:
        if missing != "breaching" and not (
            missing == "missing" and alarm.get("InsufficientDataActions") == [operators]
        ):
            yield f"{name}: silence is not told"
        # On time, a call a schedule's minutes; never, nothing.
        if not compare(0.0, threshold) or compare(max(1.0, threshold + 1), threshold) or not 0 < threshold <= 3:
            yield f"{name}: {alarm['ComparisonOperator']} {threshold} does not tell silence"
        return
    if missing != "notBreaching":
        yield f"{name}: no trouble is no data, which is taken as {missing}"
    if compare(0.0, threshold):
        yield f"{name}: speaks where nothing happened"
    # The age of an event is in milliseconds.
    much = 3_600_000.0 if alarm.get("MetricName") == "AsyncEventAge" else _MUCH
    if not compare(much, threshold) or threshold < 0:
        yield f"{name}: is silent whatever happens"
    if threshold < _LEAST.get(alarm.get("MetricName", ""), 0):
        yield f"{name}: speaks of {threshold} s, which is no trouble"
    if alarm.get("MetricName") in _RETRIED and compare(1.0, threshold):
        yield f"{name}: speaks of one failure, which the next try may mend"
    # Retries and stragglers make two of a kind; more in a period is trouble that a person has to see.
    if alarm.get("Statistic") == _COUNT and threshold > 20:
        yield f"{name}: {threshold} in {period} s pass unseen"


@cache
def _in_the_runbook(alarm: str) -> bool:
    text = (ROOT / "docs/runbook.md").read_text(encoding="utf-8")
    return re.search(rf"^#+ .*\b{alarm}\b", text, re.MULTILINE) is not None


def _missing(deployment: Deployment, alarms: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Each queue on which things wait for a person, and each way in which an execution ends badly, has its alarm."""
    watched = {
        (alarm.get("MetricName"), each.get("Value"))
        for alarm in alarms.values()
        for each in alarm.get("Dimensions", [])
    }
    for queue in sorted(_of_the_dead(deployment)):
        name = deployment.identities[queue]["QueueName"]
        if ("ApproximateNumberOfMessagesVisible", name) not in watched:
            yield f"{queue}: what waits there is not seen"
    for source in deployment.of_type("AWS::Lambda::EventSourceMapping").values():
        feeding = deployment.named(source.get("EventSourceArn"), "AWS::SQS::Queue")
        if feeding and ("ApproximateAgeOfOldestMessage", deployment.identities[feeding]["QueueName"]) not in watched:
            yield f"{feeding}: what waits there for long is not seen"
    for folder in ("functions/poller", "functions/notifier"):
        for function in functions(deployment, folder):
            if ("Throttles", deployment.identities[function]["Ref"]) not in watched:
                yield f"{function}: that none is free is not seen"
    for sweeper in functions(deployment, "functions/sweeper"):
        for metric in ("Errors", "Invocations"):
            if (metric, deployment.identities[sweeper]["Ref"]) not in watched:
                yield f"{sweeper}: {metric} are not seen"
    told = deployment.named(variable(deployment, "functions/notifier", "NOTIFICATION_TOPIC_ARN"), "AWS::SNS::Topic")
    if told and ("NumberOfNotificationsFailed", deployment.identities[told]["TopicName"]) not in watched:
        yield f"{told}: what does not reach people is not seen"
    for machine in deployment.of_type("AWS::StepFunctions::StateMachine"):
        for metric in ("ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"):
            if (metric, deployment.arn(machine)) not in watched:
                yield f"{machine}: {metric} is not seen"


def _of_the_dead(deployment: Deployment) -> set[str]:
    """The queues that something sends its failures to."""
    targets = [
        *(
            target.get("DeadLetterConfig", {}).get("Arn")
            for rule in deployment.of_type("AWS::Events::Rule").values()
            for target in rule["Targets"]
        ),
        *(
            config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
            for config in deployment.of_type("AWS::Lambda::EventInvokeConfig").values()
        ),
        *(
            each.get("RedrivePolicy", {}).get("deadLetterTargetArn")
            for kind in ("AWS::SNS::Subscription", "AWS::SQS::Queue")
            for each in deployment.of_type(kind).values()
        ),
    ]
    named = (deployment.named(target, "AWS::SQS::Queue") for target in targets)
    return {queue for queue in named if queue is not None}
