"""A token's end in any dress: what a vendor says of it counts like a 401, under whatever HTTP code."""

import json

import pytest

from jobwatch.domain.exchange import Response
from jobwatch.domain.snapshot import FailureKind, NotFound, PollFailure
from jobwatch.vendors.registry import VENDORS, vendor_of
from tests.unit.rest_examples import answered, described
from tests.vendors.recordings import RECEIVED_AT, load_profiles

PROFILES = {profile.name: profile for profile in load_profiles()}
ENVELOPE = {"success": True, "errors": [{"description": "The token has ended", "error_code": "401"}]}

# What each built-in vendor's own words for it are: bodies, and texts of gateways before it.
DRESSES: dict[str, list[object]] = {
    "egain": [
        {"code": "401-101", "developerMessage": "Invalid token"},
        {"code": "401-104", "developerMessage": "Session is over"},
        {"code": 401, "developerMessage": "no"},
        {"developerMessage": "The access token expired"},
        "Unauthorized",
    ],
    "egain_export": [{"code": "401-104", "developerMessage": "Invalid token"}, {"code": "403-178"}],
    "document360": [
        ENVELOPE,
        {"success": False, "errors": [{"description": "API token is invalid"}]},
        "Unauthorized",
        "Invalid api token",
        "The API key has been revoked",
    ],
    "zilliz": [
        {"code": 21119, "message": "The apikey is illegal."},
        {"code": "0", "message": "The token is illegal."},
        {"code": 0, "message": "Token expired"},
        {"code": 401, "message": "no"},
        {"code": 96012},
        "invalid token",
    ],
    "milvus": [
        {"code": 1800, "message": "user hasn't authenticated"},
        {"code": "1800", "message": ""},
        {"code": 1401, "message": "privilege not permitted"},
        {"code": 5, "message": "auth check failure, please check api key is correct: unauthorized"},
    ],
}
ROWS = [(name, dress) for name, dresses in DRESSES.items() for dress in dresses]


@pytest.mark.parametrize("status_code", [200, 202, 400, 401, 403, 422, 500])
@pytest.mark.parametrize(("name", "dress"), ROWS, ids=lambda value: str(value)[:40])
def test_the_vendors_own_words_count_under_every_code(name: str, dress: object, status_code: int) -> None:
    api = PROFILES[name]
    body = dress.encode() if isinstance(dress, str) else json.dumps(dress).encode()
    answer = vendor_of(api.connection()).read(api.submission(), Response(status_code, {}, body, RECEIVED_AT))
    assert isinstance(answer, PollFailure)
    assert answer.kind is FailureKind.UNAUTHORISED, answer


def test_every_built_in_vendor_has_its_words_here() -> None:
    assert {PROFILES[name].vendor_name for name in DRESSES} | {"rest"} == set(VENDORS)


@pytest.mark.parametrize("name", DRESSES)
@pytest.mark.parametrize("words", ["The tokenizer failed", "Database is busy", "Not authorised for a retry"])
def test_other_words_are_no_end_of_a_token(name: str, words: str) -> None:
    api = PROFILES[name]
    body = json.dumps({"developerMessage": words, "message": words, "errors": [{"description": words}]}).encode()
    answer = vendor_of(api.connection()).read(api.submission(), Response(503, {}, body, RECEIVED_AT))
    assert isinstance(answer, PollFailure)
    assert answer.kind is FailureKind.VENDOR_ERROR, answer


class TestDescribedApis:
    """`failures` decides, wherever the expression finds the code."""

    @pytest.mark.parametrize("status_code", [200, 400, 404, 500, 503])
    @pytest.mark.parametrize(
        ("expression", "body"),
        [
            ("body.errors[0].{code: code, text: message}", {"errors": [{"code": "E77", "message": "over"}]}),
            ("body.errors[0]", {"errors": [{"code": "E77", "message": "over", "id": 5}]}),
            ("body.errors", {"errors": [{"code": "X1"}, {"code": "e77"}]}),
            ("body.errors[].code", {"errors": [{"code": "E77"}]}),
            ("body.fault", {"fault": "E77"}),
        ],
    )
    def test_by_the_descriptions_word(self, expression: str, body: object, status_code: int) -> None:
        connection = described({"snapshot.failure": expression, "failures.unauthorised": ["E77"]})
        answer = answered(body, connection, status_code)
        assert isinstance(answer, PollFailure)
        assert answer.kind is FailureKind.UNAUTHORISED, answer

    @pytest.mark.parametrize("code", [404, "404", 410])
    def test_a_400_that_names_a_clearer_code_is_judged_by_that(self, code: object) -> None:
        connection = described({"snapshot.failure": "body.{code: code, text: message}"})
        assert isinstance(answered({"code": code, "message": "no such job"}, connection, 400), NotFound)
        assert answered({"code": 401, "message": "x"}, connection, 400).kind is FailureKind.UNAUTHORISED
        assert answered({"code": 429, "message": "x"}, connection, 400).kind is FailureKind.THROTTLED
        assert answered({"code": 500, "message": "x"}, connection, 400).kind is FailureKind.REFUSED
        assert answered({"code": 404, "message": "x"}, connection, 503).kind is FailureKind.VENDOR_ERROR
