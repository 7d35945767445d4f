"""What can be told of a JMESPath expression without an answer: what it can give, and what it can never find."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

WATCH_FIELDS = ("job_id", "operation", "attempt", "parameters", "submitted_at")

# A quoted name where a text is meant: JMESPath reads "done" as the field of that name, and compares with its value.
_QUOTED_AFTER_COMPARISON = re.compile(r"""[=!]=\s*"([^"]{0,60})\"""")
_TEXTS = re.compile(r"'(?:[^'\\]|\\.)*'|`[^`]*`")
_GIVES_LIST = frozenset({"multi_select_list", "projection", "value_projection", "filter_projection", "flatten"})
_LIST_FUNCTIONS = frozenset({"keys", "values", "map", "sort", "sort_by", "split", "to_array"})
_FILTERS = frozenset({"filter_projection"})

Tree = Mapping[str, Any]


def faults(text: str, tree: Tree) -> Iterator[str]:
    """Why an expression can never find what it looks for, whatever an answer holds; nothing where it may."""
    quoted = _QUOTED_AFTER_COMPARISON.search(_TEXTS.sub("''", text))
    if quoted:
        word = quoted.group(1)
        yield f"\"{word}\" in double quotes is the name of a field: a text stands in single quotes, '{word}'"
    for node in _nodes(tree):
        yield from _faults_of_path(_path(node))
        if node["type"] in _FILTERS:
            yield from _faults_of_filter(node["children"][2])


def always_list(tree: Tree) -> bool:
    """Whether an expression gives a list or an object, if it gives anything."""
    kind, children = tree["type"], tree["children"]
    if kind in ("or_expression", "and_expression"):
        return any(always_list(child) for child in (children if kind == "or_expression" else children[1:]))
    if kind == "pipe":
        return children[1]["type"] != "index_expression" and always_list(children[1])
    if kind == "literal":
        return isinstance(tree["value"], list | dict)
    return kind in _GIVES_LIST or kind == "multi_select_dict" or _calls(tree, _LIST_FUNCTIONS)


def only_values(tree: Tree) -> tuple[object, ...] | None:
    """The only values that an expression can give besides null; None where an answer decides."""
    kind, children = tree["type"], tree["children"]
    if kind == "literal":
        return (tree["value"],)
    if kind in ("comparator", "not_expression"):
        return (True, False)
    if kind == "and_expression":
        # What stands left of && comes out where it is false, null or empty: no word that a table names.
        return only_values(children[1])
    if kind == "or_expression":
        left, right = only_values(children[0]), only_values(children[1])
        return None if left is None or right is None else (*left, *right)
    return None


def words(tree: Tree) -> tuple[str, ...]:
    """The texts that stand in an expression where its result comes from, such as the ends of `a && 'done'`."""
    kind, children = tree["type"], tree["children"]
    if kind == "literal":
        return (tree["value"],) if isinstance(tree["value"], str) else ()
    if kind == "and_expression":
        return words(children[1])
    return tuple(word for child in children for word in words(child)) if kind == "or_expression" else ()


def entry_fields(tree: Tree) -> tuple[str, ...]:
    """The fields of each entry of a list that an expression builds, as in `body.rows[].{name: id}`; () for others."""
    kind, children = tree["type"], tree["children"]
    if kind == "multi_select_dict":
        return tuple(str(pair["value"]) for pair in children)
    if kind in ("pipe", "projection", "filter_projection", "subexpression"):
        return entry_fields(children[1])
    return ()


def _faults_of_path(names: list[str]) -> Iterator[str]:
    if len(names) < 2:
        return
    first, second = names[:2]
    if first == "headers" and second != second.lower():
        yield f'headers."{second[:60]}": an answer\'s headers are here by their names in small letters'
    if first == "watch" and second not in WATCH_FIELDS:
        yield f"watch.{second[:60]}: a watch has {', '.join(WATCH_FIELDS)}"


def _faults_of_filter(condition: Tree) -> Iterator[str]:
    for node in _nodes(condition):
        names = _path(node)
        if len(names) > 1 and names[0] == "watch" and names[1] in WATCH_FIELDS:
            yield f"watch.{names[1]} inside [?…] looks in each entry: write find(list, 'field', watch.{names[1]})"


def _path(node: Tree) -> list[str]:
    """The names of `a.b.c`, as far as they are names."""
    if node["type"] != "subexpression":
        return []
    return [str(child["value"]) for child in node["children"] if child["type"] == "field"]


def _nodes(node: Tree) -> Iterator[Tree]:
    yield node
    if node["type"] != "slice":  # whose children are its numbers
        for child in node["children"]:
            yield from _nodes(child)


def _calls(tree: Tree, functions: frozenset[str]) -> bool:
    return tree["type"] == "function_expression" and tree["value"] in functions
