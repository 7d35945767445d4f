"""A job-status API described as data: the `rest` object of a connection, read and checked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from jobwatch.domain.address import AddressRefusedError, check_address
from jobwatch.domain.checking import SchemaMismatchError, check
from jobwatch.domain.description_faults import description_faults
from jobwatch.domain.template import Template, TemplateError, Variable, read_template
from jobwatch.domain.words import Operation

if TYPE_CHECKING:
    from jobwatch.domain.expression import Expression

_PATH_TEXT = re.compile(r"(?:[A-Za-z0-9/._~:@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_ADDRESS = "{job_id:address}"
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", re.ASCII)
_AUTH_TEMPLATES = ("token", "value", "username", "password", "token_url", "client_id", "client_secret", "scope")
# What the HTTP library sets by itself; another value would change where or how a request ends.
_OWN_HEADERS = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade"})


class DescriptionError(ValueError):
    """The description is wrong; `str()` is `place: reason`."""


class State(StrEnum):
    """What a state of the API can mean."""

    SCHEDULED = "scheduled"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    COMPLETED_WITH_ERRORS = "completed_with_errors"
    FAILED = "failed"
    CANCELLED = "cancelled"
    NOT_FOUND = "not_found"


class Failure(StrEnum):
    """What a code of the API's own errors can mean."""

    NOT_FOUND = "not_found"
    UNAUTHORISED = "unauthorised"
    THROTTLED = "throttled"
    VENDOR_ERROR = "vendor_error"


@dataclass(frozen=True)
class PathPart:
    """A piece of the path. An optional one is left out where the submission lacks a value in it."""

    template: Template
    optional: bool


@dataclass(frozen=True)
class RequestTemplate:
    """The call. `body`: JSON whose texts are templates; None sends none.

    `path`: its pieces in their order; `is_address`: it is the job's id, a whole address on the connection's host.
    """

    method: str
    path: tuple[PathPart, ...]
    is_address: bool
    query: Mapping[str, Template]
    headers: Mapping[str, Template]
    body: Any


@dataclass(frozen=True)
class Auth:
    """How to sign in. `kind`: none, bearer, header, basic or oauth2; `fields`: the templates that the kind needs.

    Of a token request: `body`, whole, in place of the usual one; sent as a form or `as_json`; `client_as_basic`: the
    client's id and secret go into an Authorization header and not into the body.
    """

    kind: str
    fields: Mapping[str, Template]
    header_name: str = ""
    body: Mapping[str, Template] | None = None
    as_json: bool = False
    client_as_basic: bool = False


@dataclass(frozen=True)
class Description:
    """An API. `expressions`: by their place below `snapshot`, such as `progress.total`.

    `noun`: what people call a job there, such as build; None for the operation's own name. `remembers`: how long it
    still knows a job that has ended; None: not known.
    """

    title: str
    noun: str | None
    remembers: timedelta | None
    operations: frozenset[Operation]
    request: RequestTemplate
    auth: Auth
    status_codes: frozenset[int]
    expressions: Mapping[str, "Expression"]
    states: Mapping[str | None, State]
    failures: Mapping[str | None, Failure]

    @property
    def templates(self) -> Iterator[tuple[str, Template]]:
        """Every template with its place below `rest`."""
        request = self.request
        yield from (("request.path", part.template) for part in request.path)
        yield from ((f"request.query.{name}", template) for name, template in request.query.items())
        yield from ((f"request.headers.{name}", template) for name, template in request.headers.items())
        yield from _templates_in(request.body, "request.body")
        yield from ((f"auth.{name}", template) for name, template in self.auth.fields.items())
        kind = "json" if self.auth.as_json else "form"
        yield from ((f"auth.{kind}.{name}", template) for name, template in (self.auth.body or {}).items())

    @property
    def variables(self) -> Iterator[tuple[str, Variable]]:
        """Every variable of its templates, each with the place where it stands."""
        return ((place, variable) for place, template in self.templates for variable in template.variables)


