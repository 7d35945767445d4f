"""What people read, as it was reviewed: one golden file for each outcome and notice."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from jobwatch.domain.snapshot import Answer, FailureKind, Item, Message, NotFound, PollFailure, Progress, Results
from jobwatch.domain.submission import Submission
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice, Operation, Outcome
from jobwatch.messages.slack import slack_message
from jobwatch.usecases.notify import Notifier
from sandbox.slack_view import parts
from tests.conftest import GOLDEN_FOLDER
from tests.fakes import FakeClock, FakeIds, FakeLogs, FakePublisher, FakeWatches
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
    "unreachable-never-seen": due((0, DOWN), (10, DOWN), until=Notice.UNREACHABLE),
    "recovered": due((0, running()), (60, running()), (70, running(1300)), until=Notice.RECOVERED),
    "recovered-from-silence": due((0, running()), (1, DOWN), (11, DOWN), (40, running(1300)), until=Notice.RECOVERED),
    "started": due((0, scheduled(T0 + timedelta(minutes=5))), (6, running(0)), until=Notice.STARTED),
    "progress": due((0, running(progress=Progress(0, 5000, 0))), (30, running(2600)), until=Notice.PROGRESS),
}


@pytest.mark.parametrize("log", LOGS, ids=lambda log: log.stem)
def test_texts_by_the_shape_of_the_log(log: Path, golden: Callable[[str, str], None]) -> None:
    """Without counts from the vendor, so that the outcome too comes from the log."""
    golden(f"messages/log-{log.stem}.txt", rendered(Case(finished(ended(results=Results())), log.read_bytes())))


@pytest.mark.parametrize("name", CASES)
def test_texts(name: str, golden: Callable[[str, str], None]) -> None:
    golden(f"messages/{name}.txt", rendered(CASES[name]))


def test_every_outcome_and_notice_has_a_golden_file() -> None:
    assert set(Notice) <= {case.watch.due[-1] for case in CASES.values()}
    outcomes = {case.watch.outcome for case in CASES.values()} - {None}
    assert outcomes == set(Outcome)


def rendered(case: Case) -> str:
    """The subject, the text message, the email and the Slack message of a case, one below the other."""
    watches, publisher = FakeWatches(), FakePublisher()
    watches.add(case.watch)
    log = case.log.encode() if isinstance(case.log, str) else case.log
    logs = FakeLogs({("mybucket", f"logs/import-logs-{JOB_ID}.txt"): log} if log else {})
    notifier = Notifier(watches, logs, publisher, case.allowed, FakeClock(case.at), FakeIds())
    told = notifier.notify(case.watch.watch_id, lambda: 300.0).told
    [(subject, published, attributes)] = publisher.published
    slack = "\n".join(f"[{where}] {''.join(run.text for run in part)}" for where, part in parts(slack_message(told[0])))
    return "\n".join(
        [
            f"SUBJECT {subject}",
            f"SMS     {published['sms']}",
            f"FILTERS {dict(attributes)}",
            "",
            "EMAIL",
            published["email"],
            "SLACK",
            slack,
            "",
        ]
    )
