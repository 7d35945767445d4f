"""What one poll's answer changes in a watch: its end, the notices that are due, and when to ask next."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from jobwatch.domain.connection import Polling
from jobwatch.domain.outcome import settle
from jobwatch.domain.snapshot import Answer, FailureKind, Lack, NotFound, Phase, PollFailure, Progress, Snapshot
from jobwatch.domain.waiting import Pace, Sighting, next_wait
from jobwatch.domain.watch import Booking, Telling, Trouble, Watch
from jobwatch.domain.words import Notice, Outcome, of_notice

# The contract's cap on Retry-After.
LONGEST_RETRY_AFTER_SECONDS = 3600
# A start further ahead is a vendor's slip (year 9999 for "none"), not a plan: it would switch every deadline off.
FURTHEST_START = timedelta(days=366)
# A vendor that comes and goes for days is told of six times a day at most.
_LONGEST_QUIET = timedelta(hours=4)


def follow(
    watch: Watch, answer: Answer, *, now: datetime, polling: Polling, wanted: frozenset[Notice], jitter: float
) -> Watch:
    """The watch after `answer`, with `outcome`, `due` and `next_poll_at` set.

    `wanted`: the notices that the connection asks for; `finished` is always told. `jitter`: uniform in [0, 1).
    A poll failure never ends a watch other than through the hard limit, and no end is concluded that neither the
    vendor stated nor a patience of `polling` ran out on.
    """
    watch = replace(watch, polls=watch.polls + 1, ask_from=None, booking=None, token_refused=False, ended=None)
    match answer:
        case Snapshot():
            watch, wait_seconds = _seen(watch, answer, now, polling, jitter)
        case NotFound(detail=detail):
            missing = _longer(watch.missing, now, detail)
            watch = replace(watch, failing=None, missing=missing, fruitless=watch.fruitless + 1, unanswered_since=None)
            watch = _heard_again(watch)
            wait_seconds = _backoff_seconds(watch.fruitless, polling, jitter)
        case PollFailure(FailureKind.THROTTLED):
            # A vendor that throttles is there: not a failed poll, yet no answer on the job either.
            watch = replace(watch, failing=None, unanswered_since=watch.unanswered_since or now)
            wait_seconds = _backoff_seconds(0, polling, jitter)
        case PollFailure():
            failing = _longer(watch.failing, now, answer.detail, answer.kind, answer.lacks)
            since = watch.unanswered_since or now
            fruitless = watch.fruitless + 1
            watch = replace(watch, failing=failing, missing=None, fruitless=fruitless, unanswered_since=since)
            wait_seconds = _backoff_seconds(fruitless, polling, jitter)
    wait_seconds = _before_it_is_forgotten(wait_seconds, polling)
    # Whatever was answered, the vendor is not asked sooner than it wants; a wait that is longer anyway stays as it is.
    wait_seconds = max(wait_seconds, _retry_after_seconds(answer, jitter))
    watch = replace(watch, next_poll_at=now + timedelta(seconds=wait_seconds))
    held_off_seconds = _retry_after_seconds(answer, 0.0)
    if held_off_seconds:
        # A limit may wake the machine sooner; the vendor is not asked sooner.
        watch = replace(watch, ask_from=now + timedelta(seconds=held_off_seconds))
    return _judged(watch, now, polling, wanted, answer)


def hold(
    watch: Watch, number: int, slot_at: datetime, *, now: datetime, polling: Polling, wanted: frozenset[Notice]
) -> Watch:
    """The watch after it took a slot on its connection's timetable that is still to come, or learned of its delay."""
    booking = Booking(number, watch.booking.since if watch.booking else watch.next_poll_at)
    held_up_seconds = max(watch.held_up_seconds, (slot_at - booking.since).total_seconds())
    watch = replace(watch, ask_from=slot_at, booking=booking, next_poll_at=slot_at, held_up_seconds=held_up_seconds)
    return _judged(watch, now, polling, wanted)


def look_up(watch: Watch, *, now: datetime, polling: Polling, wanted: frozenset[Notice]) -> Watch:
    """The watch after a wake before it may ask again: its limits act on time, also while the vendor is silent."""
    return _judged(replace(watch, next_poll_at=watch.ask_from or now), now, polling, wanted)


