"""Any job-status API, described as data in its connection: `jobwatch.domain.rest_description`, docs/vendors/rest.md."""

import base64
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from jobwatch.domain.address import AddressRefusedError, check_address
from jobwatch.domain.connection import Connection
from jobwatch.domain.rest_description import Description
from jobwatch.domain.snapshot import Answer, FailureKind, PollFailure
from jobwatch.domain.submission import Submission
from jobwatch.domain.template import Template, Variable
from jobwatch.domain.times import write_time
from jobwatch.domain.words import Operation
from jobwatch.vendors.reading import secret_text
from jobwatch.vendors.rest_answer import read_answer
from jobwatch.vendors.vendor import (
    ClientCredentials,
    NotAskableError,
    Response,
    StaticHeaders,
    StatusRequest,
)


class Rest:
    """The API that a connection describes. Without a connection it has a name, and knows no API to ask."""

    def __init__(self, connection: Connection | None = None) -> None:
        self._connection = connection
        description = connection.rest if connection else None
        self.title = description.title if description else "REST API"
        self.operations = description.operations if description else frozenset(Operation)

    def check(self, submission: Submission, connection: Connection) -> None:
        """Refuses a submission that lacks a parameter, or whose values cannot stand where the templates put them."""
        description = _described(connection)
        filler = _Filler(submission, connection, secret=None)
        for place, variable in description.variables:
            if not variable.is_secret:
                filler.value(variable, place)
        filler.path(description.request.path)
        for name, template in description.request.headers.items():
            filler.header(f"request.headers.{name}", template)
        filler.body(description.request.body)

    def request(self, submission: Submission, connection: Connection, secret: Mapping[str, Any]) -> StatusRequest:
        description = _described(connection)
        filler = _Filler(submission, connection, secret)
        request = description.request
        query = {name: filler.text(f"request.query.{name}", template) for name, template in request.query.items()}
        headers = {name: filler.header(f"request.headers.{name}", text) for name, text in request.headers.items()}
        if "accept" not in {name.lower() for name in headers}:
            headers["Accept"] = "application/json"
        return StatusRequest(
            url=connection.base_url
            + filler.path(request.path)
            + (f"?{urlencode(query, quote_via=quote)}" if query else ""),
            auth=_credentials(description, filler),
            method=request.method,
            headers=headers,
            json_body=filler.body(request.body),
        )

    def read(self, submission: Submission, response: Response) -> Answer:
        if self._connection is None or self._connection.rest is None:
            return PollFailure(FailureKind.MISCONFIGURED, "rest: the connection has no description of its API")
        watch = {
            "job_id": submission.job_id,
            "operation": submission.operation.value,
            "parameters": {**self._connection.parameters, **submission.parameters},
            "submitted_at": write_time(submission.submitted_at),
        }
        return read_answer(self._connection.rest, watch, response, submission.connection)

    def after_success(self, operation: Operation) -> str | None:
        del operation
        return None


def _described(connection: Connection) -> Description:
    if connection.rest is None:
        raise NotAskableError(f"connection {connection.name}: rest: is missing, so there is no API to ask")
    return connection.rest


def _credentials(description: Description, filler: "_Filler") -> StaticHeaders | ClientCredentials:
    auth = description.auth
    said = {name: filler.header(f"auth.{name}", template) for name, template in auth.fields.items()}
    if auth.kind == "bearer":
        return StaticHeaders({"Authorization": f"Bearer {said['token']}"})
    if auth.kind == "header":
        return StaticHeaders({auth.header_name: said["value"]})
    if auth.kind == "basic":
        pair = f"{said['username']}:{said['password']}".encode()
        return StaticHeaders({"Authorization": f"Basic {base64.b64encode(pair).decode()}"})
    if auth.kind == "oauth2":
        try:
            token_url = check_address(said["token_url"])
        except AddressRefusedError as error:
            raise NotAskableError(f"auth.token_url: the address that the secret holds {error}") from None
        return ClientCredentials(token_url, said["client_id"], said.get("scope") or None, said["client_secret"])
    return StaticHeaders({})


class _Filler:
    """Fills templates. Without a secret, secrets are left empty: enough to see whether a submission fits."""

    def __init__(self, submission: Submission, connection: Connection, secret: Mapping[str, Any] | None) -> None:
        self._values = {"job_id": submission.job_id, "operation": submission.operation.value}
        parameters = {**connection.parameters, **submission.parameters}
        self._values |= {f"parameters.{name}": value for name, value in parameters.items()}
        self._secret = secret

    def value(self, variable: Variable, place: str) -> str:
        """The value of a variable. Raises NotAskableError where there is none, or not in the form that it must have."""
        if variable.is_secret:
            return secret_text(self._secret, variable.name.removeprefix("secret.")) if self._secret is not None else ""
        value = self._values.get(variable.name, "")
        if not value:
            raise NotAskableError(
                f"{variable.name}: is needed for {place}, and neither the submission nor the connection has it"
            )
        if variable.form == "number":
            _number(variable, value)
        return value

    def text(self, place: str, template: Template) -> str:
        return template.fill(lambda variable: self.value(variable, place))

    def path(self, template: Template) -> str:
        """The path, every value percent-encoded: none can climb, open a query, or name another host."""

        def encoded(variable: Variable) -> str:
            value = self.value(variable, "request.path")
            slash = "/" if variable.form == "path" else ""
            if not all(part.strip(".") for part in (value.split("/") if slash else [value])):
                raise NotAskableError(f"{variable.name}: dots alone, or nothing between slashes, name another resource")
            return quote(value, safe=slash)

        return template.fill(encoded)

    def header(self, place: str, template: Template) -> str:
        text = self.text(place, template)
        if not text.isascii() or not text.isprintable():
            raise NotAskableError(f"{place}: a value holds characters that no header can carry")
        return text

    def body(self, body: Any) -> Any:
        if isinstance(body, Template):
            if body.number:
                return _number(body.number, self.value(body.number, "request.body"))
            return self.text("request.body", body)
        if isinstance(body, dict):
            return {name: self.body(part) for name, part in body.items()}
        if isinstance(body, list):
            return [self.body(part) for part in body]
        return body


def _number(variable: Variable, value: str) -> int:
    try:
        number = json.loads(value)
    except (ValueError, RecursionError):
        number = None
    if not isinstance(number, int) or isinstance(number, bool):
        raise NotAskableError(f"{variable.name}: {value[:40]!r} must be a whole number for this API")
    return number
