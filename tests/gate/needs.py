"""What has to be allowed for a deployment to work: every sending of one part to another, and every call of the code."""

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from jobwatch.settings import SettingMissingError
from tests.gate import calls
from tests.gate.deployment import Deployment, folder_of
from tests.gate.iam import Request
from tests.gate.names import ACCOUNT, PARTITION, REGION, arn

# What DynamoDB does with a table's key for whoever calls it.
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
_KEY_OF_A_TABLE = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey")
# Who sends to an encrypted queue or topic needs both, who receives the second.
# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
# https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
_KEY_OF_WHAT_IS_SENT = ("GenerateDataKey", "Decrypt")
# What Lambda does with a queue on the role of the function that it feeds.
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
_FED_BY_A_QUEUE = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
# https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html
_MACHINE_LOGS = (
    *("logs:CreateLogDelivery", "logs:GetLogDelivery", "logs:UpdateLogDelivery", "logs:DeleteLogDelivery"),
    *("logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies", "logs:DescribeLogGroups"),
)
# https://docs.aws.amazon.com/xray/latest/devguide/security_iam_id-based-policy-examples.html
_TRACES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords")
# https://docs.aws.amazon.com/step-functions/latest/dg/concepts-xray-tracing.html
_MACHINE_TRACES = (*_TRACES, "xray:GetSamplingRules", "xray:GetSamplingTargets")

_SENDING = {"sqs": "sqs:SendMessage", "sns": "sns:Publish", "lambda": "lambda:InvokeFunction"}


@dataclass(frozen=True)
class Need:
    """`request` has to be allowed, because of `reason`. Not every place can be asked: `unknown` says what is wrong."""

    reason: str
    request: Request
    unknown: str = ""


def needs(deployment: Deployment) -> Iterator[Need]:
    """Everything that must be allowed, in no order."""
    for find in (_of_rules, _of_subscriptions, _of_alarms, _of_queues, _of_functions, _of_sources, _of_machines):
        for need in find(deployment):
            yield need
            yield from _of_its_key(deployment, need)


def _unknown(reason: str, what: str) -> Need:
    return Need(reason, Request("", "", ""), what)


def _sent(deployment: Deployment, reason: str, service: str, target: Any, source: str) -> Iterator[Need]:
    """A service sends from a source (an ARN) to a function, queue or topic, without a role."""
    kind = str(target).split(":")[2] if str(target).startswith("arn:") else ""
    if kind not in _SENDING or deployment.named(target) is None:
        yield _unknown(reason, f"{target} is no function, queue or topic of the stack")
        return
    context = {"aws:SourceArn": source, "aws:SourceAccount": ACCOUNT, **_OVER_TLS}
    yield Need(reason, Request(service, _SENDING[kind], target, context))


_OVER_TLS = {"aws:SecureTransport": "true", "aws:SourceIp": "203.0.113.7"}


def _of_rules(deployment: Deployment) -> Iterator[Need]:
    for name, rule in deployment.of_type("AWS::Events::Rule").items():
        bus = rule.get("EventBusName")
        if bus is not None and deployment.named(bus, "AWS::Events::EventBus") is None:
            yield _unknown(name, f"its bus {bus} is none of the stack's")
        for target in rule["Targets"]:
            if "RoleArn" in target:
                action = {"states": "states:StartExecution", "events": "events:PutEvents"}[target["Arn"].split(":")[2]]
                yield Need(name, Request(target["RoleArn"], action, target["Arn"], _OVER_TLS))
            else:
                yield from _sent(deployment, name, "events.amazonaws.com", target["Arn"], deployment.arn(name))
            if "DeadLetterConfig" in target:
                queue = target["DeadLetterConfig"]["Arn"]
                yield from _sent(
                    deployment, f"{name}'s dead letters", "events.amazonaws.com", queue, deployment.arn(name)
                )


