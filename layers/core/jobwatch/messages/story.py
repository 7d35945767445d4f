"""From the document to what people read, in the order they need it; each channel lays it out in its own form.

Which job and how bad, the cause, the next step, further problems, links, facts.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from jobwatch.domain.claims import log_errors
from jobwatch.domain.snapshot import Progress
from jobwatch.domain.times import parse_rfc3339
from jobwatch.domain.words import IN_DOUBT, Notice, Outcome, Severity, of_notice, of_outcome
from jobwatch.messages.document import DURATION_REMARK, LogPart, Notification, ProblemPart
from jobwatch.messages.numbers import counted, duration, share, size, span
from jobwatch.messages.problems import example_of, says_the_same

_MOST_NAMES = 5
_LEVEL_WORDS = {"fatal": "fatal error", "unknown": "line"}
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class Also:
    """What else went wrong, a line each, the worst first, under a heading; `hidden`: how many kinds are not shown."""

    heading: str
    lines: tuple[str, ...]
    hidden: int = 0


@dataclass(frozen=True)
class Story:
    """One notification as it is told. `measure`: how bad, in numbers. `standing`: how it stands in time.

    `doubts`: what contradicts itself. `links`: (label, address). `log`: where it is, then what is to be known of its
    summary. `moments`: when it ran, the vendor's start and end. `identity`: which vendor and connection, and who
    started it; `job`: its ids. `remarks`: what is worth knowing beside.
    """

    sign: str
    headline: str
    cause: str | None
    measure: tuple[str, ...]
    standing: str | None
    doubts: tuple[str, ...]
    next_step: str
    also: tuple[Also, ...]
    links: tuple[tuple[str, str], ...]
    log: tuple[str, ...]
    took: str | None
    moments: tuple[datetime, datetime] | None
    identity: str
    labels: str | None
    job: str
    remarks: tuple[str, ...]

    @property
    def title(self) -> str:
        """The headline behind its sign."""
        return f"{self.sign} {self.headline}".strip()

    @property
    def gist(self) -> str | None:
        """The one sentence beside the headline, where there is room for no more."""
        return self.cause or next(iter(self.doubts), self.standing)


def story_of(note: Notification, most_problems: int = 8, most_items: int = 8) -> Story:
    """The story of a notification, with at most so many problems and lines of items; how many more, it says."""
    severity = Severity(note["severity"])
    outcome = Outcome(note["outcome"]) if note["outcome"] else None
    traits = of_notice(Notice(note["notice"])) if outcome is None else of_outcome(outcome)
    in_doubt = outcome is Outcome.SUCCEEDED and severity is Severity.DOUBT
    labels = ", ".join(f"{key}: {value}" for key, value in note["labels"].items())
    return Story(
        sign=IN_DOUBT if in_doubt else traits.sign,
        headline=note["headline"],
        cause=note["cause"],
        measure=tuple(_measure(note, outcome)),
        standing=note["situation"],
        doubts=tuple(note["doubts"]),
        next_step=note["next_step"],
        also=tuple(_also(note, most_problems, most_items)),
        links=tuple(_links(note)),
        log=tuple(_log_facts(note["log"], outcome)) if note["log"] else (),
        took=_took(note, outcome),
        moments=_moments(note, outcome),
        identity=_identity(note),
        labels=labels or None,
        job=_job(note),
        remarks=tuple(
            each for each in note["remarks"] if each not in note["doubts"] and not each.startswith(DURATION_REMARK)
        ),
    )


def _measure(note: Notification, outcome: Outcome | None) -> Iterator[str]:
    """How bad, in numbers: the vendor's counts, or else the log's, and how far it came."""
    last_seen = note["notice"] == Notice.UNREACHABLE or outcome in (Outcome.GAVE_UP, Outcome.NOT_FOUND)
    when = " when last seen" if last_seen else ""
    results, parts = note["results"], []
    for value, word in ((results["errors"], "error"), (results["warnings"], "warning")):
        parts += [counted(value, word)] if value is not None else []
    if results["successful"] is not None:
        # The worst comes first; where there is nothing bad, the good does.
        parts.insert(0 if outcome is Outcome.SUCCEEDED else len(parts), f"{results['successful']:,} successful")
    far = _far(note, outcome)
    if parts:
        yield f"{', '.join(parts)}{when}."
    if far and not (parts and _whole(note)):
        yield f"{far}{when}."
    unlike = next((each["text"] for each in note["unusual"]), None)
    if unlike and unlike not in note["doubts"]:
        yield unlike
    log = note["log"]
    in_log = _count_in_log(log)
    if outcome is Outcome.COMPLETED_WITH_ERRORS and results["errors"] is None and in_log:
        yield f"{in_log}; {note['vendor_title']} gave no count of them."
    same = [each for each in _problems(note) if note["cause"] and says_the_same(example_of(each), note["cause"])]
    if same:
        worst = max(same, key=lambda each: each["count"])
        line = f" line\u00a0{worst['first_line']:,}" if worst["first_line"] else ""
        if worst["count"] > 1:
            first = f", the first on{line}" if line else ""
            yield f"The log has {counted(worst['count'], _word(worst))} like this{first}."
        elif line:
            yield f"In the log, it is{line}."
    yield from _items_with_the_cause(note)
    if log and not log["complete"] and log["note"] and outcome is not Outcome.SUCCEEDED:
        yield log["note"]


def _items_with_the_cause(note: Notification) -> Iterator[str]:
    named = [each["name"] for each in note["items"] if each["error"] and _same_as_cause(note, each["error"])]
    if named:
        yield f"It is the reason of {counted(len(named), 'failed item')}: {_listed(named)}."


def _same_as_cause(note: Notification, text: str) -> bool:
    return note["cause"] is not None and says_the_same(text, note["cause"])


def _far(note: Notification, outcome: Outcome | None) -> str | None:
    progress = note["progress"]
    processed, total = progress["processed"], progress["total"]
    if processed is not None and total:
        if processed < total:
            rest = total - processed
            ended_badly = outcome in (Outcome.FAILED, Outcome.CANCELLED)
            left = f"; {rest:,.0f} {'was' if rest == 1 else 'were'} not" if ended_badly else ""
            return f"{processed:,.0f} of {total:,.0f} processed{left}"
        # All of it was processed: no measure of what went wrong.
        return None if outcome is Outcome.COMPLETED_WITH_ERRORS else f"{processed:,.0f} of {total:,.0f} processed"
    known = share(Progress(**progress))
    if known is not None and known != "0%":
        return f"{known} done"
    return f"{processed:,.0f} processed" if processed else None


def _whole(note: Notification) -> bool:
    progress = note["progress"]
    return progress["total"] is None or progress["processed"] == progress["total"]


def _count_in_log(log: LogPart | None) -> str | None:
    errors = log_errors(log)
    if log is None or not errors:
        return None
    at_least = "" if log["complete"] else "at least "
    return f"{at_least}{counted(errors, 'error')} in the log"


def _problems(note: Notification) -> Sequence[ProblemPart]:
    return note["log"]["problems"] if note["log"] else ()


def _also(note: Notification, most_problems: int, most_items: int) -> Iterator[Also]:
    problems = [each for each in _problems(note) if not _same_as_cause(note, example_of(each))]
    told = [example_of(each) for each in problems]
    shown = problems[:most_problems]
    if problems or _named_items(note):
        kinds = _kinds(note["log"]) - (len(_problems(note)) - len(problems))
        lines = [_problem_line(each) for each in shown]
        named = _named_items(note)
        quiet = bool(problems) and all(each["level"] == _UNKNOWN for each in problems)
        heading = "Lines that state no level" if quiet else ("Also in the log" if note["cause"] else "In the log")
        yield Also(heading, (*lines, *((named,) if named else ())), max(kinds, len(problems)) - len(shown))
    messages = [each for each in note["messages"] if each["level"] != "info"]
    messages = [
        each
        for each in messages
        if not _same_as_cause(note, each["text"]) and not any(says_the_same(each["text"], text) for text in told)
    ]
    if messages:
        lines = [f"{each['text']} ({each['level']})" for each in messages[:most_problems]]
        yield Also(f"{note['vendor_title']} says", tuple(lines), len(messages) - len(lines))
    told += [each["text"] for each in messages]
    items = list(_item_lines(note, told))
    if items:
        yield Also("Failed items", tuple(items[:most_items]), max(len(items) - most_items, 0))


def _kinds(log: LogPart | None) -> int:
    """How many kinds of problems the log has; a log summary names fewer of many."""
    kinds = log.get("kinds") if log else None
    return kinds if isinstance(kinds, int) else 0


def _problem_line(problem: ProblemPart) -> str:
    text, word = example_of(problem), _word(problem)
    line = f"log line\u00a0{problem['first_line']:,}" if problem["first_line"] else None
    if problem["count"] > 1:
        return f"{counted(problem['count'], word)} like “{text}”{f' ({line})' if line else ''}"
    quiet = problem["level"] == _UNKNOWN
    beside = ", ".join(part for part in (None if quiet else word, line) if part)
    return f"{text} ({beside})" if beside else text


def _word(problem: ProblemPart) -> str:
    return _LEVEL_WORDS.get(problem["level"], problem["level"])


def _named_items(note: Notification) -> str | None:
    """Which things failed, as far as the log names them."""
    failed = note["log"].get("failed_items") if note["log"] else None
    if not isinstance(failed, dict) or not failed.get("names"):
        return None
    at_least = "at least " if failed["at_least"] else ""
    more = failed["count"] - len(failed["names"])
    rest = f" and {more:,} more" if more > 0 else ""
    return f"{at_least}{counted(failed['count'], 'failed item')}: {', '.join(failed['names'])}{rest}"


def _item_lines(note: Notification, told: Sequence[str]) -> Iterator[str]:
    """The failed items that the vendor names, by reason; those without one are named too."""
    by_reason: dict[str, list[str]] = {}
    for item in note["items"]:
        if item["error"] and not _same_as_cause(note, item["error"]):
            by_reason.setdefault(item["error"], []).append(item["name"])
    for reason, names in by_reason.items():
        if any(says_the_same(reason, text) for text in told):
            yield f"{_listed(names)}: as above, {reason}"
        else:
            yield f"{names[0]}: {reason}" if len(names) == 1 else f"{reason} (in {len(names)} items: {_listed(names)})"
    silent = [item for item in note["items"] if item["failed"] and not item["error"]]
    if silent:
        yield f"{_listed([item['name'] for item in silent])} ({silent[0]['state'] or 'failed'}, no reason given)"


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMES
    return f"{', '.join(names[:_MOST_NAMES])}{f' and {more:,} more' if more > 0 else ''}"


def _links(note: Notification) -> Iterator[tuple[str, str]]:
    links = note["links"]
    for label, address in (("The job", links["job"]), ("The log", links["log"]), ("Whole report", links["report"])):
        if address:
            yield label, address


def _log_facts(log: LogPart, outcome: Outcome | None) -> Iterator[str]:
    """Where the log is, how long it is, and what the reader must know of its summary."""
    extent = [counted(log["lines"], "line")] if log["lines"] else []
    extent += [size(log["bytes"])] if log["bytes"] else []
    yield f"{log['location']} ({', '.join(extent)})" if extent else log["location"]
    when = _when_errors_came(log)
    if when:
        yield when
    # Of a log that was not read whole, this stands above.
    if log["note"] and (log["complete"] or outcome is Outcome.SUCCEEDED):
        yield log["note"]


def _when_errors_came(log: LogPart) -> str | None:
    """From the first error to the last, and whether most came in a burst; None where that says nothing."""
    first, last, burst = (log.get(name) for name in ("first_error", "last_error", "burst"))
    start, end = _time_in(first, "time"), _time_in(last, "time")
    if start is None or end is None or end - start < timedelta(minutes=1):
        return None
    line = f"Errors came {span(start, end)}"
    begin, stop = _time_in(burst, "start"), _time_in(burst, "end")
    if begin and stop and isinstance(burst, dict):
        seconds = (stop - begin).total_seconds()
        line += f"; {burst['share_of_errors'] * 100:.0f}% of them within {duration(seconds)}"
    return line


def _time_in(part: object, name: str) -> datetime | None:
    """A time of a log's summary, where it has one with its zone."""
    text = part.get(name) if isinstance(part, dict) else None
    try:
        return parse_rfc3339(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _took(note: Notification, outcome: Outcome | None) -> str | None:
    """How long it took; None where no end was seen. Where it is jobwatch's own measure, that is said."""
    seconds = note["duration_seconds"]
    if seconds is None or outcome in (None, Outcome.GAVE_UP, Outcome.NOT_FOUND):
        return None
    own = any(remark.startswith(DURATION_REMARK) for remark in note["remarks"])
    return f"{duration(seconds)} from submission to detection" if own else duration(seconds)


def _moments(note: Notification, outcome: Outcome | None) -> tuple[datetime, datetime] | None:
    start, end = note["started_at"], note["finished_at"]
    return (parse_rfc3339(start), parse_rfc3339(end)) if start and end and outcome else None


def _identity(note: Notification) -> str:
    line = f"{note['vendor_title']} {note['noun']}, {note['connection']}"
    return f"{line}, started by {note['submitted_by']}" if note["submitted_by"] else line


def _job(note: Notification) -> str:
    """By which ids it is found: the vendor's, and jobwatch's own."""
    attempt = f", attempt {note['attempt']}" if note["attempt"] else ""
    watch = f", watch {note['watch_id']}" if note["watch_id"] else ""
    return f"Job {note['job_id']}{attempt}{watch}"
