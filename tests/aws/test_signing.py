"""What signs a request on Lambda against botocore's signer, which AWS's own clients use."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotocoreCredentials

from jobwatch.aws.signing import Credentials, signed

AT = datetime(2024, 3, 1, 10, 0, 5, tzinfo=UTC)
HEADERS = {
    "Host": "dynamodb.eu-central-1.amazonaws.com",
    "Content-Type": "application/x-amz-json-1.0",
    "X-Amz-Target": "DynamoDB_20120810.GetItem",
}


@pytest.mark.parametrize("body", [b"", b"{}", '{"name": "日本語"}'.encode(), b"x" * 400_000])
@pytest.mark.parametrize("token", [None, "a/token+with=signs=="])
@pytest.mark.parametrize("host", ["dynamodb.eu-central-1.amazonaws.com", "127.0.0.1:4566"])
def test_signs_as_botocore_does(body: bytes, token: str | None, host: str) -> None:
    headers = {**HEADERS, "Host": host}
    ours = signed(
        headers, body, Credentials("AKID", "se/cret+", token), service="dynamodb", region="eu-central-1", at=AT
    )
    request = AWSRequest("POST", f"https://{host}/", headers=headers, data=body)
    request.context["timestamp"] = "20240301T100005Z"
    request.headers["X-Amz-Date"] = "20240301T100005Z"
    if token:
        request.headers["X-Amz-Security-Token"] = token
    auth: Any = SigV4Auth(BotocoreCredentials("AKID", "se/cret+", token), "dynamodb", "eu-central-1")
    signature = auth.signature(auth.string_to_sign(request, auth.canonical_request(request)), request)
    auth._inject_signature_to_request(request, signature)
    assert ours == dict(request.headers.items())


def test_credentials_show_no_secret() -> None:
    assert "hidden" not in repr(Credentials("AKID", "hidden", "hidden"))
