"""The calls that a poll makes on Lambda, without boto3: as boto3 would send them, and as it would fail."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.retries.standard import ThrottledRetryableChecker, TransientRetryableChecker

from jobwatch.aws import clients
from jobwatch.aws.clients import client
from jobwatch.aws.connections import SsmConnections
from jobwatch.aws.executions import StepFunctionsExecutions
from jobwatch.aws.json_client import _DOMAINS, _PASSING_CODES, _PASSING_STATUS, JsonClient
from jobwatch.aws.secrets import SecretsManagerSecrets
from jobwatch.aws.timetables import DynamoTimetables
from jobwatch.aws.watches import DynamoWatches
from jobwatch.domain.connection import ConnectionUnusableError
from jobwatch.domain.timetable import Slot, Timetable
from jobwatch.domain.watch_record import write_record
from jobwatch.ports import SecretUnusableError, ServiceUnavailableError, WatchChangedError, WatchMissingError
from tests.architecture.deployment import FUNCTIONS
from tests.unit.examples import T0, watch

Answer = tuple[int, Any]
# In place of an answer: the connection is reset, or ends in the middle of the answer.
RESET: Answer = (0, "reset")
CUT_OFF: Answer = (0, "cut off")


class Service(ThreadingHTTPServer):
    """Gives the answers in their order, the last one again and again, and keeps what it was asked.

    `hangs_up`: after each answer, it closes the connection without a word of it, as AWS does with an idle one.
    """

    daemon_threads = True
    hangs_up = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: list[Answer] = []
        self.asked: list[tuple[dict[str, str], bytes]] = []
        self.ports: list[int] = []
        self.hung_up = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.asked.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.server.ports.append(self.client_address[1])
        status, answer = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        if (status, answer) == RESET:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            return
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status or 200)
        self.send_header("Content-Length", str(len(content) + (100 if (status, answer) == CUT_OFF else 0)))
        self.end_headers()
        self.wfile.write(content)
        self.close_connection = self.server.hangs_up or (status, answer) == CUT_OFF

    def finish(self) -> None:
        super().finish()
        if self.server.hangs_up:
            self.connection.shutdown(socket.SHUT_RDWR)
            self.server.hung_up.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """AWS as a function on Lambda finds it; pauses between tries are left out."""
    with Service() as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        for name, value in (
            ("AWS_LAMBDA_FUNCTION_NAME", "poller"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_DEFAULT_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "AKID"),
            ("AWS_SECRET_ACCESS_KEY", "secret"),
            ("AWS_SESSION_TOKEN", "token"),
            ("AWS_ENDPOINT_URL", server.url),
        ):
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("jobwatch.aws.json_client.time.sleep", lambda seconds: None)
        client.cache_clear()
        yield server
        client.cache_clear()
        server.shutdown()


def failed(code: str, status: int = 400) -> Answer:
    return status, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "no"}


def stored() -> dict[str, Any]:
    """The item of the example watch, made by the adapter itself."""
    items: list[dict[str, Any]] = []

    class Recording(DynamoWatches):
        def _put(self, watch: Any, condition: str, values: dict[str, Any]) -> bool:
            from jobwatch.aws.watches import _to_attribute

            items.append({name: _to_attribute(value) for name, value in write_record(watch).items()})
            return True

    Recording("watches").add(watch())
    return items[0]


def test_on_lambda_the_services_of_every_poll_are_asked_without_boto3(service: Service) -> None:
    for name in ("dynamodb", "ssm", "secretsmanager", "stepfunctions"):
        assert isinstance(client(name), JsonClient), name
    assert not isinstance(client("sns"), JsonClient)


def test_elsewhere_boto3_finds_a_persons_credentials(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")
    assert not isinstance(client("ssm"), JsonClient)


def test_a_request_is_that_of_the_operation_signed_now(service: Service) -> None:
    service.answers = [(200, {"Item": stored()})]
    DynamoWatches("watches").get("w")
    [(headers, body)] = service.asked
    assert headers["x-amz-target"] == "DynamoDB_20120810.GetItem"
    assert headers["content-type"] == "application/x-amz-json-1.0"
    assert headers["x-amz-security-token"] == "token"
    assert json.loads(body) == {"TableName": "watches", "Key": {"watch_id": {"S": "w"}}, "ConsistentRead": True}
    assert headers["host"] == service.url.removeprefix("http://")
    assert "/eu-central-1/dynamodb/aws4_request, " in headers["authorization"]
    names = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    assert {"content-type", "host", "x-amz-date", "x-amz-target", "x-amz-security-token"} <= set(names)
    # What came is what was signed.
    again = AWSRequest("POST", f"{service.url}/", headers={name: headers[name] for name in names}, data=body)
    again.context["timestamp"] = headers["x-amz-date"]
    signer = SigV4Auth(Credentials("AKID", "secret", "token"), "dynamodb", "eu-central-1")
    signature = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    assert headers["authorization"].endswith(f"Signature={signature}")
    sent_at = datetime.strptime(headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - sent_at).total_seconds()) < 60


def test_all_adapters_of_a_poll_read_their_answers(service: Service) -> None:
    service.answers = [(200, {"Item": stored()})]
    assert DynamoWatches("watches").get(watch().watch_id) == watch()
    timetable = asdict(Timetable(5, 1_709_287_201_050, 4, 1_709_287_200_000, 1050))
    service.answers = [(200, {"Attributes": {name: {"N": str(value)} for name, value in timetable.items()}})]
    assert DynamoTimetables("timetables").reserve("a", 60, 1_709_287_200.0) == Slot(4, 1_709_287_200.0)
    document = {"vendor": "egain", "base_url": "https://api.egain.cloud", "secret": "jobwatch/e"}
    service.answers = [(200, {"Parameter": {"Value": json.dumps(document)}})]
    assert SsmConnections("/c/", "jobwatch/", frozenset({"egain"})).get("e").secret == "jobwatch/e"
    service.answers = [(200, {"SecretString": '{"api_key": "x"}'})]
    assert SecretsManagerSecrets().get("jobwatch/e") == {"api_key": "x"}


def test_executions_are_started_and_seen(service: Service) -> None:
    executions = StepFunctionsExecutions("arn:aws:states:eu-central-1:123456789012:stateMachine:watch")
    service.answers = [failed("ExecutionAlreadyExists")]
    executions.start("w", 1)
    service.answers = [(200, {"status": "RUNNING", "startDate": 1709287200.5})]
    assert executions.runs("w", 1)
    service.answers = [failed("ExecutionDoesNotExist")]
    assert not executions.runs("w", 1)
    assert {headers["x-amz-target"] for headers, _ in service.asked} == {
        "AWSStepFunctions.StartExecution",
        "AWSStepFunctions.DescribeExecution",
    }


def test_overdue_watches_are_read_to_the_last_page(service: Service) -> None:
    last = {"watch_id": {"S": "a"}}
    service.answers = [
        (200, {"Items": [last], "LastEvaluatedKey": last}),
        (200, {"Items": [{"watch_id": {"S": "b"}}]}),
        (200, {"Items": []}),
    ]
    assert list(DynamoWatches("watches").overdue(T0)) == ["a", "b"]
    starts = [json.loads(body).get("ExclusiveStartKey") for _, body in service.asked]
    assert starts[:3] == [None, last, None]


def test_what_is_no_error_of_the_service_means_what_it_means_with_boto3(service: Service) -> None:
    service.answers = [(200, {})]
    with pytest.raises(WatchMissingError):
        DynamoWatches("watches").get("w")
    service.answers = [failed("ConditionalCheckFailedException")]
    with pytest.raises(WatchChangedError):
        DynamoWatches("watches").save(watch())
    assert not DynamoWatches("watches").add(watch())
    service.answers = [failed("ParameterNotFound")]
    with pytest.raises(ConnectionUnusableError, match="there is no parameter"):
        SsmConnections("/c/", "jobwatch/", frozenset({"egain"})).get("e")
    service.answers = [failed("ResourceNotFoundException")]
    with pytest.raises(SecretUnusableError, match="does not exist"):
        SecretsManagerSecrets().get("jobwatch/e")


def test_an_error_brings_what_the_service_tells_with_it(service: Service) -> None:
    """The ledger of deliveries reads the item that its condition met."""
    service.answers = [(400, {"__type": "x#ConditionalCheckFailedException", "Item": {"run": {"S": "other"}}})]
    with pytest.raises(ClientError) as failure:
        client("dynamodb").update_item(TableName="deliveries")
    assert failure.value.response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert failure.value.response["Item"] == {"run": {"S": "other"}}  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    "trouble",
    [
        failed("ThrottlingException"),
        failed("ProvisionedThroughputExceededException"),
        failed("InternalServerError", 500),
        (500, {"__type": "InternalServiceError", "Message": "of Secrets Manager"}),
        (503, b"<html>"),
        (200, b"<html>"),
        RESET,
        CUT_OFF,
    ],
    ids=str,
)
def test_passing_trouble_is_tried_again(service: Service, trouble: Answer) -> None:
    service.answers = [trouble, trouble, trouble, (200, {"Item": stored()})]
    assert DynamoWatches("watches").get(watch().watch_id) == watch()
    assert len(service.asked) == 4


@pytest.mark.parametrize(
    ("trouble", "tries", "code"),
    [
        (failed("ThrottlingException"), 4, "ThrottlingException"),
        ((500, b"<html>"), 4, "HTTP 500"),
        # Not "there is no such watch": the machine would give the job up.
        ((200, b"<html>"), 4, "ProtocolError"),
        ((200, b"[]"), 4, "ProtocolError"),
        (RESET, 4, "ProtocolError"),
        (CUT_OFF, 4, "ProtocolError|IncompleteRead"),
        (failed("AccessDeniedException"), 1, "AccessDeniedException"),
        (failed("ValidationException"), 1, "ValidationException"),
    ],
)
def test_trouble_that_stays_is_unavailable(service: Service, trouble: Answer, tries: int, code: str) -> None:
    service.answers = [trouble]
    with pytest.raises(ServiceUnavailableError, match=f"DynamoDB GetItem w: {code}"):
        DynamoWatches("watches").get("w")
    assert len(service.asked) == tries


@pytest.mark.parametrize(
    ("trouble", "tries"),
    [(failed("ThrottlingException"), 1), (failed("InternalServerError", 500), 4), (RESET, 4), (CUT_OFF, 4)],
    ids=str,
)
def test_who_is_not_patient_leaves_throttled_calls_to_others(service: Service, trouble: Answer, tries: int) -> None:
    """A thousand pollers that tried four times each would take SSM's 40 calls a second from each other for minutes."""
    service.answers = [trouble]
    with pytest.raises(ServiceUnavailableError, match="SSM GetParameter"):
        SsmConnections("/c/", "jobwatch/", frozenset({"egain"}), patient=False).get("e")
    assert len(service.asked) == tries


