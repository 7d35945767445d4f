"""What holds for every answer that a vendor, a gateway or an attacker can send, found by search and by the clock."""

import json
import time
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobwatch.domain.exchange import Response
from jobwatch.domain.outcome import settle
from jobwatch.domain.snapshot import Answer, NotFound, Phase, PollFailure, Snapshot
from jobwatch.vendors.reading import status_key
from jobwatch.vendors.registry import VENDORS, vendor_of
from tests.vendors.recordings import RECEIVED_AT, Profile, load_profiles, load_recordings

PROFILES = load_profiles()
LARGEST_BODY_BYTES = 4 * 1024 * 1024

ENDING_WORDS = sorted({word for profile in PROFILES for word in profile.ending_words})
# Field names and words that adapters look for, so that the search gets past the first question.
FIELDS = sorted(
    {"status", "state", "data", "code", "progress", "results", "error", "errors", "details", "messages", "message"}
    | {"import_documentation_log", "message_type", "description", "reason", "totalRows", "importedRows", "startTime"}
    | {"completeTime", "completionTime", "percentage", "processed", "total", "success", "retryable", "logFileLocation"}
)
WORDS = [
    *ENDING_WORDS,
    "In Progress",
    "Pending",
    "Queued",
    "SUCCESSFUL",
    "can celled",
    "not completed",
    "0",
    "200",
    "1807",
]
TIMES = ["2024-03-01T10:00:00.000Z", "2024-03-01T10:00:00+0000", "9999-12-31T23:59:59Z", "0001-01-01", "", "2024-13-01"]

leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.integers(min_value=10**300, max_value=10**310)
    | st.sampled_from([0, 1, 2, 100, 200, -1, 0.5, 1e308, float("inf"), float("nan")])
    | st.sampled_from(WORDS)
    | st.sampled_from(TIMES)
    | st.text(max_size=30)
    | st.sampled_from(["\ud800", "‮evil", "\x00", "A" * 5000])
)
json_values = st.recursive(
    leaves,
    lambda children: (
        st.lists(children, max_size=4)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=8), children, max_size=6)
    ),
    max_leaves=20,
)
headers = st.dictionaries(
    st.sampled_from(["content-type", "retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "location"]),
    st.text(max_size=40) | st.sampled_from(["text/html", "application/json", "-1", "1e9", "0" * 50, "99999999999"]),
    max_size=3,
)
status_codes = st.integers(100, 599) | st.sampled_from([200, 200, 200, 202, 400, 404, 429, 503])


@st.composite
def changed_recordings(draw: st.DrawFn, api: Profile) -> bytes:
    """A recorded body with some of its values replaced, dropped or doubled: close enough to be read as a status."""
    bodies = [recording.body for recording in load_recordings(api) if isinstance(recording.body, dict)]
    body = json.loads(json.dumps(draw(st.sampled_from(bodies)))) if bodies else {}
    for _ in range(draw(st.integers(1, 4))):
        places = list(_places(body))
        if not places:
            break
        holder, key = draw(st.sampled_from(places))
        match draw(st.sampled_from(["replace", "drop", "list"])):
            case "replace":
                holder[key] = draw(json_values)
            case "drop" if isinstance(holder, dict):
                del holder[key]
            case _:
                holder[key] = [holder[key], draw(json_values)]
    return json.dumps(body).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else []
    for key in keys:
        yield value, key
        yield from _places(value[key])


def bodies_for(api: Profile) -> st.SearchStrategy[bytes]:
    return (
        changed_recordings(api)
        | json_values.map(lambda value: json.dumps(value).encode())
        | st.binary(max_size=200)
        | changed_recordings(api).map(lambda body: body[: len(body) * 2 // 3])
    )


def texts_in(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for key, part in value.items():
                yield from (key, *texts_in(part))
        case list():
            for part in value:
                yield from texts_in(part)


def states_an_end(api: Profile, body: bytes) -> bool:
    """Whether one of the vendor's own words for an end stands anywhere in a body."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return any(status_key(text) in api.ending_words for text in texts_in(document))


def ask(api: Profile, response: Response) -> Answer:
    return vendor_of(api.connection()).read(api.submission(), response)


@pytest.mark.parametrize("api", PROFILES, ids=lambda profile: profile.name)
class TestNoAnswer:
    @settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(data=st.data())
    def test_crashes_the_poller_or_ends_a_job_unsaid(self, api: Profile, data: st.DataObject) -> None:
        body = data.draw(bodies_for(api))
        response = Response(data.draw(status_codes), data.draw(headers), body, RECEIVED_AT, data.draw(st.booleans()))
        answer = ask(api, response)
        match answer:
            case Snapshot():
                also = api.described.status_codes if api.described else ()
                assert 200 <= response.status_code < 300 or response.status_code in also
                if answer.phase is Phase.ENDED:
                    assert api.is_computed or states_an_end(api, body)
                    settle(answer)
                check_fields(answer)
            case PollFailure():
                assert answer.retry_after_seconds is None or answer.retry_after_seconds >= 0
                assert len(answer.detail) <= 500
            case NotFound():
                assert len(answer.detail) <= 500
        assert "\x00" not in repr(answer)

    @settings(max_examples=40, deadline=None)
    @given(data=st.data())
    def test_without_its_status_word_ends_a_job(self, api: Profile, data: st.DataObject) -> None:
        """Every recorded end, with another word in the place of the status, is no end any more."""
        if api.is_computed:
            return
        ended = [each for each in load_recordings(api) if each.expected.get("phase") == "ended"]
        recording = data.draw(st.sampled_from(ended))
        other = data.draw(st.text(max_size=20) | st.sampled_from(["Complete", "Success", "Done", "Fail", "100"]))
        word = recording.expected["vendor_status"]
        text = recording.body_bytes.decode().replace(json.dumps(word), json.dumps(other))
        if status_key(other) not in api.ending_words:
            answer = recording.read(Response(200, {}, text.encode(), RECEIVED_AT))
            assert not isinstance(answer, Snapshot) or answer.phase is not Phase.ENDED


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("shape", range(9))
def test_no_answer_costs_more_than_a_little_time_and_memory(vendor: str, shape: int) -> None:
    """The poller has 15 s and some hundred megabytes; a body is cut at 4 MiB before it is read."""
    api = next(profile for profile in PROFILES if profile.vendor_name == vendor)
    word = min(api.ending_words)
    templates = [
        b"[" * LARGEST_BODY_BYTES,
        b'{"a":' * (LARGEST_BODY_BYTES // 5),
        b'{"code": ' + b"9" * (LARGEST_BODY_BYTES - 20) + b"}",
        b'{"status": "' + b"in progress " * (LARGEST_BODY_BYTES // 12 - 10) + b'"}',
        b'{"message": "' + b"token api key " * (LARGEST_BODY_BYTES // 14 - 10) + b'", "code": 5}',
        b"<title>" + b"<" * (LARGEST_BODY_BYTES - 7),
        b" " * LARGEST_BODY_BYTES,
        _long_list(
            b'{"fileName":"a","state":"Failed","reason":"x"}',
            b'{"code":0,"data":{"state":"%s","details":[%s]}}',
            word,
        ),
        _long_list(
            b'{"message_type":0,"message":"x"}',
            b'{"status":"%s","import_documentation_log":{"messages":[%s]}}',
            word,
        ),
    ]
    response = Response(200, {"content-type": "text/html"}, templates[shape], RECEIVED_AT, cut=shape < 2)
    started = time.process_time()
    ask(api, response)
    assert time.process_time() - started < 3
    tracemalloc.start()
    answer = ask(api, response)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 128 * 1024 * 1024
    assert len(repr(answer)) < 200_000, "what is kept of an answer has to fit into the record of a watch"


def _long_list(entry: bytes, document: bytes, word: str) -> bytes:
    entries = b",".join([entry] * ((LARGEST_BODY_BYTES - 200) // (len(entry) + 1)))
    return document % (word.encode(), entries)


def check_fields(snapshot: Snapshot) -> None:
    """Numbers that can be shown and stored, text that is short."""
    progress, results = snapshot.progress, snapshot.results
    assert progress.percentage is None or 0 <= progress.percentage <= 100
    for number in (progress.processed, progress.total, results.successful, results.warnings, results.errors):
        assert number is None or 0 <= number <= 1e15
    for moment in (snapshot.starts_at, snapshot.finished_at, snapshot.predicted_end):
        assert moment is None or moment.utcoffset() is not None
    assert len(snapshot.vendor_status) <= 80
    assert len(snapshot.error or "") <= 1000
    assert len(snapshot.items) <= 100
    assert len(snapshot.messages) <= 101
    for text in (*snapshot.remarks, *(message.text for message in snapshot.messages)):
        assert len(text) <= 1200
        assert text.isprintable()
    for item in snapshot.items:
        assert len(item.name) <= 200
        assert len(item.error or "") <= 500
    assert all(message.level in ("error", "warning", "info") for message in snapshot.messages)