def _of_subscriptions(deployment: Deployment) -> Iterator[Need]:
    for name, subscription in deployment.of_type("AWS::SNS::Subscription").items():
        topic = subscription["TopicArn"]
        if deployment.named(topic, "AWS::SNS::Topic") is None:
            yield _unknown(name, f"{topic} is no topic of the stack")
        if subscription["Protocol"] in _SENDING:
            yield from _sent(deployment, name, "sns.amazonaws.com", subscription["Endpoint"], topic)
        redrive = _document(subscription.get("RedrivePolicy"))
        if redrive:
            queue = redrive.get("deadLetterTargetArn")
            yield from _sent(deployment, f"{name}'s dead letters", "sns.amazonaws.com", queue, topic)


def _of_alarms(deployment: Deployment) -> Iterator[Need]:
    for kind in ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm"):
        for name, alarm in deployment.of_type(kind).items():
            for when in ("AlarmActions", "OKActions", "InsufficientDataActions"):
                for target in alarm.get(when, []):
                    yield from _sent(deployment, name, "cloudwatch.amazonaws.com", target, deployment.arn(name))


def _of_queues(deployment: Deployment) -> Iterator[Need]:
    """What SQS moves to a dead-letter queue needs no permission; the queue has to be there and to take it."""
    for name, queue in deployment.of_type("AWS::SQS::Queue").items():
        redrive = _document(queue.get("RedrivePolicy"))
        if not redrive:
            continue
        dead = deployment.named(redrive.get("deadLetterTargetArn"), "AWS::SQS::Queue")
        if dead is None or dead == name:
            yield _unknown(name, f"{redrive.get('deadLetterTargetArn')} is no other queue of the stack")
            continue
        allowed = _document(deployment.resources[dead]["Properties"].get("RedriveAllowPolicy"))
        if allowed.get("redrivePermission") == "denyAll" or (
            allowed.get("redrivePermission") == "byQueue"
            and deployment.arn(name) not in allowed.get("sourceQueueArns", [])
        ):
            yield _unknown(name, f"{dead} does not take its dead letters")


def _of_functions(deployment: Deployment) -> Iterator[Need]:
    for name, function in deployment.of_type("AWS::Lambda::Function").items():
        role = function["Role"]
        yield Need(name, Request("lambda.amazonaws.com", "sts:AssumeRole", role, {"aws:SourceAccount": ACCOUNT}))
        named = function.get("LoggingConfig", {}).get("LogGroup")
        group = deployment.named(named, "AWS::Logs::LogGroup")
        if group is None:
            yield _unknown(name, f"its log group {named} is none of the stack's")
        else:
            stream = deployment.arn(group).removesuffix("*") + "log-stream:2026/11/25/[$LATEST]0a1b"
            for action in ("logs:CreateLogStream", "logs:PutLogEvents"):
                yield Need(f"{name}'s log", Request(role, action, stream))
        if function.get("TracingConfig", {}).get("Mode") == "Active":
            yield from (Need(f"{name}'s traces", Request(role, action, "*")) for action in _TRACES)
        for layer in function.get("Layers", []):
            if deployment.named(layer, "AWS::Lambda::LayerVersion") is None:
                yield _unknown(name, f"{layer} is no layer of the stack")
        yield from _of_code(deployment, name, role, function["Environment"]["Variables"])
    for name, config in deployment.of_type("AWS::Lambda::EventInvokeConfig").items():
        called = deployment.named(config["FunctionName"], "AWS::Lambda::Function")
        if called is None:
            yield _unknown(name, f"{config['FunctionName']} is no function of the stack")
            continue
        role = deployment.resources[called]["Properties"]["Role"]
        for outcome in config.get("DestinationConfig", {}).values():
            target = outcome["Destination"]
            if deployment.named(target) is None:
                yield _unknown(name, f"{target} is no destination of the stack")
            else:
                yield Need(f"{called}'s failures", Request(role, _SENDING[target.split(":")[2]], target, _OVER_TLS))


