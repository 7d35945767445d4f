"""Each resource against CloudFormation's own schema of its type (in cfn-lint): names, kinds and words of properties."""

import json
from collections.abc import Iterator
from functools import cache
from ipaddress import ip_network
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from jsonschema import Draft7Validator

from tests.gate.deployment import Deployment
from tests.gate.names import KINDS


def findings(deployment: Deployment) -> list[str]:
    """What CloudFormation would refuse."""
    return sorted(set(_findings(deployment)))


def _findings(deployment: Deployment) -> Iterator[str]:
    for name, resource in deployment.resources.items():
        properties = resource.get("Properties", {})
        yield from (f"{name}: {each}" for each in _errors(resource["Type"], json.dumps(properties)))
        yield from (f"{name}: has no {each}" for each in _NEEDED.get(resource["Type"], set()) - set(properties))
        yield from _documents(name, properties)
        # A name that is not made of the stack's stands in the way of a second stack.
        given = properties.get(KINDS[resource["Type"]][0]) if resource["Type"] in KINDS else None
        if given is not None and resource["Type"] not in _NAMED_WITHIN and deployment.stack not in str(given):
            yield f"{name}: {given} is not named after the stack"


# What the schema leaves open, for there are other ways to say it; here there are none.
_NEEDED = {
    "AWS::CloudWatch::Alarm": {"Namespace", "MetricName", "Threshold"},
    "AWS::CloudWatch::Dashboard": {"DashboardBody"},
    "AWS::Events::Rule": {"Targets"},
    "AWS::KMS::Key": {"KeyPolicy"},
    "AWS::SNS::Subscription": {"Endpoint"},
}
# Policies are named within their role, rules within their bus, layers by SAM.
_NAMED_WITHIN = frozenset({"AWS::IAM::Policy", "AWS::Lambda::LayerVersion", "AWS::Events::Rule"})


@cache
def _errors(kind: str, properties: str) -> list[str]:
    errors = _of(kind).iter_errors(json.loads(properties))
    return [f"{'.'.join(map(str, each.absolute_path))}: {each.message[:200]}" for each in errors]


def _documents(name: str, properties: dict[str, Any]) -> Iterator[str]:
    """The policies in a resource, which CloudFormation's schema takes as any object.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
    """
    inline = [each.get("PolicyDocument") for each in properties.get("Policies", [])]
    of_identity = [*inline, properties.get("PolicyDocument") if _names_no_resource(properties) else None]
    of_resource = [
        *(properties.get(key) for key in ("KeyPolicy", "AssumeRolePolicyDocument")),
        None if _names_no_resource(properties) else properties.get("PolicyDocument"),
    ]
    trust = properties.get("AssumeRolePolicyDocument")
    for document in of_identity:
        if document is not None:
            yield from _document(name, document, {"Effect", "Action", "Resource"}, {"Sid", "Condition"})
    for document in of_resource:
        needed = {"Effect", "Action", "Principal"} | (set() if document is trust else {"Resource"})
        if document is not None:
            yield from _document(name, document, needed, {"Sid", "Condition"})


def _names_no_resource(properties: dict[str, Any]) -> bool:
    return not {"Queues", "Topics", "Bucket"} & set(properties)


def _document(name: str, document: Any, needed: set[str], allowed: set[str]) -> Iterator[str]:
    if not isinstance(document, dict) or set(document) != {"Version", "Statement"}:
        yield f"{name}: a policy is a version and statements"
        return
    if document["Version"] != "2012-10-17":
        yield f"{name}: there is no version {document['Version']} of policies"
    if not document["Statement"]:
        yield f"{name}: a policy without statements"
    for statement in document["Statement"]:
        if not isinstance(statement, dict):
            yield f"{name}: a statement is {statement}"
            continue
        if not (statement.get("Principal", "*") == "*" or isinstance(statement["Principal"], dict)):
            yield f"{name}: nobody is {statement['Principal']}"
        yield from (f"{name}: a statement without {each}" for each in needed - set(statement))
        yield from (f"{name}: a statement has no {each}" for each in set(statement) - needed - allowed)
        if statement.get("Effect") not in ("Allow", "Deny"):
            yield f"{name}: a statement has the effect {statement.get('Effect')}"
        for key, value in statement.items():
            if value in ([], {}, "") or (key in ("Principal", "Condition") and [] in list(_values(value))):
                yield f"{name}: a statement with an empty {key}"
        for network in statement.get("Condition", {}).get("NotIpAddress", {}).get("aws:SourceIp", []):
            try:
                ip_network(network)
            except ValueError as error:
                yield f"{name}: {error}"


def _values(node: Any) -> list[Any]:
    return list(node.values()) if isinstance(node, dict) else []


@cache
def _of(kind: str) -> Any:
    return Draft7Validator(PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema)
