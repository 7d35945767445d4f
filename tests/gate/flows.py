"""Who hears what: each event, notification and failure reaches the part that is for it, and none is given up soon."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

from jobwatch.domain.words import Notice
from tests.architecture.deployment import ROOT, as_list
from tests.gate.deployment import Deployment, folder_of
from tests.gate.names import ACCOUNT, REGION
from tests.gate.patterns import UnknownOperatorError, matches

# Below, a passing trouble of AWS loses what was sent.
_LEAST_AGE_SECONDS = 3600
_LEAST_TRIES = 2
_LEAST_RECEIVES, _MOST_RECEIVES = 3, 100
# The schedule on which lost watches are found, and that alarm on silence counts on.
_SWEEPS_WITHIN_MINUTES = 5
# What jobwatch itself says on the bus, after "Job".
_OWN = (
    *("Finished", "Stalled", "Overdue", "Unreachable", "Recovered", "Started", "Progress"),
    *("Not Started", "Test"),
)
_SEVERITIES = ("good", "doubt", "bad")
# What Lambda gives a function that is not to keep its failures: the next call does what this one did not.
_SCHEDULED = "functions/sweeper"
# One folder, and a function of it for each channel that is switched on.
_CHANNEL = "functions/channel"


def findings(deployment: Deployment) -> list[str]:
    """What does not reach the part that it is for, and what is lost on the way."""
    try:
        return sorted(set(_findings(deployment)))
    except UnknownOperatorError as error:
        return [f"an operator of a pattern that is not known here: {error}"]


def _findings(deployment: Deployment) -> Iterator[str]:
    yield from _events(deployment)
    yield from _targets(deployment)
    yield from _schedules(deployment)
    yield from _sources(deployment)
    yield from _asynchronous(deployment)
    yield from _notifications(deployment)
    yield from _without_a_way_in(deployment)
    yield from _outputs(deployment)


def functions(deployment: Deployment, folder: str) -> list[str]:
    """The functions that run a folder of the project."""
    return [name for name in deployment.of_type("AWS::Lambda::Function") if folder_of(deployment, name) == folder]


def variable(deployment: Deployment, folder: str, name: str) -> Any:
    """A variable in the environment of the function that runs a folder; None where there is none."""
    for each in functions(deployment, folder):
        return deployment.resources[each]["Properties"].get("Environment", {}).get("Variables", {}).get(name)
    return None


def _behind(deployment: Deployment, target: Any) -> Iterator[str]:
    """The folders that what is sent to a function or queue reaches."""
    name = deployment.named(target)
    kind = deployment.resources[name]["Type"] if name else ""
    if name and kind == "AWS::Lambda::Function":
        yield folder_of(deployment, name)
    if name and kind == "AWS::SQS::Queue":
        for source in deployment.of_type("AWS::Lambda::EventSourceMapping").values():
            if source.get("EventSourceArn") == deployment.arn(name):
                function = deployment.named(source.get("FunctionName"), "AWS::Lambda::Function")
                yield folder_of(deployment, function) if function else "nothing"


def _reached(deployment: Deployment, bus: str | None, event: dict[str, Any]) -> list[str]:
    """The folders that an event on a bus (None: the account's own) reaches, each as often as it does."""
    reached: list[str] = []
    for rule in deployment.of_type("AWS::Events::Rule").values():
        own = deployment.named(rule.get("EventBusName"), "AWS::Events::EventBus")
        pattern = rule.get("EventPattern")
        if own == bus and pattern is not None and rule.get("State", "ENABLED") == "ENABLED" and matches(pattern, event):
            for target in rule["Targets"]:
                reached += _behind(deployment, target["Arn"])
    return reached


def _event(source: str, detail_type: str, detail: dict[str, Any]) -> dict[str, Any]:
    return {"version": "0", "id": "1", "source": source, "detail-type": detail_type, "detail": detail} | {
        "account": ACCOUNT,
        "region": REGION,
        "time": "2026-11-25T08:00:00Z",
        "resources": [],
    }


def _events(deployment: Deployment) -> Iterator[str]:
    buses = list(deployment.of_type("AWS::Events::EventBus"))
    if len(buses) != 1:
        yield f"{len(buses)} buses for submissions"
        return
    own = [f"Job {each}" for each in _OWN]
    for source, words, expected in (
        *((source, ["Job Submitted"], ["functions/intake"]) for source in ("com.example", "jobwatch", "aws.x", "x")),
        # What is neither is refused and told of, not swallowed.
        *((source, ["Job Submited", "x"], ["functions/intake"]) for source in ("com.example", "jobwatch", "awx.y")),
        ("com.example", own, ["functions/intake"]),
        ("jobwatch", own, []),
        # Whatever of AWS is forwarded to the bus is nobody's slip.
        ("aws.events", ["Scheduled Event"], []),
    ):
        for word in words:
            reached = _reached(deployment, buses[0], _event(source, word, {"connection": "egain-prod"}))
            if reached != expected:
                yield f"{word} of {source} reaches {reached}, not {expected}"
    machines = [deployment.arn(name) for name in deployment.of_type("AWS::StepFunctions::StateMachine")]
    for machine, status in product(
        (*machines, "arn:aws:states:eu-central-1:123456789012:stateMachine:other"),
        ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"),
    ):
        told = machine in machines and status in ("FAILED", "TIMED_OUT", "ABORTED")
        detail = {"stateMachineArn": machine, "status": status, "name": "w-1", "executionArn": "e"}
        for source, word, heard in (
            ("aws.states", "Step Functions Execution Status Change", told),
            ("com.example", "Step Functions Execution Status Change", False),
            ("aws.states", "Another Change", False),
        ):
            if ("functions/alert" in _reached(deployment, None, _event(source, word, detail))) is not heard:
                yield f"{word} of {source}, {status}: {'does not reach' if heard else 'reaches'} alert"


def _targets(deployment: Deployment) -> Iterator[str]:
    for name, rule in deployment.of_type("AWS::Events::Rule").items():
        if rule.get("State", "ENABLED") != "ENABLED":
            yield f"{name} is switched off"
        ids = [target.get("Id") for target in rule["Targets"]]
        if len(set(ids)) != len(ids):
            yield f"{name}: two targets of one id, of which AWS keeps one"
        for target in rule["Targets"]:
            if {"Input", "InputPath", "InputTransformer"} & set(target):
                yield f"{name}: its target gets another event than the code reads"
            policy = target.get("RetryPolicy", {})
            if policy.get("MaximumEventAgeInSeconds", 86400) < _LEAST_AGE_SECONDS:
                yield f"{name}: an event is given up after {policy['MaximumEventAgeInSeconds']} s"
            if policy.get("MaximumRetryAttempts", 185) < _LEAST_TRIES:
                yield f"{name}: an event is tried again {policy['MaximumRetryAttempts']} times only"
            # A schedule comes again; an event does not.
            if "EventPattern" in rule and not target.get("DeadLetterConfig", {}).get("Arn"):
                yield f"{name}: what it cannot deliver is lost"


def _schedules(deployment: Deployment) -> Iterator[str]:
    rates = []
    for name, rule in deployment.of_type("AWS::Events::Rule").items():
        if "ScheduleExpression" not in rule:
            continue
        rate = re.fullmatch(r"rate\((?:1 minute|([2-9]|\d\d+) minutes)\)", rule["ScheduleExpression"])
        folders = {folder for target in rule["Targets"] for folder in _behind(deployment, target["Arn"])}
        if rate is None:
            yield f"{name}: {rule['ScheduleExpression']} is no rate of minutes"
        elif _SCHEDULED in folders:
            rates.append(int(rate[1] or 1))
    if not rates or min(rates) > _SWEEPS_WITHIN_MINUTES:
        yield f"watches that lost their execution are looked for every {rates} minutes"


def _sources(deployment: Deployment) -> Iterator[str]:
    """Queues that feed functions. https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html"""
    for name, source in deployment.of_type("AWS::Lambda::EventSourceMapping").items():
        function = deployment.named(source.get("FunctionName"), "AWS::Lambda::Function")
        queue = deployment.named(source.get("EventSourceArn"), "AWS::SQS::Queue")
        if function is None or queue is None:
            continue
        if source.get("Enabled", True) is not True:
            yield f"{name} is switched off"
        if "FilterCriteria" in source:
            yield f"{name}: what its filter refuses is deleted"
        code = (ROOT / folder_of(deployment, function) / "app.py").read_text(encoding="utf-8")
        says = "ReportBatchItemFailures" in source.get("FunctionResponseTypes", [])
        if says is not ("batchItemFailures" in code):
            yield f"{name}: the function {'does not name' if says else 'names'} the messages that failed, Lambda " + (
                "takes all for done" if says else "does not listen"
            )
        properties = deployment.resources[queue]["Properties"]
        redrive = properties.get("RedrivePolicy", {})
        # Six times, because Lambda tries a throttled call again for a while before it lets go of the message.
        # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        hidden, timeout = (
            properties.get("VisibilityTimeout", 30),
            deployment.resources[function]["Properties"]["Timeout"],
        )
        if hidden < 6 * timeout:
            yield f"{queue}: shows a message again after {hidden} s, its function takes {timeout} s"
        if source.get("BatchSize", 10) > 10 and not source.get("MaximumBatchingWindowInSeconds"):
            yield f"{name}: AWS gives more than ten at once only to those who wait for them"
        if not source.get("ScalingConfig", {}).get("MaximumConcurrency"):
            yield f"{name}: a burst takes every function of the account"
        if not _LEAST_RECEIVES <= int(redrive.get("maxReceiveCount", 0)) <= _MOST_RECEIVES:
            yield f"{queue}: a message is tried {redrive.get('maxReceiveCount', 'for ever')} times, then given up"


