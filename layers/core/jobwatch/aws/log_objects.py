"""S3: the vendors' logs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError, IncompleteReadError, ResponseStreamingError

from jobwatch.aws.clients import client, error_code
from jobwatch.domain.log_location import LogLocation
from jobwatch.logs import LogChanged, LogUnreadable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_READ_BYTES = 1 << 19
_RESUMED_TIMES = 3
_MISSING_OR_DENIED = frozenset(
    {"NoSuchKey", "NoSuchBucket", "AccessDenied", "AllAccessDisabled", "403", "404", "Forbidden"}
)
_REASONS = {
    "InvalidBucketName": "the bucket name is not valid",
    "KeyTooLongError": "the object's name is too long",
    "InvalidObjectState": "the object is archived",
    "PermanentRedirect": "the bucket is in another region",
    "AuthorizationHeaderMalformed": "the bucket is in another region",
    "SlowDown": "S3 asked to slow down",
}


class S3LogSource:
    """One S3 object, read by ranges. Which objects may be read is decided before one of these is made."""

    def __init__(self, client: "S3Client", bucket: str, key: str) -> None:
        self._client = client
        self._bucket = bucket
        self._key = key
        self._etag: str | None = None
        self.size_bytes: int | None = None

    def read(self, start: int, end: int | None) -> Iterator[bytes]:
        """See LogSource.read. The first answer's ETag is asked for from then on; a broken stream is taken up again."""
        if end is not None and end <= start:
            return
        resumed = 0
        while True:
            body = self._get(start, end)
            if body is None:
                return
            try:
                for piece in body.iter_chunks(_READ_BYTES):
                    start += len(piece)
                    yield piece
                return
            except (IncompleteReadError, ResponseStreamingError, BotoCoreError, OSError) as error:
                resumed += 1
                if resumed > _RESUMED_TIMES:
                    raise LogUnreadable(f"the connection to S3 broke off {resumed} times") from error
            finally:
                body.close()

    def _get(self, start: int, end: int | None) -> Any | None:
        """The object's bytes from `start` on; None where it ends before."""
        request: dict[str, Any] = {"Bucket": self._bucket, "Key": self._key}
        if start or end is not None:
            request["Range"] = f"bytes={start}-{'' if end is None else end - 1}"
        if self._etag is not None:
            request["IfMatch"] = self._etag
        try:
            answer = self._client.get_object(**request)
        except ClientError as error:
            code = error_code(error)
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
            if code == "InvalidRange" or status == 416:
                return None
            if code == "PreconditionFailed" or status == 412:
                self._etag = self.size_bytes = None
                raise LogChanged("the object was replaced") from error
            if code in _MISSING_OR_DENIED or status in (403, 404):
                raise LogUnreadable("missing, or jobwatch may not read it") from error
            raise LogUnreadable(_REASONS.get(code, f"S3 answered {code or status}")) from error
        except (BotoCoreError, ValueError) as error:
            raise LogUnreadable(_reason(error)) from error
        if self._etag is None:
            self._etag = answer["ETag"]
            whole = answer.get("ContentRange", "").rpartition("/")[2]
            self.size_bytes = int(whole) if whole.isdigit() else answer.get("ContentLength")
        return answer["Body"]


def _reason(error: Exception) -> str:
    name = type(error).__name__
    if "Timeout" in name:
        return "S3 did not answer in time"
    if name in ("ParamValidationError", "ValueError"):
        return "not a valid S3 location"
    if "Credentials" in name:
        return "there are no AWS credentials to read it with"
    return "S3 could not be reached"


class S3Logs:
    """See jobwatch.ports.Logs. The client is made when the first log is opened."""

    def open(self, location: LogLocation) -> S3LogSource:
        """A source for one object; no request is made yet."""
        return S3LogSource(client("s3"), location.bucket, location.key)
