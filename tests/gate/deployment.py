"""The template as CloudFormation sees it: transformed once, and resolved in memory under values of its parameters."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import product
from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

from tests.architecture.deployment import MACHINE, ROOT
from tests.gate import names

# In place of where `sam package` uploads a folder or file to: its key says which it was.
_UPLOADED = "s3://artifacts/"
# What a person would write; for a parameter that is not here, `example-NAME`. A test holds that each is allowed.
EXAMPLES = {
    "NotificationEmail": "anna@example.com",
    "OperationsEmail": "ops@example.com",
    "SlackSecretName": "jobwatch-slack",
    "LogObjectArns": "arn:aws:s3:::import-logs/jobs/*,arn:aws:s3:::other-logs/*",
    "EncryptionKeyArn": f"arn:aws:kms:{names.REGION}:{names.ACCOUNT}:key/0a1b2c3d-customer",
    "PollerConcurrency": "15",
    "PermissionsBoundaryArn": f"arn:aws:iam::{names.ACCOUNT}:policy/boundary",
    "RunbookUrl": "https://wiki.example.com/jobwatch",
}
STACK = "jobwatch"
_NO_VALUE = object()

Template = dict[str, Any]


@dataclass(frozen=True)
class Deployment:
    """A stack under one combination of conditions: `resources` with every intrinsic function resolved.

    `unresolved`: what could not be, in words. `identities`: what Ref and GetAtt give, by logical name; `owners`: the
    logical names by what Ref and GetAtt give. `machine`: the definition as it is uploaded, placeholders and all.
    """

    template: Template
    parameters: Mapping[str, str]
    conditions: Mapping[str, bool]
    resources: dict[str, dict[str, Any]]
    identities: dict[str, names.Identity]
    outputs: dict[str, Any]
    unresolved: list[str]
    owners: Mapping[str, list[str]]
    stack: str
    machine: Mapping[str, Any] = field(default_factory=lambda: MACHINE)

    def of_type(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of the resources of a type, by logical name."""
        return self._by_type.get(kind, {})

    @cached_property
    def _by_type(self) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for name, each in self.resources.items():
            found.setdefault(each["Type"], {})[name] = each.get("Properties", {})
        return found

    def named(self, value: Any, kind: str = "") -> str | None:
        """The logical name of the resource (of a type) that Ref or an attribute gives `value` for."""
        for name in self.owners.get(value, []) if isinstance(value, str) else []:
            if name in self.resources and self.resources[name]["Type"].startswith(kind):
                return name
        return None

    def arn(self, logical: str) -> str:
        """The ARN of a resource that has one."""
        identity = self.identities[logical]
        return identity.get("Arn") or identity.get("TopicArn") or identity["Ref"]

    def with_resource(self, logical: str, resource: dict[str, Any] | None) -> "Deployment":
        """The same deployment with one resource as given, or without it."""
        resources = {name: each for name, each in self.resources.items() if name != logical}
        if resource is not None:
            resources[logical] = resource
        return replace(self, resources=resources)


def folder_of(deployment: Deployment, function: str) -> str:
    """The folder of the project that a function runs: "functions/poller"."""
    return str(deployment.resources[function]["Properties"].get("Code", {}).get("S3Key", ""))


