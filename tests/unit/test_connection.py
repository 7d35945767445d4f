"""What a configured connection may say: every field and range, refused with the place and the reason."""

from typing import Any

import pytest

from jobwatch.domain.connection import Connection, ConnectionUnusableError, Polling, read_connection
from jobwatch.domain.words import DEFAULT_NOTICES, Notice

LEAST = {"vendor": "egain", "base_url": "https://api.egain.cloud", "secret": "jobwatch/egain-prod"}
VENDORS = frozenset({"egain", "zilliz"})


def read(**changes: Any) -> Connection:
    document = {name: value for name, value in {**LEAST, **changes}.items() if value != "left out"}
    return read_connection("egain-prod", document, "jobwatch/", VENDORS)


def reason(**changes: Any) -> str:
    with pytest.raises(ConnectionUnusableError) as refused:
        read(**changes)
    return str(refused.value)


def test_the_defaults_are_those_of_the_contract() -> None:
    connection = read()
    assert connection.polling == Polling(15, 300, 60, 480, 60, 10, 72)
    assert connection.notices == {"finished", "stalled", "overdue", "unreachable", "recovered"}
    assert connection.notices == frozenset(DEFAULT_NOTICES)
    assert connection.parameters == {}


def test_the_contracts_example() -> None:
    document = {
        **LEAST,
        "parameters": {},
        "polling": {
            "min_seconds": 15,
            "max_seconds": 300,
            "requests_per_minute": 60,
            "deadline_minutes": 480,
            "stall_minutes": 60,
            "grace_minutes": 10,
            "give_up_hours": 72,
        },
        "notices": ["finished", "stalled", "overdue", "unreachable", "recovered"],
    }
    assert read_connection("egain-prod", document, "jobwatch/", VENDORS) == read()


@pytest.mark.parametrize("field", LEAST)
def test_a_missing_field_is_named(field: str) -> None:
    assert field in reason(**{field: "left out"})


@pytest.mark.parametrize("document", [None, [], "text", 5])
def test_a_document_that_is_no_object(document: object) -> None:
    with pytest.raises(ConnectionUnusableError, match="egain-prod"):
        read_connection("egain-prod", document, "jobwatch/", VENDORS)


RANGES = [
    ("min_seconds", 1, 3600),
    ("max_seconds", 1, 86400),
    ("requests_per_minute", 1, 6000),
    ("deadline_minutes", 1, 43200),
    ("stall_minutes", 1, 10080),
    ("grace_minutes", 1, 1440),
    ("give_up_hours", 1, 2160),
]


@pytest.mark.parametrize(("field", "least", "most"), RANGES)
def test_ranges(field: str, least: int, most: int) -> None:
    room = {"min_seconds": 1, "max_seconds": 86400}
    for value in (least, most):
        assert getattr(read(polling={**room, field: value}).polling, field) == value
    for wrong in (least - 1, most + 1, 1.5, str(least), True, None):
        assert f"polling.{field}" in reason(polling={**room, field: wrong})


def test_max_is_never_below_min() -> None:
    assert read(polling={"min_seconds": 300}).polling.min_seconds == 300
    assert "polling.max_seconds" in reason(polling={"min_seconds": 301})
    assert "polling.max_seconds" in reason(polling={"min_seconds": 20, "max_seconds": 19})


@pytest.mark.parametrize("place", ["", "polling"])
def test_unknown_fields_are_refused_by_name(place: str) -> None:
    changes: dict[str, Any] = {"pause_seconds": 5}
    assert "pause_seconds" in reason(**({place: changes} if place else changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"vendor": "acme"},
        {"vendor": "EGAIN"},
        {"vendor": 5},
        {"base_url": "http://api.egain.cloud"},
        {"base_url": "https://169.254.169.254"},
        {"base_url": "https://me:word@api.egain.cloud"},
        {"base_url": ["https://api.egain.cloud"]},
        {"secret": "other/egain-prod"},
        {"secret": ""},
        {"secret": {"client_id": "x"}},
        {"parameters": {"clusterId": 5}},
        {"parameters": []},
        {"polling": []},
        {"notices": []},
        {"notices": ["stalled"]},
        {"notices": ["finished", "finished"]},
        {"notices": ["finished", "ended"]},
        {"notices": "finished"},
    ],
)
def test_what_is_refused(changes: dict[str, Any]) -> None:
    [field] = changes
    assert reason(**changes).startswith(f"connection egain-prod: {field}")


def test_any_notice_but_finished_may_be_left_out() -> None:
    assert read(notices=["finished"]).notices == {Notice.FINISHED}
    assert read(notices=[notice.value for notice in Notice]).notices == frozenset(Notice)
