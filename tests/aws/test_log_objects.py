"""A log in S3: ranges, one version of it, broken connections, and reasons that a person understands."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from botocore.response import StreamingBody
from moto import mock_aws

from jobwatch.aws.log_objects import S3LogSource
from jobwatch.logs import LogChanged, LogUnreadable, summarise

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

BUCKET, KEY = "vendor-logs", "jobs/7A84/import log.txt"
LOG = b"".join(b"2026-01-02 03:04:05 %s entry %d\n" % (b"ERROR" if n % 100 == 0 else b"INFO", n) for n in range(30_000))


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> "Iterator[S3Client]":
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    with mock_aws():
        client = boto3.client("s3", region_name="eu-central-1", config=Config(retries={"total_max_attempts": 1}))
        client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        client.put_object(Bucket=BUCKET, Key=KEY, Body=LOG)
        yield client


def test_a_log_is_summarised_whole(s3: "S3Client") -> None:
    source = S3LogSource(s3, BUCKET, KEY)
    summary = summarise(source)
    assert (summary.lines, summary.errors, summary.size_bytes) == (30_000, 300, len(LOG))
    assert summary.complete


def test_a_part_is_read_by_its_range(s3: "S3Client") -> None:
    source = S3LogSource(s3, BUCKET, KEY)
    assert b"".join(source.read(100, 250)) == LOG[100:250]
    assert source.size_bytes == len(LOG)
    assert b"".join(source.read(len(LOG) - 10, None)) == LOG[-10:]
    assert b"".join(source.read(len(LOG) + 10, None)) == b""
    assert b"".join(source.read(5, 5)) == b""


def test_an_empty_log(s3: "S3Client") -> None:
    s3.put_object(Bucket=BUCKET, Key="empty", Body=b"")
    assert summarise(S3LogSource(s3, BUCKET, "empty")).lines == 0


@pytest.mark.parametrize(("bucket", "key"), [(BUCKET, "no/such/key"), ("no-such-bucket-of-ours", KEY)])
def test_what_is_missing_reads_like_what_is_denied(s3: "S3Client", bucket: str, key: str) -> None:
    with pytest.raises(LogUnreadable, match="missing, or jobwatch may not read it"):
        list(S3LogSource(s3, bucket, key).read(0, None))


def test_an_impossible_bucket_name(s3: "S3Client") -> None:
    with pytest.raises(LogUnreadable, match="not a valid S3 location"):
        list(S3LogSource(s3, "no bucket!", KEY).read(0, None))


def test_a_replaced_object_is_noticed_and_then_read_anew(s3: "S3Client") -> None:
    source = S3LogSource(s3, BUCKET, KEY)
    list(source.read(0, 10))
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=b"ERROR another log\n")
    with pytest.raises(LogChanged):
        list(source.read(10, 20))
    assert b"".join(source.read(0, None)) == b"ERROR another log\n"


class _Breaking(io.RawIOBase):
    """A body that breaks off after some bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = io.BytesIO(data)

    def read(self, size: int = -1) -> bytes:
        piece = self._data.read(size)
        if not piece:
            raise ReadTimeoutError(endpoint_url="s3")
        return piece


class _Unsteady:
    """A client whose first so many bodies break off half-way."""

    def __init__(self, client: "S3Client", breaks: int) -> None:
        self._client = client
        self._breaks = breaks
        self.ranges: list[str | None] = []

    def get_object(self, **request: Any) -> dict[str, Any]:
        self.ranges.append(request.get("Range"))
        answer: dict[str, Any] = dict(self._client.get_object(**request))
        if self._breaks:
            self._breaks -= 1
            body = answer["Body"].read()
            raw: Any = _Breaking(body[: len(body) // 2])
            answer["Body"] = StreamingBody(raw, len(body))
        return answer


def test_a_broken_stream_goes_on_where_it_broke(s3: "S3Client") -> None:
    client: Any = _Unsteady(s3, breaks=2)
    assert b"".join(S3LogSource(client, BUCKET, KEY).read(0, None)) == LOG
    half = len(LOG) // 2
    assert client.ranges[0] is None
    assert client.ranges[1] == f"bytes={half}-"
    assert len(client.ranges) == 3


def test_a_stream_that_keeps_breaking_gives_what_was_read(s3: "S3Client") -> None:
    client: Any = _Unsteady(s3, breaks=99)
    summary = summarise(S3LogSource(client, BUCKET, KEY))
    assert not summary.complete
    assert summary.errors > 100
    assert summary.note is not None
    assert "broke off" in summary.note


def test_a_length_that_is_not_named_is_not_needed(s3: "S3Client", monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that passes the body on in chunks leaves Content-Length out."""
    get_object = s3.get_object

    def chunked(**call: Any) -> Any:
        answer = dict(get_object(**call))
        del answer["ContentLength"]
        return answer

    monkeypatch.setattr(s3, "get_object", chunked)
    summary = summarise(S3LogSource(s3, BUCKET, KEY))
    assert (summary.lines, summary.errors) == (30_000, 300)
