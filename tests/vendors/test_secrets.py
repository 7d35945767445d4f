"""No answer shows a secret: services echo what they were sent, in forms of their own."""

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from jobwatch.domain.exchange import Response
from jobwatch.domain.snapshot import Answer, FailureKind, PollFailure
from jobwatch.http.asking import VendorApis
from jobwatch.http.transport import Transport
from tests.vendors.held_secrets import HeldSecrets
from tests.vendors.recordings import RECEIVED_AT, Profile, load_profiles, load_recordings

PROFILES = load_profiles()
SECRET = "s3cr+t/k=y&wo<rd>'9f1c\"x\\z"
TOKEN = "issued-token-77b1+/x"
NO_SECRET = ("client_id", "scope", "token_url")

FORMS: dict[str, Callable[[str], str]] = {
    "as it was sent": lambda secret: secret,
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "form-encoded": quote_plus,
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
}


class Echo(Transport):
    """Answers what a test says, and issues tokens."""

    def __init__(self, status_code: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.answer = Response(status_code, headers or {}, body, RECEIVED_AT)

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        json_body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Response:
        if form is not None or "client_secret" in (json_body or {}):
            token = json.dumps({"access_token": TOKEN, "expires_in": 3600}).encode()
            return Response(200, {"content-type": "application/json"}, token, RECEIVED_AT)
        return self.answer


def secret_of(api: Profile) -> dict[str, Any]:
    return {name: value if name in NO_SECRET else SECRET for name, value in api.secret.items()}


def with_every_text(value: Any, text: str) -> Any:
    """A body with `text` behind every text in it that is no word of a few letters."""
    if isinstance(value, dict):
        return {key: with_every_text(part, text) for key, part in value.items()}
    if isinstance(value, list):
        return [with_every_text(part, text) for part in value]
    return f"{value} {text}" if isinstance(value, str) and " " in value else value


def texts_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for part in value.values():
                yield from texts_in(part)
        case list() | tuple():
            for part in value:
                yield from texts_in(part)


def leaked(answer: Answer) -> list[str]:
    """The secrets that stand in an answer's texts, in whatever form."""
    said = "\n".join(texts_in(asdict(answer)))
    return [secret for secret in (SECRET, TOKEN) for form in FORMS.values() if form(secret) in said]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("api", PROFILES, ids=lambda profile: profile.name)
class TestAnEchoedSecret:
    def test_in_a_status(self, api: Profile, form: str) -> None:
        secrets = HeldSecrets(secret_of(api))
        for recording in load_recordings(api):
            for secret in (SECRET, TOKEN) if "client_secret" in api.secret else (SECRET,):
                text = FORMS[form](secret)
                body = json.dumps(with_every_text(recording.body, text)).encode()
                # Some writers escape slashes in JSON, some do not.
                for sent in (body, body.replace(b"/", b"\\/")):
                    apis = VendorApis(secrets, Echo(recording.status_code, sent, {"x-request": text}))
                    answer = apis.ask(recording.submission, recording.connection, fresh_token=True)
                    assert not leaked(answer), f"{recording.name}: {answer}"

    @pytest.mark.parametrize("status_code", [200, 302, 400, 401, 404, 429, 500])
    def test_in_plain_text_or_a_page(self, api: Profile, form: str, status_code: int) -> None:
        text = FORMS[form](SECRET)
        for body in (f"bad key {text}", f"<html><title>{text}</title>", f'{{"message": "{text}', text):
            apis = VendorApis(HeldSecrets(secret_of(api)), Echo(status_code, body.encode()))
            answer = apis.ask(api.submission(), api.connection(), fresh_token=True)
            assert not leaked(answer), str(answer)


@pytest.mark.parametrize("escaped", ["\\u002B", "\\u002b"])
def test_an_echoed_secret_escaped_for_web_pages(escaped: str) -> None:
    """.NET writes + & < > and quotes in JSON as four hex digits, Go & < >: Document360 is the one, Milvus the other."""
    api = next(profile for profile in PROFILES if profile.name == "document360")
    body = json.dumps({"status": "Error", "errors": [{"description": f"bad token {TOKEN}"}]})
    apis = VendorApis(HeldSecrets({"api_token": TOKEN}), Echo(200, body.replace("+", escaped).encode()))
    assert not leaked(apis.ask(api.submission(), api.connection(), fresh_token=True))


@pytest.mark.parametrize("api", PROFILES, ids=lambda profile: profile.name)
class TestARefusedSecret:
    @pytest.mark.parametrize("status_code", [401, 403])
    def test_is_read_anew_next_time(self, api: Profile, status_code: int) -> None:
        """A rotated secret counts at once, not when the cache ends."""
        secrets = HeldSecrets(api.secret)
        answer = VendorApis(secrets, Echo(status_code, b"")).ask(api.submission(), api.connection(), fresh_token=True)
        assert isinstance(answer, PollFailure)
        assert answer.kind is FailureKind.UNAUTHORISED
        assert secrets.forgotten

    def test_that_lacks_a_field_is_a_matter_of_configuration(self, api: Profile) -> None:
        secrets = HeldSecrets({})
        answer = VendorApis(secrets, Echo(200, b"")).ask(api.submission(), api.connection(), fresh_token=True)
        assert isinstance(answer, PollFailure)
        assert answer.kind is FailureKind.MISCONFIGURED
        assert any(name in answer.detail for name in api.secret)
        assert secrets.forgotten
