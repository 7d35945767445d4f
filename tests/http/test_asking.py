"""Asking a vendor with a token that may end at any time, over real HTTP."""

import pytest

from jobwatch.domain.connection import Connection
from jobwatch.domain.snapshot import FailureKind, PollFailure, Snapshot, TokenRefused
from jobwatch.domain.submission import Submission
from jobwatch.domain.words import Operation
from jobwatch.http.asking import VendorApis
from jobwatch.http.transport import Transport
from sandbox import misbehaviour, scripts
from sandbox.server import Sandbox
from tests.fakes import FakeSecrets


class World:
    """The sandbox's eGain with one running job."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.egain = sandbox.egain
        self.secrets = FakeSecrets({"jobwatch/egain": dict(self.egain.secret)})
        self.apis = VendorApis(self.secrets, Transport(2.0))
        self.connection = Connection("egain-prod", "egain", self.egain.url, "jobwatch/egain")
        job = self.egain.jobs.add(scripts.good_import())
        self.submission = Submission("egain-prod", job.id, Operation.IMPORT, sandbox.clock.now())

    def ask(self, *, fresh_token: bool = False) -> Snapshot | PollFailure:
        answer = self.apis.ask(self.submission, self.connection, fresh_token=fresh_token)
        assert isinstance(answer, Snapshot | PollFailure)
        return answer

    @property
    def calls(self) -> list[str]:
        return ["token" if "oauth2" in request.path else "status" for request in self.egain.requests]


@pytest.fixture
def world(sandbox: Sandbox) -> World:
    return World(sandbox)


def test_one_token_for_many_polls(world: World) -> None:
    for _ in range(3):
        assert isinstance(world.ask(), Snapshot)
    assert world.calls == ["token", "status", "status", "status"]


def test_a_revoked_token_is_no_answer_yet_and_a_fresh_one_brings_it(world: World) -> None:
    """One request to the status API each time, for each needs a slot of its own."""
    world.ask()
    world.egain.tokens.revoke()
    assert isinstance(world.ask(), TokenRefused)
    assert world.calls == ["token", "status", "status"]
    assert isinstance(world.ask(fresh_token=True), Snapshot)
    assert world.calls[3:] == ["token", "status"]


def test_a_fresh_token_is_none_from_memory(world: World) -> None:
    """Another process saw the refusal; the token in this one's memory may be as old."""
    world.ask()
    world.egain.tokens.revoke()
    assert isinstance(world.ask(fresh_token=True), Snapshot)
    assert world.calls[2:] == ["token", "status"]


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_is_a_failed_poll_after_one_refresh(world: World, status: int) -> None:
    world.egain.faults.set(misbehaviour.json_error(status, {"code": f"{status}-1"}, matching="/status", times=2))
    assert isinstance(world.ask(), TokenRefused)
    answer = world.ask(fresh_token=True)
    assert isinstance(answer, PollFailure)
    assert not isinstance(answer, TokenRefused)
    assert answer.kind is FailureKind.UNAUTHORISED
    assert world.calls == ["token", "status", "token", "status"]
    assert set(world.secrets.forgotten) == {"jobwatch/egain"}, "the secret may have been rotated"
    assert isinstance(world.ask(), Snapshot), "the refused token is not used again"
    assert world.calls[4:] == ["token", "status"]


@pytest.mark.parametrize("revoked", [True, False])
def test_a_secret_that_was_rotated_is_read_anew_before_anybody_hears_of_a_refusal(world: World, revoked: bool) -> None:
    right = world.secrets.by_name["jobwatch/egain"]
    if revoked:  # its token too
        world.ask()
        world.egain.tokens.revoke()
    world.secrets.by_name["jobwatch/egain"] = {**right, "client_secret": "rotated-away-secret"}
    world.secrets.rotated["jobwatch/egain"] = right
    assert isinstance(world.ask(), TokenRefused)
    assert isinstance(world.ask(fresh_token=True), Snapshot)


