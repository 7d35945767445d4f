"""The adapters over real HTTP, against the sandbox: the life of a job, every misbehaviour, credentials."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jobwatch.domain.connection import Connection
from jobwatch.domain.outcome import settle
from jobwatch.domain.snapshot import FailureKind, NotFound, Phase, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.words import Operation, Outcome
from jobwatch.http.asking import VendorApis
from jobwatch.http.transport import Transport
from sandbox import document360, egain, misbehaviour, scripts, zilliz
from sandbox.document360 import Document360
from sandbox.egain import Egain
from sandbox.jobs import HandClock, Script
from sandbox.misbehaviour import Fault
from sandbox.server import Sandbox
from sandbox.zilliz import ZillizCloud
from tests.vendors.held_secrets import HeldSecrets
from tests.vendors.sandbox_apis import APIS, SENDS_WITHIN_SECONDS, Api, VendorServer, failure, snapshot


class TestTheLifeOfAJob:
    def test_from_its_start_to_its_end(self, api: Api) -> None:
        job = api.start(scripts.scheduled(60, 1000))
        waiting = snapshot(api.ask(job.id))
        api.clock.advance(560)
        running = snapshot(api.ask(job.id))
        api.clock.advance(500)
        ended = snapshot(api.ask(job.id))
        assert [waiting.phase, running.phase, ended.phase] == [Phase.SCHEDULED, Phase.RUNNING, Phase.ENDED]
        assert 0 < (running.progress.processed or 0) < (ended.progress.processed or 0)
        assert settle(ended) is Outcome.SUCCEEDED
        assert ended.remarks == ()

    def test_success_with_errors_is_an_outcome_of_its_own(self, api: Api) -> None:
        job = api.start(scripts.import_with_errors(100))
        api.clock.advance(100)
        ended = snapshot(api.ask(job.id))
        assert settle(ended) is Outcome.COMPLETED_WITH_ERRORS
        assert ended.results.errors or ended.messages, "people are told what went wrong"

    def test_failure_names_its_cause(self, api: Api) -> None:
        job = api.start(scripts.failed_retryable(100))
        api.clock.advance(100)
        ended = snapshot(api.ask(job.id))
        assert ended.verdict is Outcome.FAILED
        assert ended.error == "Database connection timeout after processing 1250 items"

    def test_a_job_that_is_not_known_yet(self, api: Api) -> None:
        job = api.start(scripts.late_known(60))
        assert isinstance(api.ask(job.id), NotFound)
        api.clock.advance(60)
        snapshot(api.ask(job.id))

    def test_a_job_that_nobody_started(self, api: Api) -> None:
        assert isinstance(api.ask("448761313698322999"), NotFound)


QUIRKS: dict[str, list[tuple[str, Script, float, Outcome | None]]] = {
    "egain import": [(quirk, scripts.good_import(100), 100, Outcome.SUCCEEDED) for quirk in egain.Quirk],
    "egain export": [(quirk, scripts.good_import(100), 100, Outcome.SUCCEEDED) for quirk in egain.Quirk],
    "document360": [(quirk, scripts.good_import(100), 100, Outcome.SUCCEEDED) for quirk in document360.Quirk],
    "zilliz": [
        (quirk, scripts.good_import(100), 100, None if quirk is zilliz.Quirk.STAYS_AT_80 else Outcome.SUCCEEDED)
        for quirk in zilliz.Quirk
    ],
    "milvus": [(zilliz.Quirk.COMMITTING, scripts.good_import(100), 95, None)],
}


@pytest.mark.parametrize(
    ("api", "quirk"), [(name, i) for name in QUIRKS for i in range(len(QUIRKS[name]))], indirect=["api"]
)
def test_quirks_change_no_outcome(api: Api, quirk: int, request: pytest.FixtureRequest) -> None:
    name = request.node.callspec.params["api"]
    switched_on, script, seconds, outcome = QUIRKS[name][quirk]
    job = api.start(script, switched_on)
    api.clock.advance(seconds / 2)
    assert snapshot(api.ask(job.id)).verdict is None
    api.clock.advance(seconds / 2)
    seen = snapshot(api.ask(job.id))
    assert (settle(seen) if seen.verdict else None) is outcome


def soon() -> datetime:
    """An hour from now; taken when a test runs, which may be minutes after it was imported."""
    return datetime.now(UTC) + timedelta(seconds=3600)


# What a fault must look like to the poller; the job behind it is ended, so that reading it through would be seen.
FAULTS: dict[str, tuple[Callable[[Sandbox], Fault], FailureKind, float | None]] = {
    "a gateway's page": (lambda _: misbehaviour.html(502), FailureKind.VENDOR_ERROR, None),
    "a page under 200": (lambda _: misbehaviour.html(200), FailureKind.UNREADABLE, None),
    "plain text": (lambda _: misbehaviour.plain(503, "Service Unavailable"), FailureKind.VENDOR_ERROR, None),
    "plain text under 200": (lambda _: misbehaviour.plain(200, "Completed"), FailureKind.UNREADABLE, None),
    "an empty body": (lambda _: misbehaviour.empty(), FailureKind.UNREADABLE, None),
    "no content": (lambda _: misbehaviour.empty(204), FailureKind.UNREADABLE, None),
    "truncated JSON": (lambda _: misbehaviour.truncated_json(), FailureKind.UNREADABLE, None),
    "a body that breaks off": (lambda _: misbehaviour.broken_off(), FailureKind.UNREACHABLE, None),
    "a reset": (lambda _: misbehaviour.reset(), FailureKind.UNREACHABLE, None),
    "problem+json": (
        lambda _: Fault(500, b'{"type": "about:blank", "status": 500}', "application/problem+json"),
        FailureKind.VENDOR_ERROR,
        None,
    ),
    "50 MB": (lambda _: misbehaviour.huge(), FailureKind.UNREADABLE, None),
    "429 with seconds": (lambda _: misbehaviour.too_many(120), FailureKind.THROTTLED, 120.0),
    "429 with a date": (lambda _: misbehaviour.too_many(0, as_date_from=soon()), FailureKind.THROTTLED, 3600.0),
    "429 with nothing": (lambda _: misbehaviour.too_many(), FailureKind.THROTTLED, None),
    "503 with seconds": (lambda _: misbehaviour.too_many(30, status=503), FailureKind.VENDOR_ERROR, 30.0),
    "a rate limit in seconds": (lambda _: misbehaviour.rate_headers(60, 0, 42), FailureKind.THROTTLED, 42.0),
    "a rate limit in epoch seconds": (
        lambda _: misbehaviour.rate_headers(60, 0, int(soon().timestamp())),
        FailureKind.THROTTLED,
        3600.0,
    ),
    "a redirect to another host": (
        lambda sandbox: misbehaviour.redirect(f"{sandbox.stranger.url}/x", 307),
        FailureKind.UNREACHABLE,
        None,
    ),
    "a redirect without an address": (lambda _: Fault(302), FailureKind.REFUSED, None),
    "a redirect to nonsense": (
        lambda _: misbehaviour.redirect("mailto:x@example.com", 307),
        FailureKind.UNREACHABLE,
        None,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_misbehaving_vendor_is_a_failed_poll_and_then_heard_again(api: Api, fault: str) -> None:
    job = api.start(scripts.good_import(10))
    api.clock.advance(10)
    make, kind, retry_after_seconds = FAULTS[fault]
    api.misbehave(make(api.sandbox))
    started = time.monotonic()
    failed = failure(api.ask(job.id))
    assert failed.kind is kind, failed
    assert time.monotonic() - started < SENDS_WITHIN_SECONDS + 3
    if retry_after_seconds is None:
        assert failed.retry_after_seconds is None
    else:
        assert failed.retry_after_seconds == pytest.approx(retry_after_seconds, abs=60)
    assert not api.sandbox.stranger.requests, "nobody follows a redirect with credentials"
    assert snapshot(api.ask(job.id)).verdict is Outcome.SUCCEEDED


def test_a_redirect_within_the_host_is_followed(api: Api) -> None:
    job = api.start(scripts.good_import(10))
    api.clock.advance(10)
    snapshot(api.ask(job.id))
    asked = api.server.requests[-1]
    api.server.faults.set(misbehaviour.redirect(asked.path, 307, matching=asked.path))
    assert snapshot(api.ask(job.id)).verdict is Outcome.SUCCEEDED


@pytest.mark.parametrize("name", ["egain", "document360", "zilliz"])
def test_a_vendor_that_hangs_is_given_up_on(sandbox: Sandbox, clock: HandClock, name: str) -> None:
    server_name, vendor, operation, parameters = APIS[name if name != "egain" else "egain import"]
    server: VendorServer = getattr(sandbox, server_name)
    apis = VendorApis(HeldSecrets(server.secret), Transport(total_seconds=0.5))
    server.faults.set(misbehaviour.hang(5))
    started = time.monotonic()
    connection = Connection("test", vendor, server.url, "jobwatch/test", parameters)
    answer = failure(apis.ask(Submission("test", "1", operation, clock.now()), connection))
    server.faults.clear()
    assert answer.kind is FailureKind.UNREACHABLE
    assert time.monotonic() - started < 3


def test_a_vendor_that_is_gone(api: Api) -> None:
    gone = Connection("test", api.connection.vendor, "http://127.0.0.1:9", "jobwatch/test", api.connection.parameters)
    assert failure(api.apis.ask(api.submission("448761313698322011"), gone)).kind is FailureKind.UNREACHABLE


class TestCredentials:
    def test_that_are_wrong(self, api: Api) -> None:
        job = api.start(scripts.good_import(10))
        api.clock.advance(10)
        good = dict(api.secrets.secret)
        for field in ("client_secret", "api_token", "api_key"):
            if field in good:
                api.secrets.secret[field] = "another-credential-entirely"
        refused = failure(api.ask(job.id))
        assert refused.kind is FailureKind.UNAUTHORISED
        assert "another-credential-entirely" not in refused.detail
        api.secrets.secret.update(good)
        assert snapshot(api.ask(job.id)).verdict is Outcome.SUCCEEDED

    def test_reach_their_host_and_no_other(self, api: Api) -> None:
        job = api.start(scripts.good_import(10))
        api.ask(job.id)
        for name, value in api.secrets.secret.items():
            if name not in ("token_url", "scope", "client_id"):
                seen = api.sandbox.requests_with(value)
                assert seen
                assert {request.server for request in seen} == {api.server.name}
        assert not any(
            value in request.path + request.query
            for request in api.server.requests
            for value in (api.secrets.secret.get(name) for name in ("client_secret", "api_token", "api_key"))
            if value
        )

    @pytest.mark.parametrize("api", ["egain import", "egain export"], indirect=True)
    def test_a_token_that_ends_in_the_middle_of_a_watch_is_fetched_anew(self, api: Api) -> None:
        assert isinstance(api.server, Egain)
        job = api.start(scripts.good_import(1000))
        snapshot(api.ask(job.id))
        issued = len(api.server.tokens.issued)
        snapshot(api.ask(job.id))
        assert len(api.server.tokens.issued) == issued, "one token serves many polls"
        api.server.tokens.revoke()
        snapshot(api.ask(job.id))
        assert len(api.server.tokens.issued) == issued + 1


class TestErrorsUnderHttp200:
    @pytest.mark.parametrize("api", ["zilliz"], indirect=True)
    @pytest.mark.parametrize(
        ("body", "kind"),
        [
            ({"code": "0", "message": "The token is illegal."}, FailureKind.UNAUTHORISED),
            ({"code": 21119, "message": "The apikey is illegal."}, FailureKind.UNAUTHORISED),
        ],
    )
    def test_an_illegal_key(self, api: Api, body: dict[str, Any], kind: FailureKind) -> None:
        assert isinstance(api.server, ZillizCloud)
        before, api.server.key_error = api.server.key_error, body
        api.secrets.secret["api_key"] = "not-the-key"
        try:
            assert failure(api.ask("1")).kind is kind
        finally:
            api.server.key_error = before

    @pytest.mark.parametrize("api", ["zilliz"], indirect=True)
    def test_another_cluster(self, api: Api) -> None:
        job = api.start(scripts.good_import(10))
        elsewhere = Submission("test", job.id, Operation.IMPORT, api.clock.now(), parameters={"clusterId": "in01-x"})
        refused = failure(api.apis.ask(elsewhere, api.connection))
        assert refused.kind is FailureKind.MISCONFIGURED
        assert "clusterId" in refused.detail

    @pytest.mark.parametrize("api", ["milvus"], indirect=True)
    def test_milvus_that_limits(self, api: Api) -> None:
        job = api.start(scripts.good_import(10))
        api.server.faults.set(zilliz.limited())
        assert failure(api.ask(job.id)).kind is FailureKind.THROTTLED

    @pytest.mark.parametrize("api", ["document360"], indirect=True)
    def test_document360_that_limits(self, api: Api) -> None:
        job = api.start(scripts.good_import())
        answers = [api.ask(job.id) for _ in range(62)]
        limited = failure(answers[-1])
        assert limited.kind is FailureKind.THROTTLED
        assert limited.retry_after_seconds is not None
        assert 0 < limited.retry_after_seconds <= 60
        assert sum(isinstance(answer, Snapshot) for answer in answers) == 60

    @pytest.mark.parametrize("api", ["document360"], indirect=True)
    def test_document360_that_answers_404_for_an_unknown_id(self, api: Api) -> None:
        assert isinstance(api.server, Document360)
        api.server.unknown_status = 404
        try:
            assert isinstance(api.ask("nobody"), NotFound)
        finally:
            api.server.unknown_status = 400


def test_the_job_id_is_sent_as_text(sandbox: Sandbox) -> None:
    """Milvus refuses a number, and 18 digits do not survive a float."""
    bodies = [json.loads(request.body) for request in sandbox.milvus.requests + sandbox.zilliz.requests if request.body]
    assert bodies
    assert all(isinstance(body["jobId"], str) for body in bodies)