def _of_sources(deployment: Deployment) -> Iterator[Need]:
    for name, source in deployment.of_type("AWS::Lambda::EventSourceMapping").items():
        function = deployment.named(source["FunctionName"], "AWS::Lambda::Function")
        queue = deployment.named(source["EventSourceArn"], "AWS::SQS::Queue")
        if function is None or queue is None:
            yield _unknown(name, f"{source['EventSourceArn']} to {source['FunctionName']} is not of the stack")
            continue
        role = deployment.resources[function]["Properties"]["Role"]
        for action in _FED_BY_A_QUEUE:
            yield Need(name, Request(role, action, source["EventSourceArn"], _OVER_TLS))
        # Lambda refuses the mapping otherwise: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        hidden = deployment.resources[queue]["Properties"].get("VisibilityTimeout", 30)
        if hidden < deployment.resources[function]["Properties"]["Timeout"]:
            yield _unknown(name, f"{queue} shows a message again while {function} still works on it")


def _of_machines(deployment: Deployment) -> Iterator[Need]:
    for name, machine in deployment.of_type("AWS::StepFunctions::StateMachine").items():
        role = machine["RoleArn"]
        own = {"aws:SourceArn": deployment.arn(name), "aws:SourceAccount": ACCOUNT}
        yield Need(name, Request("states.amazonaws.com", "sts:AssumeRole", role, own))
        for state, resource, parameters in tasks(deployment.machine, machine.get("DefinitionSubstitutions", {})):
            reason = f"{name} in {state}"
            if resource == f"arn:{PARTITION}:states:::lambda:invoke":
                target = parameters.get("FunctionName")
                if deployment.named(target, "AWS::Lambda::Function") is None:
                    yield _unknown(reason, f"{target} is no function of the stack")
                yield Need(reason, Request(role, "lambda:InvokeFunction", str(target)))
            elif resource == f"arn:{PARTITION}:states:::states:startExecution":
                if parameters.get("StateMachineArn.$") != "$$.StateMachine.Id":
                    yield _unknown(reason, "it starts another machine than itself")
                yield Need(reason, Request(role, "states:StartExecution", deployment.arn(name)))
            else:
                yield _unknown(reason, f"what {resource} needs is not known here")
        if machine.get("LoggingConfiguration", {}).get("Level", "OFF") != "OFF":
            yield from (Need(f"{name}'s log", Request(role, action, "*")) for action in _MACHINE_LOGS)
        if machine.get("TracingConfiguration", {}).get("Enabled"):
            yield from (Need(f"{name}'s traces", Request(role, action, "*")) for action in _MACHINE_TRACES)