def read_description(document: object) -> Description:
    """The description in a connection's `rest`. Raises DescriptionError with the first place that is wrong."""
    try:
        fields = check("rest", document)
    except SchemaMismatchError as error:
        raise DescriptionError(str(error)) from None
    description = Description(
        title=fields.get("title", "REST API"),
        noun=fields.get("noun"),
        remembers=timedelta(hours=fields["remembers_hours"]) if "remembers_hours" in fields else None,
        operations=frozenset(Operation(operation) for operation in fields.get("operations", list(Operation))),
        request=_request(fields["request"]),
        auth=_auth(fields.get("auth", {"type": "none"})),
        status_codes=frozenset(int(code) for code in fields.get("status_codes", [])),
        expressions=dict(_expressions(fields["snapshot"])),
        states={key: State(word) for key, word in _table("outcomes", fields["outcomes"]).items()},
        failures={key: Failure(word) for key, word in _table("failures", fields.get("failures", {})).items()},
    )
    for place, reason in description_faults(description, state_key):
        raise DescriptionError(f"{place}: {reason}")
    return description


def state_key(value: object) -> str | None:
    """A state as the tables know it: text without case, blanks, `_` and `-`; true, false and numbers as text.

    None for no state. Raises ValueError for what cannot be one: an object, a list, a fraction.
    """
    if value is None or value == "":
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, str | int):
        raise ValueError("is neither text nor a whole number nor true or false")
    return re.sub(r"[\s_-]+", "", str(value)[:200]).lower() or None


def _request(fields: Mapping[str, Any]) -> RequestTemplate:
    method = fields.get("method", "GET")
    if method == "GET" and "body" in fields:
        raise DescriptionError("request.body: a GET carries no body; the method must be POST")
    headers = _named("request.headers", fields.get("headers", {}))
    for name, template in headers.items():
        _check_header_name(f"request.headers.{name}", name)
        _check_header_text(f"request.headers.{name}", template)
    return RequestTemplate(
        method=method,
        path=_path(fields["path"]),
        is_address=fields["path"] == _ADDRESS,
        query=_named("request.query", fields.get("query", {})),
        headers=headers,
        body=_body(fields["body"], "request.body") if "body" in fields else None,
    )


def _path(text: str) -> tuple[PathPart, ...]:
    if text == _ADDRESS:
        return (PathPart(_template("request.path", text), optional=False),)
    # A piece in square brackets is optional; they are no characters of a path (RFC 3986, 3.3).
    pieces = re.split(r"(\[[^\[\]]*\])", text)
    parts = tuple(_path_part(piece) for piece in pieces if piece)
    if _has_dot_segment("".join(part.template.fill(lambda _: "x") for part in parts)):
        raise DescriptionError("request.path: a path must not hold '.' or '..' as a part")
    return parts


def _path_part(piece: str) -> PathPart:
    optional = piece.startswith("[")
    template = _template("request.path", piece[1:-1] if optional else piece)
    for literal in template.texts:
        allowed = _PATH_TEXT.match(literal)
        end = allowed.end() if allowed else 0
        if end < len(literal):
            hint = "; the query has a field of its own" if literal[end] == "?" else ""
            raise DescriptionError(f"request.path: {literal[end]!r} cannot stand in a path as it is{hint}")
    for variable in template.variables:
        if variable.is_secret:
            raise DescriptionError(f"request.path: {variable}: a secret must not stand in an address")
        if variable.form == "number":
            raise DescriptionError(f"request.path: {variable}: numbers are for the body; write {{{variable.name}}}")
        if variable.form == "address":
            raise DescriptionError(f"request.path: {_ADDRESS} must be the whole path")
        if variable.optional:
            raise DescriptionError(
                f"request.path: {variable}: in a path, brackets say what may be left out: [/x/{{…}}]"
            )
    if optional and not any(variable.name != "job_id" for variable in template.variables):
        raise DescriptionError(f"request.path: {piece[:60]} holds nothing that a submission may lack")
    return PathPart(template, optional)


def _has_dot_segment(path: str) -> bool:
    """Whether a part of a path is `.` or `..`, percent-encoded too: it would name another resource."""
    return any(part.replace("%2e", ".").replace("%2E", ".") in (".", "..") for part in path.split("/"))


def _auth(fields: Mapping[str, Any]) -> Auth:
    templates = {name: _secret_template(f"auth.{name}", fields[name]) for name in _AUTH_TEMPLATES if name in fields}
    kind: str = fields["type"]
    if kind == "header":
        _check_header_name("auth.name", fields["name"])
    if kind != "oauth2":
        return Auth(kind, templates, fields.get("name", ""))
    return _token_request(fields, templates)


