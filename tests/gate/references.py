"""References of the template: each leads to something that is there, none in a circle; dashboards are whole."""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.architecture.deployment import as_list
from tests.gate.deployment import Deployment, Template
from tests.gate.names import REGION

Path = tuple[str | int, ...]
# Where the dimensions of AWS's own metrics lead: the type, and what the value has to be of it.
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/aws-services-cloudwatch-metrics.html
DIMENSIONS = {
    "FunctionName": ("AWS::Lambda::Function", "Ref"),
    "QueueName": ("AWS::SQS::Queue", "QueueName"),
    "StateMachineArn": ("AWS::StepFunctions::StateMachine", "Arn"),
    "TableName": ("AWS::DynamoDB::Table", "Ref"),
    "TopicName": ("AWS::SNS::Topic", "TopicName"),
    "EventBusName": ("AWS::Events::EventBus", "Name"),
    "BucketName": ("AWS::S3::Bucket", "Ref"),
}


def findings(deployment: Deployment) -> list[str]:
    """References that lead nowhere under this combination, alarms and dashboards on what is not there."""
    return sorted(
        {
            *deployment.unresolved,
            *_unused(deployment.template),
            *_missing_before(deployment),
            *_watched(deployment),
            *_texts(deployment),
        }
    )


def _unused(template: Template) -> Iterator[str]:
    """What a person sets has to lead somewhere, what is decided too."""
    used = {key: template.get(key, {}) for key in ("Resources", "Outputs", "Rules")}
    decided = set(_conditions(used)) | set(_conditions(template.get("Conditions", {})))
    yield from (f"nothing asks for the condition {each}" for each in set(template.get("Conditions", {})) - decided)
    asked = {target for _, target in references({**used, "Conditions": template.get("Conditions", {})})}
    yield from (f"nothing asks for the parameter {each}" for each in set(template.get("Parameters", {})) - asked)


def _conditions(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, inner in node.items():
            if key == "Condition" and isinstance(inner, str):
                yield inner
            elif key == "Fn::If" and isinstance(inner, list):
                yield str(inner[0])
            yield from _conditions(inner)
    if isinstance(node, list):
        for inner in node:
            yield from _conditions(inner)


def _missing_before(deployment: Deployment) -> Iterator[str]:
    for name, resource in deployment.resources.items():
        for before in as_list(resource.get("DependsOn", [])):
            if before not in deployment.template["Resources"]:
                yield f"{name}: there is no {before} to wait for"


def _watched(deployment: Deployment) -> Iterator[str]:
    for name, alarm in deployment.of_type("AWS::CloudWatch::Alarm").items():
        for dimension in alarm.get("Dimensions", []):
            yield from _dimension(deployment, name, alarm["Namespace"], dimension["Name"], dimension["Value"])


def _dimension(deployment: Deployment, where: str, namespace: str, name: str, value: str) -> Iterator[str]:
    if not namespace.startswith("AWS/") or name not in DIMENSIONS:
        return
    kind, attribute = DIMENSIONS[name]
    watched = deployment.named(value, kind)
    if watched is None or deployment.identities[watched][attribute] != value:
        yield f"{where}: {name} {value} is none of the stack's"


def _texts(deployment: Deployment) -> Iterator[str]:
    dashboards = deployment.of_type("AWS::CloudWatch::Dashboard")
    if not dashboards:
        yield "there is no dashboard"
    for name, dashboard in dashboards.items():
        try:
            widgets = json.loads(dashboard["DashboardBody"])["widgets"]
        except ValueError as error:
            yield f"{name}: its body is no JSON ({error})"
            continue
        shown = {alarm for widget in widgets for alarm in widget["properties"].get("alarms", [])}
        for alarm in deployment.of_type("AWS::CloudWatch::Alarm"):
            if deployment.arn(alarm) not in shown:
                yield f"{name}: does not show {alarm}"
        for widget in widgets:
            yield from _widget(deployment, f"{name}, {widget['properties'].get('title')}", widget["properties"])


def _widget(deployment: Deployment, where: str, shown: dict[str, Any]) -> Iterator[str]:
    if shown.get("region", REGION) != REGION:
        yield f"{where}: region {shown['region']}"
    rows = [str([each for each in row if isinstance(each, str | dict)]) for row in shown.get("metrics", [])]
    figures = [str([each for each in row if isinstance(each, str)]) for row in shown.get("metrics", [])]
    for all_of in (shown.get("alarms", []), rows, [] if "stat" in str(rows) else figures, _sources(shown)):
        yield from (f"{where}: shows {each} twice" for each in {one for one in all_of if all_of.count(one) > 1})
    for alarm in shown.get("alarms", []):
        if deployment.named(alarm, "AWS::CloudWatch::Alarm") is None:
            yield f"{where}: {alarm} is no alarm of the stack"
    for row in shown.get("metrics", []):
        named = [each for each in row if isinstance(each, str)]
        namespace, _, *pairs = named
        if not namespace.startswith("AWS/") and namespace != deployment.stack:
            yield f"{where}: {namespace} is no namespace of the stack"
        for name, value in zip(pairs[::2], pairs[1::2], strict=True):
            # What is switched off stands there as a dash, which no resource is named.
            if value != "-":
                yield from _dimension(deployment, where, namespace, name, value)
    for group in _sources(shown):
        if deployment.named(group, "AWS::Logs::LogGroup") is None:
            yield f"{where}: {group} is no log group of the stack"


def _sources(shown: dict[str, Any]) -> list[str]:
    return re.findall(r"SOURCE '([^']*)'", shown.get("query", ""))


def circles(template: Template) -> list[str]:
    """Resources that wait for each other, whatever the conditions are."""
    after = {name: _waits_for(template, name) for name in template["Resources"]}
    done: set[str] = set()
    found: list[str] = []

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            found.append(" → ".join((*way[way.index(name) :], name)))
        elif name not in done:
            for each in sorted(after.get(name, ())):
                visit(each, (*way, name))
            done.add(name)

    for name in after:
        visit(name, ())
    return found


def _waits_for(template: Template, name: str) -> set[str]:
    resource = template["Resources"][name]
    named = {target for _, target in references(resource)} | set(as_list(resource.get("DependsOn", [])))
    return {each.partition(".")[0] for each in named} & set(template["Resources"])


def references(node: Any, path: Path = ()) -> Iterator[tuple[Path, str]]:
    """Each reference in a part of a template: where it stands, and what it names ("Queue", "Queue.Arn").

    The path leads to the text that holds the name; a text of Fn::Sub comes once for each placeholder.
    """
    if isinstance(node, dict):
        for key, inner in node.items():
            if key == "Ref" and len(node) == 1:
                yield (*path, key), inner
            elif key == "Fn::GetAtt" and len(node) == 1:
                yield (*path, key), inner if isinstance(inner, str) else ".".join(inner)
            elif key == "Fn::Sub":
                yield from _placeholders(inner, (*path, key))
            else:
                yield from references(inner, (*path, key))
    if isinstance(node, list):
        for number, inner in enumerate(node):
            yield from references(inner, (*path, number))


def _placeholders(given: Any, path: Path) -> Iterator[tuple[Path, str]]:
    text, own = (given, {}) if isinstance(given, str) else (given[0], given[1])
    where = path if isinstance(given, str) else (*path, 0)
    for name in re.findall(r"\$\{([^!}][^}]*)\}", text):
        yield where, name
    if own:
        yield from references(own, (*path, 1))
