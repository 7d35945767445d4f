"""`jobwatch connection check`: what it says of good and bad connections, against the sandbox and fake AWS services."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from typer.testing import CliRunner

from jobwatch.aws.clients import client
from jobwatch.domain.connection import Connection, ConnectionDeniedError, read_connection
from jobwatch.domain.exchange import Response
from jobwatch.domain.words import Operation
from jobwatch.http.asking import VendorApis
from jobwatch.http.transport import Transport
from jobwatch.ports import SecretDeniedError
from jobwatch.vendors.registry import VENDORS
from jobwatch_cli.checking import MADE_UP_NUMBER, MADE_UP_UUID, Question, check_connection
from jobwatch_cli.finding import Finding, Mark
from jobwatch_cli.main import app
from sandbox import misbehaviour, scripts
from sandbox.generic import AzureOpenAI, GitHub
from sandbox.jobs import HandClock
from sandbox.server import Sandbox
from tests.fakes import FakeConnections, FakeSecrets

EXAMPLES = Path(__file__).parents[2] / "events" / "connections"
REST_APIS = {
    "github-actions": "github",
    "zendesk-jobs": "zendesk",
    "salesforce-bulk": "salesforce",
    "azure-openai-batch": "azure",
}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=HandClock()) as running:
        yield running


@pytest.fixture
def github(sandbox: Sandbox) -> Iterator[GitHub]:
    yield sandbox.github
    sandbox.github.faults.clear()


def example(name: str, base_url: str, **changes: Any) -> Connection:
    document = {**json.loads((EXAMPLES / f"{name}.json").read_text()), "base_url": base_url, **changes}
    return read_connection(name, document, "jobwatch/", frozenset(VENDORS))


def check(
    connection: Connection, secret: Mapping[str, Any], job_id: str | None = None, **parameters: str
) -> list[Finding]:
    question = Question(connection.name, None, job_id, parameters, datetime(2024, 3, 1, 12, tzinfo=UTC))
    secrets, responses = FakeSecrets({connection.secret: secret}), list[Response]()
    found = check_connection(
        question,
        connections=FakeConnections({connection.name: connection}),
        secrets=secrets,
        vendor_status=VendorApis(secrets, Transport(2), responses.append),
        responses=responses,
    )
    return list(found)


def subjects(findings: list[Finding]) -> list[tuple[str, bool]]:
    return [(finding.subject, finding.is_good) for finding in findings]


GOOD_SO_FAR = [("parameter", True), ("secret", True), ("address", True)]


class TestGoodConnections:
    @pytest.mark.parametrize(("name", "server_name"), REST_APIS.items())
    def test_an_unknown_job_is_no_bad_sign_and_not_certain(self, sandbox: Sandbox, name: str, server_name: str) -> None:
        server = getattr(sandbox, server_name)
        findings = check(example(name, server.url), server.secret)
        assert subjects(findings) == [*GOOD_SO_FAR, ("credentials", True), ("job", True)]
        assert findings[-1].mark is Mark.WARNING
        assert "a wrong path would give the same" in findings[-1].text
        assert any(MADE_UP_UUID in request.path for request in server.requests)

    @pytest.mark.parametrize(
        ("vendor", "server_name", "parameters"),
        [
            ("egain", "egain", {}),
            ("document360", "document360", {}),
            ("zilliz", "zilliz", {"clusterId": "in01-sandbox"}),
            ("zilliz", "milvus", {"flavour": "milvus"}),
        ],
    )
    def test_so_it_is_with_the_built_in_vendors(
        self, sandbox: Sandbox, vendor: str, server_name: str, parameters: dict[str, str]
    ) -> None:
        server = getattr(sandbox, server_name)
        if server_name == "zilliz":
            parameters = {"clusterId": server.cluster_id}
        findings = check(Connection("x", vendor, server.url, "jobwatch/x", parameters), server.secret)
        assert subjects(findings)[-1] == ("job", True), findings[-1]

    def test_a_known_job_is_shown(self, sandbox: Sandbox) -> None:
        job = sandbox.azure.jobs.add(scripts.import_with_errors(100), age_seconds=200)
        findings = check(example("azure-openai-batch", sandbox.azure.url), sandbox.azure.secret, job.id)
        job_finding, described = findings[-2:]
        assert (job_finding.mark, described.mark) == (Mark.GOOD, Mark.WARNING)
        assert 'snapshot.state: "completed"' in described.text
        assert "snapshot.error: nothing at body.errors.data[0].message" in described.text
        lines = job_finding.text.splitlines()
        assert lines[0] == "completed_with_errors (completed)"
        assert "results: successful 4995, errors 5" in lines
        assert any(line.startswith("finished at: 2024-03-01T") for line in lines)

    def test_a_number_is_made_up_where_the_api_wants_one(self, sandbox: Sandbox) -> None:
        rest = {
            "request": {"method": "POST", "path": "/get", "body": {"id": "{job_id:number}"}},
            "snapshot": {"state": "body.state"},
            "outcomes": {"succeeded": ["done"]},
        }
        document = {"vendor": "rest", "base_url": sandbox.github.url, "secret": "jobwatch/x", "rest": rest}
        connection = read_connection("x", document, "jobwatch/", frozenset({"rest"}))
        check(connection, {})
        assert sandbox.github.requests[-1].json() == {"id": int(MADE_UP_NUMBER)}


class TestBadConnections:
    """The last finding is the bad one, and says what to do next."""

    def test_no_such_parameter(self) -> None:
        question = Question("nope", None, None, {}, datetime(2024, 3, 1, tzinfo=UTC))
        never = VendorApis(FakeSecrets(), Transport())
        findings = list(
            check_connection(question, connections=FakeConnections(), secrets=FakeSecrets(), vendor_status=never)
        )
        assert subjects(findings) == [("parameter", False)]
        assert "there is no parameter /jobwatch/connections/nope" in findings[0].text
        assert findings[0].next_step

    def test_a_secret_without_its_field(self, github: GitHub) -> None:
        findings = check(example("github-actions", github.url), {"tokn": "ghp_very_secret"})
        assert subjects(findings) == [("parameter", True), ("secret", False)]
        assert "'token'" in findings[-1].text
        assert "ghp_very_secret" not in str(findings)

    @pytest.mark.parametrize("left", ["…", "github_pat_…", "...", "<token>"])
    def test_a_placeholder_left_in_the_secret(self, github: GitHub, left: str) -> None:
        findings = check(example("github-actions", github.url), {"token": left})
        assert subjects(findings) == [("parameter", True), ("secret", False)]
        assert "token still holds the placeholder" in findings[-1].text

    def test_a_name_that_no_submission_can_give(self) -> None:
        question = Question("Prod_API", None, None, {}, datetime(2024, 3, 1, tzinfo=UTC))
        never = VendorApis(FakeSecrets(), Transport())
        [finding] = check_connection(
            question, connections=FakeConnections(), secrets=FakeSecrets(), vendor_status=never
        )
        assert (finding.subject, finding.mark) == ("name", Mark.BAD)

    def test_your_own_missing_rights_are_said_as_yours(self) -> None:
        connection = Connection("x", "egain", "https://api.example.com", "jobwatch/x")
        question = Question("x", None, None, {}, datetime(2024, 3, 1, tzinfo=UTC))
        never = VendorApis(FakeSecrets(), Transport())

        class Denied:
            def get(self, name: str) -> Any:
                raise (ConnectionDeniedError if name == "x" else SecretDeniedError)(f"{name} cannot be read")

            def forget(self, name: str) -> None:
                raise NotImplementedError

        [parameter] = check_connection(question, connections=Denied(), secrets=Denied(), vendor_status=never)
        assert "Your own AWS credentials need ssm:GetParameter" in str(parameter.next_step)
        known = FakeConnections({"x": connection})
        *_, secret = check_connection(question, connections=known, secrets=Denied(), vendor_status=never)
        assert "your own AWS credentials may not read jobwatch/x" in secret.text
        assert "secretsmanager:GetSecretValue" in str(secret.next_step)

    def test_a_wrong_token(self, github: GitHub) -> None:
        findings = check(example("github-actions", github.url), {"token": "ghp_very_secret"})
        assert subjects(findings) == [*GOOD_SO_FAR, ("credentials", False)]
        assert "Bad credentials" in findings[-1].text
        assert "jobwatch/github-actions" in str(findings[-1].next_step)
        assert "ghp_very_secret" not in str(findings)

    def test_wrong_client_credentials(self, sandbox: Sandbox) -> None:
        server = sandbox.salesforce
        findings = check(example("salesforce-bulk", server.url), {**server.secret, "client_secret": "wrong-secret"})
        assert subjects(findings) == [*GOOD_SO_FAR, ("credentials", False)]
        assert "token address" in findings[-1].text

    def test_a_token_address_that_is_none(self, sandbox: Sandbox) -> None:
        secret = {**sandbox.salesforce.secret, "token_url": "http://127.0.0.1:1/token"}
        findings = check(example("salesforce-bulk", sandbox.salesforce.url), secret)
        assert subjects(findings) == [("parameter", True), ("secret", True), ("address", False)]
        assert "token_url" in str(findings[-1].next_step)

    @pytest.mark.parametrize(
        ("fault", "subject", "advice"),
        [
            (misbehaviour.html(503), "vendor", "Try again later"),
            (misbehaviour.html(200), "answer", "base_url, and the description"),
            (misbehaviour.json_error(403, {"message": "no"}), "permission", "right to read jobs"),
            (misbehaviour.json_error(400, {"message": "no"}), "request", "made-up id: try --job-id"),
            (misbehaviour.too_many(30), "limit", "Try again in 30 s"),
        ],
    )
    def test_other_answers(self, github: GitHub, fault: misbehaviour.Fault, subject: str, advice: str) -> None:
        github.faults.set(fault)
        findings = check(example("github-actions", github.url), github.secret)
        assert subjects(findings) == [*GOOD_SO_FAR, (subject, False)]
        assert advice in str(findings[-1].next_step)

    def test_nobody_listens(self, github: GitHub) -> None:
        findings = check(example("github-actions", "http://127.0.0.1:1"), github.secret)
        assert subjects(findings) == [("parameter", True), ("secret", True), ("address", False)]
        assert "base_url" in str(findings[-1].next_step)

    def test_a_real_job_that_is_not_known(self, github: GitHub) -> None:
        findings = check(example("github-actions", github.url), github.secret, "17")
        assert subjects(findings)[-1] == ("job", False)
        assert "does not know 17" in findings[-1].text

    def test_a_status_for_a_job_that_cannot_be(self, sandbox: Sandbox) -> None:
        rest = {
            "request": {"path": "/exports/{job_id}"},
            "snapshot": {"state": "status_code"},
            "outcomes": {"succeeded": [200]},
        }
        document = {"vendor": "rest", "base_url": sandbox.stranger.url, "secret": "jobwatch/x", "rest": rest}
        findings = check(read_connection("x", document, "jobwatch/", frozenset({"rest"})), {})
        assert subjects(findings)[-1] == ("job", False)
        assert "made up" in findings[-1].text

    def test_what_the_vendor_cannot_be_asked(self, github: GitHub) -> None:
        connection = example("github-actions", github.url, parameters={})
        findings = check(connection, github.secret)
        assert subjects(findings) == [("parameter", True), ("question", False)]
        assert "parameters.owner" in findings[-1].text
        assert subjects(check(connection, github.secret, owner="octo-org", repo="octo-repo"))[-1] == ("job", True)
        question = Question(connection.name, Operation.EXPORT, None, {}, datetime(2024, 3, 1, tzinfo=UTC))
        secrets = FakeSecrets({connection.secret: github.secret})
        known = FakeConnections({connection.name: connection})
        never = VendorApis(secrets, Transport())
        last = list(check_connection(question, connections=known, secrets=secrets, vendor_status=never))[-1]
        assert "has no export" in last.text


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, object, object], None]]:
    """Empty AWS services, and a function that puts a connection and its secret there."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    client.cache_clear()

    def put(name: str, document: object, secret: object) -> None:
        ssm, secrets_manager = boto3.client("ssm"), boto3.client("secretsmanager")
        ssm.put_parameter(Name=f"/jobwatch/connections/{name}", Value=json.dumps(document), Type="String")
        secrets_manager.create_secret(Name="jobwatch/azure-openai", SecretString=json.dumps(secret))

    with mock_aws():
        yield put
    client.cache_clear()


