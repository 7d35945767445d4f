"""JMESPath expressions of a `rest` description: checked when they are read, harmless when they are evaluated."""

import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import jmespath
import jmespath.exceptions
import jmespath.functions

from jobwatch.domain.evaluation import Budget, evaluate, multiplies

# What an expression looks into: an HTTP answer, and the watch that it is about.
CONTEXT = ("status_code", "headers", "body", "watch")

# Nodes whose first child is looked up in the context, and the others in what the first one gives.
_STEPS = frozenset(
    {"subexpression", "index_expression", "pipe", "projection", "value_projection", "filter_projection", "flatten"}
)
_FUNCTIONS = jmespath.functions.Functions()


class ExpressionError(ValueError):
    """The expression is wrong; `str()` is the reason."""


@dataclass(frozen=True)
class Expression:
    """A JMESPath expression (jmespath.org) with three functions more: `find`, `split`, `subtract`."""

    text: str
    reads: frozenset[str]
    """The names of `CONTEXT` that it looks at; `@` for all of them."""
    _parsed: Any = field(repr=False, compare=False)

    @property
    def reads_body(self) -> bool:
        return not self.reads.isdisjoint({"body", "@"})

    @property
    def tree(self) -> Mapping[str, Any]:
        """What was written, as JMESPath's parser gives it."""
        tree: Mapping[str, Any] = self._parsed.parsed
        return tree

    def value(self, context: Mapping[str, Any], budget: Budget | None = None) -> Any:
        """What the expression gives; None too where it cannot be evaluated, such as the length of null.

        `budget`: the steps that it may take, those of an answer where none is given. Raises TooCostlyError.
        """
        try:
            return evaluate(self.tree, context, _options(), budget or Budget())
        except (ValueError, TypeError, AttributeError, ArithmeticError, LookupError, RecursionError):
            return None


def _options() -> Any:
    return jmespath.Options(custom_functions=_FUNCTIONS)


def read_expression(text: str) -> Expression:
    """The expression that `text` writes.

    Raises ExpressionError for a syntax error, an unknown function, a wrong number of arguments, and a name at the
    start that is not in `CONTEXT`: JMESPath itself answers null to these, or complains only when it meets an answer.
    """
    try:
        with warnings.catch_warnings():
            # `Done` for "Done" in back quotes: an older spelling, which the AWS CLI's users still write.
            warnings.simplefilter("ignore", PendingDeprecationWarning)
            parsed = jmespath.compile(text)
        for node in _nodes(parsed.parsed):
            _check_node(node)
        names = set(_names(parsed.parsed))
    except RecursionError:
        raise ExpressionError("is nested too deeply") from None
    except jmespath.exceptions.JMESPathError as error:
        reason = str(error).splitlines()[0].partition("for expression")[0].rstrip(" :,")
        raise ExpressionError(f"{reason} in {text[:200]!r}{_hint(text)}") from None
    for name in sorted(names - {*CONTEXT, "@", "null"}):
        raise ExpressionError(f"{name[:60]!r} is none of {', '.join(CONTEXT)}; an answer's fields are in body")
    if multiplies(parsed.parsed, _options()):
        raise ExpressionError("makes lists or texts that multiply with its length, on whatever answer")
    return Expression(text, frozenset(names), parsed)


def _hint(text: str) -> str:
    """What is likely meant by an expression that cannot be parsed."""
    if text.lstrip().startswith("$"):
        return ": this is JMESPath, not JSONPath: body.status, without $"
    if re.search(r"[^=!<>]=[^=]", text):
        return ": equal is written =="
    return ""


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for child in _children(node):
        yield from _nodes(child)


def _children(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    # The children of a slice are its numbers.
    return [] if node["type"] == "slice" else node["children"]


def _names(node: Mapping[str, Any]) -> Iterator[str]:
    """The names that are looked up in the context itself; `@` for the whole of it."""
    kind, children = node["type"], _children(node)
    if kind == "field":
        yield node["value"]
    elif kind == "current":
        yield "@"
    elif kind in _STEPS:
        yield from _names(children[0])
    elif kind != "expref":
        for child in children:
            yield from _names(child)


def _check_node(node: Mapping[str, Any]) -> None:
    kind, children = node["type"], _children(node)
    if kind == "function_expression":
        _check_call(node["value"], len(children))
    elif kind == "field" and node["value"] in ("true", "false"):
        raise ExpressionError(f"{node['value']} without back quotes is the name of a field: write `{node['value']}`")
    elif kind in _STEPS - {"pipe"} and children[0]["type"] == "not_expression":
        raise ExpressionError("!a.b is read as (!a).b: write !(a.b)")


def _check_call(name: str, given: int) -> None:
    spec = _FUNCTIONS.FUNCTION_TABLE.get(name)
    if spec is None:
        raise ExpressionError(f"there is no function {name[:60]}(); there are {', '.join(_FUNCTIONS.FUNCTION_TABLE)}")
    expected = len(spec["signature"])
    variadic = expected > 0 and spec["signature"][-1].get("variadic", False)
    if given < expected or (given > expected and not variadic):
        raise ExpressionError(f"{name}() takes {expected} arguments{' or more' if variadic else ''}, not {given}")


def _find(_: object, entries: list[Any], name: str, value: object) -> Any:
    """The first object in a list whose field has a value, compared as text: JMESPath's filters cannot see the watch."""
    return next(
        (entry for entry in entries if isinstance(entry, dict) and _as_text(entry.get(name)) == str(value)),
        None,
    )


def _as_text(value: object) -> str | None:
    return str(value) if isinstance(value, str | int | float) else None


def _split(_: object, text: str, separator: str) -> list[str]:
    """The parts of a text between separators."""
    return text.split(separator)


def _subtract(_: object, left: float, right: float) -> float:
    """Left minus right."""
    return left - right


_TEXT, _NUMBER = {"types": ["string"]}, {"types": ["number"]}
_FUNCTIONS.FUNCTION_TABLE = {
    **_FUNCTIONS.FUNCTION_TABLE,
    "find": {"function": _find, "signature": ({"types": ["array"]}, _TEXT, {"types": ["string", "number"]})},
    "split": {"function": _split, "signature": (_TEXT, _TEXT)},
    "subtract": {"function": _subtract, "signature": (_NUMBER, _NUMBER)},
}
