"""The deployment as AWS would see it, under every combination of the template's conditions, without AWS."""

import re

import pytest

from tests.gate import calls, references
from tests.gate.deployment import EXAMPLES, combinations, transformed, values_of

TEMPLATE = transformed()
COMBINATIONS = list(combinations(TEMPLATE))


def test_nothing_waits_for_itself() -> None:
    assert references.circles(TEMPLATE) == []


def test_every_condition_holds_somewhere_and_somewhere_not() -> None:
    for name in TEMPLATE["Conditions"]:
        assert {deployment.conditions[name] for deployment in COMBINATIONS} == {True, False}, name


@pytest.mark.parametrize("parameter", TEMPLATE["Parameters"])
def test_the_values_that_are_tried_are_allowed(parameter: str) -> None:
    """One that is not allowed needs an example of its own (EXAMPLES in tests/gate/deployment.py)."""
    definition = TEMPLATE["Parameters"][parameter]
    for value in {*values_of(TEMPLATE, parameter), EXAMPLES.get(parameter, definition.get("Default", ""))}:
        for member in str(value).split(",") if "List" in definition["Type"] else [str(value)]:
            assert re.fullmatch(definition.get("AllowedPattern", ".*"), member), f"{parameter}={member}"


@pytest.mark.parametrize("adapter", calls.adapters(), ids=lambda adapter: adapter.__name__)
def test_of_every_adapter_the_calls_are_found(adapter: type) -> None:
    """What is not found is not looked for in the roles."""
    methods = [name for name in vars(adapter) if not name.startswith("_") and callable(getattr(adapter, name))]
    assert any(calls.calls(adapter, method) for method in methods)