class TestTheCommand:
    def test_all_good(self, sandbox: Sandbox, aws: Callable[[str, object, object], None]) -> None:
        server: AzureOpenAI = sandbox.azure
        document = {**json.loads((EXAMPLES / "azure-openai-batch.json").read_text()), "base_url": server.url}
        aws("azure", document, server.secret)
        result = CliRunner().invoke(app, ["connection", "check", "azure"])
        assert result.exit_code == 0, result.output
        assert "✓ secret       jobwatch/azure-openai can be read and has its fields" in result.output
        assert "! job          a made-up id is not known" in result.output
        assert "Note: " in result.output
        assert server.secret["api_key"] not in result.output
        job = server.jobs.add(scripts.good_import(100), age_seconds=50)
        shown = CliRunner().invoke(app, ["connection", "check", "azure", "--job-id", job.id])
        assert (shown.exit_code, "✓ job          running (in_progress)" in shown.output) == (0, True)

    def test_a_wrong_description(self, aws: Callable[[str, object, object], None]) -> None:
        document = json.loads((EXAMPLES / "azure-openai-batch.json").read_text())
        document["rest"]["snapshot"]["state"] = "status"
        aws("azure", document, {})
        result = CliRunner().invoke(app, ["connection", "check", "azure"])
        assert result.exit_code == 1
        assert "✗ parameter    connection azure: rest.snapshot.state: 'status' is none of" in result.output
        assert "Next: Correct the parameter" in result.output

    def test_without_a_secret_and_without_a_connection(self, aws: Callable[[str, object, object], None]) -> None:
        document = json.loads((EXAMPLES / "azure-openai-batch.json").read_text())
        aws("azure", {**document, "secret": "jobwatch/other"}, {})
        missing = CliRunner().invoke(app, ["connection", "check", "azure"])
        assert (missing.exit_code, "secret jobwatch/other does not exist" in missing.output) == (1, True)
        nothing = CliRunner().invoke(app, ["connection", "check", "nothing"])
        assert (nothing.exit_code, "no parameter /jobwatch/connections/nothing" in nothing.output) == (1, True)
        assert "in region eu-central-1 of account 123456789012" in nothing.output

    def test_a_parameter_without_a_value(self, aws: Callable[[str, object, object], None]) -> None:
        assert CliRunner().invoke(app, ["connection", "check", "x", "--parameter", "cluster"]).exit_code == 2

    def test_without_a_region(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
        client.cache_clear()
        result = CliRunner().invoke(app, ["connection", "check", "x"])
        assert result.exit_code == 1
        assert "✗ AWS" in result.output
        assert "AWS_REGION" in result.output


@mock_aws
def test_the_region_is_taken_from_the_variable_that_lambda_and_other_sdks_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "")
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    client.cache_clear()
    result = CliRunner().invoke(app, ["connection", "check", "nobody-configured-this"])
    client.cache_clear()
    assert "there is no parameter" in result.output
