"""Templates of a `rest` description: text with `{job_id}`, `{operation}`, `{parameters.NAME}` and `{secret.NAME}`."""

import re
from collections.abc import Callable
from dataclasses import dataclass

# Braces with a blank inside are the text's own: GraphQL and JSON in a string need them.
_IN_BRACES = re.compile(r"\{([A-Za-z_][^{}\s]*)\}")
_VARIABLE = re.compile(r"(job_id|operation|(?:parameters|secret)\.[A-Za-z0-9_-]{1,100})(?::(path|number))?", re.ASCII)
_WITH_BLANKS = re.compile(r"\{\s*(job_id|(?:parameters|secret)\.\S+)\s*\}")
_KNOWN = "{job_id}, {operation}, {parameters.NAME}, {secret.NAME}"


class TemplateError(ValueError):
    """The template is wrong; `str()` is the reason."""


@dataclass(frozen=True)
class Variable:
    """A place to fill. `form`: "path" keeps slashes, "number" makes a JSON number, "" is text."""

    name: str
    form: str = ""

    @property
    def is_secret(self) -> bool:
        return self.name.startswith("secret.")

    def __str__(self) -> str:
        return f"{{{self.name}:{self.form}}}" if self.form else f"{{{self.name}}}"


@dataclass(frozen=True)
class Template:
    """Text and variables in their order."""

    parts: tuple[str | Variable, ...]

    @property
    def variables(self) -> tuple[Variable, ...]:
        return tuple(part for part in self.parts if isinstance(part, Variable))

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(part for part in self.parts if isinstance(part, str))

    @property
    def number(self) -> Variable | None:
        """The variable of a template that is one number and nothing else."""
        first = self.parts[0] if self.parts else ""
        return first if isinstance(first, Variable) and first.form == "number" else None

    def fill(self, value_of: Callable[[Variable], str]) -> str:
        """The text with each variable replaced by its value."""
        return "".join(value_of(part) if isinstance(part, Variable) else part for part in self.parts)


def read_template(text: str) -> Template:
    """The template that `text` writes. Raises TemplateError for a variable that there is not."""
    spaced = _WITH_BLANKS.search(text)
    if spaced and spaced.group(0) != f"{{{spaced.group(1)}}}":
        raise TemplateError(f"{spaced.group(0)[:60]}: write {{{spaced.group(1)[:50]}}}, without blanks")
    parts: list[str | Variable] = []
    end = 0
    for found in _IN_BRACES.finditer(text):
        variable = _VARIABLE.fullmatch(found.group(1))
        if variable is None:
            raise TemplateError(
                f"{found.group(0)[:60]} is no variable; there are {_KNOWN} (with a blank after the brace it is text)"
            )
        if variable.group(2) == "number" and found.group(0) != text:
            raise TemplateError(f"{found.group(0)} must stand alone: a number in the middle of text is text")
        parts += [text[end : found.start()], Variable(variable.group(1), variable.group(2) or "")]
        end = found.end()
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != ""))
