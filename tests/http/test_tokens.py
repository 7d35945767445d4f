"""OAuth tokens: kept while valid, renewed in time, and refusals told without the secret."""

from dataclasses import replace
from typing import Any

import pytest

from jobwatch.domain.snapshot import FailureKind, PollFailure
from jobwatch.http.tokens import Tokens
from jobwatch.http.transport import Transport
from jobwatch.vendors.vendor import ClientCredentials
from sandbox import misbehaviour
from sandbox.server import Sandbox


class Monotonic:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def monotonic() -> Monotonic:
    return Monotonic()


@pytest.fixture
def tokens(transport: Transport, monotonic: Monotonic) -> Tokens:
    return Tokens(transport, monotonic)


@pytest.fixture
def credentials(sandbox: Sandbox) -> ClientCredentials:
    secret = sandbox.egain.secret
    return ClientCredentials.usual(
        secret["token_url"], secret["client_id"], secret["client_secret"], scope=secret["scope"]
    )


def refused(answer: str | PollFailure) -> PollFailure:
    assert isinstance(answer, PollFailure)
    assert answer.detail.startswith("token address: ")
    return answer


def test_a_token_is_kept_until_shortly_before_its_end(
    sandbox: Sandbox, tokens: Tokens, credentials: ClientCredentials, monotonic: Monotonic
) -> None:
    first = tokens.get(credentials)
    monotonic.now += 3600 - 31
    assert tokens.get(credentials) == first
    assert len(sandbox.egain.requests) == 1
    monotonic.now += 2
    assert tokens.get(credentials) != first


def test_the_request_is_that_of_rfc_6749(sandbox: Sandbox, tokens: Tokens, credentials: ClientCredentials) -> None:
    tokens.get(credentials)
    [request] = sandbox.egain.requests
    assert request.method == "POST"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert b"grant_type=client_credentials" in request.body
    assert b"scope=" in request.body
    assert credentials.hidden[0] not in request.path + request.query


def test_a_client_in_a_header_is_in_no_body(sandbox: Sandbox, tokens: Tokens) -> None:
    """RFC 6749, 2.3.1; Databricks' and Zoom's token addresses take nothing else."""
    tokens.get(ClientCredentials.usual(sandbox.egain.secret["token_url"], "anna", "pa:ss", scope="all", as_basic=True))
    [request] = sandbox.egain.requests
    assert request.headers["Authorization"] == "Basic YW5uYTpwYTpzcw=="
    assert request.body == b"grant_type=client_credentials&scope=all"


def test_a_body_of_its_own_as_json(sandbox: Sandbox, tokens: Tokens) -> None:
    fields = (("clientId", "anna"), ("clientSecret", "s3cret-key"), ("audience", "https://api.example.com"))
    asked = ClientCredentials(sandbox.egain.secret["token_url"], fields, ("s3cret-key",), as_json=True)
    tokens.get(asked)
    [request] = sandbox.egain.requests
    assert request.headers["Content-Type"] == "application/json"
    assert request.json() == dict(fields)
    assert "s3cret" not in repr(asked)


def test_a_forgotten_token_is_fetched_anew(sandbox: Sandbox, tokens: Tokens, credentials: ClientCredentials) -> None:
    first = tokens.get(credentials)
    tokens.forget(credentials)
    assert tokens.get(credentials) != first


def test_another_secret_never_meets_an_older_ones_token(
    sandbox: Sandbox, tokens: Tokens, credentials: ClientCredentials
) -> None:
    assert isinstance(tokens.get(credentials), str)
    wrong = refused(
        tokens.get(replace(credentials, fields=(*credentials.fields, ("client_secret", "rotated-away-secret"))))
    )
    assert wrong.kind is FailureKind.UNAUTHORISED


@pytest.mark.parametrize(
    ("expires_in", "kept_seconds"),
    [(3600, 3569), ("3600", 3569), (40, 19), (None, 269), ("soon", 269), (-5, 269), (True, 269), (1e30, 269)],
)
def test_lifetimes(
    sandbox: Sandbox,
    tokens: Tokens,
    credentials: ClientCredentials,
    monotonic: Monotonic,
    expires_in: Any,
    kept_seconds: float,
) -> None:
    """No vendor publishes one: expires_in counts, as a number or a text, else five minutes."""
    sandbox.egain.faults.set(misbehaviour.json_error(200, {"access_token": "tok-a", "expires_in": expires_in}))
    assert tokens.get(credentials) == "tok-a"
    monotonic.now += kept_seconds
    assert tokens.get(credentials) == "tok-a"
    monotonic.now += 2
    assert tokens.get(credentials) != "tok-a"


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (misbehaviour.json_error(401, {"error": "invalid_client"}), FailureKind.UNAUTHORISED),
        (misbehaviour.json_error(400, {"error": "invalid_scope"}), FailureKind.UNAUTHORISED),
        (misbehaviour.json_error(403, {}), FailureKind.UNAUTHORISED),
        (misbehaviour.json_error(404, {}), FailureKind.UNAUTHORISED),
        (misbehaviour.plain(404, "no such tenant"), FailureKind.UNAUTHORISED),
        (misbehaviour.too_many(20), FailureKind.THROTTLED),
        (misbehaviour.html(502), FailureKind.VENDOR_ERROR),
        (misbehaviour.json_error(200, {}), FailureKind.UNREADABLE),
        (misbehaviour.json_error(200, {"access_token": None}), FailureKind.UNREADABLE),
        (misbehaviour.json_error(200, {"access_token": ""}), FailureKind.UNREADABLE),
        (misbehaviour.json_error(200, {"access_token": "a\nb"}), FailureKind.UNREADABLE),
        (misbehaviour.json_error(200, {"access_token": "tök"}), FailureKind.UNREADABLE),
        (misbehaviour.html(200), FailureKind.UNREADABLE),
        (misbehaviour.redirect("http://127.0.0.1:1/token", 307), FailureKind.UNREACHABLE),
        (misbehaviour.reset(times=3), FailureKind.UNREACHABLE),
    ],
)
def test_what_goes_wrong_is_a_failed_poll(
    sandbox: Sandbox,
    tokens: Tokens,
    credentials: ClientCredentials,
    fault: misbehaviour.Fault,
    kind: FailureKind,
) -> None:
    sandbox.egain.faults.set(fault)
    answer = refused(tokens.get(credentials))
    assert answer.kind is kind
    assert answer.retry_after_seconds == (20 if kind is FailureKind.THROTTLED else None)
    sandbox.egain.faults.clear()
    assert isinstance(tokens.get(credentials), str), "a refusal is not kept"


def test_an_echoed_secret_is_masked(sandbox: Sandbox, tokens: Tokens, credentials: ClientCredentials) -> None:
    said = {"error": "invalid_client", "error_description": f"wrong secret {credentials.hidden[0]}"}
    sandbox.egain.faults.set(misbehaviour.json_error(401, said))
    answer = refused(tokens.get(credentials))
    assert "wrong secret ***" in answer.detail


def test_tokens_and_secrets_have_no_representation(tokens: Tokens, credentials: ClientCredentials) -> None:
    token = tokens.get(credentials)
    assert isinstance(token, str)
    assert token not in repr(tokens._kept)
    assert credentials.hidden[0] not in repr(credentials)
