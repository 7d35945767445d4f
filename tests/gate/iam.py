"""Policies as AWS evaluates them, over resolved documents: which statement allows a request, and by which of its parts.

How requests are decided: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
Operators: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from ipaddress import ip_address, ip_network
from typing import Any

from tests.architecture.deployment import as_list

Statement = dict[str, Any]
# A part of a statement: where the statement stands, and the action, resource, principal or condition value in it.
Part = tuple[str, str, str]


class UnknownOperatorError(ValueError):
    """A condition operator that is not known here: `args[0]`."""


@dataclass(frozen=True)
class Request:
    """`caller`: a service ("sns.amazonaws.com"), the ARN of a role, or "*" for anybody. `context`: condition keys."""

    caller: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Placed:
    """A statement and where it stands: "IntakeRole/intake/3", for a resource policy "TopicKey/0"."""

    place: str
    statement: Statement


@cache
def _pattern(text: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(sign, re.escape(sign)) for sign in text), flags | re.DOTALL)


def like(pattern: str, value: str) -> bool:
    """Whether `value` fits a pattern with * and ?."""
    return _pattern(pattern).fullmatch(value) is not None


def effective(effect: str, request: Request, statements: list[Placed], *, of_resource: bool) -> Iterator[set[Part]]:
    """For each statement of this effect that applies to the request: the parts by which it does.

    `of_resource`: the statements are of a resource policy, which names principals. Raises UnknownOperatorError.
    """
    for placed in statements:
        if placed.statement.get("Effect") != effect:
            continue
        parts = _applying(placed, request, of_resource=of_resource)
        if parts is not None:
            yield parts


def _applying(placed: Placed, request: Request, *, of_resource: bool) -> set[Part] | None:
    statement, place = placed.statement, placed.place
    actions = [each for each in as_list(statement["Action"]) if _pattern(each, re.IGNORECASE).fullmatch(request.action)]
    resources = [each for each in as_list(statement.get("Resource", [])) if like(each, request.resource)]
    principals = [each for each in principals_of(statement) if _is(each, request.caller)] if of_resource else [""]
    if not (actions and resources and principals):
        return None
    parts = {(place, "action", each) for each in actions} | {(place, "resource", each) for each in resources}
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            met = _met(operator, request.context.get(key), [str(each) for each in as_list(values)])
            if met is None:
                return None
            parts |= {(place, f"{operator} {key}", each) for each in met}
    return parts | ({(place, "principal", each) for each in principals} if of_resource else set())


def principals_of(statement: Statement) -> list[str]:
    """The principals that a statement of a resource policy names; "*" for anybody."""
    principal = statement.get("Principal", [])
    return ["*"] if principal == "*" else [each for kind in principal.values() for each in as_list(kind)]


def _is(principal: str, caller: str) -> bool:
    return principal in ("*", caller)


def _met(operator: str, value: str | None, wanted: list[str]) -> list[str] | None:
    """The values by which a condition holds (for a negated one all); None where it does not."""
    if operator.endswith("IfExists"):
        if value is None:
            return wanted
        operator = operator.removesuffix("IfExists")
    negated = operator.startswith(("StringNot", "ArnNot", "Not"))
    kind = operator.replace("Not", "", 1) if negated else operator
    if kind not in _OPERATORS:
        raise UnknownOperatorError(operator)
    if value is None:
        return wanted if negated else None
    met = [each for each in wanted if _OPERATORS[kind](each, value)]
    if negated:
        return None if met else wanted
    return met or None


@cache
def _within(network: str, address: str) -> bool:
    return ip_address(address) in ip_network(network)


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda wanted, value: wanted == value,
    "StringLike": like,
    "ArnEquals": like,
    "ArnLike": like,
    "Bool": lambda wanted, value: wanted.lower() == value.lower(),
    "IpAddress": _within,
}


def parts_of(placed: Placed, *, of_resource: bool) -> set[Part]:
    """Every part of a statement: what `effective` names when all of it is used."""
    statement, place = placed.statement, placed.place
    parts = {(place, "action", each) for each in as_list(statement["Action"])}
    parts |= {(place, "resource", each) for each in as_list(statement.get("Resource", []))}
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            parts |= {(place, f"{operator} {key}", str(each)) for each in as_list(values)}
    return parts | ({(place, "principal", each) for each in principals_of(statement)} if of_resource else set())
