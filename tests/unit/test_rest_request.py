"""What a described API is asked: values stay where the templates put them, and secrets stay hidden."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from jobwatch.domain.exchange import NotAskableError, Response
from jobwatch.domain.snapshot import PollFailure
from jobwatch.domain.words import Operation
from jobwatch.http.asking import VendorApis
from jobwatch.http.transport import Transport
from jobwatch.vendors.registry import vendor_of
from jobwatch.vendors.vendor import ClientCredentials, StaticHeaders
from tests.fakes import FakeSecrets
from tests.unit.rest_examples import NOW, SECRET, asked, described, submitted


class TestTheRequest:
    def test_values_stay_where_they_are_put(self) -> None:
        connection = described(
            {
                "request.path": "/{parameters.project:path}/jobs/{job_id}",
                "request.query": {"at": "{parameters.at}", "full": True, "page": 2},
            }
        )
        request = asked(connection, submitted("a/b?c#d%", project="octo org/repo", at="x&y=z +"))
        assert request.url == (
            "https://api.example.com/v1/octo%20org/repo/jobs/a%2Fb%3Fc%23d%25?at=x%26y%3Dz%20%2B&full=true&page=2"
        )

    @pytest.mark.parametrize("value", ["..", ".", "a/../b", "a//b", "/a"])
    def test_a_value_cannot_climb(self, value: str) -> None:
        connection = described({"request.path": "/{parameters.project:path}/jobs/{job_id}"})
        with pytest.raises(NotAskableError, match=r"parameters\.project"):
            vendor_of(connection).check(submitted(project=value), connection)

    def test_two_values_cannot_climb_together(self) -> None:
        connection = described({"request.path": "/jobs/{job_id}/.{parameters.a}"})
        with pytest.raises(NotAskableError):
            vendor_of(connection).check(submitted(a="."), connection)

    def test_a_missing_parameter_is_told_at_the_submission(self) -> None:
        connection = described({"request.path": "/{parameters.cluster}/jobs/{job_id}"})
        with pytest.raises(NotAskableError, match=r"parameters\.cluster: is needed for request\.path"):
            vendor_of(connection).check(submitted(), connection)
        vendor_of(connection).check(submitted(cluster="c"), connection)
        with_default = described(
            {"request.path": "/{job_id}/{parameters.cluster}/x"}, parameters={"cluster": "of-connection"}
        )
        assert asked(with_default).url.endswith("/of-connection/x")
        assert asked(with_default, submitted(cluster="of-submission")).url.endswith("/of-submission/x")

    def test_what_a_submission_may_lack_is_left_out(self) -> None:
        connection = described(
            {
                "request.method": "POST",
                "request.path": "/runs/{job_id}[/attempts/{attempt}]",
                "request.query": {"location": "{parameters.location?}", "v": "1"},
                "request.headers": {"X-Project": "{parameters.project?}"},
                "request.body": {"id": "{job_id}", "region": "{parameters.region?}"},
            }
        )
        bare = asked(connection)
        assert bare.url == "https://api.example.com/v1/runs/7?v=1"
        assert (bare.headers, bare.json_body) == ({"Accept": "application/json"}, {"id": "7"})
        whole = asked(connection, replace(submitted(location="EU", project="p", region="r"), attempt="2"))
        assert whole.url == "https://api.example.com/v1/runs/7/attempts/2?location=EU&v=1"
        assert whole.headers["X-Project"] == "p"
        assert whole.json_body == {"id": "7", "region": "r"}

    @pytest.mark.parametrize(
        "address",
        [
            "https://api.example.com/v1/jobs/7?api-version=1",
            "https://API.example.com/v1/jobs/7?api-version=1",
        ],
    )
    def test_an_address_as_the_jobs_id(self, address: str) -> None:
        """Azure's operation-location, with its query; the host is the connection's, never the submission's."""
        connection = described({"request.path": "{job_id:address}", "request.query": {"detail": "yes"}})
        vendor_of(connection).check(submitted(address), connection)
        expected = "https://api.example.com/v1/jobs/7?api-version=1&detail=yes"
        assert asked(connection, submitted(address)).url == expected

    @pytest.mark.parametrize(
        "address",
        [
            *("7", "/v1/jobs/7", "https://evil.example.com/v1/jobs/7", "http://api.example.com/v1/jobs/7"),
            *("https://api.example.com@evil.example.com/v1/j", "https://evil.example.com\\@api.example.com/v1/j"),
            *("https://api.example.com:444/v1/j", "https://api.example.com/v2/j", "https://api.example.com/v1"),
            *(
                "https://api.example.com/v1/",
                "https://api.example.com/v1/../v2/j",
                "https://api.example.com/v1/%2E%2e/j",
            ),
            *(
                "https://api.example.com/v1/a%2f..%2fb",
                "https://api.example.com/v1/j#x",
                "https://api.example.com/v1/a b",
            ),
            *("https://api.example.com/v1/ä", "https://api.example.com.evil.example/v1/j", "https://[api/v1/j"),
        ],
    )
    def test_another_address_is_refused(self, address: str) -> None:
        connection = described({"request.path": "{job_id:address}"})
        with pytest.raises(NotAskableError, match=r"job_id: "):
            vendor_of(connection).check(submitted(address), connection)

    @pytest.mark.parametrize("job_id", [" 42", "42 "])
    def test_blanks_around_an_id_are_refused(self, job_id: str) -> None:
        with pytest.raises(NotAskableError, match="blanks around"):
            vendor_of(described()).check(submitted(job_id), described())

    def test_a_number_in_the_body(self) -> None:
        connection = described(
            {"request.method": "POST", "request.body": {"id": "{job_id:number}", "s": "{job_id}", "n": [1]}}
        )
        assert asked(connection, submitted("448761313698322011")).json_body == {
            "id": 448761313698322011,
            "s": "448761313698322011",
            "n": [1],
        }
        for job_id in ("abc", "1.5", "true", "1e3", "9" * 190 + "x"):
            with pytest.raises(NotAskableError, match="must be a whole number"):
                vendor_of(connection).check(submitted(job_id), connection)

    def test_a_header_takes_no_other_characters(self) -> None:
        connection = described({"request.headers": {"X-Job": "{job_id}"}})
        assert asked(connection, submitted("a b")).headers["X-Job"] == "a b"
        with pytest.raises(NotAskableError, match="X-Job"):
            vendor_of(connection).check(submitted("jöb"), connection)

    @pytest.mark.parametrize(
        ("auth", "headers"),
        [
            ({"type": "bearer", "token": "{secret.token}"}, {"Authorization": "Bearer s3cret-token"}),
            ({"type": "header", "name": "X-Key", "value": "Token {secret.token}"}, {"X-Key": "Token s3cret-token"}),
            (
                {"type": "basic", "username": "{secret.user}/token", "password": "{secret.password}"},
                {"Authorization": "Basic YW5uYS90b2tlbjpwYTpzcyB3MHJk"},
            ),
        ],
    )
    def test_signing_in(self, auth: dict[str, str], headers: dict[str, str]) -> None:
        request = asked(described({"auth": auth}))
        assert isinstance(request.auth, StaticHeaders)
        assert request.auth.headers == headers
        assert "s3cret" not in repr(request)

    def test_oauth(self) -> None:
        auth = {
            "type": "oauth2",
            "token_url": "{secret.token_url}",
            "client_id": "{secret.user}",
            "client_secret": "{secret.token}",
        }
        request = asked(described({"auth": auth}))
        assert request.auth == ClientCredentials.usual("https://login.example.com/t", "anna", "s3cret-token")
        with pytest.raises(NotAskableError, match="token_url"):
            vendor_of(described({"auth": auth})).request(
                submitted(), described({"auth": auth}), {**SECRET, "token_url": "http://login.example.com"}
            )

    def test_a_token_request_of_its_own(self) -> None:
        """Auth0 wants an audience in JSON, Zoom other fields beside a Basic header."""
        auth = {"type": "oauth2", "token_url": "https://login.example.com/t"}
        json_body = {"client_id": "{secret.user}", "client_secret": "{secret.token}", "audience": "https://x"}
        assert asked(described({"auth": {**auth, "json": json_body}})).auth == ClientCredentials(
            "https://login.example.com/t",
            (("client_id", "anna"), ("client_secret", "s3cret-token"), ("audience", "https://x")),
            ("s3cret-token",),
            as_json=True,
        )
        client = {"client": "basic", "client_id": "{secret.user}", "client_secret": "{secret.token}"}
        account = asked(described({"auth": {**auth, **client, "form": {"grant_type": "account_credentials"}}}))
        assert account.auth == ClientCredentials(
            "https://login.example.com/t",
            (("grant_type", "account_credentials"),),
            ("s3cret-token",),
            basic=("anna", "s3cret-token"),
        )
        assert asked(described({"auth": {**auth, **client}})).auth == ClientCredentials.usual(
            "https://login.example.com/t", "anna", "s3cret-token", as_basic=True
        )

    def test_a_field_that_the_secret_lacks_is_named(self) -> None:
        connection = described({"auth": {"type": "bearer", "token": "{secret.api_key}"}})
        with pytest.raises(NotAskableError, match="'api_key'"):
            asked(connection)

    def test_only_described_operations(self) -> None:
        assert vendor_of(described({"operations": ["export"]})).operations == {Operation.EXPORT}
        assert vendor_of(described()).operations == set(Operation)


class Echo(Transport):
    """A service that answers with what it was sent."""

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        json_body: Mapping[str, Any] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Response:
        return Response(500, {}, json.dumps({"url": url, "headers": dict(headers), "body": json_body}).encode(), NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"auth": {"type": "basic", "username": "{secret.user}", "password": "{secret.password}"}},
        {"auth": {"type": "header", "name": "X-Key", "value": "Token {secret.token}"}},
        {"request.query": {"key": "{secret.password}"}},
        {"request.headers": {"X-Key": "{secret.token}"}},
        {"request.method": "POST", "request.body": {"key": "{secret.token}"}},
    ],
)
def test_a_service_that_echoes_its_request_gives_no_secret_away(changes: dict[str, Any]) -> None:
    connection = described(changes)
    answer = VendorApis(FakeSecrets({"jobwatch/x": SECRET}), Echo()).ask(submitted(), connection)
    assert isinstance(answer, PollFailure)
    assert "***" in answer.detail
    for hidden in ("s3cret-token", "pa:ss w0rd", "pa%3Ass%20w0rd", "YW5uYTpwYTpzcyB3MHJk"):
        assert hidden not in answer.detail
