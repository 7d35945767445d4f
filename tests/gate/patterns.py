"""What EventBridge and SNS let through: event patterns and filter policies, as their documentation says.

https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Any


class UnknownOperatorError(ValueError):
    """An operator that is not known here: `args[0]`."""


def matches(pattern: Mapping[str, Any], event: Mapping[str, Any]) -> bool:
    """Whether an event (or a message's attributes) fits a pattern. Raises UnknownOperatorError."""
    for key, wanted in pattern.items():
        if key == "$or":
            if not any(matches(each, event) for each in wanted):
                return False
        elif isinstance(wanted, Mapping):
            inner = event.get(key)
            if not matches(wanted, inner if isinstance(inner, Mapping) else {}):
                return False
        else:
            value = event.get(key)
            values = value if isinstance(value, list) else [value]
            if not any(_fits(each, one) for each in wanted for one in values):
                return False
    return True


def _fits(wanted: Any, value: Any) -> bool:
    if not isinstance(wanted, Mapping):
        return type(wanted) is type(value) and wanted == value
    if len(wanted) != 1:
        raise UnknownOperatorError(str(dict(wanted)))
    [(operator, given)] = wanted.items()
    if operator == "exists":
        return (value is not None) is given
    if operator == "anything-but":
        return value is not None and not any(
            _fits(each, value) for each in (given if isinstance(given, list) else [given])
        )
    if operator in _TEXTS:
        return isinstance(value, str) and _TEXTS[operator](str(given), value)
    raise UnknownOperatorError(operator)


_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "prefix": lambda given, value: value.startswith(given),
    "suffix": lambda given, value: value.endswith(given),
    "equals-ignore-case": lambda given, value: value.lower() == given.lower(),
    "wildcard": lambda given, value: re.fullmatch(re.escape(given).replace(r"\*", ".*"), value) is not None,
}
