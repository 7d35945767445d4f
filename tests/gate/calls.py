"""Which calls to AWS a function makes, read from the code: its use case's calls of adapters, and theirs of clients.

What a handler asks `wiring` for is built with the environment that the template gives it; the adapters in it are found
by walking its attributes. Which of their methods are called stands in the source of what holds them, which operations
a method calls in the adapter's source.
"""

import ast
import inspect
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from types import ModuleType
from typing import Any
from unittest import mock

import botocore.session
from botocore import xform_name

from jobwatch import wiring
from tests.architecture.deployment import ROOT

# Where an operation of a service is permitted under another name, or under several.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
_PERMITTED_AS = {
    ("s3", "head_object"): ["GetObject"],
    ("s3", "list_objects_v2"): ["ListBucket"],
    ("s3", "create_multipart_upload"): ["PutObject"],
    ("s3", "upload_part"): ["PutObject"],
    ("s3", "complete_multipart_upload"): ["PutObject"],
    ("dynamodb", "transact_write_items"): ["PutItem", "UpdateItem"],
}


@dataclass(frozen=True)
class Call:
    """A method of an adapter calls an operation: `action` as policies name it, `source` of all that the method runs."""

    service: str
    operation: str
    action: str
    source: str


@dataclass(frozen=True)
class Use:
    """A function's use of an adapter: the part itself, and the calls that it makes to AWS for this function."""

    adapter: object
    calls: frozenset[Call]


def part_of(folder: str) -> str:
    """What the handler in a folder asks `wiring` for."""
    source = (ROOT / folder / "app.py").read_text(encoding="utf-8")
    [part] = set(re.findall(r"wiring\.(\w+)\(\)", source))
    return str(part)


def uses(part: str, environment: Mapping[str, str]) -> tuple[Use, ...]:
    """The adapters that a function's part holds when it is wired with an environment, and what it calls through them.

    Raises what wiring raises for an environment in which something is missing.
    """
    return _uses(part, tuple(sorted(environment.items())))


@cache
def _uses(part: str, environment: tuple[tuple[str, str], ...]) -> tuple[Use, ...]:
    wired = getattr(wiring, part)
    wired.cache_clear()
    with mock.patch.dict(os.environ, dict(environment)):
        holder = wired()
    wired.cache_clear()
    found = []
    for adapter, methods in _held_by(holder):
        kind: Any = type(adapter)
        found.append(Use(adapter, frozenset(call for method in methods for call in calls(kind, method))))
    return tuple(found)


def _held_by(holder: object) -> Iterator[tuple[object, set[str]]]:
    """The adapters in an object and in what it holds, each with the methods that its holder calls."""
    source = inspect.getsource(sys.modules[type(holder).__module__])
    for name, value in _parts(holder):
        if type(value).__module__.startswith("jobwatch.aws."):
            called = set(re.findall(rf"\b_?{name.lstrip('_')}\.(\w+)\b" if name else r"\.(\w+)\(", source))
            yield value, {each for each in called if callable(getattr(type(value), each, None))}
        yield from _held_by(value)


def _parts(holder: object) -> Iterator[tuple[str, object]]:
    """An object's attributes that are jobwatch's own, and, nameless, what it has `wiring` make when it needs it."""
    for name, value in vars(holder).items():
        if isinstance(value, partial) and value.func.__module__ == wiring.__name__:
            made = value()
            yield from (("", each) for each in (made if isinstance(made, tuple) else (made,)))
        elif type(value).__module__.startswith("jobwatch.") and hasattr(value, "__dict__"):
            yield name, value


@cache
def calls(adapter: Any, method: str) -> frozenset[Call]:
    """The operations that a method of an adapter (a class) may call, also through helpers of its module."""
    module = sys.modules[adapter.__module__]
    nodes = list(_reached(module, f"{adapter.__name__}.{method}"))
    source = "\n".join(ast.unparse(node) for node in nodes)
    return frozenset(call for node in nodes for call in _operations(module, node, source))


@cache
def _definitions(module: ModuleType) -> dict[str, ast.AST]:
    found: dict[str, ast.AST] = {}
    for node in ast.parse(inspect.getsource(module)).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{each.name}": each for each in node.body if isinstance(each, ast.FunctionDef)}
    return found


def _reached(module: ModuleType, start: str) -> Iterator[ast.AST]:
    """The definition of a name and of all that it calls in its module."""
    definitions, seen, ahead = _definitions(module), set[str](), [start]
    while ahead:
        name = ahead.pop()
        if name in seen or name not in definitions:
            continue
        seen.add(name)
        yield definitions[name]
        owner = name.partition(".")[0]
        for node in ast.walk(definitions[name]):
            if isinstance(node, ast.Name):
                ahead.append(node.id)
            if isinstance(node, ast.Attribute):
                ahead.append(f"{owner}.{node.attr}")


def _operations(module: ModuleType, node: ast.AST, source: str) -> Iterator[Call]:
    services = set(re.findall(r"\bclient\(\s*['\"](\w+)['\"]", inspect.getsource(module)))
    for inner in ast.walk(node):
        if not isinstance(inner, ast.Call) or not isinstance(inner.func, ast.Attribute):
            continue
        for service in services:
            operation = operations(service).get(inner.func.attr)
            if operation:
                for action in _PERMITTED_AS.get((service, inner.func.attr), [operation]):
                    yield Call(service, inner.func.attr, f"{prefix(service)}:{action}", source)


@cache
def operations(service: str) -> dict[str, str]:
    """The operations of a service by the name that its client's method has."""
    return {
        xform_name(each): each for each in botocore.session.get_session().get_service_model(service).operation_names
    }


def prefix(service: str) -> str:
    """What a service's actions start with in policies."""
    return str(botocore.session.get_session().get_service_model(service).signing_name)


def adapters() -> list[type[Any]]:
    """The adapters of AWS: every class of jobwatch.aws whose methods call a service."""
    found = []
    for path in sorted((ROOT / "layers/core/jobwatch/aws").glob("*.py")):
        __import__(f"jobwatch.aws.{path.stem}")
        module = sys.modules[f"jobwatch.aws.{path.stem}"]
        if "client(" in inspect.getsource(module):
            classes = [each for _, each in inspect.getmembers(module, inspect.isclass)]
            own = [each for each in classes if each.__module__ == module.__name__ and each.__name__[0] != "_"]
            found += [each for each in own if not issubclass(each, Exception)]
    return found
