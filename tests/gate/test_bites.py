"""The gate bites: the deployment is broken in one place after the other, and each time a check says so."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from tests.architecture.deployment import MACHINE
from tests.gate import breakages, checks
from tests.gate.breakages import Breakage
from tests.gate.deployment import combinations, resolve, transformed, values_of

# Tests run side by side; each takes every so many-th breakage.
PARTS = 8
TEMPLATE = transformed()
# Everything switched on, nothing, and, for what only another combination shows, all of them.
PARAMETERS = [
    {name: values_of(TEMPLATE, name)[-1] for name in TEMPLATE["Parameters"]},
    {name: values_of(TEMPLATE, name)[0] for name in TEMPLATE["Parameters"]},
    *(deployment.parameters for deployment in combinations(TEMPLATE)),
]


def found(breakage: Breakage) -> bool:
    """Whether a check has something to say of it under some combination of the conditions."""
    of_machine = breakage.template is TEMPLATE
    for parameters in PARAMETERS[:1] if of_machine else PARAMETERS:
        deployment = replace(resolve(breakage.template, parameters), machine=breakage.machine)
        if checks.first_finding(deployment, checks.ALL if of_machine else checks.OF_RESOURCES):
            return True
    return False


def every(part: int) -> Iterator[Breakage]:
    made = [*breakages.of_template(TEMPLATE, MACHINE), *breakages.of_machine(TEMPLATE, MACHINE)]
    yield from made[part::PARTS]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_breakage_is_found(part: int, record_property: Callable[[str, object], None]) -> None:
    made = list(every(part))
    lost = [breakage.what for breakage in made if not found(breakage)]
    record_property("breakages made", len(made))
    record_property("breakages found", len(made) - len(lost))
    assert lost == []


def test_nothing_is_found_where_nothing_is_broken() -> None:
    assert not found(Breakage("nothing", TEMPLATE, MACHINE))
    assert not checks.first_finding(resolve(TEMPLATE, PARAMETERS[1]))
