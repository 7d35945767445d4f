"""The cases whose messages were reviewed: every notice and outcome, and what makes a message hard to write."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from jobwatch.domain.snapshot import (
    Answer,
    FailureKind,
    Item,
    Lack,
    Message,
    NotFound,
    PollFailure,
    Progress,
    Results,
)
from jobwatch.domain.submission import Submission
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Operation, Outcome
from jobwatch.messages.document import Notification
from jobwatch.messages.notification import Around
from jobwatch.usecases.notify import Notifier
from tests.conftest import GOLDEN_FOLDER
from tests.fakes import FakeClock, FakeIds, FakeLogs, FakePublisher, FakeSeries, FakeWatches
from tests.unit.examples import (
    EVERY_NOTICE,
    JOB_ID,
    T0,
    Followed,
    ended,
    finished,
    follow_once,
    running,
    scheduled,
    submission,
    watch,
)

LOG = """\
2024-03-01T10:00:00Z INFO  Import started: 5000 content items
2024-03-01T10:12:31Z WARN  Article 1107: image larger than 5 MB was scaled
2024-03-01T10:14:02Z ERROR Article 1042: link target 77 not found
2024-03-01T10:14:03Z ERROR Article 1043: link target 78 not found
2024-03-01T10:15:40Z ERROR Article 2210: link target 99 not found
2024-03-01T10:40:00Z ERROR Article 4001: attachment manual.pdf is missing
2024-03-01T10:41:00Z ERROR Article 4002: link target 12 not found
2024-03-01T11:15:00Z INFO  Import finished
"""
# One log of each shape that the log summary reads.
LOGS = sorted((GOLDEN_FOLDER / "logs").glob("*.log"))
CLEAN_LOG = "2024-03-01T10:00:00Z INFO Import started\n2024-03-01T11:15:00Z INFO Import finished\n"
SCHEMA_MISMATCH = "schema mismatch: field vector has 512 dimensions, 768 expected"
GONE = NotFound("HTTP 404: 404-100 The job does not exist")
DOWN = PollFailure(FailureKind.UNREACHABLE, "no connection within 5 s")


@dataclass(frozen=True)
class Case:
    """A watch with notices due, the log there is, and when the notifier tells them."""

    watch: Watch
    log: str | bytes | None = None
    allowed: tuple[str, ...] = field(default=("arn:aws:s3:::mybucket/logs/*",))
    at: datetime = T0
    around: Around = Around()  # noqa: RUF009 - frozen


def due(*polls: tuple[float, Answer], until: Notice, about: Submission | None = None) -> Case:
    """The watch of a few polls, at the moment when a notice is due."""
    followed = Followed(watch(about), wanted=EVERY_NOTICE)
    for minute, answer in polls:
        before = followed.watch
        followed.at(minute, answer)
        if until in followed.notices:
            untold = _untold(followed, before, minute, answer, until)
            return Case(untold, at=T0 + timedelta(minutes=minute))
    raise AssertionError(f"{until} never was due, only {followed.notices}")


def _untold(followed: Followed, before: Watch, minute: float, answer: Answer, notice: Notice) -> Watch:
    at = T0 + timedelta(minutes=minute)
    after = follow_once(before, answer, at=at, polling=followed.polling, wanted=followed.wanted)
    assert notice in after.due
    return replace(after, due=(notice,))


def unreachable(failure: PollFailure) -> Case:
    """A running import whose vendor brings nothing but this failure."""
    case = due((0, running()), (1, failure), (11, failure), until=Notice.UNREACHABLE)
    return replace(case, watch=replace(case.watch, secret="jobwatch/egain-prod"))


VALIDATION = submission(operation=Operation.VALIDATION, name="March release")
CLEAN = Results(5000, 0, 0)
CASES: dict[str, Case] = {
    "finished-succeeded": Case(finished(ended(results=CLEAN)), CLEAN_LOG),
    "finished-succeeded-with-warnings": Case(finished(ended(results=Results(4990, 10, 0)))),
    "finished-succeeded-yet-errors-in-the-log": Case(finished(ended(results=CLEAN)), LOG),
    "finished-completed-with-errors": Case(finished(), LOG),
    "finished-completed-with-errors-by-the-log-alone": Case(finished(ended(results=Results())), LOG),
    "finished-completed-with-errors-log-denied": Case(finished(), None),
    "finished-completed-with-errors-in-items": Case(
        finished(
            ended(
                results=Results(),
                log_location=None,
                items=(
                    Item("a.json", "Completed", 100),
                    Item("b.json", "Failed", 40, "schema mismatch in row 40", failed=True),
                ),
            )
        )
    ),
    "finished-failed": Case(finished(ended(Outcome.FAILED)), LOG),
    "finished-failed-for-good": Case(finished(ended(Outcome.FAILED, retryable=False, log_location=None))),
    "finished-cancelled": Case(finished(ended(Outcome.CANCELLED)), None, ()),
    "finished-failed-with-its-error-in-the-log": Case(
        finished(ended(Outcome.FAILED)), f"10:00:00 INFO Import started\n10:45:00 ERROR {ended(Outcome.FAILED).error}\n"
    ),
    "finished-failed-by-one-cause": Case(
        finished(
            ended(
                Outcome.FAILED,
                error=SCHEMA_MISMATCH,
                retryable=None,
                log_location=None,
                items=tuple(Item(f"{name}.json", "Failed", 0, SCHEMA_MISMATCH, failed=True) for name in "abcdefg"),
                messages=(Message("error", SCHEMA_MISMATCH),),
            )
        )
    ),
    "finished-completed-with-errors-shared-by-items": Case(
        finished(
            ended(
                results=Results(),
                log_location=None,
                items=(
                    *(Item(f"{name}.json", "Failed", 0, SCHEMA_MISMATCH, failed=True) for name in "abc"),
                    *(Item(f"{name}.json", "Failed", 0, "file is empty", failed=True) for name in "de"),
                    Item("f.json", "Failed", 0, "file is too large", failed=True),
                ),
                messages=(Message("error", f"Import: {SCHEMA_MISMATCH}"),),
            )
        )
    ),
    "finished-not-found": due((0, GONE), (10, GONE), until=Notice.FINISHED),
    "finished-not-found-after-it-ran": due((0, running()), (60, GONE), (65, GONE), (70, GONE), until=Notice.FINISHED),
    "finished-gave-up": due((0, running()), (72 * 60, running()), until=Notice.FINISHED),
    "finished-gave-up-unreachable": due((0, running()), (60, DOWN), (72 * 60, DOWN), until=Notice.FINISHED),
    "finished-validation-succeeded": Case(finished(ended(results=CLEAN), VALIDATION), CLEAN_LOG),
    "finished-validation-without-counts": Case(finished(ended(results=Results()), VALIDATION)),
    "finished-validation-with-errors": Case(finished(ended(), VALIDATION), LOG),
    "finished-failed-and-its-log-denied": Case(finished(ended(Outcome.FAILED, error=None, retryable=None)), None, ()),
    "finished-succeeded-in-doubt": Case(
        finished(ended(progress=Progress(0, 5000, 100), results=Results(), log_location=None))
    ),
    "finished-succeeded-and-nobody-counted": Case(
        finished(ended(results=Results())), "Row 1: imported\nRow 4: title is empty\nRow 9: unknown category\n"
    ),
    "finished-with-links-and-a-zone": Case(
        finished(
            ended(Outcome.FAILED),
            job_link="https://kb.example.com/imports/7A84B875",
            time_zone="Europe/Berlin",
        ),
        LOG,
    ),
    "finished-with-a-name-from-the-right": Case(
        finished(ended(Outcome.FAILED, log_location=None), submission(name="סנכרון לילי של מאגר הידע"))
    ),
    "finished-with-a-long-name-in-kanji": Case(
        finished(ended(Outcome.FAILED, log_location=None), submission(name="夜間ナレッジベース同期👩‍💻" * 8))
    ),
    "finished-unnamed": Case(
        finished(ended(results=CLEAN, log_location=None), submission(name=None, labels={}, submitted_by=None))
    ),
    "stalled": due((0, running()), (60, running()), until=Notice.STALLED),
    "overdue": due((0, running(1)), (470, running(2)), (480, running(2)), until=Notice.OVERDUE),
    "overdue-by-its-own-deadline": due(
        (0, running(1)),
        (30, running(2)),
        (60, DOWN),
        (125, DOWN),
        until=Notice.OVERDUE,
        about=submission(deadline_minutes=120),
    ),
    "overdue-not-started": due((0, scheduled(T0)), (480, scheduled(T0)), until=Notice.OVERDUE),
    "unreachable": due((0, running()), (1, DOWN), (11, DOWN), until=Notice.UNREACHABLE),
    "unreachable-credentials-refused": unreachable(
        PollFailure(FailureKind.UNAUTHORISED, "token address: HTTP 401: invalid_client: the client is unknown")
    ),
    "unreachable-vendor-errors": unreachable(
        PollFailure(FailureKind.VENDOR_ERROR, "HTTP 503: an HTML page (Service Unavailable)")
    ),
    "unreachable-answers-unreadable": unreachable(
        PollFailure(FailureKind.UNREADABLE, "HTTP 200 with a body that is no status: an HTML page (Sign in)")
    ),
    "unreachable-request-refused": unreachable(
        PollFailure(FailureKind.REFUSED, "HTTP 406: 406-100 Accept-Language is missing")
    ),
    "unreachable-our-secret-is-missing": unreachable(
        PollFailure(
            FailureKind.MISCONFIGURED,
            "connection egain-prod: secret jobwatch/egain-prod does not exist",
            lacks=Lack.SECRET,
        )
    ),
    "unreachable-our-right-is-missing": unreachable(
        PollFailure(
            FailureKind.MISCONFIGURED,
            "connection egain-prod: jobwatch may not read secret jobwatch/egain-prod",
            lacks=Lack.RIGHT,
        )
    ),
    "unreachable-our-connection-is-missing": unreachable(
        PollFailure(
            FailureKind.MISCONFIGURED,
            "connection egain-prod: there is no parameter /jobwatch/connections/egain-prod",
            lacks=Lack.CONNECTION,
        )
    ),
    "unreachable-in-a-zone": replace(unreachable(DOWN), around=Around(time_zone="Asia/Kolkata")),
    "unreachable-never-seen": due((0, DOWN), (10, DOWN), until=Notice.UNREACHABLE),
    "recovered": due((0, running()), (60, running()), (70, running(1300)), until=Notice.RECOVERED),
    "recovered-from-silence": due((0, running()), (1, DOWN), (11, DOWN), (40, running(1300)), until=Notice.RECOVERED),
    "started": due((0, scheduled(T0 + timedelta(minutes=5))), (6, running(0)), until=Notice.STARTED),
    "progress": due((0, running(progress=Progress(0, 5000, 0))), (30, running(2600)), until=Notice.PROGRESS),
}


def told(case: Case) -> tuple[Notification, FakePublisher]:
    """The notification of a case, and what was published."""
    watches, publisher = FakeWatches(), FakePublisher()
    watches.add(case.watch)
    log = case.log.encode() if isinstance(case.log, str) else case.log
    logs = FakeLogs({("mybucket", f"logs/import-logs-{JOB_ID}.txt"): log} if log else {})
    notifier = Notifier(
        watches, logs, publisher, case.allowed, FakeClock(case.at), FakeIds(), FakeSeries(), case.around
    )
    [notification] = notifier.notify(case.watch.watch_id, lambda: 300.0).told
    return notification, publisher
