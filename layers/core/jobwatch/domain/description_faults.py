"""What a `rest` description says that cannot be meant: accepted, it would let people be told what is not so."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

from jobwatch.domain.expression_shape import always_list, entry_fields, faults, only_values, words

if TYPE_CHECKING:
    from jobwatch.domain.expression import Expression
    from jobwatch.domain.request_template import RequestTemplate
    from jobwatch.domain.rest_description import Auth, Description, Details

Fault = tuple[str, str]
"""The place below `rest`, and the reason."""

_CREDENTIAL = re.compile(r"authorization|cookie|password|secret|api[-_]?key|(access|auth|api)[-_]?token", re.IGNORECASE)
_OPEN_CREDENTIAL = "a credential in the description lies open: write {secret.NAME}"
# Of each way to sign in, the fields of which one must come from the secret.
_MUST_BE_SECRET = {
    "bearer": ("token",),
    "header": ("value",),
    "basic": ("password", "username"),
}
_OTHER_LANGUAGE = re.compile(r"""[{}'"]|\bselect\b""", re.IGNORECASE)
# The one field whose value an API can leave unsaid and still mean: a total that is the same for every job.
_MAY_BE_CONSTANT = frozenset({"progress.total"})
# What only an answer can know; a start, a total or a log's place may follow from the submission.
_ONLY_OF_ANSWER = re.compile(
    r"state|failure|error|results\..*|finished_at|elapsed|remaining_seconds|waits_for|retryable"
)
_ENTRIES = {"items": ("name", "state", "progress", "error", "failed"), "messages": ("level", "text")}


def description_faults(description: "Description", state_key: Callable[[object], str | None]) -> Iterator[Fault]:
    """The faults of a description that neither schema nor parts show. `state_key`: a state as its tables know it."""
    yield from _of_request(description)
    for request in (description.request, *([description.details.request] if description.details else [])):
        yield from _of_headers(request, description.auth)
    yield from _of_auth(description.auth)
    for place, expression in description.expressions.items():
        yield from ((f"snapshot.{place}", reason) for reason in _of_expression(place, expression))
    yield from _of_details(description.details)
    yield from _of_states(description, state_key)
    failure, error = description.expressions.get("failure"), description.expressions.get("error")
    if failure and error and failure.text == error.text:
        yield "snapshot.failure", "is the same as error, so a failed job would be a failed poll for ever"
    if description.failures and "failure" not in description.expressions:
        yield "failures", "says what codes mean, and no snapshot.failure reads a code"


def _of_request(description: "Description") -> Iterator[Fault]:
    request = description.request
    asked = (variable for _, template in request.templates for variable in template.variables)
    if not any(variable.name == "job_id" for variable in asked) and not any(
        re.search(r"\bwatch\s*\.\s*job_id\b", expression.text) for expression in description.expressions.values()
    ):
        yield "request.path", "neither it nor query or body holds {job_id}: every job would be told the same one's fate"
    for place, template in description.templates:
        if place.startswith("request.body") and template.variables and _OTHER_LANGUAGE.search("".join(template.texts)):
            yield (
                place,
                f"{template.variables[0]} inside a query or another quoted text can change what that says: give it "
                "as a variable or parameter of its own",
            )
        elif (
            place.startswith(
                ("request.query.", "request.headers.", "request.body.", "details.query.", "details.headers.")
            )
            and _CREDENTIAL.search(
                place.rsplit(".", 1)[1] if place.startswith("request.body") else place.split(".", 2)[2]
            )
            and not place.lower().endswith("type")  # such as X-Snowflake-Authorization-Token-Type
            and template.texts
            and not template.variables
        ):
            yield place, _OPEN_CREDENTIAL


def _of_details(details: "Details | None") -> Iterator[Fault]:
    if details is None:
        return
    for place, expression in details.expressions.items():
        yield from ((f"details.snapshot.{place}", reason) for reason in _of_expression(place, expression))
    if details.address is not None:
        yield from (("details.address", reason) for reason in _of_expression("address", details.address))


def _of_headers(request: "RequestTemplate", auth: "Auth") -> Iterator[Fault]:
    own = auth.header_name or ("" if auth.kind == "none" else "Authorization")
    seen: dict[str, str] = {}
    for name in request.headers:
        place = f"{request.place}.headers.{name}"
        if seen.setdefault(name.lower(), name) != name:
            yield place, f"is the same header as {seen[name.lower()]}"
        if own and name.lower() == own.lower():
            yield place, f"auth ({auth.kind}) sets this header too, and one would hide the other"


def _of_auth(auth: "Auth") -> Iterator[Fault]:
    secret = _MUST_BE_SECRET.get(auth.kind, ())
    if auth.kind == "oauth2":
        secret = ("client_secret",) if "client_secret" in auth.fields else tuple(auth.body or ())
    known = {**auth.fields, **(auth.body or {})}
    held = [name for name in secret if any(each.is_secret for each in known[name].variables)]
    if secret and not held:
        yield f"auth.{secret[0]}", _OPEN_CREDENTIAL
    if auth.kind == "bearer" and re.match(r"bearer\b", "".join(auth.fields["token"].texts[:1]), re.IGNORECASE):
        yield "auth.token", "the word Bearer is sent by itself: give the token alone"


def _of_expression(place: str, expression: "Expression") -> Iterator[str]:
    yield from faults(expression.text, expression.tree)
    reads_answer = bool(expression.reads & {"body", "headers", "status_code", "@"})
    if not reads_answer and (_ONLY_OF_ANSWER.fullmatch(place) or not (expression.reads or place in _MAY_BE_CONSTANT)):
        yield "looks at nothing of the answer, so it says the same of every job"
    if place in _ENTRIES and (given := entry_fields(expression.tree)):
        yield from _of_entries(given, _ENTRIES[place])
    if place == "state" and always_list(expression.tree):
        yield "gives a list or an object, and a state is one word: add | [0], or pick a field"


def _of_entries(given: tuple[str, ...], known: tuple[str, ...]) -> Iterator[str]:
    for name in given:
        near = difflib.get_close_matches(name, [each for each in known if each not in given], n=1, cutoff=0.7)
        if name not in known and (near or not set(given) & set(known)):
            yield f"{name}: an entry has {', '.join(known)}" + (f"; is {near[0]} meant?" if near else "")


def _of_states(description: "Description", state_key: Callable[[object], str | None]) -> Iterator[Fault]:
    state = description.expressions["state"]
    named = {key: str(word) for key, word in description.states.items() if key is not None}
    if state.text.strip() == "status_code":
        yield from _of_codes(named, description.status_codes)
        return
    possible = only_values(state.tree)
    if possible is not None:
        keys = {state_key(value) for value in possible if isinstance(value, str | int | float | bool)}
        given = ", ".join(repr(value) for value in possible)[:120]
        if not keys & {key for key, word in named.items() if word in ("succeeded", "completed_with_errors")}:
            yield "outcomes.succeeded", f"can never come: snapshot.state gives only {given}"
    for text in words(state.tree):
        key = state_key(text)
        if key and key not in named and (near := difflib.get_close_matches(key, named, n=1, cutoff=0.8)):
            yield "snapshot.state", f"gives {text!r}, which stands under no outcome; is {near[0]!r} meant?"


def _of_codes(named: Mapping[str, str], status_codes: frozenset[int]) -> Iterator[Fault]:
    for key, word in named.items():
        code = int(key) if re.fullmatch(r"[1-5]\d\d", key, re.ASCII) else None
        if code is None:
            yield f"outcomes.{word}", f"{key!r} is no HTTP code, and snapshot.state is status_code"
        elif not 200 <= code < 300 and code not in status_codes and word != "not_found":
            yield f"outcomes.{word}", f"an answer with {code} is no status unless {code} stands in status_codes"
