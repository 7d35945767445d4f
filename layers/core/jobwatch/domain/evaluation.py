"""Evaluating JMESPath within a budget: whatever an expression and an answer are, their product stays affordable."""

from collections.abc import Mapping
from typing import Any

import jmespath.visitor

# One to three seconds of a processor, and some 100 MB of new lists or texts: twenty times of what is usual. Of an
# answer with 20,000 files in it, six expressions that go through all of them take less.
STEPS_OF_AN_ANSWER = 1_500_000
# For a trial on answers of a few fields; an expression of 2,000 characters whose work does not multiply takes a tenth.
STEPS_OF_A_TRIAL = 20_000

_CHARACTERS_A_STEP = 16
_DEEPER_THAN_ANY = 10_000
# Functions whose result can be larger than what they are given, or that read all of it, however deep.
_READS_ALL = frozenset({"to_string", "join", "contains", "split"})


class TooCostlyError(Exception):
    """An expression takes more work than its budget has."""


class Budget:
    """Steps that evaluations may take; `left` is what is left of them."""

    def __init__(self, steps: int = STEPS_OF_AN_ANSWER) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Take so many steps. Raises TooCostlyError where there are not so many."""
        self.left -= steps
        if self.left < 0:
            raise TooCostlyError

    def read_through(self, value: object) -> None:
        """Pay for reading all of a value. Lists that stand in it many times count each time, as in their JSON text."""
        waiting = [value]
        while waiting:
            each = waiting.pop()
            self.spend(1)
            if isinstance(each, str):
                self.spend(len(each) // _CHARACTERS_A_STEP)
            elif isinstance(each, list):
                self.spend(len(each) // 8)
                waiting += each
            elif isinstance(each, dict):
                waiting += each.values()


class Interpreter(jmespath.visitor.TreeInterpreter):  # type: ignore[misc] # the library has no types
    """JMESPath's interpreter, which pays for each node that it visits and for each list and text that it makes."""

    def __init__(self, budget: Budget, options: Any) -> None:
        super().__init__(options)
        self._budget = budget

    def visit(self, node: Mapping[str, Any], *args: Any, **kwargs: Any) -> Any:
        self._budget.spend(1)
        result = super().visit(node, *args, **kwargs)
        if isinstance(result, list):
            self._budget.spend(len(result) // 8)
        return result

    def visit_flatten(self, node: Mapping[str, Any], value: Any) -> Any:
        base = self.visit(node["children"][0], value)
        if not isinstance(base, list):
            return None
        # Before it is made: a list of many times the same long list is short itself.
        self._budget.spend(sum(len(each) if isinstance(each, list) else 1 for each in base) // 8)
        return [part for each in base for part in (each if isinstance(each, list) else (each,))]

    def visit_comparator(self, node: Mapping[str, Any], value: Any) -> Any:
        left, right = (self.visit(child, value) for child in node["children"])
        if isinstance(left, list | dict) and isinstance(right, list | dict):
            # Comparing reads as much of one as of the other.
            self._budget.read_through(left)
        known = {"type": "comparator", "value": node["value"], "children": [_literal(left), _literal(right)]}
        return super().visit_comparator(known, value)

    def visit_function_expression(self, node: Mapping[str, Any], value: Any) -> Any:
        given = [self.visit(child, value) for child in node["children"]]
        for each in given if node["value"] in _READS_ALL else ():
            self._budget.read_through(each)
        return self._functions.call_function(node["value"], given)


def _literal(value: Any) -> dict[str, Any]:
    """A node that gives what was evaluated already."""
    return {"type": "literal", "value": value, "children": []}


def evaluate(tree: Mapping[str, Any], context: Any, options: Any, budget: Budget) -> Any:
    """What an expression gives. Raises TooCostlyError, and whatever the library raises for what cannot be evaluated."""
    result = Interpreter(budget, options).visit(tree, context)
    if isinstance(result, list | dict):
        budget.read_through(result)
    return result


def multiplies(tree: Mapping[str, Any], options: Any) -> bool:
    """Whether the work of an expression multiplies with its length, on whatever answer: tried on a few small ones."""
    for depth in (0, 1, 2, 3, _DEEPER_THAN_ANY):
        try:
            evaluate(tree, _Anything(depth), options, Budget(STEPS_OF_A_TRIAL))
        except TooCostlyError:
            return True
        except (ValueError, TypeError, AttributeError, ArithmeticError, LookupError, RecursionError):
            continue
    return False


class _Anything(dict[str, Any]):
    """An object that has every field: another one, or `depth` levels down a list of two; empty when gone through."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self._depth = depth

    def get(self, name: str, default: Any = None) -> Any:
        del name, default
        return _Anything(self._depth - 1) if self._depth else [self, self]
