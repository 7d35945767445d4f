"""What keeps things: tables as the code asks them, how long and under which key things are kept."""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from jobwatch_cli.listing import LISTED_INDEX, Filter
from tests.architecture.deployment import ROOT
from tests.gate.deployment import Deployment

# As long as SQS can: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
_KEPT_SECONDS = 1_209_600
_LOGGED_DAYS = (14, 90)
# What holds the work of people outlives the stack, a part of it that is switched off, and a replacement. All but the
# create that made it: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html
_OUTLIVES = ("AWS::DynamoDB::Table", "AWS::SQS::Queue", "AWS::S3::Bucket")
_POLICIES = {"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"}
# What the code keeps that ends by itself; a timetable stays for as long as its connection.
_FORGETS = "expires_at"


def findings(deployment: Deployment) -> list[str]:
    """What is kept otherwise than the code or a person on duty counts on."""
    return sorted(set(_findings(deployment)))


def _findings(deployment: Deployment) -> Iterator[str]:
    own = deployment.parameters.get("EncryptionKeyArn", "")
    for name, resource in deployment.resources.items():
        wanted = _POLICIES if resource["Type"] in _OUTLIVES else {}
        policies = {key: resource[key] for key in _POLICIES if key in resource}
        # SAM keeps its layers itself.
        if policies != wanted and resource["Type"] != "AWS::Lambda::LayerVersion":
            yield f"{name}: is kept by {policies}, not {wanted}"
    for name, table in deployment.of_type("AWS::DynamoDB::Table").items():
        yield from _table(name, table)
        under = table.get("SSESpecification", {})
        if under.get("SSEEnabled") is not True or under.get("KMSMasterKeyId", "") != own:
            yield f"{name}: is kept under {under}"
        if own and under.get("SSEType") != "KMS":
            yield f"{name}: a key of its own needs SSEType KMS"
    for name, queue in deployment.of_type("AWS::SQS::Queue").items():
        if queue.get("MessageRetentionPeriod", 345_600) < _KEPT_SECONDS:
            yield f"{name}: keeps {queue.get('MessageRetentionPeriod')} s"
        if queue.get("KmsMasterKeyId", "") != own or (not own and queue.get("SqsManagedSseEnabled") is not True):
            yield f"{name}: is kept under {queue.get('KmsMasterKeyId', 'no key')}"
        if own and "SqsManagedSseEnabled" in queue:
            yield f"{name}: two kinds of keys"
        if queue.get("DelaySeconds", 0) > 60:
            yield f"{name}: waits {queue['DelaySeconds']} s"
    for name, group in deployment.of_type("AWS::Logs::LogGroup").items():
        least_days, most = _LOGGED_DAYS
        if not least_days <= group.get("RetentionInDays", 10**6) <= most:
            yield f"{name}: keeps {group.get('RetentionInDays')} days"
        if group.get("KmsKeyId", "") != own:
            yield f"{name}: is kept under {group.get('KmsKeyId')}"
        if not str(group.get("LogGroupName", "")).startswith(f"/aws/lambda/{deployment.stack}-"):
            yield f"{name}: {group.get('LogGroupName')} is not named after the stack"
    used = {
        each.get("LoggingConfig", {}).get("LogGroup") for each in deployment.of_type("AWS::Lambda::Function").values()
    }
    for name in deployment.of_type("AWS::Logs::LogGroup"):
        # Step Functions writes to a group by its ARN.
        if deployment.identities[name]["Ref"] not in used and deployment.arn(name) not in str(_machines(deployment)):
            yield f"{name}: nothing writes to it"
    for name, topic in deployment.of_type("AWS::SNS::Topic").items():
        if deployment.named(topic.get("KmsMasterKeyId"), "AWS::KMS::Key") is None:
            yield f"{name}: lies under {topic.get('KmsMasterKeyId')}, where alarms cannot publish"
    for name, key in deployment.of_type("AWS::KMS::Key").items():
        if key.get("EnableKeyRotation") is not True:
            yield f"{name}: does not turn over"


def _machines(deployment: Deployment) -> list[Any]:
    return [
        each.get("LoggingConfiguration") for each in deployment.of_type("AWS::StepFunctions::StateMachine").values()
    ]


# What the command asks of the rows of its list.
_FILTERED = set(re.findall(r"""\brow(?:\[|\.get\()"(\w+)\"""", inspect.getsource(Filter.takes)))
_FILTERED |= set(re.findall(r'"(\w+)" in row\b', inspect.getsource(Filter.takes)))


def _table(name: str, table: dict[str, Any]) -> Iterator[str]:
    indexes = table.get("GlobalSecondaryIndexes", [])
    keys = [key for holder in (table, *indexes) for key in holder.get("KeySchema", [])]
    attributes = {
        each.get("AttributeName"): each.get("AttributeType") for each in table.get("AttributeDefinitions", [])
    }
    if set(attributes) != {key.get("AttributeName") for key in keys}:
        yield f"{name}: defines {sorted(map(str, attributes))}, its keys are {keys}"
    if set(attributes.values()) != {"S"}:
        yield f"{name}: {attributes}, and the code writes texts"
    used = [*attributes, *(index.get("IndexName") for index in indexes)]
    yield from (f"{name}: the code knows no {each}" for each in used if not _in_the_code(str(each)))
    for holder in (table, *indexes):
        kinds = [key.get("KeyType") for key in holder.get("KeySchema", [])]
        if kinds != ["HASH", "RANGE"][: len(kinds)] or not kinds:
            yield f"{name}: keys of {kinds}"
    for index in indexes:
        if len(index.get("KeySchema", [])) != 2:
            yield f"{name}: {index.get('IndexName')} has no order"
        held = index.get("Projection", {}).get("NonKeyAttributes", [])
        # Of the others, the code takes the key, and gets the rest from the table.
        read = _FILTERED if index.get("IndexName") == LISTED_INDEX else set()
        if not index.get("Projection", {}).get("ProjectionType") or set(held) != read:
            yield f"{name}: {index.get('IndexName')} holds {held}, the code reads {sorted(read)}"
    if table.get("BillingMode") != "PAY_PER_REQUEST":
        yield f"{name}: has a capacity that nobody set"
    if table.get("PointInTimeRecoverySpecification", {}).get("PointInTimeRecoveryEnabled") is not True:
        yield f"{name}: cannot be brought back"
    if table.get("DeletionProtectionEnabled") is not True:
        yield f"{name}: can be deleted by one call"
    forgets = table.get("TimeToLiveSpecification")
    if forgets is not None and (forgets.get("Enabled") is not True or forgets.get("AttributeName") != _FORGETS):
        yield f"{name}: forgets by {forgets}, the code writes {_FORGETS}"
    if forgets is None and "connection" not in attributes:
        yield f"{name}: never forgets"


@cache
def _in_the_code(word: str) -> bool:
    """Whether the code of AWS's adapters or of the command has a word as a text of its own."""
    return re.search(rf"\b{re.escape(word)}\b", _sources()) is not None


@cache
def _sources() -> str:
    folders = ("layers/core/jobwatch/aws", "layers/core/jobwatch/domain", "cli/jobwatch_cli")
    return "\n".join(path.read_text(encoding="utf-8") for folder in folders for path in (ROOT / folder).glob("*.py"))
