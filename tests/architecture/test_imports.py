"""Arrows point one way: functions → use cases → domain; adapters → domain."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jobwatch.vendors.registry import VENDORS
from tests.architecture.deployment import ROOT

LAYER = ROOT / "layers" / "core"
PACKAGE = LAYER / "jobwatch"
# What each part of the package may import of the package.
ALLOWED = {
    "domain": {"domain"},
    "vendors": {"domain", "vendors"},
    "logs": {"domain", "logs"},
    "channels": {"domain", "ports", "messages", "channels"},
    "messages": {"domain", "messages", "vendors"},
    "ports": {"domain", "logs"},
    "usecases": {"domain", "logs", "messages", "ports", "usecases", "vendors"},
    "aws": {"domain", "logs", "ports", "aws"},
    "http": {"domain", "logs", "ports", "vendors", "http"},
    "settings": set[str](),
    "metrics": {"domain"},
    "failures": set[str](),
}
PURE = ("domain", "vendors", "channels", "messages", "logs", "ports", "usecases", "settings", "metrics", "failures")
OUTSIDE = {"boto3", "botocore", "requests", "urllib3", "socket", "http"}


def imports(path: Path, *, with_types: bool = False) -> Iterator[str]:
    """The modules that a file imports, also inside functions; those for types alone where asked for."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING" and not with_types
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            module = str(node.module)
            yield from (f"{module}.{alias.name}" if module == "jobwatch" else module for alias in node.names)


def part_of(module: str) -> str | None:
    """The part of the package that a module belongs to; None for a module of another package."""
    names = module.split(".")
    return names[1] if names[0] == "jobwatch" and len(names) > 1 else None


MODULES = sorted(path for path in PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_imports_only_what_its_part_may(path: Path) -> None:
    own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    if own in ("wiring", "__init__"):
        return
    used = {part for module in imports(path) if (part := part_of(module))}
    assert used <= ALLOWED[own], f"{path.name} imports {sorted(used - ALLOWED[own])}"
    if own in PURE:
        outside = {module.split(".")[0] for module in imports(path)} & OUTSIDE
        assert not outside, f"{path.name} imports {outside}"


def test_only_wiring_names_the_concrete_parts() -> None:
    for path in MODULES:
        own = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        concrete = {part for module in imports(path) if (part := part_of(module)) in ("aws", "http")}
        assert own in ("wiring", "aws", "http") or not concrete, path.name
        assert own == "wiring" or "wiring" not in {part_of(module) for module in imports(path)}, path.name


@pytest.mark.parametrize("path", sorted((ROOT / "functions").glob("*/*.py")), ids=lambda path: path.parent.name)
def test_a_function_reads_its_event_and_calls_one_use_case(path: Path) -> None:
    used = {part_of(module) or module.split(".")[0] for module in imports(path)}
    known = {"json", "typing", "aws_lambda_powertools", "wiring", "metrics", "failures"}
    known |= {"usecases", "messages", "domain"}
    assert used <= known
    assert len(path.read_text().splitlines()) <= 60


def test_every_module_is_of_a_known_part() -> None:
    parts = {path.relative_to(PACKAGE).parts[0].removesuffix(".py") for path in MODULES}
    assert parts == {*ALLOWED, "wiring", "__init__"}


def test_the_layer_imports_the_standard_library_and_its_requirements_only() -> None:
    """boto3 comes with the runtime."""
    wanted = {line.strip() for line in (LAYER / "requirements.in").read_text().splitlines() if line[:1].isalpha()}
    names = {"aws-lambda-powertools": "aws_lambda_powertools"}
    # requests brings urllib3, whose parser the redirects are read with.
    allowed = {names.get(name, name) for name in wanted} | {"boto3", "botocore", "urllib3", "jobwatch"}
    for path in MODULES:
        tops = {module.split(".")[0] for module in imports(path)}
        assert tops - allowed <= set(sys.stdlib_module_names), f"{path.name}: {tops - allowed}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_files_stay_small(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 500


def test_every_vendor_has_a_file_and_recorded_answers() -> None:
    for name in VENDORS:
        assert (PACKAGE / "vendors" / f"{name}.py").exists()
        assert any((ROOT / "tests" / "vendors").glob(f"{name}*/profile.json")), name
