"""How a job stands when people are told of it: since when, for how long, and what was last heard."""

from datetime import datetime, timedelta

from jobwatch.domain.snapshot import Phase, Progress
from jobwatch.domain.text import clean
from jobwatch.domain.watch import Trouble, Watch
from jobwatch.domain.words import Notice, Outcome
from jobwatch.messages.phrases import clock_time, counted, duration


def situation(watch: Watch, notice: Notice, outcome: Outcome | None, at: datetime) -> str | None:
    """The facts in time behind a notice, told `at`; None where the headline and the vendor's times say it all."""
    match notice, outcome:
        case Notice.FINISHED, Outcome.GAVE_UP:
            return _without_an_end(watch, watch.detected_at or at)
        case Notice.FINISHED, Outcome.NOT_FOUND:
            return _not_found(watch, watch.detected_at or at)
        case Notice.OVERDUE, _:
            return _overdue(watch, at)
        case Notice.STALLED, _:
            if watch.snapshot and watch.snapshot.waits_for:
                since = _since(watch.waits_since or watch.counts_from, at)
                return f"Waits since {since} for {watch.snapshot.waits_for}."
            moved_at = _moved_at(watch)
            return f"No progress since {_since(moved_at, at)}." if moved_at else None
        case Notice.UNREACHABLE, _:
            return _unreachable(watch, at)
        case Notice.RECOVERED, _:
            causes = [f"{cause} at {_ago(watch.tellings[cause].last_at, at)}" for cause in recovered_from(watch)]
            return f"Reported {' and '.join(causes)}." if causes else None
    return None


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


def _overdue(watch: Watch, at: datetime) -> str:
    snapshot, minutes = watch.snapshot, watch.submission.deadline_minutes
    if minutes:
        expected = f"expected by {clock_time(watch.counts_from + timedelta(minutes=minutes), at)}"
    else:
        expected = f"past the deadline of connection {watch.submission.connection}"
    if snapshot and snapshot.phase is Phase.RUNNING and snapshot.starts_at:
        stands = f"Running for {_lasting(snapshot.starts_at, at)}, since {clock_time(snapshot.starts_at, at)}"
        if watch.unanswered_since:
            stands = f"Last seen running, since {_since(snapshot.starts_at, at)}"
    else:
        stands = f"Submitted at {_ago(watch.submission.submitted_at, at)}"
    sentences = [f"{stands}; {expected}."]
    moved_at = _moved_at(watch)
    if snapshot is None:
        sentences.append(f"{watch.vendor_title} has not shown it yet.")
    elif snapshot.phase is Phase.SCHEDULED:
        sentences.append(f"It has not started: {_last_answer(watch)}.")
    elif moved_at and snapshot.progress != Progress():
        sentences.append(f"Its progress last moved at {_ago(moved_at, at)}.")
    if watch.unanswered_since:
        sentences.append(f"No answer since {_since(watch.unanswered_since, at)}.")
    return " ".join(sentences)


def _unreachable(watch: Watch, at: datetime) -> str | None:
    if watch.failing is None:
        return None
    if watch.snapshot is None:
        seen = "jobwatch has not seen the job yet; it may be running normally"
    elif watch.snapshot.progress == Progress():
        seen = f"{_last_answer(watch)}; the job may be running normally"
    else:
        seen = "The progress shown is the last seen; the job may be running normally"
    return f"{_silence(watch.failing, at)} {seen}."


def _without_an_end(watch: Watch, at: datetime) -> str:
    # In hours, as the limit is set.
    hours = round((at - watch.counts_from).total_seconds() / 3600)
    sentences = [f"No end seen in {max(hours, 0):,} h, since {clock_time(watch.counts_from, at)}."]
    if watch.failing:
        sentences.append(_silence(watch.failing, at))
    elif watch.unanswered_since:
        sentences.append(f"No answer since {_since(watch.unanswered_since, at)}.")
    sentences.append(f"{_last_answer(watch)}.")
    return " ".join(sentences)


def _not_found(watch: Watch, at: datetime) -> str | None:
    if watch.missing is None:
        return None
    before = f" Before that, {_last_answer(watch)}." if watch.snapshot else " It was never seen."
    since, polls = _since(watch.missing.since, at), counted(watch.missing.polls, "poll")
    return f"Not found since {since}, in {polls}.{before}"


def _last_answer(watch: Watch) -> str:
    """The vendor's own word for where the job stood when it was last seen."""
    if watch.snapshot is None:
        return f"{watch.vendor_title} never showed the job"
    return f'{watch.vendor_title} last said "{clean(watch.snapshot.vendor_status, 80)}"'


def _moved_at(watch: Watch) -> datetime | None:
    """Since when the progress stands still; a job cannot move before it starts."""
    return max(watch.moved_at, watch.counts_from) if watch.moved_at else None


def _silence(failing: Trouble, at: datetime) -> str:
    return f"No answer since {_since(failing.since, at)}, {counted(failing.polls, 'poll')} failed."


def _since(moment: datetime, at: datetime) -> str:
    return f"{clock_time(moment, at)} ({_lasting(moment, at)})"


def _ago(moment: datetime, at: datetime) -> str:
    return f"{clock_time(moment, at)} ({_lasting(moment, at)} ago)"


def _lasting(moment: datetime, at: datetime) -> str:
    return duration((at - moment).total_seconds())