def _judged(
    watch: Watch, now: datetime, polling: Polling, wanted: frozenset[Notice], answer: Answer | None = None
) -> Watch:
    """The watch with its end, or with what is due and the next wake. `answer`: what the vendor has just said."""
    lost = isinstance(answer, NotFound) and watch.missing and now - watch.missing.since >= _grace(polling)
    if watch.outcome is None and lost:
        watch = replace(_perhaps_forgotten(watch, polling), outcome=Outcome.NOT_FOUND)
    if answer is None and watch.unanswered_since is None and now >= _hard_limit(watch, polling):
        # It could not be asked: its slot is still to come, or the vendor wants to be left alone.
        watch = replace(watch, unanswered_since=now)
    if watch.outcome is None and now >= _gives_up_at(watch, polling):
        watch = replace(watch, outcome=Outcome.GAVE_UP)
    if watch.outcome is not None:
        return replace(watch, due=(Notice.FINISHED,), detected_at=now, next_poll_at=now)
    watch = _run_out_of_patience(watch, now, polling, sighted=isinstance(answer, Snapshot))
    due = tuple(dict.fromkeys(notice for notice in watch.due if notice in wanted))
    return replace(watch, due=due, next_poll_at=_no_later_than_limits(watch, now, polling))


def _perhaps_forgotten(watch: Watch, polling: Polling) -> Watch:
    """The lost watch, with a doubt where the job was last seen so long ago that its end may have been forgotten."""
    snapshot, seen_at, missing = watch.snapshot, watch.seen_at, watch.missing
    if snapshot is None or seen_at is None or missing is None or polling.remembered_seconds is None:
        return watch
    if (missing.since - seen_at).total_seconds() < polling.remembered_seconds:
        return watch
    doubt = (
        f"It may have ended in the meantime and been forgotten: {watch.vendor_title} remembers an ended job for about "
        f"{polling.remembered_seconds / 3600:.3g} h, and jobwatch last saw it at {seen_at:%Y-%m-%d %H:%M} UTC."
    )
    return replace(watch, snapshot=replace(snapshot, doubts=(*snapshot.doubts, doubt)))


def stop(watch: Watch, *, now: datetime) -> Watch:
    """The watch, which somebody told jobwatch to follow no more: nobody is told of it, and its execution ends quietly.

    What is being published at this moment is told, the rest of what was due is not. Raises ValueError when the watch
    has ended.
    """
    if watch.outcome is not None:
        raise ValueError(f"{watch.watch_id} has ended: {watch.outcome}")
    publishing = watch.due[:1] if watch.claim is not None and watch.claim.until > now else ()
    return replace(watch, outcome=Outcome.STOPPED, detected_at=now, due=publishing)


def tell(watch: Watch, notice: Notice, *, at: datetime) -> Watch:
    """The watch after `notice` was told."""
    told = watch.told
    if of_notice(notice).lasts:
        told = told | {notice}
    before = watch.tellings.get(notice)
    tellings = {**watch.tellings, notice: Telling(before.times + 1 if before else 1, at)}
    due = tuple(each for each in watch.due if each is not notice)
    return replace(watch, due=due, told=told, tellings=tellings, claim=None)


def _seen(watch: Watch, snapshot: Snapshot, now: datetime, polling: Polling, jitter: float) -> tuple[Watch, float]:
    before = watch.snapshot
    snapshot = _plausible(snapshot, now)
    moved = before is None or _position(before) != _position(snapshot)
    watch = replace(
        watch, snapshot=snapshot, seen_at=now, failing=None, missing=None, fruitless=0, unanswered_since=None
    )
    watch = _heard_again(watch)
    if snapshot.phase is Phase.ENDED:
        return replace(watch, outcome=settle(snapshot)), 0.0
    watch = replace(watch, scheduled_start=_start(watch, before, snapshot, now))
    if moved:
        watch = replace(watch, moved_at=now)
        if Notice.STALLED in watch.told and snapshot.waits_for is None:
            watch = _recovered(watch, Notice.STALLED)
    if snapshot.waits_for is not None and (before is None or before.waits_for is None):
        # Another cause than a progress that stands still, which may have been told.
        watch = replace(watch, waits_since=now, told=watch.told - {Notice.STALLED})
    # Of a state that nothing names, nobody knows whether it is a start.
    if snapshot.phase is Phase.RUNNING and snapshot.unnamed is None and Notice.STARTED not in watch.told:
        watch = _add_due(watch, Notice.STARTED)
    quarter = _quarter(snapshot.progress)
    if quarter > watch.quarter:
        # The furthest one counts: progress that drops and comes back is told once.
        watch = _add_due(replace(watch, quarter=quarter), Notice.PROGRESS)
    wait_seconds, pace = next_wait(
        Pace.from_json(watch.pace) if watch.pace else Pace(),
        _sighting(watch, snapshot, now),
        min_seconds=polling.min_seconds,
        max_seconds=polling.max_seconds,
        jitter=jitter,
        prior=watch.prior,
    )
    return replace(watch, pace=pace.as_json()), wait_seconds