def _asynchronous(deployment: Deployment) -> Iterator[str]:
    """Functions that Lambda calls from its own queue keep what fails."""
    configured = {}
    for name, config in deployment.of_type("AWS::Lambda::EventInvokeConfig").items():
        function = deployment.named(config.get("FunctionName"), "AWS::Lambda::Function")
        if config.get("Qualifier") != "$LATEST":
            yield f"{name}: is of {config.get('Qualifier')}, and the function is called as $LATEST"
        configured[function] = config
    for function in {name for name in configured if name} | called_asynchronously(deployment):
        config = configured.get(function, {})
        tries, age = config.get("MaximumRetryAttempts", 2), config.get("MaximumEventAgeInSeconds", 21600)
        if folder_of(deployment, function) == _SCHEDULED:
            if tries:
                yield f"{function}: a sweep that failed runs again beside the next one"
            continue
        if not config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
            yield f"{function}: what fails is lost"
        if tries < _LEAST_TRIES:
            yield f"{function}: is tried again {tries} times only"
        if age < _LEAST_AGE_SECONDS:
            yield f"{function}: gives up after {age} s"


def called_asynchronously(deployment: Deployment) -> set[str]:
    """The functions that Lambda calls from its own queue, for a rule or a topic."""
    targets = [each["Arn"] for rule in deployment.of_type("AWS::Events::Rule").values() for each in rule["Targets"]]
    targets += [each.get("Endpoint") for each in deployment.of_type("AWS::SNS::Subscription").values()]
    named = (deployment.named(target, "AWS::Lambda::Function") for target in targets)
    return {name for name in named if name is not None}


