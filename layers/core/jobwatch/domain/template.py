"""Templates of a `rest` description: text with `{job_id}`, `{parameters.NAME}`, `{secret.NAME}` and their like."""

import re
from collections.abc import Callable
from dataclasses import dataclass

# Braces with a blank inside are the text's own: GraphQL and JSON in a string need them.
_IN_BRACES = re.compile(r"\{([A-Za-z_][^{}\s]*)\}")
_VARIABLE = re.compile(
    r"(job_id|operation|attempt|(?:parameters|secret)\.[A-Za-z0-9_-]{1,100})(\?)?(?::(path|number|address))?", re.ASCII
)
_WITH_BLANKS = re.compile(r"\{\s*(job_id|attempt|(?:parameters|secret)\.\S+)\s*\}")
_KNOWN = "{job_id}, {attempt}, {operation}, {parameters.NAME}, {secret.NAME}"
# What a submission may lack; all else is there, or must be.
_MAY_BE_OPTIONAL = re.compile(r"attempt|parameters\..+")


class TemplateError(ValueError):
    """The template is wrong; `str()` is the reason."""


@dataclass(frozen=True)
class Variable:
    """A place to fill. `form`: "path" keeps slashes, "number" makes a JSON number, "address" is one, "" is text.

    `optional`: where there is no value, what the template is for is left out.
    """

    name: str
    form: str = ""
    optional: bool = False

    @property
    def is_secret(self) -> bool:
        return self.name.startswith("secret.")

    def __str__(self) -> str:
        return "{" + self.name + "?" * self.optional + (f":{self.form}" if self.form else "") + "}"


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
        name, mark, form = variable.groups(default="")
        if mark and not _MAY_BE_OPTIONAL.fullmatch(name):
            raise TemplateError(f"{found.group(0)[:60]}: only {{attempt?}} and {{parameters.NAME?}} can be left out")
        if form == "number" and found.group(0) != text:
            raise TemplateError(f"{found.group(0)} must stand alone: a number in the middle of text is text")
        parts += [text[end : found.start()], Variable(name, form, optional=bool(mark))]
        end = found.end()
    parts.append(text[end:])
    return Template(tuple(part for part in parts if part != ""))
