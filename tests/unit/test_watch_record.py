"""Any watch survives the table."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jobwatch.domain.follow import hold
from jobwatch.domain.prior import Prior
from jobwatch.domain.snapshot import Item, Message, Phase, Progress, Results, Snapshot
from jobwatch.domain.submission import Submission
from jobwatch.domain.watch import Booking, Claim, Telling, Trouble, Watch
from jobwatch.domain.watch_record import KEEP_ENDED_SECONDS, read_record, write_record
from jobwatch.domain.words import Notice, Operation, Outcome
from tests.unit.examples import T0, Followed, ended, finished, running, submission, watch

TIMES = st.integers(0, 4_000_000_000_000).map(
    lambda ms: datetime.fromtimestamp(ms // 1000, UTC).replace(microsecond=ms % 1000 * 1000)
)
CHARACTERS = st.characters(exclude_categories=["Cs"])
TEXTS = st.text(CHARACTERS, max_size=30)
SOME = st.text(CHARACTERS, min_size=1, max_size=30)
NUMBERS = st.none() | st.integers(0, 10**15) | st.floats(0, 1e15, allow_nan=False)
COUNTS = st.none() | st.integers(0, 10**12)
PAIRS = st.dictionaries(SOME, TEXTS, max_size=3)


def snapshots() -> st.SearchStrategy[Snapshot]:
    verdicts = st.none() | st.sampled_from([Outcome.SUCCEEDED, Outcome.FAILED, Outcome.CANCELLED])

    def build(verdict: Outcome | None, rest: dict[str, object]) -> Snapshot:
        phase = Phase.RUNNING if verdict is None else Phase.ENDED
        return replace(Snapshot(phase, "x", verdict=verdict), **rest)  # type: ignore[arg-type]

    rest = st.fixed_dictionaries(
        {
            "vendor_status": SOME,
            "size_bytes": COUNTS,
            "unnamed": st.none() | SOME,
            "waits_for": st.none() | SOME,
            "doubts": st.lists(SOME, max_size=2).map(tuple),
            "progress": st.builds(Progress, NUMBERS, NUMBERS, NUMBERS),
            "results": st.builds(Results, COUNTS, COUNTS, COUNTS),
            "error": st.none() | SOME,
            "retryable": st.none() | st.booleans(),
            "starts_at": st.none() | TIMES,
            "finished_at": st.none() | TIMES,
            "predicted_end": st.none() | TIMES,
            "current_operation": st.none() | SOME,
            "log_location": st.none() | SOME,
            "items": st.lists(
                st.builds(Item, SOME, st.none() | SOME, NUMBERS, st.none() | SOME, st.booleans()), max_size=2
            ).map(tuple),
            "messages": st.lists(st.builds(Message, st.sampled_from(["error", "info"]), TEXTS), max_size=2).map(tuple),
            "remarks": st.lists(SOME, max_size=2).map(tuple),
        }
    )
    return st.builds(build, verdicts, rest)


TROUBLES = st.none() | st.builds(Trouble, TIMES, st.integers(1, 10**6), SOME)
WATCHES = st.builds(
    Watch,
    submission=st.builds(
        Submission,
        connection=st.just("egain-prod"),
        job_id=SOME,
        operation=st.sampled_from(Operation),
        submitted_at=TIMES,
        attempt=st.none() | SOME,
        name=st.none() | SOME,
        series=st.none() | SOME,
        submitted_by=st.none() | SOME,
        labels=PAIRS,
        deadline_minutes=st.none() | st.integers(1, 2**31 - 1),
        parameters=PAIRS,
    ),
    vendor=st.just("egain"),
    vendor_title=SOME,
    noun=st.none() | SOME,
    accepted_at=TIMES,
    next_poll_at=TIMES,
    version=st.integers(0, 10**6),
    polls=st.integers(0, 10**6),
    pace=st.dictionaries(SOME, st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=3),
    snapshot=st.none() | snapshots(),
    tellings=st.dictionaries(st.sampled_from(Notice), st.builds(Telling, st.integers(1, 10**6), TIMES)),
    claim=st.none() | st.builds(Claim, SOME, TIMES),
    moved_at=st.none() | TIMES,
    quarter=st.integers(0, 3),
    scheduled_start=st.none() | TIMES,
    failing=TROUBLES,
    missing=TROUBLES,
    due=st.lists(st.sampled_from(Notice), min_size=1, max_size=3, unique=True).map(tuple),
    told=st.frozensets(st.sampled_from(Notice)),
    outcome=st.none() | st.sampled_from(Outcome),
    detected_at=st.none() | TIMES,
    ask_from=st.none() | TIMES,
    booking=st.none() | st.builds(Booking, st.integers(0, 10**9), TIMES),
    token_refused=st.booleans(),
    held_up_seconds=st.integers(0, 10**6).map(float),
    generation=st.integers(1, 100),
    wakes=st.integers(0, 10**4),
)


@given(WATCHES)
def test_any_watch_survives(before: Watch) -> None:
    assert read_record(write_record(before)) == before


def test_a_watch_that_is_ended_but_not_told_keeps_its_lists() -> None:
    """They are what the notifier tells; without a notice due, they only cost."""
    items = (Item("a.json", "Failed", failed=True),)
    end = finished(ended(items=items))
    assert read_record(write_record(end)) == end
    polled = watch(snapshot=running(items=items), polls=3)
    read = read_record(write_record(polled)).snapshot
    assert read is not None
    assert read.items == ()


def test_records_hold_plain_values_and_nothing_empty() -> None:
    def check(value: object) -> None:
        assert isinstance(value, str | int | dict | list)
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(inner)

    record = write_record(finished())
    for name, value in record.items():
        assert value not in (None, {}, []), name
        check(value)


def test_only_ended_watches_leave_the_table() -> None:
    assert "expires_at" not in write_record(watch(polls=3, snapshot=running()))
    end = write_record(finished())
    assert end["expires_at"] == int(T0.timestamp()) + 76 * 60 + KEEP_ENDED_SECONDS
    assert (end["state"], end["outcome"]) == ("ended", "completed_with_errors")


def test_a_usual_running_watch_is_one_write_unit() -> None:
    """Every poll writes it, and a unit is 1,024 bytes, names included."""
    followed = Followed(watch(booking=Booking(123_456, T0), prior=Prior(20, 8.2345, 0.1234), usual_seconds=5400))
    for minute in range(50):
        eta = T0 + timedelta(minutes=70 + minute % 7, milliseconds=1234)
        shown = running(1250 + 37 * minute, 5000, predicted_end=eta, current_operation="Importing articles")
        followed.at(minute + 0.0123, shown)
    end = followed.watch
    queued = hold(
        end, 123_456, end.next_poll_at, now=end.next_poll_at, polling=followed.polling, wanted=followed.wanted
    )
    record = write_record(queued)
    assert {"pace", "snapshot", "booking"} <= record.keys()
    assert sum(len(name) + len(str(value).encode()) for name, value in record.items()) < 1024


def test_the_fullest_watch_fits_into_an_item() -> None:
    """DynamoDB: 400 KB. The vendors cut items and messages (jobwatch.vendors.telling), the rest is cut when read."""
    emoji = "\U0001f389"
    full = ended(
        items=tuple(Item(emoji * 200, emoji * 80, 1.5, emoji * 500, failed=True) for _ in range(50)),
        messages=tuple(Message("error", emoji * 500) for _ in range(50)),
        error=emoji * 1000,
        remarks=tuple(emoji * 300 for _ in range(10)),
    )
    about = submission(name=emoji * 120, labels={"note": "x" * 99_000})
    record = write_record(finished(full, about))
    assert sum(len(str(value).encode()) + len(name) for name, value in record.items()) < 400_000
