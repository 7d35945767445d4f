"""AWS's quotas, each with its page: what a deployment with the longest allowed values still keeps.

Names, environments and policies grow with the stack's name and with the parameters, so both are taken as long as a
person may choose them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from tests.gate.deployment import Deployment, Template

# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-using-console-create-stack-parameters.html: 128
# letters. Below, the names that the template makes of the stack's have to fit.
LONGEST_STACK = "j" * 40
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_ENVIRONMENT_BYTES = 4096
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: all inline policies of a role, without
# white space; a role's trust policy; a managed policy.
_ROLE_POLICY_LETTERS, _TRUST_LETTERS, _MANAGED_LETTERS = 10_240, 2_048, 6_144
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
_TEMPLATE_BYTES, _RESOURCES, _PARAMETERS, _OUTPUTS, _DESCRIPTION_BYTES = 1_000_000, 500, 200, 200, 1_024
# https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
_TARGETS_PER_RULE, _PATTERN_LETTERS = 5, 2_048
# https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
_DEFINITION_BYTES = 1_048_576
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-policies.html
_QUEUE_POLICY_BYTES, _QUEUE_STATEMENTS = 8_192, 20
# https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html
_TOPIC_POLICY_BYTES = 30 * 1024
# https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html
_KEY_POLICY_BYTES = 32 * 1024
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html
_ALARM_DESCRIPTION_LETTERS, _METRICS_OF_A_DASHBOARD, _METRICS_OF_A_WIDGET = 1_024, 2_500, 500
_ALARM_ACTIONS = 5
# The longest name of each type, and what may stand in it: "Pattern" and "Length" on the property's page of
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
_NAMES = {
    ("AWS::CloudWatch::Alarm", "AlarmName"): r".{1,255}",
    ("AWS::CloudWatch::Dashboard", "DashboardName"): r"[A-Za-z0-9_-]{1,255}",
    ("AWS::Events::EventBus", "Name"): r"[/._A-Za-z0-9-]{1,256}",
    ("AWS::Events::Rule", "Name"): r"[._A-Za-z0-9-]{1,64}",
    ("AWS::Events::Archive", "ArchiveName"): r"[._A-Za-z0-9-]{1,48}",
    ("AWS::IAM::Role", "RoleName"): r"[\w+=,.@-]{1,64}",
    ("AWS::IAM::ManagedPolicy", "ManagedPolicyName"): r"[\w+=,.@-]{1,128}",
    ("AWS::Lambda::Function", "FunctionName"): r"[A-Za-z0-9_-]{1,64}",
    ("AWS::Logs::LogGroup", "LogGroupName"): r"[._/#A-Za-z0-9-]{1,512}",
    ("AWS::S3::Bucket", "BucketName"): r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]",
    ("AWS::SNS::Topic", "TopicName"): r"[A-Za-z0-9_-]{1,256}(\.fifo)?",
    ("AWS::SNS::Topic", "DisplayName"): r".{0,100}",
    ("AWS::SQS::Queue", "QueueName"): r"[A-Za-z0-9_-]{1,80}",
    ("AWS::StepFunctions::StateMachine", "StateMachineName"): r"[A-Za-z0-9_-]{1,80}",
}


def longest(template: Template, parameters: dict[str, str]) -> dict[str, str]:
    """Parameters at the length that their patterns and MaxLength allow, as long as a person may want them."""
    return {name: _LONG.get(name, value) for name, value in parameters.items() if name in template["Parameters"]}


_LONG = {
    "NotificationEmail": f"{'a' * 64}@{'b' * 63}.example.com",
    "OperationsEmail": f"{'o' * 64}@{'b' * 63}.example.com",
    "SlackSecretName": "s" * 512,
    "SecretPrefix": f"{'p' * 399}/",
    "ConnectionPrefix": f"/{'c' * 200}/{'d' * 200}/",
    # A dozen buckets of some length; more are an asterisk's work.
    "LogObjectArns": ",".join(f"arn:aws:s3:::{'l' * 50}-{number}/{'k' * 60}/*" for number in range(12)),
}


def findings(deployment: Deployment) -> list[str]:
    """What AWS refuses for its size."""
    return sorted(set(_findings(deployment)))


def _findings(deployment: Deployment) -> Iterator[str]:
    yield from _names(deployment)
    yield from _policies(deployment)
    for name, function in deployment.of_type("AWS::Lambda::Function").items():
        variables = function.get("Environment", {}).get("Variables", {})
        size = sum(len(key.encode()) + len(str(value).encode()) for key, value in variables.items())
        yield from _over(name, "environment", size, _ENVIRONMENT_BYTES)
    for name, rule in deployment.of_type("AWS::Events::Rule").items():
        yield from _over(name, "targets", len(rule["Targets"]), _TARGETS_PER_RULE)
        yield from _over(name, "pattern", len(_compact(rule.get("EventPattern", {}))), _PATTERN_LETTERS)
    yield from _over("the definition", "size", len(_compact(dict(deployment.machine))), _DEFINITION_BYTES)
    for name, alarm in deployment.of_type("AWS::CloudWatch::Alarm").items():
        yield from _over(name, "description", len(alarm.get("AlarmDescription", "")), _ALARM_DESCRIPTION_LETTERS)
        yield from _over(name, "actions", len(alarm.get("AlarmActions", [])), _ALARM_ACTIONS)
    for name, dashboard in deployment.of_type("AWS::CloudWatch::Dashboard").items():
        rows = [
            len(each["properties"].get("metrics", [])) for each in json.loads(dashboard["DashboardBody"])["widgets"]
        ]
        yield from _over(name, "metrics", sum(rows), _METRICS_OF_A_DASHBOARD)
        yield from _over(name, "metrics of a widget", max(rows), _METRICS_OF_A_WIDGET)
    template = deployment.template
    for section, most in (("Resources", _RESOURCES), ("Parameters", _PARAMETERS), ("Outputs", _OUTPUTS)):
        yield from _over("the template", section, len(template.get(section, {})), most)
    yield from _over("the template", "size", len(_compact(template).encode()), _TEMPLATE_BYTES)
    yield from _over("the template", "description", len(template.get("Description", "").encode()), _DESCRIPTION_BYTES)


def _over(name: str, what: str, size: int, most: int) -> Iterator[str]:
    if size > most:
        yield f"{name}: its {what} is {size:,}, AWS takes {most:,}"


def _names(deployment: Deployment) -> Iterator[str]:
    for (kind, key), allowed in _NAMES.items():
        for name, properties in deployment.of_type(kind).items():
            given = properties.get(key)
            if given is not None and not re.fullmatch(allowed, str(given)):
                yield f"{name}: {given} is no {key}"


def _policies(deployment: Deployment) -> Iterator[str]:
    inline: dict[str, int] = {}
    for name, role in deployment.of_type("AWS::IAM::Role").items():
        inline[name] = sum(len(_compact(policy["PolicyDocument"])) for policy in role.get("Policies", []))
        yield from _over(name, "trust policy", len(_compact(role["AssumeRolePolicyDocument"])), _TRUST_LETTERS)
    for policy in deployment.of_type("AWS::IAM::Policy").values():
        for role in policy.get("Roles", []):
            name = deployment.named(role, "AWS::IAM::Role") or ""
            inline[name] = inline.get(name, 0) + len(_compact(policy["PolicyDocument"]))
    for name, size in inline.items():
        yield from _over(name, "inline policies", size, _ROLE_POLICY_LETTERS)
    for name, policy in deployment.of_type("AWS::IAM::ManagedPolicy").items():
        yield from _over(name, "policy", len(_compact(policy["PolicyDocument"])), _MANAGED_LETTERS)
    for name, policy in deployment.of_type("AWS::SQS::QueuePolicy").items():
        yield from _over(name, "policy", len(_compact(policy["PolicyDocument"]).encode()), _QUEUE_POLICY_BYTES)
        yield from _over(name, "statements", len(policy["PolicyDocument"]["Statement"]), _QUEUE_STATEMENTS)
    for name, policy in deployment.of_type("AWS::SNS::TopicPolicy").items():
        yield from _over(name, "policy", len(_compact(policy["PolicyDocument"]).encode()), _TOPIC_POLICY_BYTES)
    for name, key in deployment.of_type("AWS::KMS::Key").items():
        yield from _over(name, "policy", len(_compact(key["KeyPolicy"]).encode()), _KEY_POLICY_BYTES)


def _compact(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"), default=dict)
