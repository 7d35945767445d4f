"""Every call without boto3 is the one that boto3 would send, and every error that is waited for has its service's name.

The calls are made by the adapters themselves: each public method, with arguments made of its annotations, against
answers of several kinds, so that a new method is looked at without a word here.
"""

import ast
import dataclasses
import inspect
import json
import re
import sys
import typing
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.session
import pytest
import urllib3
from botocore import xform_name
from botocore.config import Config

from jobwatch.aws import clients, json_client
from jobwatch.domain.watch import Watch
from tests.gate import calls
from tests.unit.examples import T0, watch

LEAN = sorted(clients._WITHOUT_BOTO3_ON_LAMBDA)
# Errors that any service of AWS may answer. https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html
COMMON = frozenset(
    {"AccessDeniedException", "ValidationException", "ThrottlingException", "UnrecognizedClientException"}
)
# A HEAD has no body, so its status is all that there is; S3 says it of a GET too.
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
S3 = frozenset({"404", "403", "NoSuchKey", "NoSuchBucket", "AccessDenied", "InvalidRange", "416", "PreconditionFailed"})
S3 |= {"KMS.DisabledException", "KMS.NotFoundException", "InvalidObjectState", "InvalidBucketName"} | {
    "AuthorizationHeaderMalformed",
    "PermanentRedirect",
    "AllAccessDisabled",
    "SlowDown",
}
MADE_OF: dict[Any, Any] = {str: "x", int: 2, float: 1_709_287_200.0, bool: False, datetime: T0}


def made(annotation: Any) -> Any:
    kind: Any = annotation
    if annotation is Watch:
        return watch()
    if typing.get_origin(annotation) in (list, tuple, frozenset, set):
        return typing.get_origin(annotation)()
    if annotation in MADE_OF:
        return MADE_OF[annotation]
    if dataclasses.is_dataclass(annotation):
        hints = typing.get_type_hints(annotation)
        needed = [each for each in dataclasses.fields(annotation) if each.default is each.default_factory]
        return kind(**{each.name: made(hints[each.name]) for each in needed})
    [first, *_] = typing.get_args(annotation) or (None,)
    return MADE_OF[first] if first in MADE_OF else SimpleNamespace()


def lean_adapters() -> list[Any]:
    return [each for each in calls.adapters() if services(each) & set(LEAN)]


def services(adapter: Any) -> frozenset[str]:
    source = inspect.getsource(sys.modules[adapter.__module__])
    return frozenset(re.findall(r"\bclient\(\s*['\"](\w+)['\"]", source))