def _before_it_is_forgotten(wait_seconds: float, polling: Polling) -> float:
    """The wait, at most half of how long the vendor remembers an ended job: no end between two polls is missed."""
    return wait_seconds if polling.remembered_seconds is None else min(wait_seconds, polling.remembered_seconds / 2)


def _plausible(snapshot: Snapshot, now: datetime) -> Snapshot:
    """`snapshot` without a start that cannot be: of a job that runs, ended before it, or would start in years."""
    starts_at = snapshot.starts_at
    if starts_at is None or starts_at <= now:
        return snapshot
    if snapshot.phase is Phase.SCHEDULED and starts_at <= now + FURTHEST_START:
        return snapshot
    start = f"{starts_at:%Y-%m-%d %H:%M} UTC"
    remark = f"The vendor names a start in the future ({start}) for a job that is {snapshot.vendor_status}."
    remarks = (*snapshot.remarks, remark)
    if snapshot.finished_at is not None and snapshot.finished_at >= starts_at:
        # A clock or zone that is off: what lies between start and end is right all the same.
        return replace(snapshot, remarks=remarks)
    return replace(snapshot, starts_at=None, remarks=remarks)


def _start(watch: Watch, before: Snapshot | None, snapshot: Snapshot, now: datetime) -> datetime | None:
    """The start that deadlines count from: the named one, or where the vendor names none any more, the last one.

    While a job runs it moves back only: some name the start of the current attempt or stage.
    """
    was_running = before is not None and before.phase is Phase.RUNNING
    if was_running and snapshot.starts_at is not None and watch.scheduled_start is not None:
        return min(watch.scheduled_start, snapshot.starts_at)
    if snapshot.starts_at is not None or watch.scheduled_start is None:
        return snapshot.starts_at
    if snapshot.phase is Phase.RUNNING:
        # It runs, so it started now at the latest.
        return min(watch.scheduled_start, now)
    return watch.scheduled_start


def _run_out_of_patience(watch: Watch, now: datetime, polling: Polling, *, sighted: bool) -> Watch:
    """The watch with the notices whose time has come. `sighted`: the vendor has just shown the job's progress.

    A stall is told on sight only: a vendor that throttles or is down says nothing on whether the job moves.
    """
    unreachable_at = _unreachable_at(watch, polling)
    if Notice.UNREACHABLE not in watch.told and unreachable_at is not None and now >= unreachable_at:
        watch = _add_due(watch, Notice.UNREACHABLE)
    if Notice.OVERDUE not in watch.told and now >= _deadline(watch, polling):
        watch = _add_due(watch, Notice.OVERDUE)
    stalls_at = _stalls_at(watch, polling)
    if Notice.STALLED not in watch.told and sighted and stalls_at is not None and now >= stalls_at:
        watch = _add_due(watch, Notice.STALLED)
    return watch


def _hard_limit(watch: Watch, polling: Polling) -> datetime:
    return watch.counts_from + timedelta(hours=polling.give_up_hours)


def _gives_up_at(watch: Watch, polling: Polling) -> datetime:
    """When the watch is given up: at the hard limit, yet never before the vendor had its chance to say the end.

    A watch can wake long after its limit (after an outage of jobwatch's own, or submitted late). What counts then is an
    answer, or the grace without one.
    """
    limit = _hard_limit(watch, polling)
    return max(limit, watch.unanswered_since + _grace(polling)) if watch.unanswered_since else limit


def _grace(polling: Polling) -> timedelta:
    return timedelta(minutes=polling.grace_minutes)


def _unreachable_at(watch: Watch, polling: Polling) -> datetime | None:
    """When the vendor counts as unreachable if it goes on failing; None while it does not fail."""
    if watch.failing is None:
        return None
    grace = _grace(polling)
    return _not_too_soon(watch, Notice.UNREACHABLE, watch.failing.since + grace, grace)


def _not_too_soon(watch: Watch, notice: Notice, due_at: datetime, patience: timedelta) -> datetime:
    """`due_at`, or where `notice` was told before, a moment that leaves it some quiet.

    Each cause is told, yet those that come and go ever further apart: the n-th time no earlier after the one before
    than 2^(n-2) times its patience, up to four hours (or its patience where that is longer).
    """
    telling = watch.tellings.get(notice)
    if telling is None:
        return due_at
    quiet = min(patience * 2.0 ** min(telling.times - 1, 20), max(_LONGEST_QUIET, patience))
    return max(due_at, telling.last_at + quiet)


def _deadline(watch: Watch, polling: Polling) -> datetime:
    if watch.submission.deadline_minutes is None and polling.usual_deadline and watch.usual_seconds is not None:
        return watch.counts_from + timedelta(seconds=watch.usual_seconds)
    return watch.counts_from + timedelta(minutes=watch.submission.deadline_minutes or polling.deadline_minutes)


