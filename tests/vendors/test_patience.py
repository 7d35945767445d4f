"""What people are told at last: each kind of silence has its own end, and none of them is `failed`."""

from dataclasses import replace
from datetime import timedelta

import pytest

from jobwatch.domain.connection import Polling
from jobwatch.domain.follow import follow, tell
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import DEFAULT_NOTICES, Notice, Outcome
from sandbox import misbehaviour, scripts
from sandbox.jobs import Job
from sandbox.misbehaviour import Fault
from tests.vendors.sandbox_apis import Api

POLLING = Polling(min_seconds=60, max_seconds=120, grace_minutes=10)


def follow_on(api: Api, watch: Watch, seconds: float = 24 * 3600) -> tuple[Watch, list[Notice]]:
    """Follow a job to its end or for so long, telling each notice at once; the notices in order."""
    told: list[Notice] = []
    ends_at = api.clock.now() + timedelta(seconds=seconds)
    while watch.outcome is None and watch.next_poll_at <= ends_at:
        api.clock.set(max(watch.next_poll_at, api.clock.now()))
        answer = api.ask(watch.submission.job_id)
        wanted = frozenset(DEFAULT_NOTICES)
        watch = follow(watch, answer, now=api.clock.now(), polling=POLLING, wanted=wanted, jitter=0.5)
        for notice in watch.due:
            told.append(notice)
            watch = tell(watch, notice, at=api.clock.now())
    return watch, told


def new_watch(api: Api, job: Job) -> Watch:
    now = api.clock.now()
    return Watch(api.submission(job.id), api.connection.vendor, "the vendor", now, now)


def test_a_job_that_is_never_known_is_not_found(api: Api) -> None:
    watch, told = follow_on(api, new_watch(api, api.start(scripts.never_known())))
    assert watch.outcome is Outcome.NOT_FOUND
    assert told == [Notice.FINISHED]
    assert timedelta(minutes=10) <= api.clock.now() - watch.accepted_at <= timedelta(minutes=13)


def test_a_job_that_is_known_late_is_followed_to_its_end(api: Api) -> None:
    watch, told = follow_on(api, new_watch(api, api.start(scripts.late_known(300, 1200))))
    assert watch.outcome is Outcome.SUCCEEDED
    assert told == [Notice.FINISHED]


@pytest.mark.parametrize(
    "fault",
    [
        misbehaviour.html(502),
        misbehaviour.empty(200),
        misbehaviour.plain(401, "Unauthorized"),
        misbehaviour.reset(),
    ],
    ids=["down", "garbage", "unauthorised", "reset"],
)
def test_a_vendor_that_cannot_be_asked_is_unreachable_and_recovers(api: Api, fault: Fault) -> None:
    watch = new_watch(api, api.start(scripts.good_import(1200)))
    api.misbehave(replace(fault, times=None))
    watch, told = follow_on(api, watch, 700)
    assert (watch.outcome, told) == (None, [Notice.UNREACHABLE])
    api.server.faults.clear()
    watch, told = follow_on(api, watch)
    assert told == [Notice.RECOVERED, Notice.FINISHED]
    assert watch.outcome is Outcome.SUCCEEDED


def test_a_vendor_that_throttles_is_there(api: Api) -> None:
    watch = new_watch(api, api.start(scripts.good_import(3000)))
    api.misbehave(misbehaviour.too_many(90, times=None))
    watch, told = follow_on(api, watch, 1800)
    assert (watch.outcome, told) == (None, [])
