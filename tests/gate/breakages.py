"""Deployments that are broken in one place each: every property of every resource, every word of the machine.

What is altered is found by walking the transformed template, so that a new resource is broken without a word here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.gate.deployment import Template
from tests.gate.names import KINDS

# What people read, and where the packaging puts things: no check looks at it.
_NO_MATTER = frozenset(
    {
        *("Description", "AlarmDescription", "DisplayName", "Tags", "Sid", "Comment", "Cause", "ConstraintDescription"),
        *("S3Bucket", "Bucket", "PolicyName", "DashboardName", "LayerName", "Id"),
    }
)
# AWS's own defaults: without the property, all is as before.
_DEFAULTS: dict[str, Any] = {
    "AWS::Events::Rule RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185},
    "AWS::Events::Rule MaximumEventAgeInSeconds": 86400,
    "AWS::Events::Rule MaximumRetryAttempts": 185,
    "AWS::Lambda::EventInvokeConfig MaximumEventAgeInSeconds": 21600,
    "AWS::Lambda::EventInvokeConfig MaximumRetryAttempts": 2,
    "AWS::Lambda::EventInvokeConfig DestinationConfig": {},
    "AWS::CloudWatch::Alarm TreatMissingData": "missing",
    "AWS::Lambda::EventSourceMapping BatchSize": 10,
}


_NAMES = frozenset(name for name, _ in KINDS.values() if name)
_STACK = "AWS::StackName"
_NONE = object()


@dataclass(frozen=True)
class Breakage:
    """`what` was done to a template or a machine; the other of the two stays as it is."""

    what: str
    template: Template
    machine: Mapping[str, Any]


def of_template(template: Template, machine: Mapping[str, Any]) -> Iterator[Breakage]:
    """Each resource left out, each of its properties left out and altered; each output altered."""
    for section in ("Resources", "Outputs"):
        for name, part in template.get(section, {}).items():
            for what, broken in _broken_part(template, section, part):
                parts = {key: each for key, each in template[section].items() if key != name}
                if broken is not None:
                    parts[name] = broken
                yield Breakage(f"{name}{what}", {**template, section: parts}, machine)


def of_machine(template: Template, machine: Mapping[str, Any]) -> Iterator[Breakage]:
    """Each field of the definition left out, renamed and altered; each JSONPath by one letter."""
    for what, broken in _altered(machine, "machine", _of_a_word):
        if not _all_the_same(machine, what):
            yield Breakage(what, template, broken)


def _all_the_same(machine: Mapping[str, Any], what: str) -> bool:
    """Without a Catch that leads to a Fail state of the same error and cause, the step itself fails with them.

    Of an execution that then succeeds, nobody reads what was caught.
    """
    catch = re.search(r"States\.(.*)\.Catch(?: without |\.)(\d+)(.*)", what)
    if catch is None:
        return False
    then = machine["States"][machine["States"][catch[1]]["Catch"][int(catch[2])]["Next"]]
    fails = not catch[3] and then["Type"] == "Fail" and "ErrorPath" in then
    return fails or ("ResultPath" in catch[3] and "misspelt" not in catch[3] and then["Type"] == "Succeed")


def _broken_part(template: Template, section: str, part: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    if section == "Outputs":
        for what, value in _altered(part["Value"], "Value", _Swapping(template)):
            yield f".{what}", {**part, "Value": value}
        return
    kind = part["Type"]
    yield " is left out", None
    if "Condition" in part:
        yield " without its condition", {key: each for key, each in part.items() if key != "Condition"}
    for policy in ("DeletionPolicy", "UpdateReplacePolicy"):
        # Of a layer, SAM's own.
        if policy in part and kind != "AWS::Lambda::LayerVersion":
            yield f" without {policy}", {key: each for key, each in part.items() if key != policy}
            yield f" with {policy} Delete", {**part, policy: "Delete"}
    for what, properties in _altered(part.get("Properties", {}), kind, _Swapping(template)):
        yield f".{what.removeprefix(kind).lstrip('.')}", {**part, "Properties": properties}
    for key, value in _ADDED.get(kind, {}).items():
        yield f" with {key}", {**part, "Properties": {**part["Properties"], key: value}}


# What is not there, and would break what is.
_ADDED: dict[str, dict[str, Any]] = {
    "AWS::Events::Rule": {"State": "DISABLED"},
    "AWS::Lambda::EventSourceMapping": {"Enabled": False, "FilterCriteria": {"Filters": [{"Pattern": "{}"}]}},
    "AWS::SNS::Subscription": {"FilterPolicy": {"notice": ["finished"]}, "RawMessageDelivery": True},
    "AWS::Lambda::Function": {"ReservedConcurrentExecutions": 0},
    "AWS::CloudWatch::Alarm": {"ActionsEnabled": False},
}


def _altered(node: Any, where: str, alter: Any) -> Iterator[tuple[str, Any]]:
    """A part of a document broken in each of its places, one at a time."""
    replaced = alter(node)
    if replaced is not None:
        yield from ((f"{where} as {each!r}"[:200], each) for each in replaced)
        if not (isinstance(node, dict) and "Fn::If" in node):
            return
    if isinstance(node, dict):
        for key, inner in node.items():
            if key in _NO_MATTER:
                continue
            # The machine's `false` is what a function takes where nothing is said.
            if inner is False and where.startswith("machine"):
                yield f"{where}.{key} turned round", {**node, key: True}
                continue
            if not key.startswith("Fn::") and _DEFAULTS.get(f"{where.partition('.')[0]} {key}", _NONE) != inner:
                yield f"{where} without {key}", {name: each for name, each in node.items() if name != key}
            if where.startswith("machine"):
                yield f"{where}.{key} misspelt", {_slip(name) if name == key else name: node[name] for name in node}
            for what, broken in _altered(inner, f"{where}.{key}", alter):
                # A name that the stack gives may be another, as long as it is the stack's own.
                if key not in _NAMES or _STACK not in str(broken):
                    yield what, {**node, key: broken}
    elif isinstance(node, list):
        for number, inner in enumerate(node):
            # Each branch of a condition is its own; what it decides between cannot be left out.
            if not where.endswith("Fn::If"):
                yield f"{where} without {number}", node[:number] + node[number + 1 :]
            elif number == 0:
                yield f"{where} the other way round", [node[0], node[2], node[1]]
                continue
            for what, broken in _altered(inner, f"{where}.{number}", alter):
                yield what, [*node[:number], broken, *node[number + 1 :]]


def _of_a_word(node: Any) -> list[Any] | None:
    """What a text, number or truth may become; None for what has parts."""
    if isinstance(node, bool):
        return [not node]
    if isinstance(node, int | float):
        return [each for each in (0, node * 1000 or 100_000) if each != node]
    if isinstance(node, str):
        return [_slip(node)]
    return None


def _slip(text: str) -> str:
    """A text with one wrong letter, in its last name: "$.Payload.wait_second" of "$.Payload.wait_seconds"."""
    found = re.search(r"(\w)(\W*)$", text)
    if not found:
        return f"{text}x"
    # A path without its last letter; elsewhere a pattern would still fit.
    wrong = "" if text.startswith("$") and len(text) > 3 else "x" if found[1] != "x" else "y"
    return text[: found.start()] + wrong + found[2]


class _Swapping:
    """As `_of_a_word`; a reference becomes one to another thing of its kind, or to nothing of the stack."""

    def __init__(self, template: Template) -> None:
        self._template = template

    def __call__(self, node: Any) -> list[Any] | None:
        if isinstance(node, dict) and len(node) == 1:
            [(function, given)] = node.items()
            if function == "Ref":
                return [{"Ref": other} for other in self._others(given)] or ["other"]
            if function == "Fn::GetAtt":
                name, attribute = given.split(".", 1) if isinstance(given, str) else given
                return [{"Fn::GetAtt": [other, attribute]} for other in self._others(name)] or ["other"]
            if function == "Fn::Sub":
                return self._sub(given)
            if function == "Fn::Join":
                return ["other"]
        return _of_a_word(node)

    def _others(self, name: str) -> list[str]:
        """Another resource of the same kind: one that is always there, and one that is not."""
        resources = self._template["Resources"]
        if name not in resources:
            return []
        same = [other for other, each in resources.items() if each["Type"] == resources[name]["Type"] and other != name]
        return [other for other in same if "Condition" not in resources[other]][:2]

    def _sub(self, given: Any) -> list[Any]:
        text, own = (given, {}) if isinstance(given, str) else given
        texts = []
        for found in re.finditer(r"\$\{([^!}.]+)([^}]*)\}", text):
            others = [] if found[1] in own else self._others(found[1])
            texts += [f"{text[: found.start()]}${{{each}{found[2]}}}{text[found.end() :]}" for each in others[:1]]
            if not others and found[1] not in own:
                texts.append(f"{text[: found.start()]}other{text[found.end() :]}")
        static = re.sub(r"\$\{[^}]+\}", "", text)
        if re.search(r"\w", static) and len(text) < 300:
            texts.append(f"{text}x")
        without = ({key: each for key, each in own.items() if key != name} for name in own)
        return [
            *({"Fn::Sub": [each, own] if own else each} for each in texts),
            *({"Fn::Sub": [text, each]} for each in without),
        ]
