"""A secret that a log holds is not in what people are sent; everything else still is."""

import json

import pytest

from jobwatch.domain.redact import redact
from jobwatch.logs.redact import showable
from tests.unit.logs.memory_source import summary_of

KEY_ID = "AKIA" + "IOSFODNN7EXAMPLE"
JWT = "eyJ" + "hbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4fw"

SECRETS = [
    ("Authorization: Bearer hunter2hunter2", "hunter2"),
    ('{"authorization": "Basic aHVudGVyMjpodW50ZXIy"}', "aHVudGVyM"),
    ("sent bearer abcdef123456 to the API", "abcdef123456"),
    ("login password=hunter2 failed", "hunter2"),
    ('"password": "hunter2 and more", next', "hunter2"),
    ("db_password: 'hunter2'", "hunter2"),
    ("client_secret=hunter2&grant_type=x", "hunter2"),
    ("x-api-key: hunter2hunter2", "hunter2"),
    ("apiKey=hunter2", "hunter2"),
    (f"using {KEY_ID} to sign", KEY_ID),
    ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI"),
    ("GET https://b.s3.amazonaws.com/k?X-Amz-Credential=abc%2F&X-Amz-Signature=deadbeef01&x=1", "deadbeef01"),
    ("GET https://acct.blob.core.windows.net/c?sv=1&sig=abc%2Bdef failed", "abc%2Bdef"),
    ("postgres://jobs:hunter2@db:5432/x refused", "hunter2"),
    (f"token {JWT} expired", "SflKxwRJSMeKKF2QT4fw"),
    ("refresh_token=hunter2", "hunter2"),
    ("Set-Cookie: session=hunter2; Path=/", "hunter2"),
    ("key -----BEGIN RSA PRIVATE KEY----- MIIEhunter2", "hunter2"),
    ("posting to https://hooks.slack.com/services/T000/B000/hunter2", "hunter2"),
    ("ghp_" + "hunter2hunter2hunter2 was refused", "hunter2"),
]


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_taken_out(text: str, secret: str) -> None:
    assert secret in text
    assert secret not in redact(text)
    assert "[redacted]" in redact(text)


@pytest.mark.parametrize(("text", "secret"), SECRETS)
def test_a_secret_is_in_no_part_of_a_summary(text: str, secret: str) -> None:
    for log in (f"2026-01-02 03:04:05 ERROR {text}\n" * 3, f"something {text}\n", f"ERROR [worker] {text}\n  {text}\n"):
        assert secret not in json.dumps(summary_of(log).as_document("s3://b/k"))


@pytest.mark.parametrize(
    "text",
    [
        "Article 12: link target kb-7 not found",
        "passed 12 of 12 tokens",
        "user jane@example.com not found in /data/in/part-1.json",
        "digest e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "basic authentication is switched off",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text


def test_nothing_moves_the_terminal_or_turns_the_reading_order() -> None:
    shown = showable("\x1b[31mred\x07 \u202egnp.exe\u2066\x9b2J \u2028x".encode(), 100)
    assert all(character.isprintable() for character in shown)


def test_a_cut_text_says_so() -> None:
    assert showable(b"x" * 500, 100) == "x" * 99 + "…"


def test_a_text_cut_inside_a_character_shows_no_part_of_it() -> None:
    assert showable("Übergröße".encode()[:-2], 100) == "Übergrö"
