"""Parameters: what a person sets that cannot work is refused before anything is deployed, with the right form."""

import re
from typing import Any

import pytest

from tests.architecture.deployment import TEMPLATE

PARAMETERS: dict[str, dict[str, Any]] = TEMPLATE["Parameters"]


def takes(parameter: str, value: str) -> bool:
    """As CloudFormation does: a pattern fits the whole value, of a list each member, without the blanks around it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
    """
    rule = PARAMETERS[parameter]
    if "AllowedValues" in rule:
        return value in map(str, rule["AllowedValues"])
    if rule["Type"] == "Number":
        return value.isdigit() and rule["MinValue"] <= int(value) <= rule["MaxValue"]
    members = [each.strip() for each in value.split(",")] if rule["Type"] == "CommaDelimitedList" else [value]
    fits = all(re.fullmatch(rule["AllowedPattern"], each) for each in members)
    return fits and len(value) <= rule.get("MaxLength", 4096)


@pytest.mark.parametrize("parameter", PARAMETERS)
def test_each_says_what_it_takes(parameter: str) -> None:
    rule = PARAMETERS[parameter]
    assert {"AllowedPattern", "AllowedValues", "MinValue"} & set(rule), "it takes anything"
    assert len(rule["ConstraintDescription"]) > 10
    assert takes(parameter, str(rule["Default"]))


WRONG_ADDRESSES = ("anna", "anna@", "anna@localhost", "Anna <anna@example.com>", "a@example.com,b@example.com", " ")


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        *((name, address) for name in ("NotificationEmail", "OperationsEmail") for address in WRONG_ADDRESSES),
        ("SlackSecretName", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:slack-AbCdEf"),
        ("SlackSecretName", "https://hooks.slack.com/services/T0/B0/x"),
        ("ConnectionPrefix", "jobwatch/connections/"),
        ("ConnectionPrefix", "/jobwatch/connections"),
        ("ConnectionPrefix", "/"),
        ("ConnectionPrefix", "//"),
        ("ConnectionPrefix", "/jobwatch//connections/"),
        ("ConnectionPrefix", "/aws/jobwatch/"),
        ("ConnectionPrefix", "/SSM-jobwatch/"),
        ("ConnectionPrefix", "/a" * 15 + "/"),
        ("ConnectionPrefix", f"/{'a' * 900}/"),
        ("SecretPrefix", "/jobwatch/"),
        ("SecretPrefix", ""),
        ("SecretPrefix", "jobwatch/*"),
        ("LogObjectArns", "s3://mybucket/logs/*"),
        ("LogObjectArns", "arn:aws:s3:::*"),
        ("LogObjectArns", "arn:aws:s3:::*/*"),
        ("LogObjectArns", "arn:aws:s3:::mybucket"),
        ("LogObjectArns", "arn:aws:s3:::mybucket/"),
        ("LogObjectArns", "*"),
        ("LogObjectArns", "arn:aws:s3:::mybucket/logs/*,s3://other/*"),
        ("TimeZone", ""),
        ("TimeZone", "+02:00"),
        ("EncryptionKeyArn", "alias/jobwatch"),
        ("EncryptionKeyArn", "arn:aws:kms:eu-west-1:123456789012:alias/jobwatch"),
        ("EncryptionKeyArn", "0a1b2c3d-1111-2222-3333-444455556666"),
        ("PollerConcurrency", "-1"),
        ("PollerConcurrency", "many"),
    ],
)
def test_a_value_that_cannot_work_is_refused(parameter: str, value: str) -> None:
    assert not takes(parameter, value)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("NotificationEmail", "team+jobs@mail.example.co.uk"),
        ("OperationsEmail", "o'neill@bücher.example"),
        ("SlackSecretName", "/prod/slack@team"),
        ("ConnectionPrefix", "/jobwatch/connections/"),
        ("ConnectionPrefix", "/team.a/job_watch/eu-1/"),
        ("SecretPrefix", "jobwatch"),
        ("SecretPrefix", "prod/jobwatch/"),
        ("LogObjectArns", "arn:aws:s3:::mybucket/logs/*"),
        ("LogObjectArns", "arn:aws:s3:::mybucket/logs/*, arn:aws-us-gov:s3:::import-*/jobs 2026/*.log"),
        ("LogObjectArns", "arn:aws-cn:s3:::My_Old.Bucket/*"),
        ("TimeZone", "Europe/Berlin"),
        ("TimeZone", "America/Argentina/Buenos_Aires"),
        ("TimeZone", "Etc/GMT+5"),
        ("EncryptionKeyArn", "arn:aws-cn:kms:cn-north-1:123456789012:key/mrk-0a1b2c3d"),
        ("PollerConcurrency", "150"),
    ],
)
def test_what_works_is_taken(parameter: str, value: str) -> None:
    assert takes(parameter, value)
