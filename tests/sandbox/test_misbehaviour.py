"""A fault that does not happen on the wire makes a robustness test pass for nothing."""

import threading
import time
from datetime import UTC, datetime

import pytest
import requests

from sandbox import misbehaviour, scripts
from sandbox.jobs import HandClock
from sandbox.misbehaviour import Fault, Faults
from sandbox.server import Sandbox


def get(url: str, **more: object) -> requests.Response:
    return requests.get(url, timeout=5, allow_redirects=False, **more)  # type: ignore[arg-type]


def wait_for_threads(expected: set[threading.Thread]) -> None:
    deadline = time.monotonic() + 2
    while set(threading.enumerate()) - expected and time.monotonic() < deadline:
        time.sleep(0.01)
    assert set(threading.enumerate()) <= expected


def test_bodies_of_every_form(sandbox: Sandbox) -> None:
    url = sandbox.stranger.url
    sandbox.stranger.faults.set(
        misbehaviour.html(502), misbehaviour.plain(503, "busy"), misbehaviour.empty(), misbehaviour.truncated_json()
    )
    page, busy, nothing, cut, normal = (get(url) for _ in range(5))
    assert (page.status_code, page.headers["Content-Type"]) == (502, "text/html")
    assert (busy.status_code, busy.text) == (503, "busy")
    assert (nothing.status_code, nothing.content) == (200, b"")
    assert not cut.text.endswith("}")
    assert normal.json()["status"] == "Successful"


def test_connections_break(sandbox: Sandbox) -> None:
    sandbox.stranger.faults.set(misbehaviour.reset(), misbehaviour.broken_off())
    with pytest.raises(requests.ConnectionError, match="reset by peer"):
        get(sandbox.stranger.url)
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        get(sandbox.stranger.url)


def test_a_huge_body_is_streamed_and_may_be_left_early(sandbox: Sandbox) -> None:
    sandbox.stranger.faults.set(misbehaviour.huge(times=2))
    assert len(get(sandbox.stranger.url).content) == 50 * 1024 * 1024
    with get(sandbox.stranger.url, stream=True) as answer:
        assert answer.raw.read(12) == b'{"status": "'
    assert get(sandbox.stranger.url).status_code == 200


def test_a_hang_outlasts_the_client_and_not_the_sandbox() -> None:
    before, threads = time.monotonic(), set(threading.enumerate())
    with Sandbox(clock=HandClock()) as sandbox:
        sandbox.stranger.faults.set(misbehaviour.hang(60))
        with pytest.raises(requests.Timeout):
            requests.get(sandbox.stranger.url, timeout=0.2)
    wait_for_threads(threads)
    assert time.monotonic() - before < 5


def test_redirects_and_waiting_times(sandbox: Sandbox) -> None:
    noon = datetime(2024, 3, 1, 12, tzinfo=UTC)
    sandbox.egain.faults.set(
        misbehaviour.redirect(sandbox.stranger.url + "/elsewhere"),
        misbehaviour.too_many(30),
        misbehaviour.too_many(30, as_date_from=noon, status=503),
        misbehaviour.rate_headers(60, 0, 42),
    )
    moved, seconds, date, limited = (get(sandbox.egain.url) for _ in range(4))
    assert (moved.status_code, moved.headers["Location"]) == (302, sandbox.stranger.url + "/elsewhere")
    assert (seconds.status_code, seconds.headers["Retry-After"]) == (429, "30")
    assert (date.status_code, date.headers["Retry-After"]) == (503, "Fri, 01 Mar 2024 12:00:30 GMT")
    assert (limited.status_code, limited.headers["X-RateLimit-Reset"]) == (429, "42")


def test_a_fault_for_one_job_spares_the_others(sandbox: Sandbox) -> None:
    one, other = (sandbox.egain.jobs.add(scripts.good_import()) for _ in range(2))
    sandbox.egain.faults.set(misbehaviour.html(times=None, matching=one.id))
    urls = [f"{sandbox.egain.url}/knowledge/contentmgr/v4/import/content/{job.id}/status" for job in (one, other)]
    assert [get(url).status_code for url in urls * 2] == [502, 401, 502, 401]
    sandbox.egain.faults.clear()
    assert get(urls[0]).status_code == 401


def test_a_job_is_recognised_in_a_body_too(sandbox: Sandbox) -> None:
    sandbox.zilliz.faults.set(misbehaviour.html(matching="448761313698322011"))
    url = f"{sandbox.zilliz.url}/v2/vectordb/jobs/import/describe"
    answers = [requests.post(url, json={"jobId": f"44876131369832201{last}"}, timeout=5) for last in (2, 1)]
    assert [answer.status_code for answer in answers] == [200, 502]


def test_chance_is_seeded() -> None:
    def hits(seed: int) -> list[bool]:
        faults = Faults(seed)
        faults.set(Fault(500, times=None, probability=0.3))
        return [faults.pick("/", b"") is not None for _ in range(200)]

    assert hits(1) == hits(1) != hits(2)
    assert 30 < sum(hits(1)) < 90


@pytest.mark.parametrize("name", misbehaviour.BY_NAME)
def test_the_server_survives_every_fault(sandbox: Sandbox, name: str) -> None:
    sandbox.stranger.faults.set(misbehaviour.BY_NAME[name]())
    try:
        harmed = get(sandbox.stranger.url).status_code != 200 or name in ("empty-200", "truncated", "huge")
    except requests.RequestException:
        harmed = True
    assert harmed
    assert get(sandbox.stranger.url).status_code == 200


def test_requests_are_on_record_with_their_secrets(sandbox: Sandbox) -> None:
    get(sandbox.egain.url + "/x?q=1", headers={"Authorization": "Bearer abc"})
    seen = sandbox.egain.requests[0]
    assert (seen.method, seen.path, seen.query, seen.headers["Authorization"]) == ("GET", "/x", "q=1", "Bearer abc")
    assert [request.server for request in sandbox.requests_with("Bearer abc")] == ["egain"]
    assert sandbox.requests_with("nobody sent this") == []


def test_nothing_is_left_behind() -> None:
    before = set(threading.enumerate())
    with Sandbox() as sandbox, requests.Session() as session:
        for url in sandbox.urls.values():
            session.get(url, timeout=5)
        urls = sandbox.urls
    assert len(urls) == 11
    for url in urls.values():
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=1)
    wait_for_threads(before)