def _notifications(deployment: Deployment) -> Iterator[str]:
    topics = {
        "NotificationEmail": variable(deployment, "functions/notifier", "NOTIFICATION_TOPIC_ARN"),
        "OperationsEmail": variable(deployment, "functions/alert", "OPERATIONS_TOPIC_ARN"),
    }
    subscriptions = deployment.of_type("AWS::SNS::Subscription")
    for name, each in subscriptions.items():
        attached = bool(functions(deployment, _CHANNEL)) and each["Protocol"] != "email"
        policy = each.get("FilterPolicy", {})
        if attached and each["TopicArn"] != topics["NotificationEmail"] and "slack" in str(each["Endpoint"]).lower():
            yield f"{name}: is not on the topic on which people are told"
        if each.get("FilterPolicyScope", "MessageAttributes") != "MessageAttributes" and policy:
            yield f"{name}: filters by the body"
        if not each.get("Endpoint"):
            yield f"{name}: is told to nobody"
        if each.get("RawMessageDelivery"):
            yield f"{name}: the code reads SNS's own envelope"
        if each["Protocol"] not in ("email", "email-json") and not each.get("RedrivePolicy"):
            yield f"{name}: what SNS cannot deliver is lost"
        if each["Protocol"] not in ("email", "email-json") and matches(policy, {}):
            yield f"{name}: is handed what is no notice, and has no form there"
        for attributes in _attributes():
            heard = attributes["severity"] != "good" or attributes["notice"] == Notice.RECOVERED
            if (heard or each["Protocol"] != "email") and not matches(policy, attributes):
                yield f"{name}: is not told of {attributes['notice']}, {attributes['severity']}"
    for parameter, topic in topics.items():
        address = deployment.parameters.get(parameter)
        heard_on = [each["TopicArn"] for each in subscriptions.values() if each.get("Endpoint") == address]
        if address and heard_on != [topic]:
            yield f"{parameter} is subscribed to {heard_on}, not to {topic}"