def methods(adapter: Any) -> Iterator[str]:
    for name, value in vars(adapter).items():
        if not name.startswith("_") and inspect.isfunction(value) and calls.calls(adapter, name):
            yield name


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, dict[str, str], bytes]]]:
    """What goes out without boto3: address, headers, body. Each answer is the next of `ANSWERS`."""
    for name, value in (
        ("AWS_LAMBDA_FUNCTION_NAME", "poller"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("AWS_ACCESS_KEY_ID", "AKID"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    monkeypatch.setattr("jobwatch.aws.json_client.time.sleep", lambda seconds: None)
    out: list[tuple[str, dict[str, str], bytes]] = []

    def request(self: Any, method: str, url: str, body: bytes, headers: dict[str, str], **_: Any) -> Any:
        assert method == "POST"
        out.append((url, headers, body))
        status, answer = ANSWERS[len(out) % len(ANSWERS)]
        return SimpleNamespace(status=status, data=json.dumps(answer).encode())

    monkeypatch.setattr(urllib3.PoolManager, "request", request)
    clients.client.cache_clear()
    yield out
    clients.client.cache_clear()


ANSWERS: list[tuple[int, dict[str, Any]]] = [
    (200, {}),
    (400, {"__type": "x#ConditionalCheckFailedException"}),
    (200, {"Items": [], "Attributes": {}}),
]


def arguments(method: Callable[..., Any]) -> tuple[list[Any], dict[str, Any]]:
    hints = typing.get_type_hints(method)
    given, named = [], {}
    for name, parameter in list(inspect.signature(method).parameters.items())[1:]:
        if parameter.default is not parameter.empty:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[name] = made(hints[name])
        else:
            given.append(made(hints[name]))
    return given, named


@pytest.mark.parametrize("adapter", lean_adapters(), ids=lambda adapter: adapter.__name__)
def test_each_call_is_that_of_boto3(adapter: Any, sent: list[tuple[str, dict[str, str], bytes]]) -> None:
    for method in methods(adapter):
        for _ in ANSWERS:
            parts, named = arguments(adapter.__init__)
            part = adapter(*parts, **named)
            given, named = arguments(getattr(adapter, method))
            before = len(sent)
            # What it makes of the answer is not asked here.
            with suppress(Exception):
                result = getattr(part, method)(*given, **named)
                list(result) if inspect.isgenerator(result) else None
            # One that keeps what it read asks once.
            assert len(sent) > before or before, f"{method} sends nothing"
    operations = {headers["X-Amz-Target"].rpartition(".")[2] for _, headers, _ in sent}
    named_in_code = {
        calls.operations(call.service)[call.operation]
        for method in methods(adapter)
        for call in calls.calls(adapter, method)
        if call.service in LEAN
    }
    assert operations >= named_in_code
    for url, headers, body in sent:
        assert_as_boto3_sends(url, headers, body)


def assert_as_boto3_sends(url: str, headers: dict[str, str], body: bytes) -> None:
    prefix, _, operation = headers["X-Amz-Target"].rpartition(".")
    [service] = [each for each in LEAN if json_client._SERVICES[each].target == prefix]
    url_of_boto3, headers_of_boto3, body_of_boto3 = boto3_sends(service, operation, json.loads(body))
    assert json.loads(body) == json.loads(body_of_boto3)
    assert url == url_of_boto3
    for name in ("X-Amz-Target", "Content-Type", "X-Amz-Security-Token"):
        assert headers[name] == text(headers_of_boto3[name]), name
    assert signed(headers["Authorization"]) == signed(text(headers_of_boto3["Authorization"]))


def signed(authorization: str) -> tuple[list[str], str]:
    """Which headers are signed, and for which day, region and service."""
    names = authorization.partition("SignedHeaders=")[2].partition(",")[0].split(";")
    scope = authorization.partition("Credential=")[2].partition(",")[0].split("/", 2)[2]
    # A tag of boto3's own, to tell tries apart; no service asks for it.
    return sorted(set(names) - {"amz-sdk-invocation-id", "amz-sdk-request"}), scope


def text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def boto3_sends(service: str, operation: str, parameters: dict[str, Any]) -> tuple[str, dict[str, Any], bytes]:
    make: Any = boto3.client
    # The address that every region has; boto3 knows another way to DynamoDB, by account.
    client = make(service, config=Config(account_id_endpoint_mode="disabled"))
    kept: list[Any] = []

    def keep(request: Any, **_: Any) -> Any:
        kept.append(request)
        return SimpleNamespace(status_code=200, headers={}, content=b"{}", raw=None, text="{}")

    client.meta.events.register("before-send", keep)
    # Raises for parameters that are not in the model.
    getattr(client, xform_name(operation))(**parameters)
    return kept[0].url, dict(kept[0].headers.items()), kept[0].body


def test_the_names_in_the_adapters_are_those_of_their_services() -> None:
    """Of errors above all: one that is misspelt is waited for in vain."""
    waited = set(_names())
    assert any(name == "ConditionalCheckFailedException" for _, _, name in waited)
    for module, asked, name in waited:
        # What botocore itself puts into an answer.
        known = (COMMON | {"ResponseMetadata", "HTTPStatusCode"}).union(*(_known(service) for service in asked))
        assert name in known or ("s3" in asked and name in S3), f"{module}: {sorted(asked)} know no {name}"


@cache
def _known(service: str) -> frozenset[str]:
    """The errors of a service as it answers them, its parameters, and their words."""
    model = botocore.session.get_session().get_service_model(service)
    known = {str(shape.metadata.get("error", {}).get("code", shape.name)) for shape in model.error_shapes}
    for name in model.shape_names:
        shape: Any = model.shape_for(name)
        known |= set(getattr(shape, "members", {})) | set(getattr(shape, "enum", []))
    return frozenset(known)


def _names() -> Iterator[tuple[str, frozenset[str], str]]:
    """The texts of each adapter's module, and of what all of them write by, that are written as AWS writes names."""
    asked = {each.__module__: services(each) for each in calls.adapters()}
    # Conditional writes are DynamoDB's alone.
    asked[clients.__name__] = frozenset({"dynamodb"})
    for module, services_asked in asked.items():
        for node in ast.walk(ast.parse(inspect.getsource(sys.modules[module]))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _NAME.fullmatch(node.value):
                yield module, services_asked, node.value


# Names that end in "Error" are jobwatch's own, those that end in "TypeDef" of the types of boto3.
_NAME = re.compile(r"(?!.*(?:Error|TypeDef)$)(?:[A-Z][a-z]+){2,}|[345]\d\d")
