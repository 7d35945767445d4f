"""From the tables to the summary: what is the same is joined, the worst comes first, all text is made fit to show."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice

from jobwatch.logs.failed import FailedThings
from jobwatch.logs.groups import Group
from jobwatch.logs.levels import ERROR, FATAL, SEVERITY, WARNING
from jobwatch.logs.redact import showable
from jobwatch.logs.summary import UNKNOWN, Burst, FailedItems, LogSummary, Occurrence, Problem
from jobwatch.logs.tally import Tally
from jobwatch.logs.templates import merged
from jobwatch.logs.times import LogTime, log_time_of

_SHOWN_PROBLEMS = 50
_SHOWN_PLAIN = 10
_TEMPLATE_CHARACTERS = 240
_EXAMPLE_CHARACTERS = 400
_NAMED_ITEMS = 5
_ALARMING_RANK = 1.5
_BURST_SHARE = 0.5
_BURST_OF_SPAN = 0.1
_BURST_ERRORS = 10


def report(tally: Tally, *, size_bytes: int, share_read: float, complete: bool, notes: Sequence[str]) -> LogSummary:
    """The summary of a finished tally."""
    notes = list(notes)
    groups = tally.table.groups()
    levels = {level: tally.levels[level] for level in (*SEVERITY, UNKNOWN) if tally.levels[level]}
    stated = any(level != UNKNOWN for level in levels)
    if stated:
        levels = {ERROR: 0, WARNING: 0, **levels}
        levels = {level: levels[level] for level in (*SEVERITY, UNKNOWN) if level in levels}
    problems = _joined(groups)
    problems.sort(key=_rank if stated else _rank_by_rarity)
    worst = _alike_when_shown(problems[: 2 * _SHOWN_PROBLEMS])
    problems[: 2 * _SHOWN_PROBLEMS] = sorted(worst, key=_rank if stated else _rank_by_rarity)
    shown = _shown(problems)
    total = sum(group.count for group in problems) if stated else tally.lines
    if unknown := levels.get(UNKNOWN):
        notes.append(_unknown_note(unknown, any_stated=stated))
    if tally.table.dropped_groups:
        notes.append(
            f"There are more kinds of messages than are kept: {tally.table.dropped_groups:,} rare ones were dropped,"
            f" and a count may be too low by up to {tally.table.undercount:,}."
        )
    failures = [group for group in groups if group.level in (FATAL, ERROR)]
    return LogSummary(
        size_bytes=size_bytes,
        lines=tally.lines,
        levels=levels,
        problems=tuple(_problem(tally, group, total) for group in shown),
        kinds=len(problems),
        first_error=_occurrence(tally, min(failures, key=_begins)) if failures else None,
        last_error=_occurrence(tally, max(failures, key=_ends), last=True) if failures else None,
        failed_items=_failed_items(tally.failures),
        failures=tally.failures,
        burst=_burst(tally),
        first_time=_first_time(tally, tally.first_lines),
        last_time=_first_time(tally, reversed(tally.last_lines)),
        share_read=share_read,
        complete=complete,
        note=" ".join(notes) or None,
    )


def _unknown_note(unknown: int, *, any_stated: bool) -> str:
    if not any_stated:
        return f"The log names no levels: none of its {unknown:,} lines states one; the alarming and rarest are shown."
    return f"{unknown:,} lines state no known level." if unknown > 1 else "1 line states no known level."


def _rank(group: Group) -> tuple[float, int, int]:
    """By level; of lines that state none, alarming ones come before warnings, the others last."""
    grave: float | None = SEVERITY.get(group.level)
    if grave is None:
        grave = _ALARMING_RANK if group.alarming else len(SEVERITY)
    return grave, -group.count, group.first.order


def _rank_by_rarity(group: Group) -> tuple[bool, int, int]:
    """For a log that names no levels: what stands out."""
    return not group.alarming, group.count, group.first.order


def _shown(ranked: Sequence[Group]) -> list[Group]:
    """The worst kinds, of those without a level and without alarm only the first few."""
    plain = [group for group in ranked if group.level == UNKNOWN and not group.alarming][_SHOWN_PLAIN:]
    left_out = set(map(id, plain))
    return [group for group in ranked if id(group) not in left_out][:_SHOWN_PROBLEMS]


def _joined(groups: Sequence[Group]) -> list[Group]:
    """Groups whose templates differ in little more than a value, as one."""
    joined: dict[tuple[str, bytes], Group] = {}
    for level in {group.level for group in groups}:
        same_level = [group for group in groups if group.level == level]
        templates = merged(group.template for group in same_level)
        for group in same_level:
            group.template = templates[group.template]
            known = joined.setdefault((level, group.template), group)
            if known is not group:
                known.absorb(group)
    return list(joined.values())


def _alike_when_shown(groups: Sequence[Group]) -> list[Group]:
    """The groups in their order, those that are shown as the same text as one: secrets made them differ."""
    shown: dict[tuple[str, str], Group] = {}
    for group in groups:
        known = shown.setdefault((group.level, showable(group.template, _TEMPLATE_CHARACTERS)), group)
        if known is not group:
            known.absorb(group)
    return list(shown.values())


def _problem(tally: Tally, group: Group, total: int) -> Problem:
    examples = dict.fromkeys(showable(tally.says(place), _EXAMPLE_CHARACTERS) for place in (group.first, group.last))
    return Problem(
        level=group.level,
        template=showable(group.template, _TEMPLATE_CHARACTERS),
        count=group.count,
        share=group.count / total if total else 0.0,
        first_line=group.first.number,
        last_line=group.last.number,
        first_time=_time_at(tally, group.first.line),
        last_time=_time_at(tally, group.last.line),
        examples=tuple(examples),
    )


def _time_at(tally: Tally, line: bytes) -> LogTime | None:
    return log_time_of(tally.time_text(line).decode("utf-8", "replace"))


def _first_time(tally: Tally, lines: Iterable[bytes]) -> LogTime | None:
    return next((time for line in lines if (time := _time_at(tally, line))), None)


def _begins(group: Group) -> int:
    return group.first.order


def _ends(group: Group) -> int:
    return group.last.order


def _occurrence(tally: Tally, group: Group, *, last: bool = False) -> Occurrence:
    place = group.last if last else group.first
    text = showable(tally.says(place), _EXAMPLE_CHARACTERS)
    return Occurrence(group.level, place.number, _time_at(tally, place.line), text)


def _failed_items(failures: FailedThings) -> FailedItems | None:
    if not failures:
        return None
    return FailedItems(len(failures), failures.at_least, tuple(each.item for each in islice(failures, _NAMED_ITEMS)))


def _burst(tally: Tally) -> Burst | None:
    """The shortest time that holds half of the errors, if it is a tenth of the time they span or less."""
    times = [time for line in tally.error_lines if (time := _time_at(tally, line))]
    if len(times) < _BURST_ERRORS or len(times) < 0.9 * len(tally.error_lines):
        return None
    times.sort(key=_clock)
    clocks = [time.clock for time in times]
    wanted = math.ceil(len(clocks) * _BURST_SHARE)
    start = min(range(len(clocks) - wanted + 1), key=lambda index: clocks[index + wanted - 1] - clocks[index])
    begin, end = clocks[start], clocks[start + wanted - 1]
    if end - begin > (clocks[-1] - clocks[0]) * _BURST_OF_SPAN:
        return None
    inside = sum(begin <= clock <= end for clock in clocks)
    return Burst(inside / len(clocks), times[start], times[start + wanted - 1])


def _clock(time: LogTime) -> datetime:
    return time.clock