def test_no_connection_is_unavailable(service: Service) -> None:
    service.shutdown()
    service.server_close()
    with pytest.raises(ServiceUnavailableError, match="NewConnectionError"):
        DynamoWatches("watches").get("w")


def test_a_connection_that_was_closed_while_the_function_was_frozen_is_replaced(service: Service) -> None:
    service.answers = [(200, {"Item": stored()})]
    service.hangs_up = True
    for _ in range(2):
        DynamoWatches("watches").get(watch().watch_id)
        assert service.hung_up.wait(5)
    assert len(service.asked) == 2
    assert len(set(service.ports)) == 2


def test_a_connection_is_used_again_and_replaced_when_it_is_reset(service: Service) -> None:
    service.answers = [(200, {"Item": stored()}), (200, {"Item": stored()}), RESET, (200, {"Item": stored()})]
    for _ in range(3):
        assert DynamoWatches("watches").get(watch().watch_id) == watch()
    first, second, reset, again = service.ports
    assert first == second == reset != again


@pytest.mark.parametrize("without_boto3", [True, False])
def test_a_write_whose_answer_was_lost_meets_itself(
    service: Service, monkeypatch: pytest.MonkeyPatch, without_boto3: bool
) -> None:
    """As with boto3: the second try finds the version that the first one wrote, and the poll is done again."""
    if not without_boto3:
        monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    service.answers = [RESET, failed("ConditionalCheckFailedException")]
    with pytest.raises(WatchChangedError):
        DynamoWatches("watches").save(watch())
    assert len(service.asked) == 2
    assert service.asked[0][1] == service.asked[1][1]


