"""Checking a document against one of the published JSON Schemas, with an error that names the place."""

import difflib
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast

import fastjsonschema

from jobwatch.domain.text import clean

_SCHEMAS = Path(__file__).parents[1] / "schemas"


class SchemaMismatchError(ValueError):
    """A document does not fit its schema. `str()` is `place: reason`."""


@cache
def _schema(name: str) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads((_SCHEMAS / f"{name}.json").read_text(encoding="utf-8")))


@cache
def _validator(schema: str) -> Callable[[object], object]:
    return cast("Callable[[object], object]", fastjsonschema.compile(_schema(schema)))


def fields_of(schema: str) -> list[str]:
    """The fields that a document of `schemas/<schema>.json` may have."""
    return list(_schema(schema)["properties"])


def check(schema: str, document: object) -> dict[str, Any]:
    """`document` again, once it fits `schemas/<schema>.json`. Raises SchemaMismatchError."""
    try:
        return cast("dict[str, Any]", _validator(schema)(document))
    except fastjsonschema.JsonSchemaValueException as error:
        place = str(error.name).removeprefix("data").removeprefix(".")
        raise SchemaMismatchError(_place_and_reason(place, error)) from None


def _place_and_reason(place: str, error: fastjsonschema.JsonSchemaValueException) -> str:
    """The whole place, down to a field that is missing or that there is not, and the reason."""
    fields = error.value if isinstance(error.value, dict) else {}
    if error.rule == "required":
        missing = next(name for name in error.definition["required"] if name not in fields)
        return f"{_below(place, missing)}: is missing"
    if error.rule == "additionalProperties" and error.rule_definition is False:
        known = list(error.definition["properties"])
        unknown = next(name for name in fields if name not in known)
        near = difflib.get_close_matches(unknown, known, n=1)
        hint = f"is {near[0]} meant?" if near else f"there are {', '.join(known)}"
        return f"{_below(place, clean(unknown, 80))}: there is no such field; {hint}"
    reason = str(error.message).removeprefix(str(error.name)).strip()
    return f"{place[:200] or 'document'}: {reason[:300]}"


def _below(place: str, name: str) -> str:
    return f"{place[:200]}.{name}" if place else name
