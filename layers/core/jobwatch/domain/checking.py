"""Checking a document against one of the published JSON Schemas, with an error that names the place."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, cast

import fastjsonschema

_SCHEMAS = Path(__file__).parents[1] / "schemas"


class SchemaMismatchError(ValueError):
    """A document does not fit its schema. `str()` is `place: reason`."""


@cache
def _validator(schema: str) -> Callable[[object], object]:
    text = (_SCHEMAS / f"{schema}.json").read_text(encoding="utf-8")
    return cast("Callable[[object], object]", fastjsonschema.compile(json.loads(text)))


def check(schema: str, document: object) -> dict[str, Any]:
    """`document` again, once it fits `schemas/<schema>.json`. Raises SchemaMismatchError."""
    try:
        return cast("dict[str, Any]", _validator(schema)(document))
    except fastjsonschema.JsonSchemaValueException as error:
        place = str(error.name).removeprefix("data").removeprefix(".")
        reason = str(error.message).removeprefix(str(error.name)).strip()
        raise SchemaMismatchError(f"{place[:200] or 'document'}: {reason[:300]}") from None