def test_a_service_that_does_not_answer_is_given_up_before_the_function_ends(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A function that Lambda ends says nothing of what it waited for."""
    clock = SimpleNamespace(now=0.0, tries=0)

    def request(self: Any, method: str, url: str, **_: Any) -> Any:
        timeout = self.connection_pool_kw["timeout"]
        clock.now += timeout.connect_timeout + timeout.read_timeout
        clock.tries += 1
        raise urllib3.exceptions.ReadTimeoutError(None, url, "no answer")  # type: ignore[arg-type]

    def sleep(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(urllib3.PoolManager, "request", request)
    monkeypatch.setattr("jobwatch.aws.json_client.random.random", lambda: 0.0)
    monkeypatch.setattr("jobwatch.aws.json_client.time", SimpleNamespace(monotonic=lambda: clock.now, sleep=sleep))
    with pytest.raises(ServiceUnavailableError, match="ReadTimeoutError"):
        DynamoWatches("watches").get("w")
    assert clock.now < min(function["Timeout"] for function in FUNCTIONS.values())


def test_tries_wait_longer_each_time_and_not_all_alike(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("jobwatch.aws.json_client.time.sleep", pauses.append)
    monkeypatch.setattr("jobwatch.aws.json_client.random.random", lambda: 0.5)
    service.answers = [failed("ThrottlingException")]
    with pytest.raises(ServiceUnavailableError):
        DynamoWatches("watches").get("w")
    assert pauses == [0.5, 1.0, 2.0]


def test_what_is_tried_again_is_what_botocore_tries_again() -> None:
    throttling: Any = ThrottledRetryableChecker
    transient: Any = TransientRetryableChecker
    throttled = set(throttling._THROTTLED_ERROR_CODES) - {"EC2ThrottledException", "SlowDown"}  # EC2, S3
    assert throttled | set(transient._TRANSIENT_ERROR_CODES) == _PASSING_CODES
    assert set(transient._TRANSIENT_STATUS_CODES) == _PASSING_STATUS


def test_no_error_shows_a_credential(service: Service) -> None:
    for trouble in (failed("AccessDeniedException"), RESET, (500, b"<html>")):
        service.answers = [trouble]
        with pytest.raises(ServiceUnavailableError) as failure:
            DynamoWatches("watches").get("w")
        shown = f"{failure.value!r} {failure.value.__cause__!r} {failure.value.__cause__}"
        assert "secret" not in shown
        assert "token" not in shown


REGIONS = ("eu-central-1", "us-gov-west-1", "cn-north-1", "eusc-de-east-1", "us-iso-east-1", "us-isob-east-1")


@pytest.mark.parametrize("region", [*REGIONS, "us-isof-east-1", "eu-isoe-west-1"])
def test_the_addresses_are_those_of_botocore(service: Service, monkeypatch: pytest.MonkeyPatch, region: str) -> None:
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    monkeypatch.setenv("AWS_REGION", region)
    asked: list[str] = []

    def request(self: Any, method: str, url: str, **_: Any) -> Any:
        asked.append(url)
        raise urllib3.exceptions.HTTPError

    monkeypatch.setattr(urllib3.PoolManager, "request", request)
    make: Any = boto3.client
    for name in clients._WITHOUT_BOTO3_ON_LAMBDA:
        asked.clear()
        with pytest.raises(urllib3.exceptions.HTTPError):
            client(name).call()
        assert set(asked) == {f"{make(name, region_name=region).meta.endpoint_url}/"}


def test_every_partition_has_its_domain() -> None:
    """A new one would be asked for under a domain that is not its own."""
    partitions = boto3.Session().get_available_partitions()
    others = {name for name in partitions if name not in ("aws", "aws-us-gov")}
    assert len(others) == len(_DOMAINS), others


def test_one_service_can_have_another_address(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    for name, identifier in (("dynamodb", "DYNAMODB"), ("secretsmanager", "SECRETS_MANAGER"), ("stepfunctions", "SFN")):
        monkeypatch.setenv(f"AWS_ENDPOINT_URL_{identifier}", f"{service.url}/")
        service.answers = [(200, {"of": name})]
        assert client(name).call() == {"of": name}
