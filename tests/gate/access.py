"""Who may call whom: what has to be allowed is, nothing else is, and nobody gets in without TLS or from outside."""

from collections.abc import Iterator
from itertools import chain
from typing import Any

from tests.architecture.deployment import as_list
from tests.gate.deployment import Deployment
from tests.gate.iam import Part, Placed, Request, UnknownOperatorError, effective, parts_of, principals_of
from tests.gate.names import ACCOUNT, PARTITION
from tests.gate.needs import NONE_CONFIGURED, Need, needs

ROOT_OF_THE_ACCOUNT = f"arn:{PARTITION}:iam::{ACCOUNT}:root"
# By type of a resource policy: where it says on what it lies.
RESOURCE_POLICIES = {
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::S3::BucketPolicy": "Bucket",
}
# Elsewhere in an organisation, or in another account: what must never do in place of the stack's own.
_FOREIGN = "210987654321"


def findings(deployment: Deployment) -> list[str]:
    """What is not allowed and has to be, what is allowed and need not be, and what is wrong on the way."""
    try:
        return sorted(set(_findings(deployment)))
    except UnknownOperatorError as error:
        return [f"a condition operator that is not known here: {error}"]


class Policies:
    """The stack's statements by what they are of. `identity`, `trust`: by role; `on`: by the resource they lie on."""

    def __init__(self, deployment: Deployment) -> None:
        roles = deployment.of_type("AWS::IAM::Role")
        self.identity = {role: _identity_policies(deployment, role) for role in roles}
        self.trust = {role: _trust(deployment, role) for role in roles}
        self.on = {name: on for name in deployment.resources if (on := _resource_policy(deployment, name))}

    def statements(self) -> Iterator[tuple[Placed, bool]]:
        """Every statement, and whether it is of a resource. One of several roles comes once for each."""
        for placed in chain.from_iterable(self.identity.values()):
            yield placed, False
        for placed in chain(*self.trust.values(), *self.on.values()):
            yield placed, True


def _findings(deployment: Deployment) -> Iterator[str]:
    policies = Policies(deployment)
    used: set[Part] = set()
    for need in needs(deployment):
        if need.unknown:
            yield f"{need.reason}: {need.unknown}"
        elif need.request.resource != NONE_CONFIGURED:
            parts = _allowing(deployment, policies, need.request)
            if parts is None:
                yield _refused(need)
            used |= parts or set()
    for placed, of_resource in policies.statements():
        if placed.statement["Effect"] == "Allow" and not _delegates(placed.statement):
            for place, kind, value in sorted(parts_of(placed, of_resource=of_resource) - used):
                yield f"{place}: nothing needs its {kind} {value}"
    yield from _open_doors(deployment, policies)
    yield from _straight_to_a_key(deployment, policies)
    yield from _unattached(deployment)


def _refused(need: Need) -> str:
    request = need.request
    source = f" from {request.context['aws:SourceArn']}" if "aws:SourceArn" in request.context else ""
    return f"{need.reason}: {request.caller} may not {request.action} on {request.resource}{source}"


def _allowing(deployment: Deployment, policies: Policies, request: Request) -> set[Part] | None:
    """The parts of statements that allow a request; None where it is not allowed."""
    if request.action == "sts:AssumeRole":
        role = deployment.named(request.resource, "AWS::IAM::Role")
        return _by(policies.trust[role], request, of_resource=True) if role else None
    resource = deployment.named(request.resource)
    on_it = policies.on.get(resource, []) if resource else []
    if any(effective("Deny", request, on_it, of_resource=True)):
        return None
    if request.caller.endswith(".amazonaws.com"):
        return _by(on_it, request, of_resource=True)
    role = deployment.named(request.caller, "AWS::IAM::Role")
    if role is None:
        return None
    identity = _by(policies.identity[role], request, of_resource=False)
    if identity is None or not request.action.startswith("kms:") or resource is None:
        return identity
    # A key's policy has to let IAM decide; no other resource in the account asks for that.
    # https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
    delegated = _by(on_it, Request(ROOT_OF_THE_ACCOUNT, request.action, request.resource), of_resource=True)
    return None if delegated is None else identity | delegated


def _by(statements: list[Placed], request: Request, *, of_resource: bool) -> set[Part] | None:
    allowing = list(effective("Allow", request, statements, of_resource=of_resource))
    return set().union(*allowing) if allowing else None


def _placed(place: str, document: dict[str, Any]) -> list[Placed]:
    return [Placed(f"{place}/{number}", each) for number, each in enumerate(document["Statement"])]


def _trust(deployment: Deployment, role: str) -> list[Placed]:
    document = deployment.resources[role]["Properties"]["AssumeRolePolicyDocument"]
    # A trust policy names no resource: it lies on the role.
    statements = [{**each, "Resource": deployment.arn(role)} for each in document["Statement"]]
    return _placed(f"{role}/trust", {"Statement": statements})


def _identity_policies(deployment: Deployment, role: str) -> list[Placed]:
    """The statements of a role's own policies, and of those that are attached to it."""
    found = []
    for policy in deployment.resources[role]["Properties"].get("Policies", []):
        found += _placed(f"{role}/{policy['PolicyName']}", policy["PolicyDocument"])
    for kind in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
        for name, policy in deployment.of_type(kind).items():
            if deployment.identities[role]["Ref"] in policy.get("Roles", []):
                # One place for all who bear it: a part of it is needed if one of them needs it.
                found += _placed(name, policy["PolicyDocument"])
    return found


