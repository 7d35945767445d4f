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
from jobwatch.domain.request_template import (
    DescriptionError,
    RequestTemplate,
    as_text,
    check_header_name,
    check_header_text,
    read_request,
    template_at,
)
from jobwatch.domain.template import Template, Variable
from jobwatch.domain.words import Operation

if TYPE_CHECKING:
    from jobwatch.domain.expression import Expression

_AUTH_TEMPLATES = ("token", "value", "username", "password", "token_url", "client_id", "client_secret", "scope")


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
class Details:
    """A second request, once a job has ended, for what its status only points to, such as a list of errors.

    `address`: gives from the status where to ask; None where `request` has a path. `expressions`: by their place below
    `details.snapshot`.
    """

    request: RequestTemplate
    address: "Expression | None"
    expressions: Mapping[str, "Expression"]


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
    details: Details | None

    @property
    def templates(self) -> Iterator[tuple[str, Template]]:
        """Every template with its place below `rest`."""
        yield from self.request.templates
        if self.details is not None:
            yield from self.details.request.templates
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
        request=read_request(fields["request"]),
        auth=_auth(fields.get("auth", {"type": "none"})),
        status_codes=frozenset(int(code) for code in fields.get("status_codes", [])),
        expressions=dict(_expressions(fields["snapshot"], "snapshot.")),
        states={key: State(word) for key, word in _table("outcomes", fields["outcomes"]).items()},
        failures={key: Failure(word) for key, word in _table("failures", fields.get("failures", {})).items()},
        details=_details(fields["details"]) if "details" in fields else None,
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


def _auth(fields: Mapping[str, Any]) -> Auth:
    templates = {name: _secret_template(f"auth.{name}", fields[name]) for name in _AUTH_TEMPLATES if name in fields}
    kind: str = fields["type"]
    if kind == "header":
        check_header_name("auth.name", fields["name"])
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
    body = {name: _secret_template(f"auth.{place}.{name}", as_text(value)) for name, value in (given or {}).items()}
    return Auth(
        "oauth2", templates, body=body if given is not None else None, as_json=place == "json", client_as_basic=as_basic
    )


def _secret_template(place: str, text: str) -> Template:
    template = template_at(place, text)
    for variable in template.variables:
        if not variable.is_secret or variable.form:
            # A submission says what parameters are; it must not choose who hears the credentials.
            raise DescriptionError(f"{place}: {variable}: only {{secret.NAME}} can stand here")
    check_header_text(place, template)
    return template


def _details(fields: Mapping[str, Any]) -> Details:
    if ("path" in fields) == ("address" in fields):
        reason = "the second request goes to one place, and path is another" if "path" in fields else "is missing"
        raise DescriptionError(f"details.address: {reason}")
    request = read_request(fields, "details")
    if request.is_address:
        raise DescriptionError("details.path: the job's own address is the first request's")
    for name, template in request.query.items():
        if any(variable.is_secret for variable in template.variables):
            raise DescriptionError(f"details.query.{name}: a secret must not stand in an address that is kept")
    return Details(
        request,
        _expression("details.address", fields["address"]) if "address" in fields else None,
        dict(_expressions(fields["snapshot"], "details.snapshot.")),
    )


def _expressions(snapshot: Mapping[str, Any], prefix: str, below: str = "") -> Iterator[tuple[str, "Expression"]]:
    for name, value in snapshot.items():
        place = f"{below}{name}"
        if isinstance(value, dict):
            yield from _expressions(value, prefix, f"{place}.")
        else:
            yield place, _expression(f"{prefix}{place}", value)


def _expression(place: str, text: str) -> "Expression":
    # Only descriptions need JMESPath: no other vendor's poll waits for its import.
    from jobwatch.domain.expression import ExpressionError, read_expression

    try:
        return read_expression(text)
    except ExpressionError as error:
        raise DescriptionError(f"{place}: {error}") from None


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
