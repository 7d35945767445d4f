"""A request of a description: what is filled in where, and what cannot stand there."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from jobwatch.domain.template import Template, TemplateError, read_template

_PATH_TEXT = re.compile(r"(?:[A-Za-z0-9/._~:@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_ADDRESS = "{job_id:address}"
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
# What the HTTP library sets by itself; another value would change where or how a request ends.
_OWN_HEADERS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade"})


class DescriptionError(ValueError):
    """The description is wrong; `str()` is `place: reason`."""


@dataclass(frozen=True)
class PathPart:
    """A piece of the path. An optional one is left out where the submission lacks a value in it."""

    template: Template
    optional: bool


@dataclass(frozen=True)
class RequestTemplate:
    """The call that stands at `place` below `rest`. `body`: JSON whose texts are templates; None sends none.

    `path`: its pieces in their order; `is_address`: it is the job's id, a whole address on the connection's host.
    """

    place: str
    method: str
    path: tuple[PathPart, ...]
    is_address: bool
    query: Mapping[str, Template]
    headers: Mapping[str, Template]
    body: Any

    @property
    def templates(self) -> Iterator[tuple[str, Template]]:
        """Every template with its place below `rest`."""
        place = self.place
        yield from ((f"{place}.path", part.template) for part in self.path)
        yield from ((f"{place}.query.{name}", template) for name, template in self.query.items())
        yield from ((f"{place}.headers.{name}", template) for name, template in self.headers.items())
        yield from templates_in(self.body, f"{place}.body")


def read_request(fields: Mapping[str, Any], place: str = "request") -> RequestTemplate:
    """The call that `fields` describe, whose place below `rest` is `place`. Raises DescriptionError.

    Without a path there is none: where it goes is known once an answer names it.
    """
    method = fields.get("method", "GET")
    if method == "GET" and "body" in fields:
        raise DescriptionError(f"{place}.body: a GET carries no body; the method must be POST")
    headers = named_templates(f"{place}.headers", fields.get("headers", {}))
    for name, template in headers.items():
        check_header_name(f"{place}.headers.{name}", name)
        check_header_text(f"{place}.headers.{name}", template)
    return RequestTemplate(
        place=place,
        method=method,
        path=_path(f"{place}.path", fields["path"]) if "path" in fields else (),
        is_address=fields.get("path") == _ADDRESS,
        query=named_templates(f"{place}.query", fields.get("query", {})),
        headers=headers,
        body=_body(fields["body"], f"{place}.body") if "body" in fields else None,
    )


def _path(place: str, text: str) -> tuple[PathPart, ...]:
    if text == _ADDRESS:
        return (PathPart(template_at(place, text), optional=False),)
    # A piece in square brackets is optional; they are no characters of a path (RFC 3986, 3.3).
    pieces = re.split(r"(\[[^\[\]]*\])", text)
    parts = tuple(_path_part(place, piece) for piece in pieces if piece)
    if _has_dot_segment("".join(part.template.fill(lambda _: "x") for part in parts)):
        raise DescriptionError(f"{place}: a path must not hold '.' or '..' as a part")
    return parts


def _path_part(place: str, piece: str) -> PathPart:
    optional = piece.startswith("[")
    template = template_at(place, piece[1:-1] if optional else piece)
    for literal in template.texts:
        allowed = _PATH_TEXT.match(literal)
        end = allowed.end() if allowed else 0
        if end < len(literal):
            hint = "; the query has a field of its own" if literal[end] == "?" else ""
            raise DescriptionError(f"{place}: {literal[end]!r} cannot stand in a path as it is{hint}")
    for variable in template.variables:
        if variable.is_secret:
            raise DescriptionError(f"{place}: {variable}: a secret must not stand in an address")
        if variable.form == "number":
            raise DescriptionError(f"{place}: {variable}: numbers are for the body; write {{{variable.name}}}")
        if variable.form == "address":
            raise DescriptionError(f"{place}: {_ADDRESS} must be the whole path")
        if variable.optional:
            raise DescriptionError(f"{place}: {variable}: in a path, brackets say what may be left out: [/x/{{…}}]")
    if optional and not any(variable.name != "job_id" for variable in template.variables):
        raise DescriptionError(f"{place}: {piece[:60]} holds nothing that a submission may lack")
    return PathPart(template, optional)


def _has_dot_segment(path: str) -> bool:
    """Whether a part of a path is `.` or `..`, percent-encoded too: it would name another resource."""
    return any(part.replace("%2e", ".").replace("%2E", ".") in (".", "..") for part in path.split("/"))


def check_header_name(place: str, name: str) -> None:
    """Refuses a name that no header has, or that the HTTP library sets. Raises DescriptionError."""
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
        raise DescriptionError(f"{place}: {name[:60]!r} is no header that can be set")


def check_header_text(place: str, template: Template) -> None:
    """Refuses what no header can carry. Raises DescriptionError."""
    if not all(text.isascii() and text.isprintable() for text in template.texts):
        raise DescriptionError(f"{place}: holds characters that no header can carry")
    for variable in template.variables:
        if variable.form:
            raise DescriptionError(f"{place}: {variable}: write {{{variable.name}}}")


def named_templates(place: str, templates: Mapping[str, object]) -> dict[str, Template]:
    """The templates of an object, by name. Raises DescriptionError."""
    named = {name: template_at(f"{place}.{name}", as_text(value)) for name, value in templates.items()}
    for name, template in named.items():
        for variable in template.variables:
            if variable.form:
                raise DescriptionError(f"{place}.{name}: {variable}: write {{{variable.name}}}")
    return named


def as_text(value: object) -> str:
    """A value of an object of templates as text: true and false as JSON writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _body(value: Any, place: str) -> Any:
    try:
        if isinstance(value, dict):
            return {key: _body(part, f"{place}.{key}") for key, part in value.items()}
        if isinstance(value, list):
            return [_body(part, f"{place}[{index}]") for index, part in enumerate(value)]
    except RecursionError:
        raise DescriptionError(f"{place[:200]}: is nested too deeply") from None
    if not isinstance(value, str):
        return value
    template = template_at(place, value)
    for variable in template.variables:
        if variable.form in ("path", "address"):
            raise DescriptionError(f"{place}: {variable}: write {{{variable.name}}}")
    return template


def templates_in(body: Any, place: str) -> Iterator[tuple[str, Template]]:
    """Every template in a body, with its place."""
    if isinstance(body, Template):
        yield place, body
    elif isinstance(body, dict):
        for name, part in body.items():
            yield from templates_in(part, f"{place}.{name}")
    elif isinstance(body, list):
        for index, part in enumerate(body):
            yield from templates_in(part, f"{place}[{index}]")


def template_at(place: str, text: str) -> Template:
    """The template that `text` writes. Raises DescriptionError."""
    try:
        return read_template(text)
    except TemplateError as error:
        raise DescriptionError(f"{place}: {error}") from None