def tasks(machine: Mapping[str, Any], substitutions: Mapping[str, str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each task of a machine: its state, resource and parameters, the placeholders filled in."""
    filled = fill(machine, substitutions)
    for state, each in filled["States"].items():
        if each.get("Type") == "Task":
            yield state, each.get("Resource", ""), each.get("Parameters", {})


def fill(machine: Mapping[str, Any], substitutions: Mapping[str, str]) -> dict[str, Any]:
    """A machine's definition with its placeholders filled in; one without a substitution stays as it is."""
    text = json.dumps(machine)
    document: dict[str, Any] = json.loads(
        re.sub(r"\$\{(\w+)\}", lambda found: str(substitutions.get(found[1], found[0])), text)
    )
    return document


def _of_code(deployment: Deployment, name: str, role: str, environment: Mapping[str, str]) -> Iterator[Need]:
    try:
        used = calls.uses(calls.part_of(folder_of(deployment, name)), environment)
    except (SettingMissingError, ValueError) as error:
        yield _unknown(name, f"its environment is not whole: {error}")
        return
    except FileNotFoundError:
        yield _unknown(name, f"there is no handler in {folder_of(deployment, name)}")
        return
    for use in used:
        part = type(use.adapter).__name__
        for call in use.calls:
            resources = list(_resources(deployment, use.adapter, call, environment))
            if not resources:
                yield _unknown(f"{name}: {part}", f"on what it calls {call.operation} is not known")
            for resource in resources:
                yield Need(f"{name}: {part}", Request(role, call.action, resource, _OVER_TLS))


_KINDS = {
    "dynamodb": "AWS::DynamoDB::Table",
    "sqs": "AWS::SQS::Queue",
    "sns": "AWS::SNS::Topic",
    "stepfunctions": "AWS::StepFunctions::StateMachine",
    "events": "AWS::Events::EventBus",
    "s3": "AWS::S3::Bucket",
}
NONE_CONFIGURED = "none"


def _resources(
    deployment: Deployment, adapter: object, call: calls.Call, environment: Mapping[str, str]
) -> Iterator[str]:
    """The ARNs on which an adapter calls an operation; NONE_CONFIGURED where a setting names none."""
    own = [value for value in vars(adapter).values() if isinstance(value, str)]
    if call.service == "ssm":
        prefix = environment["CONNECTION_PREFIX"]
        if prefix in own:
            yield arn("ssm", f"parameter{prefix}probe")
    elif call.service == "secretsmanager":
        for variable, value in environment.items():
            if variable.endswith("SECRET_NAME"):
                yield arn("secretsmanager", f"secret:{value}-AbCdEf")
            if variable == "SECRET_PREFIX":
                yield arn("secretsmanager", f"secret:{value}probe-AbCdEf")
    elif call.service == "s3" and not own:
        logs = environment["LOG_OBJECT_ARNS"]
        yield from (each.replace("*", "probe") for each in logs.split(",")) if logs else [NONE_CONFIGURED]
    else:
        for value in own:
            named = deployment.named(value, _KINDS[call.service])
            if named is not None:
                yield from _on(deployment, named, call, sys.modules[type(adapter).__module__])


def _on(deployment: Deployment, named: str, call: calls.Call, module: ModuleType) -> Iterator[str]:
    whole = deployment.arn(named)
    if call.service == "s3":
        yield whole if call.action == "s3:ListBucket" else f"{whole}/probe"
    elif call.service == "stepfunctions" and "Execution" in call.action and call.action != "states:StartExecution":
        yield whole.replace(":stateMachine:", ":execution:") + ":probe"
    elif "IndexName" in call.source and call.operation in ("query", "scan"):
        # An index that the call names by a constant of its module; one that the table has not is not allowed either.
        asked = [value for name, value in vars(module).items() if name.endswith("_INDEX") and name in call.source]
        yield from (f"{whole}/index/{index}" for index in asked)
    else:
        yield whole


def _of_its_key(deployment: Deployment, need: Need) -> Iterator[Need]:
    """What a request needs of the key under which the resource that it reaches lies."""
    request = need.request
    service = request.action.partition(":")[0]
    reason = f"{need.reason}, under the key of what it reaches"
    own = deployment.parameters.get("EncryptionKeyArn", "")
    via = {"kms:ViaService": f"{service}.{REGION}.amazonaws.com"}
    if request.action == "secretsmanager:GetSecretValue" or request.action in ("ssm:GetParameter", "s3:GetObject"):
        # It may lie under the customer's key; the stack does not know.
        if own and request.resource != NONE_CONFIGURED:
            yield Need(reason, Request(request.caller, "kms:Decrypt", own, via))
        return
    name = deployment.named(request.resource.partition("/index/")[0])
    if name is None or service not in ("sqs", "sns", "dynamodb"):
        return
    properties = deployment.resources[name]["Properties"]
    key = properties.get("KmsMasterKeyId") or properties.get("SSESpecification", {}).get("KMSMasterKeyId")
    if not key:
        return
    in_stack = deployment.named(key, "AWS::KMS::Key")
    if in_stack is None and key != own:
        yield _unknown(reason, f"{name} lies under {key}, which is no key of the stack")
        return
    if in_stack is None and request.caller.endswith(".amazonaws.com"):
        # Its policy is the customer's; docs/security.md says what it needs.
        return
    context = {**request.context, **via} if in_stack is None else dict(request.context)
    actions: tuple[str, ...] = _KEY_OF_A_TABLE if service == "dynamodb" else _KEY_OF_WHAT_IS_SENT
    if request.action == "sqs:ReceiveMessage":
        actions = ("Decrypt",)
    if request.action in ("sqs:DeleteMessage", "sqs:GetQueueAttributes"):
        return
    for action in actions:
        yield Need(
            reason, Request(request.caller, f"kms:{action}", deployment.arn(in_stack) if in_stack else own, context)
        )


def _document(value: Any) -> dict[str, Any]:
    """A policy that may stand as an object or as its text; an empty one where there is none."""
    return json.loads(value) if isinstance(value, str) else dict(value or {})
