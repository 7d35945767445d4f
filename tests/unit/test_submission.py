"""What a producer may send: every row of the contract's table."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobwatch.domain.submission import LARGEST_SUBMISSION_BYTES, SubmissionRejectedError, read_submission
from jobwatch.domain.words import Operation

EVENT_TIME = datetime(2024, 3, 1, 10, tzinfo=UTC)
LEAST = {"connection": "egain-prod", "job_id": "7A84"}


def read(**changes: Any) -> Any:
    return read_submission({**LEAST, **changes}, EVENT_TIME)


def reason(**changes: Any) -> str:
    with pytest.raises(SubmissionRejectedError) as refused:
        read(**changes)
    return str(refused.value)


def test_only_connection_and_job_id_are_required() -> None:
    submission = read()
    assert (submission.connection, submission.job_id) == ("egain-prod", "7A84")
    assert submission.operation is Operation.IMPORT
    assert submission.submitted_at == EVENT_TIME
    assert (submission.name, submission.submitted_by, submission.deadline_minutes) == (None, None, None)
    assert (submission.labels, submission.parameters) == ({}, {})


def test_everything_that_can_be_said() -> None:
    submission = read(
        operation="validation",
        name="n" * 120,
        submitted_by="alice",
        submitted_at="2024-03-01T10:30:00.250+01:00",
        labels={f"label {number}": "" for number in range(10)},
        deadline_minutes=1,
        parameters={"clusterId": "in01"},
        priority="an unknown field",
    )
    assert submission.operation is Operation.VALIDATION
    assert submission.name == "n" * 120
    assert submission.submitted_at == datetime(2024, 3, 1, 9, 30, 0, 250_000, tzinfo=UTC)
    assert len(submission.labels) == 10
    assert submission.deadline_minutes == 1
    assert submission.parameters == {"clusterId": "in01"}


@pytest.mark.parametrize("detail", [None, [], "text", 5, True])
def test_a_detail_that_is_no_object(detail: object) -> None:
    with pytest.raises(SubmissionRejectedError, match="must be an object"):
        read_submission(detail, EVENT_TIME)


@pytest.mark.parametrize("field", ["connection", "job_id"])
def test_a_missing_or_null_required_field_is_named(field: str) -> None:
    document = {name: value for name, value in LEAST.items() if name != field}
    with pytest.raises(SubmissionRejectedError, match=field):
        read_submission(document, EVENT_TIME)
    assert field in reason(**{field: None})


def test_null_is_a_missing_field() -> None:
    nothing = dict.fromkeys(
        ("operation", "name", "submitted_by", "submitted_at", "labels", "deadline_minutes", "parameters")
    )
    assert read(**nothing) == read()


@pytest.mark.parametrize("name", ["a", "0", "egain-prod", "a" * 40, "0-"])
def test_connection_names(name: str) -> None:
    assert read(connection=name).connection == name


@pytest.mark.parametrize("name", ["", "-a", "A", "a_b", "a" * 41, "a\n", "ä", "a/b", 5, True, ["a"]])
def test_what_is_no_connection_name(name: object) -> None:
    assert "connection" in reason(connection=name)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("448761313698322011", "448761313698322011"),
        (" padded ", " padded "),
        ("7a84", "7a84"),
        ("../x?y=#", "../x?y=#"),
        ("é" * 500, "é" * 500),
        (0, "0"),
        (2**53 - 1, "9007199254740991"),
    ],
)
def test_job_ids_are_compared_as_given(given: object, taken: str) -> None:
    assert read(job_id=given).job_id == taken


@pytest.mark.parametrize("number", [2**53, 448761313698322011, -(2**53), 10**30])
def test_a_number_whose_digits_cannot_be_trusted(number: int) -> None:
    assert "2^53-1" in reason(job_id=number)


@pytest.mark.parametrize(
    "job_id", ["", " ", "x" * 501, "a\nb", "a\x00", "tab\t", "\u202eabc", "\ud800", 1.5, 5.0, True, False, ["a"], {}]
)
def test_what_is_no_job_id(job_id: object) -> None:
    assert "job_id" in reason(job_id=job_id)


@pytest.mark.parametrize(
    "changes",
    [
        {"operation": "reimport"},
        {"operation": "IMPORT"},
        {"operation": ""},
        {"name": "n" * 121},
        {"name": 5},
        {"series": "s" * 121},
        {"submitted_by": {"user": "alice"}},
        {"labels": {str(number): "x" for number in range(11)}},
        {"labels": {"team": 5}},
        {"labels": {"team": None}},
        {"labels": {"": "DynamoDB stores no empty name"}},
        {"labels": ["team"]},
        {"deadline_minutes": 0},
        {"deadline_minutes": -5},
        {"deadline_minutes": 1.5},
        {"deadline_minutes": True},
        {"deadline_minutes": "60"},
        {"deadline_minutes": 10**12},
        {"parameters": {"clusterId": 5}},
        {"parameters": {"": "x"}},
    ],
)
def test_bad_fields_are_refused_by_name(changes: dict[str, Any]) -> None:
    [field] = changes
    assert reason(**changes).startswith(field)


@pytest.mark.parametrize("changes", [{"name": "\ud800"}, {"labels": {"a": "\udfff"}}, {"submitted_by": "\ud83d"}])
def test_half_a_character_is_refused(changes: dict[str, Any]) -> None:
    """DynamoDB would refuse it on every retry, and nobody would be told why."""
    assert "surrogate" in reason(**changes)


def test_a_submission_that_no_item_holds_is_refused() -> None:
    assert "bytes" in reason(labels={"note": "x" * LARGEST_SUBMISSION_BYTES})
    assert "bytes" in reason(submitted_by="x" * LARGEST_SUBMISSION_BYTES)


def test_a_reason_stays_short_whatever_was_sent() -> None:
    assert len(reason(labels={"k" * 100_000: 5})) < 600
    assert len(reason(operation="o" * 100_000)) < 600


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-03-01T09:00:00Z", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01t09:00:00z", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01 09:00:00Z", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01T14:30:00+05:30", datetime(2024, 3, 1, 9, tzinfo=UTC)),
        ("2024-03-01T09:00:00.123456789Z", datetime(2024, 3, 1, 9, 0, 0, 123456, tzinfo=UTC)),
    ],
)
def test_forms_of_submitted_at(written: str, meant: datetime) -> None:
    assert read(submitted_at=written).submitted_at == meant


@pytest.mark.parametrize(
    "written",
    ["", "yesterday", "2024-03-01", "2024-03-01T09:00:00", "2024-03-01T09:00Z", "2024-02-30T09:00:00Z", 1709283600],
)
def test_what_is_no_submitted_at(written: object) -> None:
    assert reason(submitted_at=written).startswith("submitted_at")


def test_a_clock_that_runs_ahead_pushes_no_deadline() -> None:
    assert read(submitted_at="2030-01-01T00:00:00Z").submitted_at == EVENT_TIME


def test_without_an_attempt_the_watch_id_is_what_it_always_was() -> None:
    """Else the watches that run during an update would be submitted twice."""
    assert read().watch_id == "egain-prod-import-421c99bbfd682fec"
    assert read(attempt=None).watch_id == read().watch_id


def test_each_attempt_under_a_job_id_is_a_watch_of_its_own() -> None:
    ids = {read(attempt=attempt).watch_id for attempt in (None, "1", "2", "a" * 40)}
    assert len(ids) == 4
    assert read(attempt=2).watch_id == read(attempt="2").watch_id
    assert read(attempt=2).attempt == "2"


@pytest.mark.parametrize("attempt", ["", " ", "a" * 41, "a\nb", 1.5, True, [], {}, 2**53])
def test_what_is_no_attempt(attempt: object) -> None:
    assert reason(attempt=attempt).startswith("attempt: ")


@pytest.mark.parametrize(
    ("said", "run_of"),
    [
        ({}, None),
        ({"name": "Nightly"}, "Nightly"),
        ({"name": "Nightly, 1 March", "series": "Nightly"}, "Nightly"),
        ({"series": "Nightly"}, "Nightly"),
        ({"name": "Nightly", "series": None}, "Nightly"),
    ],
)
def test_the_series_is_the_name_unless_said(said: dict[str, object], run_of: str | None) -> None:
    assert read(**said).run_of == run_of


def test_watch_ids_differ_in_each_of_the_three_and_in_nothing_else() -> None:
    ids = {
        read(connection=connection, operation=operation, job_id=job_id).watch_id
        for connection in ("a", "b", "a-import")
        for operation in ("import", "validation", "export")
        for job_id in ("x", "X", "x ", "import-x", "1")
    }
    assert len(ids) == 3 * 3 * 5
    assert read(name="other", labels={"a": "b"}, deadline_minutes=5).watch_id == read().watch_id
    assert read(job_id=1).watch_id == read(job_id="1").watch_id


@given(st.text(min_size=1, max_size=500).filter(lambda text: text.isprintable() and text.strip() != ""))
def test_every_printable_job_id_gives_an_execution_name(job_id: str) -> None:
    """Step Functions: at most 80 of these characters."""
    watch_id = read(connection="a" * 40, operation="validation", job_id=job_id).watch_id
    assert len(watch_id) <= 80
    assert set(watch_id) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(
        st.sampled_from(
            [*LEAST, "operation", "name", "submitted_by", "submitted_at", "labels", "deadline_minutes", "parameters"]
        ),
        JSON,
    )
)
def test_any_detail_is_accepted_or_refused_with_a_reason(changes: dict[str, Any]) -> None:
    try:
        submission = read(**changes)
    except SubmissionRejectedError as refused:
        reason = str(refused)
    else:
        reason = json.dumps([submission.job_id, dict(submission.labels)], ensure_ascii=False)
        assert submission.submitted_at <= EVENT_TIME
    assert reason.encode()