def _resource_policy(deployment: Deployment, name: str) -> list[Placed]:
    """The statements that lie on a resource, a function's permissions in the same form."""
    resource = deployment.resources[name]
    identity = deployment.identities[name]
    if resource["Type"] == "AWS::KMS::Key":
        # In a key policy, * is the key itself.
        return _placed(f"{name}/policy", resource["Properties"]["KeyPolicy"])
    if resource["Type"] == "AWS::Lambda::Function":
        return [
            _permission(permission, each, deployment.arn(name))
            for permission, each in deployment.of_type("AWS::Lambda::Permission").items()
            if each["FunctionName"] in (identity["Ref"], identity["Arn"])
        ]
    found = []
    for kind, where in RESOURCE_POLICIES.items():
        for policy, properties in deployment.of_type(kind).items():
            if identity["Ref"] in as_list(properties[where]):
                found += _placed(policy, properties["PolicyDocument"])
    return found


def _permission(name: str, permission: dict[str, Any], function_arn: str) -> Placed:
    keys = {"SourceArn": ("ArnLike", "aws:SourceArn"), "SourceAccount": ("StringEquals", "aws:SourceAccount")}
    condition = {operator: {key: permission[each]} for each, (operator, key) in keys.items() if each in permission}
    statement = {
        "Effect": "Allow",
        "Action": permission["Action"],
        "Principal": {"Service": permission["Principal"]},
        "Resource": function_arn,
        "Condition": condition,
    }
    return Placed(name, statement)


def _delegates(statement: dict[str, Any]) -> bool:
    """Whether it only lets the account's IAM decide."""
    return principals_of(statement) == [ROOT_OF_THE_ACCOUNT] if "Principal" in statement else False


def _open_doors(deployment: Deployment, policies: Policies) -> Iterator[str]:
    """Others' accounts, and callers without TLS, are refused; an embedded stack on the same machine is not."""
    for name, resource in deployment.resources.items():
        statements = policies.on.get(name, [])
        for placed in statements:
            if placed.statement["Effect"] == "Allow" and not _delegates(placed.statement):
                yield from _lets_others_in(placed)
        if resource["Type"] in ("AWS::SQS::Queue", "AWS::SNS::Topic", "AWS::S3::Bucket"):
            yield from _without_tls(name, deployment.arn(name), resource["Type"], statements)


def _straight_to_a_key(deployment: Deployment, policies: Policies) -> Iterator[str]:
    """A customer's key is for what lies under it in this stack, not for whatever somebody hands in."""
    own = deployment.parameters.get("EncryptionKeyArn")
    for role, statements in policies.identity.items():
        request = Request(deployment.arn(role), "kms:Decrypt", own or "", {})
        if own and any(effective("Allow", request, statements, of_resource=False)):
            yield f"{role}: may use {own} without a service in between"


def _lets_others_in(placed: Placed) -> Iterator[str]:
    foreign = f"arn:{PARTITION}:events:eu-central-1:{_FOREIGN}:rule/other"
    context = {"aws:SourceArn": foreign, "aws:SourceAccount": _FOREIGN, "aws:SecureTransport": "true"}
    for caller in principals_of(placed.statement):
        for action in as_list(placed.statement["Action"]):
            request = Request(caller, action, as_list(placed.statement["Resource"])[0], context)
            if any(effective("Allow", request, [placed], of_resource=True)):
                yield f"{placed.place}: {caller} may {action} for anybody's account"


_TRIED = {
    "AWS::SQS::Queue": ("sqs:SendMessage", "sqs:ReceiveMessage", "sqs:PurgeQueue"),
    "AWS::SNS::Topic": ("sns:Publish",),
    "AWS::S3::Bucket": ("s3:GetObject", "s3:PutObject", "s3:ListBucket"),
}


def _without_tls(name: str, on: str, kind: str, statements: list[Placed]) -> Iterator[str]:
    for action in _TRIED[kind]:
        resource = f"{on}/probe" if action.endswith("Object") else on
        for address, tls, refused in (
            ("203.0.113.7", "false", True),
            ("2001:db8::1", "false", True),
            ("203.0.113.7", "true", False),
            # No request to AWS comes from there; one to an embedded stack on the same machine does.
            ("127.0.0.1", "false", False),
            ("::1", "false", False),
        ):
            request = Request("*", action, resource, {"aws:SourceIp": address, "aws:SecureTransport": tls})
            if any(effective("Deny", request, statements, of_resource=True)) is not refused:
                yield f"{name}: {action} from {address}, TLS {tls}, is {'not ' if refused else ''}refused"


def _unattached(deployment: Deployment) -> Iterator[str]:
    """A policy that lies on nothing of the stack allows nothing, in silence."""
    for kind, where in (
        *RESOURCE_POLICIES.items(),
        ("AWS::Lambda::Permission", "FunctionName"),
        ("AWS::IAM::Policy", "Roles"),
    ):
        for name, properties in deployment.of_type(kind).items():
            for each in as_list(properties[where]):
                if deployment.named(each) is None:
                    yield f"{name}: {each} is nothing of the stack"
