"""Any job-status API, described as data in its connection: `jobwatch.domain.rest_description`, docs/vendors/rest.md."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

from jobwatch.domain.address import AddressRefusedError, address_on_host, address_under, check_address
from jobwatch.domain.connection import Connection
from jobwatch.domain.exchange import NotAskableError, Response, SecretWrongError, secret_text
from jobwatch.domain.request_template import RequestTemplate
from jobwatch.domain.rest_description import Auth, Description
from jobwatch.domain.snapshot import Answer, FailureKind, PollFailure, Snapshot, without_details
from jobwatch.domain.submission import Submission
from jobwatch.domain.template import Template, Variable
from jobwatch.domain.times import write_time
from jobwatch.domain.words import Operation
from jobwatch.vendors.rest_answer import look, read_answer, read_details
from jobwatch.vendors.vendor import ClientCredentials, StaticHeaders, StatusRequest

_NOT_DESCRIBED = PollFailure(FailureKind.MISCONFIGURED, "rest: the connection has no description of its API")


class Rest:
    """The API that a connection describes. Without a connection it has a name, and knows no API to ask."""

    def __init__(self, connection: Connection | None = None) -> None:
        self._connection = connection
        description = connection.rest if connection else None
        self.title = description.title if description else "REST API"
        self.remembers: timedelta | None = description.remembers if description else None
        self.operations = description.operations if description else frozenset(Operation)

    def check(self, submission: Submission, connection: Connection) -> None:
        """Refuses a submission that lacks a parameter, or whose values cannot stand where the templates put them."""
        description = _described(connection)
        filler = _Filler(submission, connection, secret=None)
        if submission.job_id != submission.job_id.strip():
            raise NotAskableError("job_id: has blanks around it, which no id has")
        filler.url(description.request, connection.base_url)
        filler.headers(description.request)
        filler.body(description.request.body)
        if description.details is not None:
            filler.url(description.details.request, connection.base_url)
            filler.headers(description.details.request)

    def request(self, submission: Submission, connection: Connection, secret: Mapping[str, Any]) -> StatusRequest:
        description = _described(connection)
        filler = _Filler(submission, connection, secret)
        request = description.request
        url, body = filler.url(request, connection.base_url), filler.body(request.body)
        return StatusRequest(url, _credentials(description, filler), request.method, _headers(request, filler), body)

    def details_request(
        self, submission: Submission, connection: Connection, secret: Mapping[str, Any], ended: Snapshot
    ) -> StatusRequest:
        """The second request, to where the end points. Raises NotAskableError."""
        description = _described(connection)
        if description.details is None or ended.details is None:
            raise NotAskableError("rest.details: the connection does not describe a second request any more")
        filler = _Filler(submission, connection, secret)
        try:
            url = address_on_host(connection.base_url, ended.details)
        except AddressRefusedError as error:
            raise NotAskableError(f"rest.details: {error}") from None
        headers = _headers(description.details.request, filler)
        return StatusRequest(url, _credentials(description, filler), headers=headers)

    def log_request(
        self, submission: Submission, connection: Connection, secret: Mapping[str, Any], location: str
    ) -> StatusRequest:
        """The request for a log by https. Raises NotAskableError, also where it is not on the connection's host."""
        try:
            url = address_on_host(connection.base_url, location)
        except AddressRefusedError as error:
            raise NotAskableError(f"log_location: {error}") from None
        description = _described(connection)
        filler = _Filler(submission, connection, secret)
        return StatusRequest(url, _credentials(description, filler))

    def read_details(self, submission: Submission, ended: Snapshot, response: Response) -> Answer:
        """The end, with what the second answer says of it. Never raises."""
        description = self._connection.rest if self._connection else None
        if self._connection is None or description is None or description.details is None:
            return _NOT_DESCRIBED
        watch = _watch_of(submission, self._connection)
        return read_details(description, description.details, watch, ended, response)

    def read(self, submission: Submission, response: Response) -> Answer:
        if self._connection is None or self._connection.rest is None:
            return _NOT_DESCRIBED
        watch = _watch_of(submission, self._connection)
        answer = read_answer(self._connection.rest, watch, response, submission.connection)
        if not isinstance(answer, Snapshot):
            return answer
        return _pointed(_log_on_host(answer, self._connection), submission, self._connection)

    def after_success(self, operation: Operation) -> str | None:
        del operation
        return None


def _log_on_host(snapshot: Snapshot, connection: Connection) -> Snapshot:
    """The snapshot with a path for a log as the whole address, on the connection's host."""
    location = snapshot.log_location
    if location is None or not location.startswith("/"):
        return snapshot
    try:
        return replace(snapshot, log_location=address_on_host(connection.base_url, location))
    except AddressRefusedError:
        return snapshot  # no address: told as one that is not read


