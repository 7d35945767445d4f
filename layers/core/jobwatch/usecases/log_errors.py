"""How many errors a log counts for its job: entries from outside the job's time are another run's."""

from jobwatch.domain.run_times import JobTime, Whose, whose
from jobwatch.logs import LogSummary
from jobwatch.logs.times import LogTime


def errors_of(summary: LogSummary, job: JobTime) -> tuple[int, tuple[str, ...]]:
    """The errors that may set the job's outcome, and remarks on those that may not."""
    first, last = summary.first_time, summary.last_time
    if first and last and _another_run(first, last, job):
        return 0, (
            f"The log's entries are from {first.text()} to {last.text()}, outside this job's time: another run's?"
            " Its errors do not set the outcome.",
        )
    foreign = [
        problem
        for problem in summary.problems
        if problem.level in ("error", "fatal")
        and problem.first_time
        and problem.last_time
        and _another_run(problem.first_time, problem.last_time, job)
    ]
    count = sum(problem.count for problem in foreign)
    if not count:
        return summary.errors, ()
    times = [time for problem in foreign for time in (problem.first_time, problem.last_time) if time]
    oldest, newest = min(times, key=_clock), max(times, key=_clock)
    entries = "1 error in the log is" if count == 1 else f"{count:,} errors in the log are"
    remark = f"{entries} from outside this job's time ({oldest.text()} to {newest.text()}): another run's?"
    return summary.errors - count, (remark,)


def _another_run(first: LogTime, last: LogTime, job: JobTime) -> bool:
    if not (first.dated and last.dated) or first.zoned != last.zoned:
        return False
    return whose(first.moment, last.moment, job) is Whose.ANOTHER_RUN


def _clock(time: LogTime) -> str:
    return time.clock.isoformat()
