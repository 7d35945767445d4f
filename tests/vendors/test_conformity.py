"""One suite for every API of every vendor in the registry: what its answers mean, and which polls fail how."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from jobwatch.domain.exchange import NotAskableError, Response
from jobwatch.domain.rest_description import State
from jobwatch.domain.snapshot import Answer, FailureKind, NotFound, PollFailure, Snapshot
from jobwatch.vendors.reading import status_key
from jobwatch.vendors.registry import VENDORS, vendor_of
from jobwatch.vendors.vendor import StaticHeaders, StatusRequest
from tests.vendors.recordings import RECEIVED_AT, Profile, Recording, differences, load_profiles, load_recordings

PROFILES = load_profiles()
RECORDINGS = [recording for profile in PROFILES for recording in load_recordings(profile)]
every_api = pytest.mark.parametrize("api", PROFILES, ids=lambda profile: profile.name)

LARGEST_BODY_BYTES = 4 * 1024 * 1024
HTML = b"<html><head><title>Bad Gateway</title></head><body><h1>Successful? Completed? Failed?</h1></body></html>"
PROBLEM = {"type": "about:blank", "title": "Not right", "status": 418, "detail": "Something is not right"}

# Everything that stands in for a vendor's answer, by form; each is sent with every status below.
BODY_FORMS: dict[str, Callable[[Profile], tuple[str, bytes]]] = {
    "the vendor's JSON": lambda profile: ("application/json", json.dumps(profile.error_body).encode()),
    "HTML": lambda _: ("text/html; charset=utf-8", HTML),
    "HTML said to be JSON": lambda _: ("application/json", HTML),
    "plain text": lambda _: ("text/plain", b"Something is not right"),
    "empty": lambda _: ("application/json", b""),
    "truncated JSON": lambda profile: ("application/json", json.dumps(profile.error_body).encode()[:-9]),
    "problem+json": lambda _: ("application/problem+json", json.dumps(PROBLEM).encode()),
    "a JSON list": lambda _: ("application/json", b'["completed", "failed"]'),
    "a JSON word": lambda _: ("application/json", b'"completed"'),
    "not UTF-8": lambda _: ("application/json", b'{"status": "\xff\xfe"'),
    "NaN and deep nesting": lambda _: ("application/json", b'{"status": NaN, "x": ' + b"[" * 100_000),
    "cut at 4 MiB": lambda _: ("application/json", (b'{"status": "' + b"x" * LARGEST_BODY_BYTES)[:LARGEST_BODY_BYTES]),
}
STATUSES = {
    **dict.fromkeys((300, 301, 302, 304, 307, 308), FailureKind.REFUSED),
    **dict.fromkeys((400, 402, 405, 406, 408, 409, 412, 413, 415, 418, 422, 423, 451, 499), FailureKind.REFUSED),
    **dict.fromkeys((401, 403), FailureKind.UNAUTHORISED),
    **dict.fromkeys((404, 410), None),
    429: FailureKind.THROTTLED,
    **dict.fromkeys((500, 501, 502, 503, 504, 507, 508, 520, 524, 529, 599), FailureKind.VENDOR_ERROR),
}


def ask(api: Profile, response: Response) -> Answer:
    return vendor_of(api.connection()).read(api.submission(), response)


def request_for(api: Profile, secret: Mapping[str, Any] | None = None, **submission: Any) -> StatusRequest:
    return vendor_of(api.connection()).request(
        api.submission(submission), api.connection(), api.secret if secret is None else secret
    )


def answer_with(status_code: int, body: bytes, **headers: str) -> Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status_code, named, body, RECEIVED_AT, cut=len(body) >= LARGEST_BODY_BYTES)


def _can_end(api: Profile) -> set[str]:
    """How a job of an API can end, which is to be recorded: all ways, unless its description knows fewer."""
    rest = api.described
    if rest is None:
        return {"succeeded", "completed_with_errors", "failed"}
    states = {state.value for state in rest.states.values()} & {"succeeded", "completed_with_errors", "failed"}
    if {"results.errors", "items", "messages"} & rest.expressions.keys():
        states.add("completed_with_errors")
    return states


def test_every_vendor_is_recorded() -> None:
    assert {profile.vendor_name for profile in PROFILES} == set(VENDORS)


@every_api
class TestEveryApiIsRecorded:
    def test_with_answers_of_every_kind(self, api: Profile) -> None:
        recordings = load_recordings(api)
        seen = {recording.expected["answer"] for recording in recordings}
        assert {"snapshot", "not_found", "unauthorised", "vendor_error"} <= seen, f"recorded: {sorted(seen)}"
        outcomes = {recording.expected.get("outcome") for recording in recordings}
        assert {*_can_end(api)} <= outcomes, f"recorded: {outcomes}"
        phases = {recording.expected.get("phase") for recording in recordings}
        can_wait = api.described is None or State.SCHEDULED in api.described.states.values()
        assert {"running", "ended"} | ({"scheduled"} if can_wait else set()) <= phases, f"recorded: {phases}"
        assert any(recording.request for recording in recordings), "no recording says how it was asked for"
        assert all(recording.source for recording in recordings)

    def test_with_each_word_that_ends_a_job(self, api: Profile) -> None:
        """A spelling that nobody recorded is one that may be lost without a test noticing."""
        told = {
            status_key(recording.expected["vendor_status"])
            for recording in load_recordings(api)
            if recording.expected.get("phase") == "ended"
        }
        assert told == api.ending_words


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.name)
class TestRecordedAnswers:
    def test_means_what_is_expected(self, recording: Recording) -> None:
        assert differences(recording.read(), recording) == []

    def test_is_asked_for_as_recorded(self, recording: Recording) -> None:
        submission, connection = recording.submission, recording.connection
        vendor = vendor_of(connection)
        assert submission.operation in vendor.operations
        vendor.check(submission, connection)
        request = vendor.request(submission, connection, recording.profile.secret)
        assert request.url.startswith(connection.base_url + "/")
        if recording.request is not None:
            auth = request.auth.headers if isinstance(request.auth, StaticHeaders) else None
            asked = {"method": request.method, "url": request.url, "json_body": request.json_body, "auth": auth}
            assert {name: asked[name] for name in recording.request} == recording.request

    def test_says_the_same_whatever_the_content_type(self, recording: Recording) -> None:
        """Vendors label JSON as text; what counts is what stands in it."""
        response = recording.response
        relabelled = replace(response, headers={**response.headers, "content-type": "application/octet-stream"})
        if not (isinstance(recording.body, str) and "<" in recording.body):
            assert recording.read(relabelled) == recording.read()


@pytest.mark.parametrize("form", BODY_FORMS)
@every_api
class TestFailedPolls:
    """Vendor down, throttled, unauthorised, not found and garbage are told apart, and none of them ends a job."""

    def test_is_judged_by_its_http_status(self, api: Profile, form: str) -> None:
        content_type, body = BODY_FORMS[form](api)
        for status_code, kind in STATUSES.items():
            if api.described is not None and status_code in api.described.status_codes:
                continue  # a status, as the description says
            answer = ask(api, answer_with(status_code, body, content_type=content_type))
            found = answer.kind if isinstance(answer, PollFailure) else type(answer)
            assert found is (kind or NotFound), f"HTTP {status_code}: {answer}"
            assert isinstance(answer, PollFailure | NotFound)
            assert str(status_code) in answer.detail
            assert len(answer.detail) <= 500
            assert answer.detail.isprintable()

    def test_is_unreadable_or_an_error_under_success(self, api: Profile, form: str) -> None:
        content_type, body = BODY_FORMS[form](api)
        kinds = {FailureKind.UNREADABLE} | ({FailureKind.VENDOR_ERROR} if form == "the vendor's JSON" else set())
        for status_code in (200, 202, 204, 206):
            answer = ask(api, answer_with(status_code, body, content_type=content_type))
            assert isinstance(answer, PollFailure), f"HTTP {status_code}: {answer}"
            assert answer.kind in kinds, f"HTTP {status_code}: {answer}"
            assert len(answer.detail) <= 500


@every_api
class TestWhatTheVendorAsksFor:
    @pytest.mark.parametrize("status_code", [429, 503])
    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("120", 120.0),
            ("0", 0.0),
            (" 7 ", 7.0),
            ("Fri, 01 Mar 2024 12:02:00 GMT", 120.0),
            ("Fri, 01 Mar 2024 11:00:00 GMT", 0.0),
            ("soon", None),
            ("-5", None),
            ("", None),
            ("٣", None),
            ("9" * 400, None),
        ],
    )
    def test_retry_after(self, api: Profile, status_code: int, value: str, seconds: float | None) -> None:
        answer = ask(api, answer_with(status_code, b"", retry_after=value))
        assert isinstance(answer, PollFailure)
        assert answer.retry_after_seconds == seconds

    @pytest.mark.parametrize(
        ("reset", "seconds"),
        [
            ("42", 42.0),
            (str(int(RECEIVED_AT.timestamp()) + 90), 90.0),
            (str(int(RECEIVED_AT.timestamp()) - 90), 0.0),
            ("x", None),
        ],
    )
    def test_rate_limit_reset_in_seconds_and_as_a_moment(self, api: Profile, reset: str, seconds: float | None) -> None:
        limits = {"x_ratelimit_limit": "60", "x_ratelimit_remaining": "0", "x_ratelimit_reset": reset}
        answer = ask(api, answer_with(429, b"", **limits))
        assert isinstance(answer, PollFailure)
        assert answer.retry_after_seconds == seconds

    def test_retry_after_counts_before_the_rate_limit(self, api: Profile) -> None:
        answer = ask(api, answer_with(429, b"", retry_after="5", x_ratelimit_reset="60"))
        assert isinstance(answer, PollFailure)
        assert answer.retry_after_seconds == 5.0

    def test_a_spent_rate_limit_on_a_good_answer_is_no_failure(self, api: Profile) -> None:
        recording = next(each for each in load_recordings(api) if each.expected.get("phase") == "running")
        limits = {"x-ratelimit-limit": "60", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "42"}
        assert isinstance(recording.read(replace(recording.response, headers=limits)), Snapshot)


@every_api
class TestRequests:
    @pytest.mark.parametrize("job_id", ["a/../b", "a?x=1", "a#b", "a b", "ä", "a%2Fb", "a&b", "a\\b", ".", "..", "..."])
    def test_no_job_id_leads_to_another_resource(self, api: Profile, job_id: str) -> None:
        """It stays one part of the address, or is refused with its name; HTTP libraries follow dots."""
        refusal = None
        try:
            vendor_of(api.connection()).check(api.submission({"job_id": job_id}), api.connection())
        except NotAskableError as error:
            refusal = str(error)
        if refusal is not None:
            assert "job_id" in refusal or "path" in refusal
            return
        odd, plain = request_for(api, job_id=job_id), request_for(api)
        assert all(odd.url.count(mark) == plain.url.count(mark) for mark in "/?&# \\")
        assert odd.url.isascii()
        assert not {".", "..", "..."} & set(odd.url.split("/"))

    def test_a_large_id_is_sent_digit_for_digit(self, api: Profile) -> None:
        if api.described is not None and api.described.request.is_address:
            return
        request = request_for(api, job_id="448761313698322011")
        assert "448761313698322011" in request.url or '"448761313698322011"' in json.dumps(request.json_body)

    def test_each_field_of_the_secret_is_asked_for_by_name(self, api: Profile) -> None:
        """Whoever made the secret learns which field is missing, and never reads another one's value."""
        for field in api.secret:
            missing: dict[str, Any] = {name: value for name, value in api.secret.items() if name != field}
            for broken in (missing, *({**missing, field: wrong} for wrong in ("", "  ", None, 5, "a\nb", "ü"))):
                with pytest.raises(NotAskableError, match=field) as refused:
                    request_for(api, broken)
                assert not any(value in str(refused.value) for value in api.secret.values())

    def test_the_secret_stays_out_of_address_and_representation(self, api: Profile) -> None:
        request = request_for(api)
        hidden = [value for name, value in api.secret.items() if name not in ("client_id", "scope", "token_url")]
        assert hidden
        assert not any(value in repr(request) or value in request.url for value in hidden)
