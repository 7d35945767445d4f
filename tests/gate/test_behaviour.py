"""What the deployment does, under every combination of the template's conditions: each check has nothing to say."""

import pytest

from tests.gate import checks
from tests.gate.deployment import Deployment, combinations, transformed

COMBINATIONS = list(combinations(transformed()))


def named(deployment: Deployment) -> str:
    return ",".join(name for name, holds in deployment.conditions.items() if holds) or "nothing switched on"


@pytest.mark.parametrize("check", checks.OF_RESOURCES, ids=lambda check: check.__module__.rpartition(".")[2])
@pytest.mark.parametrize("deployment", COMBINATIONS, ids=named)
def test_a_check_finds_nothing(deployment: Deployment, check: checks.Check) -> None:
    assert check(deployment) == []