def test_a_rotated_key_without_tokens_too(sandbox: Sandbox) -> None:
    zilliz = sandbox.zilliz
    job = zilliz.jobs.add(scripts.good_import())
    secrets = FakeSecrets({"k": {"api_key": "rotated-away"}}, rotated={"k": dict(zilliz.secret)})
    connection = Connection("zilliz-prod", "zilliz", zilliz.url, "k", parameters={"clusterId": zilliz.cluster_id})
    submission = Submission("zilliz-prod", job.id, Operation.IMPORT, sandbox.clock.now())
    apis = VendorApis(secrets, Transport(2.0))
    assert isinstance(apis.ask(submission, connection), TokenRefused)
    assert isinstance(apis.ask(submission, connection, fresh_token=True), Snapshot)


def test_a_rotated_secret_counts_from_the_next_poll(world: World) -> None:
    secret = world.secrets.by_name["jobwatch/egain"]
    world.secrets.by_name["jobwatch/egain"] = {**secret, "client_secret": "rotated-away-secret"}
    answer = world.ask()
    assert isinstance(answer, PollFailure)
    assert answer.kind is FailureKind.UNAUTHORISED
    assert set(world.secrets.forgotten) == {"jobwatch/egain"}
    world.secrets.by_name["jobwatch/egain"] = secret
    assert isinstance(world.ask(), Snapshot)


@pytest.mark.parametrize(
    "secret",
    [
        None,
        {},
        {"client_id": "a", "client_secret": "b", "token_url": "http://evil.example/token", "scope": "s"},
        {"client_id": "a", "client_secret": "b\nX: y", "token_url": "https://a.example/token", "scope": "s"},
    ],
)
def test_an_unusable_secret_is_a_failed_poll_and_sends_nothing(
    world: World, sandbox: Sandbox, secret: dict[str, str] | None
) -> None:
    world.secrets.by_name = {"jobwatch/egain": secret} if secret is not None else {}
    answer = world.ask()
    assert isinstance(answer, PollFailure)
    assert answer.kind is FailureKind.MISCONFIGURED
    assert "egain-prod" in answer.detail
    assert "X: y" not in answer.detail
    assert world.secrets.forgotten == ["jobwatch/egain"]
    assert sandbox.egain.requests == []


@pytest.mark.parametrize("matching", ["oauth2", "/status"])
def test_a_redirect_takes_neither_secret_nor_token_along(world: World, sandbox: Sandbox, matching: str) -> None:
    for status in (301, 302, 307, 308):
        world.egain.faults.clear()
        world.egain.faults.set(misbehaviour.redirect(f"{sandbox.stranger.url}/steal", status, matching=matching))
        world.apis = VendorApis(world.secrets, Transport(2.0))
        assert isinstance(world.ask(), PollFailure)
    secrets = [world.egain.secret["client_secret"], *world.egain.tokens.issued]
    for secret in secrets:
        assert {request.server for request in sandbox.requests_with(secret)} <= {"egain"}
    assert sandbox.stranger.requests == []


@pytest.mark.parametrize("shape", ["body", "header", "json"])
def test_an_echoed_token_or_secret_is_masked(world: World, shape: str) -> None:
    world.ask()
    [token] = world.egain.tokens.issued[-1:]
    said = f"refused {token} and {world.egain.secret['client_secret']}"
    fault = misbehaviour.plain(500, said if shape == "body" else "no")
    if shape == "json":
        fault = misbehaviour.json_error(500, {"code": "500-100", "developerMessage": said})
    if shape == "header":
        fault.headers["Retry-After"] = said
    world.egain.faults.set(fault)
    answer = world.ask()
    assert isinstance(answer, PollFailure)
    assert token not in repr(answer)
    assert world.egain.secret["client_secret"] not in repr(answer)
    assert ("***" in answer.detail) == (shape != "header")


def test_what_a_vendor_quotes_of_others_secrets_is_hidden(world: World) -> None:
    said = {"status": "Failed", "errorMessage": "login refused: <password>hunter2q</password>"}
    world.egain.faults.set(misbehaviour.json_error(500, said, matching="/status", times=1))
    answer = world.ask()
    assert "hunter2q" not in repr(answer)
