"""DynamoDB, SSM, Secrets Manager and Step Functions without boto3, whose import is half of a plain cold start.

boto3 imports its documentation tools and reads the models of whole services (a megabyte of JSON for SSM) before the
first call. The services' JSON protocol needs neither: the operation's name in a header, the parameters as boto3 takes
them, a signature, which botocore's own signer makes. `python -m benchmarks.cold` shows the difference.
"""

import json
import os
import random
import time
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

import urllib3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError


class _Service(NamedTuple):
    """`target`: what the operation's header starts with. `name`: in addresses and signatures. `id`: in variables."""

    target: str
    version: str
    name: str
    id: str


_SERVICES: Final = {
    "dynamodb": _Service("DynamoDB_20120810", "1.0", "dynamodb", "DYNAMODB"),
    "ssm": _Service("AmazonSSM", "1.1", "ssm", "SSM"),
    "secretsmanager": _Service("secretsmanager", "1.1", "secretsmanager", "SECRETS_MANAGER"),
    "stepfunctions": _Service("AWSStepFunctions", "1.0", "states", "SFN"),
}


@dataclass(frozen=True)
class _Credentials:
    """What botocore's signer asks for. Its own class for that would bring the whole chain of where they may stand."""

    access_key: str
    secret_key: str = field(repr=False)
    token: str | None = field(repr=False)


# By a region's name without its last two parts; all others are under amazonaws.com. botocore's partitions.json.
_DOMAINS: Final = {
    "cn": "amazonaws.com.cn",
    "eusc-de": "amazonaws.eu",
    "us-iso": "c2s.ic.gov",
    "us-isob": "sc2s.sgov.gov",
    "us-isof": "csp.hci.ic.gov",
    "eu-isoe": "cloud.adc-e.uk",
}
_TRIES: Final = 4
# A call ends at most 3 + 10 seconds after this, within the 30 that the shortest function has: what it raises is logged
# and tried again by whoever called the function, while one that is killed leaves no word of what it waited for.
_LAST_TRY_BEGINS_WITHIN_SECONDS: Final = 12.0
# What botocore's standard mode tries again, beside a network that failed.
_PASSING_STATUS: Final = frozenset({500, 502, 503, 504})
_PASSING_CODES: Final = frozenset(
    {
        *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"),
        *("TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException"),
        *("RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "PriorRequestNotComplete"),
        *("RequestTimeout", "RequestTimeoutException"),
    }
)


class JsonClient:
    """Looks like the boto3 client of one of these services: `get_item(TableName=…)`, `exceptions.ClientError`.

    Region, credentials and, for another address than AWS's own, AWS_ENDPOINT_URL come from the environment, where
    Lambda puts them for the life of the process. Beside ClientError, a call raises urllib3's HTTPError.
    """

    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self, service: str, *, patient: bool = True) -> None:
        """`patient`: whether a throttled call is tried again; a service or a network that failed is in any case."""
        self._service = _SERVICES[service]
        self._passing_codes = _PASSING_CODES if patient else frozenset[str]()
        region = os.environ["AWS_REGION"]
        credentials: Any = _Credentials(
            os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"], os.environ.get("AWS_SESSION_TOKEN")
        )
        self._signer = SigV4Auth(credentials, self._service.name, region)
        domain = _DOMAINS.get(region.rsplit("-", 2)[0], "amazonaws.com")
        url = (
            os.environ.get(f"AWS_ENDPOINT_URL_{self._service.id}")
            or os.environ.get("AWS_ENDPOINT_URL")
            or f"https://{self._service.name}.{region}.{domain}"
        )
        self._url = url.rstrip("/") + "/"
        self._http = urllib3.PoolManager(timeout=urllib3.Timeout(connect=3, read=10), retries=False)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        operation = "".join(word.capitalize() for word in name.split("_"))
        return lambda **parameters: self._call(operation, parameters)

    def _call(self, operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
        body = json.dumps(parameters).encode()
        last_try_begins_by = time.monotonic() + _LAST_TRY_BEGINS_WITHIN_SECONDS
        tries = 0
        while True:
            try:
                return self._try(operation, body)
            except (ClientError, urllib3.exceptions.HTTPError) as error:
                tries += 1
                pause_seconds = random.random() * 2 ** (tries - 1)  # noqa: S311 - spreads tries; no secret
                if (
                    not self._may_pass(error)
                    or tries == _TRIES
                    or time.monotonic() + pause_seconds > last_try_begins_by
                ):
                    raise
            time.sleep(pause_seconds)

    def _may_pass(self, error: ClientError | urllib3.exceptions.HTTPError) -> bool:
        if not isinstance(error, ClientError):
            return True
        status, code = error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
        return status in _PASSING_STATUS or code in self._passing_codes

    def _try(self, operation: str, body: bytes) -> dict[str, Any]:
        headers = {
            "Content-Type": f"application/x-amz-json-{self._service.version}",
            "X-Amz-Target": f"{self._service.target}.{operation}",
        }
        request = AWSRequest("POST", self._url, headers=headers, data=body)
        self._signer.add_auth(request)
        response = self._http.request("POST", self._url, body=body, headers=dict(request.headers.items()))
        answer = _json_object(response.data)
        if response.status != 200:
            raise _client_error(answer or {}, response.status, operation)
        if answer is None:
            # Not an empty answer: to DynamoDB's callers, that says that there is no such item.
            raise urllib3.exceptions.ProtocolError("the answer is not a JSON object")
        return answer


def _json_object(text: bytes) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None


def _client_error(answer: dict[str, Any], status: int, operation: str) -> ClientError:
    """As botocore makes it. Beside the error stands what the service tells with it, such as the item it met."""
    code = str(answer.get("__type", "")).rpartition("#")[2] or f"HTTP {status}"
    message = str(answer.get("message") or answer.get("Message") or "")
    response: Any = {
        **answer,
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }
    return ClientError(response, operation)