def _pointed(snapshot: Snapshot, submission: Submission, connection: Connection) -> Snapshot:
    """The snapshot with the whole address of what it points to; with a doubt where that must not be asked."""
    details = connection.rest.details if connection.rest else None
    if details is None or snapshot.verdict is None or (details.address is not None and snapshot.details is None):
        return snapshot
    filler = _Filler(submission, connection, secret=None)
    try:
        return replace(snapshot, details=filler.details_url(details.request, connection.base_url, snapshot.details))
    except NotAskableError as error:
        return without_details(snapshot, f"{error}.")
    except AddressRefusedError:
        return without_details(snapshot, "it lies on another host than the connection's, or is no address.")


def look_at(connection: Connection, submission: Submission, response: Response) -> dict[str, tuple[str, Any]]:
    """Each expression of the connection's description and what it gives for an answer, by its place in `rest`."""
    description = _described(connection)
    found = look(description, description.expressions, _watch_of(submission, connection), response)
    return {f"snapshot.{place}": each for place, each in found.items()}


def look_at_details(connection: Connection, submission: Submission, response: Response) -> dict[str, tuple[str, Any]]:
    """The same of the second request's answer."""
    description = _described(connection)
    if description.details is None:
        return {}
    found = look(description, description.details.expressions, _watch_of(submission, connection), response)
    return {f"details.snapshot.{place}": each for place, each in found.items()}


def _watch_of(submission: Submission, connection: Connection) -> dict[str, Any]:
    return {
        "job_id": submission.job_id,
        "operation": submission.operation.value,
        "attempt": submission.attempt,
        "parameters": {**connection.parameters, **submission.parameters},
        "submitted_at": write_time(submission.submitted_at),
    }


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
            raise SecretWrongError(f"auth.token_url: the address that the secret holds {error}") from None
        return _token_request(auth, token_url, said, filler)
    return StaticHeaders({})


def _token_request(auth: Auth, token_url: str, said: Mapping[str, str], filler: "_Filler") -> ClientCredentials:
    if auth.body is None:
        return ClientCredentials.usual(
            token_url,
            said["client_id"],
            said["client_secret"],
            scope=said.get("scope") or None,
            as_basic=auth.client_as_basic,
        )
    kind = "json" if auth.as_json else "form"
    fields = {name: filler.text(f"auth.{kind}.{name}", template) for name, template in auth.body.items()}
    if said.get("scope"):
        fields["scope"] = said["scope"]
    basic = (said["client_id"], said["client_secret"]) if auth.client_as_basic else None
    hidden = [fields[name] for name, template in auth.body.items() if name != "client_id" and template.variables]
    return ClientCredentials(token_url, tuple(fields.items()), (*hidden, *(basic or ())[1:]), auth.as_json, basic)


def _headers(request: RequestTemplate, filler: "_Filler") -> dict[str, str]:
    headers = filler.headers(request)
    return headers if "accept" in {name.lower() for name in headers} else {**headers, "Accept": "application/json"}


class _Filler:
    """Fills templates. Without a secret, secrets are left empty: enough to see whether a submission fits."""

    def __init__(self, submission: Submission, connection: Connection, secret: Mapping[str, Any] | None) -> None:
        self._values = {
            "job_id": submission.job_id,
            "attempt": submission.attempt or "",
            "operation": submission.operation.value,
        }
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

    def lacks(self, template: Template, *, any_of: bool = False) -> bool:
        """Whether an optional variable of a template has no value, or with `any_of` any that is not the secret's."""
        return any(
            not self._values.get(variable.name)
            for variable in template.variables
            if not variable.is_secret and (variable.optional or any_of)
        )

    def url(self, request: RequestTemplate, base_url: str) -> str:
        """The whole address, on the connection's host. What an optional variable has no value for is left out."""
        if request.is_address:
            try:
                return self._with_query(request, address_under(base_url, self._values["job_id"]))
            except AddressRefusedError as error:
                raise NotAskableError(f"job_id: {error}") from None
        parts = [
            self.path(f"{request.place}.path", part.template)
            for part in request.path
            if not (part.optional and self.lacks(part.template, any_of=True))
        ]
        return self._with_query(request, base_url + "".join(parts))

    def details_url(self, request: RequestTemplate, base_url: str, pointed_to: str | None) -> str:
        """Where the second request goes: to its path, or to what the answer pointed to. Raises AddressRefusedError."""
        if pointed_to is None:
            return self.url(request, base_url)
        return self._with_query(request, address_on_host(base_url, pointed_to))

    def _with_query(self, request: RequestTemplate, url: str) -> str:
        query = urlencode(
            {
                name: self.text(f"{request.place}.query.{name}", template)
                for name, template in request.query.items()
                if not self.lacks(template)
            },
            quote_via=quote,
        )
        return url + ("&" if "?" in url else "?") * bool(query) + query

    def headers(self, request: RequestTemplate) -> dict[str, str]:
        """The headers that the description names."""
        return {
            name: self.header(f"{request.place}.headers.{name}", template)
            for name, template in request.headers.items()
            if not self.lacks(template)
        }

    def path(self, place: str, template: Template) -> str:
        """A piece of the path, every value percent-encoded: none can climb, open a query, or name another host."""

        def encoded(variable: Variable) -> str:
            value = self.value(variable, place)
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
            return {
                name: self.body(part)
                for name, part in body.items()
                if not (isinstance(part, Template) and self.lacks(part))
            }
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
