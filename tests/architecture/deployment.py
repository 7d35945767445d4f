"""The template and the machine as data."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
TEMPLATE_TEXT = (ROOT / "template.yaml").read_text(encoding="utf-8")


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref X` is {"Ref": "X"}, `!GetAtt A.B` is {"Fn::GetAtt": "A.B"}."""


def _short_form(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        return {name: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {name: loader.construct_mapping(node, deep=True)}


_Loader.add_multi_constructor("!", _short_form)

TEMPLATE: dict[str, Any] = yaml.load(TEMPLATE_TEXT, _Loader)
RESOURCES: dict[str, dict[str, Any]] = TEMPLATE["Resources"]
MACHINE: dict[str, Any] = json.loads((ROOT / "statemachine" / "watch.asl.json").read_text(encoding="utf-8"))
STATES: dict[str, dict[str, Any]] = MACHINE["States"]


def of_type(kind: str) -> dict[str, dict[str, Any]]:
    """The properties of the resources of a type, by logical name."""
    return {name: each["Properties"] for name, each in RESOURCES.items() if each["Type"] == kind}


FUNCTIONS = of_type("AWS::Serverless::Function")


def statements(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The statements of a policy document, those under a condition too."""
    for statement in document["Statement"]:
        yield from ([each for each in statement["Fn::If"] if "Sid" in each] if "Fn::If" in statement else [statement])


def as_list(value: Any) -> list[Any]:
    """`value`, or a list of it where it is one."""
    return value if isinstance(value, list) else [value]