def _stalls_at(watch: Watch, polling: Polling) -> datetime | None:
    """When a running job counts as stalled if its progress stays; None where the vendor shows no progress.

    At once where it waits for a person, unless it comes and goes.
    """
    snapshot = watch.snapshot
    if snapshot is not None and snapshot.waits_for is not None:
        return _not_too_soon(watch, Notice.STALLED, watch.waits_since or watch.counts_from, _grace(polling))
    if snapshot is None or snapshot.phase is not Phase.RUNNING or snapshot.progress == Progress():
        return None
    patience = timedelta(minutes=polling.stall_minutes)
    moved_at = max(watch.moved_at or watch.counts_from, watch.counts_from)
    stalls_at = moved_at + patience
    if snapshot.predicted_end is not None:
        # A stage without progress of its own is no stall while the vendor's ETA lies ahead; a wrong ETA buys no more
        # than the same time again.
        stalls_at = max(stalls_at, min(snapshot.predicted_end, stalls_at + patience))
    return _not_too_soon(watch, Notice.STALLED, stalls_at, patience)


def _no_later_than_limits(watch: Watch, now: datetime, polling: Polling) -> datetime:
    """`next_poll_at`, or the first limit before it: a notice is told when its time comes, not a long wait later."""
    grace = _grace(polling)
    earliest = now + timedelta(seconds=polling.min_seconds)
    limits: Iterable[datetime | None] = (
        _gives_up_at(watch, polling),
        watch.missing.since + grace if watch.missing else None,
        _unreachable_at(watch, polling) if Notice.UNREACHABLE not in watch.told else None,
        _deadline(watch, polling) if Notice.OVERDUE not in watch.told else None,
        _stalls_at(watch, polling) if Notice.STALLED not in watch.told else None,
    )
    return min([watch.next_poll_at, *(max(limit, earliest) for limit in limits if limit is not None and limit > now)])


def _position(snapshot: Snapshot) -> tuple[object, ...]:
    return snapshot.phase, snapshot.progress, snapshot.current_operation, snapshot.waits_for


def _quarter(progress: Progress) -> int:
    share = 0.0
    if progress.total and progress.processed is not None:
        share = progress.processed / progress.total
    elif progress.percentage is not None:
        share = progress.percentage / 100
    return int(min(max(share, 0.0), 0.99) * 4)


def _sighting(watch: Watch, snapshot: Snapshot, now: datetime) -> Sighting:
    basis = watch.counts_from
    predicted_end, starts_at = snapshot.predicted_end, snapshot.starts_at
    return Sighting(
        elapsed_seconds=max((now - basis).total_seconds(), 0.0),
        processed=snapshot.progress.processed,
        total=snapshot.progress.total,
        percentage=snapshot.progress.percentage,
        predicted_end_seconds=(predicted_end - basis).total_seconds() if predicted_end else None,
        starts_in_seconds=(
            (starts_at - now).total_seconds() if snapshot.phase is Phase.SCHEDULED and starts_at else None
        ),
    )


def _backoff_seconds(fruitless: int, polling: Polling, jitter: float) -> float:
    """Doubling from min_seconds to max_seconds, the last quarter of it drawn, so that watches spread."""
    doublings = min(max(fruitless - 1, 0), 20)
    wait_seconds = min(polling.min_seconds * 2.0**doublings, polling.max_seconds)
    return max(polling.min_seconds, wait_seconds * (0.75 + 0.25 * jitter))


def _retry_after_seconds(answer: Answer, jitter: float) -> float:
    """What the vendor asked for, capped, and up to a tenth more: never earlier than told, not all at once."""
    if answer.retry_after_seconds is None:
        return 0.0
    capped = min(max(answer.retry_after_seconds, 0.0), LONGEST_RETRY_AFTER_SECONDS)
    return min(capped * (1 + 0.1 * jitter), LONGEST_RETRY_AFTER_SECONDS)


def _longer(
    trouble: Trouble | None, now: datetime, detail: str, kind: FailureKind | None = None, lacks: Lack | None = None
) -> Trouble:
    return Trouble(trouble.since if trouble else now, trouble.polls + 1 if trouble else 1, detail, kind, lacks)


def _heard_again(watch: Watch) -> Watch:
    return _recovered(watch, Notice.UNREACHABLE) if Notice.UNREACHABLE in watch.told else watch


def _recovered(watch: Watch, cause: Notice) -> Watch:
    return _add_due(replace(watch, told=watch.told - {cause}), Notice.RECOVERED)


def _add_due(watch: Watch, notice: Notice) -> Watch:
    return replace(watch, due=(*watch.due, notice))