def _token_request(fields: Mapping[str, Any], templates: Mapping[str, Template]) -> Auth:
    if not templates["token_url"].variables:
        try:
            check_address(fields["token_url"])
        except AddressRefusedError as error:
            raise DescriptionError(f"auth.token_url: {error}") from None
    if "form" in fields and "json" in fields:
        raise DescriptionError("auth.json: a token request has one body, and form is another")
    place = "json" if "json" in fields else "form"
    given = fields.get(place)
    as_basic = fields.get("client", "body") == "basic"
    for name in ("client_id", "client_secret"):
        if name not in templates and (as_basic or given is None):
            raise DescriptionError(f"auth.{name}: is missing")
        if name in templates and not as_basic and given is not None:
            raise DescriptionError(f"auth.{name}: is sent nowhere: auth.{place} is the whole body of the token request")
    body = {name: _secret_template(f"auth.{place}.{name}", _plain(value)) for name, value in (given or {}).items()}
    return Auth(
        "oauth2", templates, body=body if given is not None else None, as_json=place == "json", client_as_basic=as_basic
    )


def _secret_template(place: str, text: str) -> Template:
    template = _template(place, text)
    for variable in template.variables:
        if not variable.is_secret or variable.form:
            # A submission says what parameters are; it must not choose who hears the credentials.
            raise DescriptionError(f"{place}: {variable}: only {{secret.NAME}} can stand here")
    _check_header_text(place, template)
    return template


def _check_header_name(place: str, name: str) -> None:
    if not _HEADER_NAME.fullmatch(name) or name.lower() in _OWN_HEADERS:
        raise DescriptionError(f"{place}: {name[:60]!r} is no header that can be set")


def _check_header_text(place: str, template: Template) -> None:
    if not all(text.isascii() and text.isprintable() for text in template.texts):
        raise DescriptionError(f"{place}: holds characters that no header can carry")
    for variable in template.variables:
        if variable.form:
            raise DescriptionError(f"{place}: {variable}: write {{{variable.name}}}")


def _named(place: str, templates: Mapping[str, object]) -> dict[str, Template]:
    named = {name: _template(f"{place}.{name}", _plain(value)) for name, value in templates.items()}
    for name, template in named.items():
        for variable in template.variables:
            if variable.form:
                raise DescriptionError(f"{place}.{name}: {variable}: write {{{variable.name}}}")
    return named


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _body(value: Any, place: str) -> Any:
    try:
        if isinstance(value, dict):
            return {key: _body(part, f"{place}.{key}") for key, part in value.items()}
        if isinstance(value, list):
            return [_body(part, f"{place}[{index}]") for index, part in enumerate(value)]
    except RecursionError:
        raise DescriptionError("request.body: is nested too deeply") from None
    if not isinstance(value, str):
        return value
    template = _template(place, value)
    for variable in template.variables:
        if variable.form in ("path", "address"):
            raise DescriptionError(f"{place}: {variable}: write {{{variable.name}}}")
    return template


def _templates_in(body: Any, place: str) -> Iterator[tuple[str, Template]]:
    if isinstance(body, Template):
        yield place, body
    elif isinstance(body, dict):
        for name, part in body.items():
            yield from _templates_in(part, f"{place}.{name}")
    elif isinstance(body, list):
        for index, part in enumerate(body):
            yield from _templates_in(part, f"{place}[{index}]")


def _template(place: str, text: str) -> Template:
    try:
        return read_template(text)
    except TemplateError as error:
        raise DescriptionError(f"{place}: {error}") from None


def _expressions(snapshot: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, "Expression"]]:
    # Only descriptions need JMESPath: no other vendor's poll waits for its import.
    from jobwatch.domain.expression import ExpressionError, read_expression

    for name, value in snapshot.items():
        place = f"{prefix}{name}"
        if isinstance(value, dict):
            yield from _expressions(value, f"{place}.")
            continue
        try:
            yield place, read_expression(value)
        except ExpressionError as error:
            raise DescriptionError(f"snapshot.{place}: {error}") from None


def _table(place: str, words: Mapping[str, list[Any]]) -> dict[str | None, str]:
    """Word by state. Two words for one state would leave it to chance which one counts."""
    table: dict[str | None, str] = {}
    for word, values in words.items():
        for value in values:
            key = state_key(value)
            if table.setdefault(key, word) != word:
                raise DescriptionError(f"{place}.{word}: {value!r} stands under {table[key]} too")
            if key is None and (value is not None or word not in (State.SCHEDULED, State.RUNNING)):
                raise DescriptionError(f"{place}.{word}: an empty text is no state")
    return table
