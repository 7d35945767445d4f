"""A secret is hidden however it is spelled, and what people have to read stays."""

import time

import pytest

from jobwatch.domain.redact import REDACTED, redact
from tests.unit.secret_spellings import HARMLESS, NAMED, TOKENS, S


def _spelled(spelling: str) -> str:
    return spelling.replace("@@", "\0@").replace("\0@", f"{S}\0").replace("@", S).replace("\0", "@")


def test_the_tables_are_wide() -> None:
    assert len({*NAMED, *TOKENS}) >= 130
    assert len(set(HARMLESS)) >= 90


@pytest.mark.parametrize("spelling", NAMED)
@pytest.mark.parametrize("around", ["{}", "ERROR loading failed: {}", "{} was refused"])
def test_a_secret_is_hidden_however_it_is_spelled(spelling: str, around: str) -> None:
    text = around.format(_spelled(spelling)) if "{" not in spelling else around.replace("{}", _spelled(spelling))
    shown = redact(text)
    assert S not in shown
    assert REDACTED in shown


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("around", ["{}", "key {} refused", '"{}"', "x={};", "(using {})"])
def test_a_token_is_known_by_its_prefix(token: str, around: str) -> None:
    shown = redact(around.format(token))
    assert token[-12:] not in shown
    assert REDACTED in shown


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redact(text) == text
    assert redact(f"ERROR {text}") == f"ERROR {text}"


@pytest.mark.parametrize("text", [*map(_spelled, NAMED), *TOKENS])
def test_what_was_hidden_is_not_hidden_again(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize(
    "text",
    [
        (
            "login of jane refused: <password>@</password> is wrong",
            "login of jane refused: <password>[redacted]</password> is wrong",
        ),
        ("exec loader --password @ kb", "exec loader --password [redacted] kb"),
        ("curl -u admin:@ failed", "curl -u admin:[redacted] failed"),
        (r"body {\"apiKey\":\"@\", \"id\": 7}", r"body {\"apiKey\":\"[redacted]\", \"id\": 7}"),
        ("password%3D@%26user%3Djane", "password%3D[redacted]%26user%3Djane"),
        ("postgres://jobs:@@db:5432/x refused", "postgres://[redacted]@db:5432/x refused"),
        ("user=jane, password=@, host=db", "user=jane, password=[redacted], host=db"),
        ("Server=db;Password=@;Timeout=5", "Server=db;Password=[redacted];Timeout=5"),
    ],
)
def test_only_the_secret_goes(text: tuple[str, str]) -> None:
    assert redact(_spelled(text[0])) == text[1]


@pytest.mark.parametrize(
    "unit",
    [
        "password",
        "password=",
        "token ",
        '"',
        '\\"',
        "a.",
        "://",
        "a:",
        "@",
        "<password ",
        "--",
        "--token ",
        "eyJ.",
        "curl -u ",
        "%22",
        "&quot;",
        "sk-",
        "A1a",
        "Basic ",
        " -p",
        "cookie:",
        "x-",
        "mysql ",
        "/hooks/",
        "密",
    ],
)
def test_time_is_linear_whatever_stands_there(unit: str) -> None:
    short, long = (unit * 20_000)[:20_000], (unit * 80_000)[:80_000]
    began = time.process_time()
    redact(short)
    between = time.process_time()
    redact(long)
    assert time.process_time() - between < 10 * (between - began) + 0.5
