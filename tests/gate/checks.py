"""All checks of a deployment, the quick ones first. Each takes a deployment and says what is wrong with it."""

from collections.abc import Callable

from tests.gate import access, alarms, authorization, flows, forms, functions, machine, references, stores
from tests.gate.deployment import Deployment

Check = Callable[[Deployment], list[str]]


def paths(deployment: Deployment) -> list[str]:
    """What goes wrong on a path through the machine; the first thing, for the others follow from it."""
    return machine.play(deployment, most_findings=1).findings


OF_RESOURCES: tuple[Check, ...] = tuple(
    module.findings for module in (forms, references, functions, stores, flows, alarms, authorization, access)
)
ALL: tuple[Check, ...] = (*OF_RESOURCES, paths)


def first_finding(deployment: Deployment, checks: tuple[Check, ...] = ALL) -> str | None:
    """What the first check says that says something, with the check's name."""
    for check in checks:
        found = check(deployment)
        if found:
            return f"{check.__module__.rpartition('.')[2]}: {found[0]}"
    return None
