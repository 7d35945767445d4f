"""Which object a vendor's log location names, and that no location reaches outside LogObjectArns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobwatch.domain.log_location import LogLocation, LogRefusedError, read_log_location

ALLOWED = ("arn:aws:s3:::mybucket/logs/*",)


def test_the_documents_example() -> None:
    location = read_log_location("s3://mybucket/logs/import-logs-7A84.txt", ALLOWED)
    assert location == LogLocation("mybucket", "logs/import-logs-7A84.txt")


@pytest.mark.parametrize(
    ("location", "arns"),
    [
        ("S3://mybucket/logs/a.txt", ALLOWED),
        ("s3://mybucket/logs/a b+c&d=é.txt", ALLOWED),
        ("s3://mybucket/logs//a.txt", ALLOWED),
        ("s3://mybucket/logs/a..b/..c", ALLOWED),
        ("s3://other/x", (*ALLOWED, "arn:aws:s3:::other/x")),
        ("s3://mybucket/logs/a1.txt", ("arn:aws:s3:::mybucket/logs/a?.txt",)),
        ("s3://beijing/x", ("arn:aws-cn:s3:::beijing/*",)),
        ("s3://gov/x", (" arn:aws-us-gov:s3:::gov/* ",)),
        ("s3://any-bucket/any/key", ("arn:aws:s3:::*",)),
    ],
)
def test_what_may_be_read(location: str, arns: tuple[str, ...]) -> None:
    assert read_log_location(location, arns).key


@pytest.mark.parametrize(
    "location",
    [
        "",
        "s3://",
        "s3://mybucket",
        "s3://mybucket/",
        "mybucket/logs/a.txt",
        "/logs/a.txt",
        "file:///logs/a.txt",
        "https://mybucket.s3.amazonaws.com/logs/a.txt",
        "arn:aws:s3:::mybucket/logs/a.txt",
        "s3://mybucket/other/a.txt",
        "s3://mybucket/Logs/a.txt",
        "s3://mybucket/logs",
        "s3://otherbucket/logs/a.txt",
        "s3://xmybucket/logs/a.txt",
        "s3://mybucket/logs/../secrets/a.txt",
        "s3://mybucket/logs/./a.txt",
        "s3://mybucket/logs/..",
        "s3://mybucket/../mybucket/logs/a.txt",
        "s3://mybucket/logs/a\n.txt",
        "s3://mybucket/logs/a\x00.txt",
        "s3://MyBucket/logs/a.txt",
        "s3://my_bucket/logs/a.txt",
        "s3://user@mybucket/logs/a.txt",
        "s3://mybucket:443/logs/a.txt",
        "s3://mybucket/logs/" + "é" * 600,
        "s3://arn:aws:s3:::mybucket/logs/a.txt",
    ],
)
def test_what_is_not_read(location: str) -> None:
    with pytest.raises(LogRefusedError, match="not read"):
        read_log_location(location, ALLOWED)


def test_without_log_object_arns_no_log_is_read() -> None:
    with pytest.raises(LogRefusedError, match="without LogObjectArns"):
        read_log_location("s3://mybucket/logs/a.txt", ())


def test_a_dot_in_an_arn_is_a_dot() -> None:
    with pytest.raises(LogRefusedError, match="outside"):
        read_log_location("s3://mybucketxcom/a", ("arn:aws:s3:::mybucket.com/*",))


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_that_is_read_lies_outside(bucket: str, key: str) -> None:
    try:
        location = read_log_location(f"s3://{bucket}/{key}", ALLOWED)
    except LogRefusedError:
        return
    assert location.bucket == "mybucket"
    assert location.key.startswith("logs/")
    assert ".." not in location.key.split("/")