def _attributes() -> Iterator[dict[str, str]]:
    for notice, severity in product(Notice, _SEVERITIES):
        yield {"notice": str(notice), "severity": severity, "outcome": "failed", "vendor": "egain"} | {
            "connection": "egain-prod",
            "operation": "import",
        }


def _without_a_way_in(deployment: Deployment) -> Iterator[str]:
    """Each folder of functions runs, and each function is called by something."""
    folders = [folder_of(deployment, name) for name in deployment.of_type("AWS::Lambda::Function")]
    yield from (f"{each} runs twice" for each in set(folders) - {_CHANNEL} if folders.count(each) > 1)
    called = called_asynchronously(deployment)
    for source in deployment.of_type("AWS::Lambda::EventSourceMapping").values():
        called |= {deployment.named(source.get("FunctionName")) or ""}
    for machine in deployment.of_type("AWS::StepFunctions::StateMachine").values():
        values = as_list(list(machine.get("DefinitionSubstitutions", {}).values()))
        called |= {deployment.named(each, "AWS::Lambda::Function") or "" for each in values}
    for name in set(deployment.of_type("AWS::Lambda::Function")) - called:
        yield f"{name}: nothing calls it"
    always = {path.parent.name for path in (ROOT / "functions").glob("*/app.py")} - {_CHANNEL.rpartition("/")[2]}
    yield from (f"functions/{each} does not run" for each in always - {each.rpartition("/")[2] for each in folders})


# What the contract's outputs give, as the function has it that uses the same thing.
_OUTPUTS = {
    "WatchStateMachineArn": ("functions/intake", "STATE_MACHINE_ARN"),
    "WatchTableName": ("functions/intake", "WATCH_TABLE_NAME"),
    "SeriesTableName": ("functions/notifier", "SERIES_TABLE_NAME"),
    "NotificationTopicArn": ("functions/notifier", "NOTIFICATION_TOPIC_ARN"),
    "OperationsTopicArn": ("functions/alert", "OPERATIONS_TOPIC_ARN"),
    "RejectedSubmissionsQueueUrl": ("functions/intake", "REJECTED_QUEUE_URL"),
}

_ROLES = {"NotifierRoleArn": "functions/notifier", "PollerRoleArn": "functions/poller"}


def _outputs(deployment: Deployment) -> Iterator[str]:
    given = {name: each.get("Value") for name, each in deployment.outputs.items()}
    for name, (folder, key) in _OUTPUTS.items():
        if given.get(name) != variable(deployment, folder, key):
            yield f"output {name} is {given.get(name)}, {folder} uses {variable(deployment, folder, key)}"
    operators = deployment.parameters.get("OperationsEmail")
    heard_by, queue = str(given.get("OperationsHeardBy")), str(given.get("RejectedSubmissionsQueueUrl"))
    if not heard_by.startswith(operators or "Nobody") or not re.search(rf"{re.escape(queue)}(\W|$)", heard_by):
        yield f"output OperationsHeardBy: {heard_by}, and it is {operators or 'nobody'}"
    for name, folder in _ROLES.items():
        roles = {deployment.resources[function]["Properties"]["Role"] for function in functions(deployment, folder)}
        if {given.get(name)} != roles:
            yield f"output {name} is {given.get(name)}, {folder} runs as {roles}"
    if deployment.named(given.get("SubmissionBusName"), "AWS::Events::EventBus") is None:
        yield f"output SubmissionBusName: {given.get('SubmissionBusName')} is no bus"
