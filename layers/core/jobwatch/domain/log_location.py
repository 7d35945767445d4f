"""Where a vendor says that its log is, and whether jobwatch may read there."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

# S3's naming rules: 3 to 63 of these, starting and ending with a letter or digit.
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)


class LogRefusedError(Exception):
    """The location is none that jobwatch reads; `str()` is the reason, for the notification."""


@dataclass(frozen=True)
class LogLocation:
    """An S3 object."""

    bucket: str
    key: str


def read_log_location(location: str, allowed_arns: Sequence[str]) -> LogLocation:
    """The S3 object at `location` (`s3://bucket/key`), once one of `allowed_arns` has it.

    `allowed_arns`: S3 object ARNs, with * and ? as in IAM policies. Raises LogRefusedError when the
    location has another form, tries to climb with `..`, or lies outside.
    """
    found = read_s3_location(location)
    if not allowed_arns:
        raise LogRefusedError("jobwatch was deployed without LogObjectArns, so it reads no logs")
    arn = f"arn:aws:s3:::{found.bucket}/{found.key}"
    if not any(_matches(arn, pattern) for pattern in allowed_arns):
        raise LogRefusedError("outside LogObjectArns, so not read")
    return found


def read_s3_location(location: str) -> LogLocation:
    """The S3 object at `location` (`s3://bucket/key`). Raises LogRefusedError for another form, and one with `..`."""
    scheme, separator, rest = location.partition("://")
    bucket, _, key = rest.partition("/")
    if scheme.lower() != "s3" or not separator or not _BUCKET.fullmatch(bucket) or not key:
        raise LogRefusedError("not an S3 location such as s3://bucket/key, so not read")
    if not key.isprintable() or len(key.encode()) > 1024 or any(part in ("..", ".") for part in key.split("/")):
        raise LogRefusedError("the key has a form that jobwatch does not follow, so not read")
    return LogLocation(bucket, key)


def _matches(arn: str, pattern: str) -> bool:
    # Partitions differ by region (aws-cn, aws-us-gov); bucket names are unique within one.
    pattern = re.sub(r"^arn:[a-z-]+:", "arn:aws:", pattern.strip())
    wildcard = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(wildcard, arn, re.DOTALL) is not None


def unread(location: str, reason: str) -> dict[str, Any]:
    """The contract's log object for a log that could not be read."""
    return {
        "location": location,
        "bytes": None,
        "lines": None,
        "levels": {},
        "problems": [],
        "complete": False,
        "understood": False,
        "note": f"The log was not read: {reason}.",
    }
