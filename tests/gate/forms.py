"""Each resource against CloudFormation's own schema of its type (in cfn-lint): names, kinds and words of properties."""

from collections.abc import Iterator
from functools import cache
from ipaddress import ip_network
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from jsonschema import Draft7Validator

from tests.gate.deployment import Deployment


def findings(deployment: Deployment) -> list[str]:
    """What CloudFormation would refuse."""
    return sorted(set(_findings(deployment)))


def _findings(deployment: Deployment) -> Iterator[str]:
    for name, resource in deployment.resources.items():
        for error in _of(resource["Type"]).iter_errors(resource.get("Properties", {})):
            yield f"{name}: {'.'.join(map(str, error.absolute_path))}: {error.message[:200]}"
        yield from _documents(name, resource.get("Properties", {}))


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
