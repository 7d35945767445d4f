"""What each notice says. A new notice is added to `Notice`, to its traits (`domain.words`), and here."""

from datetime import datetime, timedelta
from typing import assert_never

from jobwatch.domain.snapshot import Phase, Progress
from jobwatch.domain.text import isolated
from jobwatch.domain.watch import Watch
from jobwatch.domain.words import Notice
from jobwatch.messages.case import Case, Words
from jobwatch.messages.endings import words_of_end
from jobwatch.messages.outages import words_of_outage

_KEEPS_WATCHING = "jobwatch keeps watching and tells its end."


def headline(watch: Watch, event: str) -> str:
    """Which job, and what happened to it."""
    return f"{isolated(watch.job_name)}: {event}"


def words_of(case: Case) -> Words:
    """What the notice of a case says."""
    match case.notice:
        case Notice.FINISHED:
            return words_of_end(case)
        case Notice.STALLED:
            return _stalled(case)
        case Notice.OVERDUE:
            return _overdue(case)
        case Notice.UNREACHABLE:
            return words_of_outage(case, case.watch.failing, _silence(case))
        case Notice.RECOVERED:
            return _recovered(case)
        case Notice.STARTED:
            return Words(f"{case.noun} has started", f"Nothing to do: {_KEEPS_WATCHING}")
        case Notice.PROGRESS:
            return Words(f"{case.noun} is{case.at_share or ' moving'}", f"Nothing to do: {_KEEPS_WATCHING}")
    assert_never(case.notice)


def recovered_from(watch: Watch) -> list[Notice]:
    """What a watch whose `recovered` is due has recovered from, as far as its tellings show.

    The end of an unreachable vendor is told before anything else can be, so one told before the last `recovered` is
    not its cause; a stall can outlast that.
    """
    causes: tuple[Notice, ...] = (Notice.STALLED, Notice.UNREACHABLE)
    over = [cause for cause in causes if cause in watch.tellings and cause not in watch.told]
    before = watch.tellings.get(Notice.RECOVERED)
    since = [cause for cause in over if before is None or watch.tellings[cause].last_at > before.last_at]
    return since or [cause for cause in over if cause is Notice.STALLED]


def _stalled(case: Case) -> Words:
    watch, snapshot = case.watch, case.snapshot
    if snapshot and snapshot.waits_for and not snapshot.unnamed:
        since = case.clock.since(watch.waits_since or watch.counts_from)
        return Words(
            f"{case.noun} waits for a person",
            f"In {case.vendor}: {snapshot.waits_for}. {_KEEPS_WATCHING}",
            f"Waits since {since} for {snapshot.waits_for}.",
        )
    step = _perhaps_over(case) or (
        f"Look at the job in {case.vendor}; if it hangs, cancel it and start it again. {_KEEPS_WATCHING}"
    )
    moved_at = _moved_at(watch)
    stands = f"No progress since {case.clock.since(moved_at)}." if moved_at else None
    return Words(f"{case.noun} has stalled{case.at_share}", step, stands)


def _perhaps_over(case: Case) -> str | None:
    """What to do about a job that may have ended, in a state that nothing names; None for any other."""
    if case.snapshot is None or not case.snapshot.unnamed:
        return None
    return f"Look at the job in {case.vendor}: it may have ended. {case.name_the_state(case.snapshot)}"


def _overdue(case: Case) -> Words:
    watch, snapshot, clock = case.watch, case.snapshot, case.clock
    minutes = watch.submission.deadline_minutes
    if minutes:
        expected = f"expected by {clock.time(watch.counts_from + timedelta(minutes=minutes))}"
    else:
        expected = f"past the deadline of connection {case.connection}"
    if snapshot and snapshot.phase is Phase.RUNNING and snapshot.starts_at:
        stands = f"Running for {clock.lasting(snapshot.starts_at)}, since {clock.time(snapshot.starts_at)}"
        if watch.unanswered_since:
            stands = f"Last seen running, since {clock.since(snapshot.starts_at)}"
    else:
        stands = f"Submitted at {clock.ago(watch.submission.submitted_at)}"
    sentences = [f"{stands}; {expected}."]
    moved_at = _moved_at(watch)
    if snapshot is None:
        sentences.append(f"{case.vendor} has not shown it yet.")
    elif snapshot.phase is Phase.SCHEDULED:
        sentences.append(f"It has not started: {case.last_answer}.")
    elif moved_at and snapshot.progress != Progress():
        sentences.append(f"Its progress last moved at {clock.ago(moved_at)}.")
    if watch.unanswered_since:
        sentences.append(f"No answer since {clock.since(watch.unanswered_since)}.")
    step = _perhaps_over(case) or f"Nothing yet, if it may take longer: {_KEEPS_WATCHING}"
    scheduled = snapshot is not None and snapshot.phase is Phase.SCHEDULED
    event = f"{case.noun} has not started, overdue" if scheduled else f"{case.noun} is overdue{case.at_share}"
    return Words(event, step, " ".join(sentences))


def _silence(case: Case) -> str | None:
    failing = case.watch.failing
    if failing is None:
        return None
    if case.snapshot is None:
        seen = "jobwatch has not seen the job yet; it may be running normally"
    elif case.snapshot.progress == Progress():
        seen = f"{case.last_answer}; the job may be running normally"
    else:
        seen = "The job may be running normally"
    return f"{case.silence(failing)} {seen}."


def _recovered(case: Case) -> Words:
    watch = case.watch
    causes = recovered_from(watch)
    moves = causes == [Notice.STALLED]
    event = f"{case.noun} moves again{case.at_share}" if moves else f"{case.vendor} answers again"
    told = [f"{cause} at {case.clock.ago(watch.tellings[cause].last_at)}" for cause in causes]
    situation = f"Reported {' and '.join(told)}." if told else None
    return Words(event, f"Nothing to do: {_KEEPS_WATCHING}", situation)


def _moved_at(watch: Watch) -> datetime | None:
    """Since when the progress stands still; a job cannot move before it starts."""
    return max(watch.moved_at, watch.counts_from) if watch.moved_at else None