@cache
def transformed() -> Template:
    """template.yaml after the SAM transform; treat it as read-only."""
    template = yaml_parse((ROOT / "template.yaml").read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        for name in ("CodeUri", "ContentUri", "DefinitionUri"):
            if name in resource.get("Properties", {}):
                resource["Properties"][name] = _UPLOADED + resource["Properties"][name]
    # The names of AWS's managed policies are left out: the template uses none.
    translator = Translator({}, Parser(), boto_session=boto3.session.Session(region_name=names.REGION))
    result: Template = json.loads(json.dumps(translator.translate(template, parameter_values={})))
    return result


def values_of(template: Template, parameter: str) -> list[str]:
    """The values between which conditions may tell: a parameter's default, each that one names, and another."""
    definition = template["Parameters"][parameter]
    if "AllowedValues" in definition:
        return [str(value) for value in definition["AllowedValues"]]
    named = [text for text in _compared_with(template.get("Conditions", {}), parameter) if isinstance(text, str)]
    values = [str(definition.get("Default", "")), *named, EXAMPLES.get(parameter, f"example-{parameter}")]
    return list(dict.fromkeys(values)) if named else values[:1]


def _compared_with(node: Any, parameter: str) -> Iterator[Any]:
    if isinstance(node, dict):
        for name, inner in node.items():
            if name == "Fn::Equals" and f"'{parameter}'" in str(inner):
                yield from inner
            yield from _compared_with(inner, parameter)
    if isinstance(node, list):
        for inner in node:
            yield from _compared_with(inner, parameter)


def combinations(template: Template, stack: str = STACK) -> Iterator["Deployment"]:
    """The stack under every combination of its conditions that values of its parameters can bring about."""
    parameters = list(template.get("Parameters", {}))
    seen = set()
    for values in product(*(values_of(template, name) for name in parameters)):
        given = dict(zip(parameters, values, strict=True))
        conditions = tuple(_conditions(template, given, stack).items())
        if conditions not in seen:
            seen.add(conditions)
            yield resolve(template, given, stack)


def fullest(template: Template, stack: str = STACK) -> Deployment:
    """The stack with everything switched on that a parameter's example switches on."""
    parameters = {name: values_of(template, name)[-1] for name in template.get("Parameters", {})}
    return resolve(template, parameters, stack)


def resolve(template: Template, parameters: Mapping[str, str], stack: str = STACK) -> Deployment:
    """The stack under values of its parameters."""
    return _Resolver(template, parameters, stack).deployment()


def _conditions(template: Template, parameters: Mapping[str, str], stack: str) -> dict[str, bool]:
    resolver = _Resolver(template, parameters, stack)
    return {name: resolver.condition(name) for name in template.get("Conditions", {})}


class _Resolver:
    def __init__(self, template: Template, parameters: Mapping[str, str], stack: str) -> None:
        self._template = template
        self._parameters = parameters
        self._stack = stack
        self._known: dict[str, bool] = {}
        self._identities: dict[str, names.Identity] = {}
        self._at = ""
        self.unresolved: list[str] = []
        self._functions = {
            "Ref": self._ref,
            "Fn::GetAtt": self._get_att,
            "Fn::Sub": self._sub,
            "Fn::Join": lambda given: str(self.value(given[0])).join(map(str, self.value(given[1]))),
            "Fn::If": lambda given: self.value(given[1 if self.condition(given[0]) else 2]),
            "Fn::Select": lambda given: self.value(given[1])[int(self.value(given[0]))],
            "Fn::Split": lambda given: self.value(given[1]).split(self.value(given[0])),
            "Fn::Equals": lambda given: str(self.value(given[0])) == str(self.value(given[1])),
            "Fn::Not": lambda given: not self.value(given[0]),
            "Fn::And": lambda given: all(map(self.value, given)),
            "Fn::Or": lambda given: any(map(self.value, given)),
            "Condition": self.condition,
        }

    def deployment(self) -> Deployment:
        resources = {}
        for name, resource in self._template["Resources"].items():
            if self._exists(name):
                self._at = name
                self._identity(name)
                resolved = self.value(
                    {key: each for key, each in resource.items() if key not in ("Metadata", "Condition")}
                )
                resources[name] = resolved
        outputs = {}
        for name, output in self._template.get("Outputs", {}).items():
            self._at = f"output {name}"
            if "Condition" not in output or self.condition(output["Condition"]):
                outputs[name] = self.value({key: each for key, each in output.items() if key != "Condition"})
        conditions = {name: self.condition(name) for name in self._template.get("Conditions", {})}
        identities = {name: self._identity(name) for name in resources}
        owners: dict[str, list[str]] = {}
        for name, identity in identities.items():
            for given in set(identity.values()):
                owners.setdefault(given, []).append(name)
        return Deployment(
            self._template,
            self._parameters,
            conditions,
            resources,
            identities,
            outputs,
            self.unresolved,
            owners,
            self._stack,
        )

    def condition(self, name: str) -> bool:
        if name not in self._known:
            if name not in self._template.get("Conditions", {}):
                self.unresolved.append(f"{self._at}: there is no condition {name}")
                return False
            self._known[name] = bool(self.value(self._template["Conditions"][name]))
        return self._known[name]

    def value(self, node: Any) -> Any:
        """`node` with every function in it replaced by what it gives; AWS::NoValue takes its key or member with it."""
        if isinstance(node, dict):
            if len(node) == 1:
                [(name, given)] = node.items()
                if name in self._functions and not (name == "Condition" and not isinstance(given, str)):
                    return self._functions[name](given)
                if name.startswith("Fn::"):
                    self.unresolved.append(f"{self._at}: {name} is not known here")
            resolved = {key: self.value(each) for key, each in node.items()}
            return {key: each for key, each in resolved.items() if each is not _NO_VALUE}
        if isinstance(node, list):
            return [each for each in map(self.value, node) if each is not _NO_VALUE]
        return node

    def _ref(self, name: str) -> Any:
        pseudo = {
            "AWS::Partition": names.PARTITION,
            "AWS::Region": names.REGION,
            "AWS::AccountId": names.ACCOUNT,
            "AWS::StackName": self._stack,
            "AWS::StackId": names.arn("cloudformation", f"stack/{self._stack}/0a1b2c3d"),
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": _NO_VALUE,
        }
        if name in pseudo:
            return pseudo[name]
        if name in self._parameters:
            value = self._parameters[name]
            kind = self._template["Parameters"][name]["Type"]
            return value.split(",") if "List" in kind else int(value) if kind == "Number" else value
        return self._of_resource(name, "Ref")

    def _get_att(self, given: Any) -> str:
        name, _, attribute = given.partition(".") if isinstance(given, str) else (given[0], ".", given[1])
        return self._of_resource(name, attribute)

    def _sub(self, given: Any) -> str:
        text, own = (given, {}) if isinstance(given, str) else (given[0], given[1])

        def fill(found: re.Match[str]) -> str:
            name = found[1]
            if name.startswith("!"):
                return f"${{{name[1:]}}}"
            if name in own:
                return str(self.value(own[name]))
            return str(self._get_att(name) if "." in name else self._ref(name))

        for name in own:
            if f"${{{name}}}" not in text:
                self.unresolved.append(f"{self._at}: nothing asks for {name} of Fn::Sub")
        return re.sub(r"\$\{([^}]+)\}", fill, text)

    def _of_resource(self, name: str, attribute: str) -> str:
        if name not in self._template["Resources"]:
            self.unresolved.append(f"{self._at}: there is no {name}")
        elif not self._exists(name):
            self.unresolved.append(f"{self._at}: {name} is not there under {sorted(self._switched_on())}")
        elif attribute not in self._identity(name):
            kind = self._template["Resources"][name]["Type"]
            self.unresolved.append(f"{self._at}: {kind} {name} has no {attribute} (that tests/gate/names.py knows)")
        else:
            return self._identity(name)[attribute]
        return f"missing-{name}-{attribute}"

    def _exists(self, name: str) -> bool:
        condition = self._template["Resources"][name].get("Condition")
        return condition is None or self.condition(condition)

    def _switched_on(self) -> list[str]:
        return [name for name, holds in self._known.items() if holds]

    def _identity(self, name: str) -> names.Identity:
        if name not in self._identities:
            resource = self._template["Resources"][name]
            kind = resource["Type"]
            naming = {
                key: resource.get("Properties", {}).get(key)
                for key in (names.KINDS.get(kind, ("", None))[0], "EventBusName", "GroupName")
                if key in resource.get("Properties", {})
            }
            self._identities[name] = names.identity(self._stack, name, kind, self.value(naming))
        return self._identities[name]
