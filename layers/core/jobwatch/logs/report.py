"""From the tables to the summary: what is the same is joined, the worst comes first, all text is made fit to show."""

import math
from collections.abc import Sequence
from datetime import datetime

from jobwatch.logs.groups import Group, Place
from jobwatch.logs.levels import ERROR, FATAL, SEVERITY, WARNING
from jobwatch.logs.records import read_json
from jobwatch.logs.redact import showable
from jobwatch.logs.summary import UNKNOWN, Burst, FailedItems, LogSummary, Occurrence, Problem
from jobwatch.logs.tally import Tally
from jobwatch.logs.templates import merged
from jobwatch.logs.times import time_of

_SHOWN_PROBLEMS = 50
_SHOWN_PLAIN = 10
_TEMPLATE_CHARACTERS = 240
_EXAMPLE_CHARACTERS = 400
_NAMED_ITEMS = 5
_ITEM_CHARACTERS = 80
_ALARMING_RANK = 1.5
_BURST_SHARE = 0.5
_BURST_OF_SPAN = 0.1
_BURST_ERRORS = 10
_ALARMING = (
    "error",
    "fail",
    "exception",
    "denied",
    "refused",
    "timeout",
    "timed out",
    "invalid",
    "cannot",
    "unable",
    "missing",
)


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
        problems=tuple(_problem(group, total) for group in shown),
        kinds=len(problems),
        first_error=_occurrence(min(failures, key=lambda group: group.first.offset), first=True) if failures else None,
        last_error=_occurrence(max(failures, key=lambda group: group.last.offset), first=False) if failures else None,
        failed_items=_failed_items(tally),
        burst=_burst(tally),
        share_read=share_read,
        complete=complete,
        note=" ".join(notes) or None,
    )


def _unknown_note(unknown: int, *, any_stated: bool) -> str:
    if not any_stated:
        return f"The log names no levels: none of its {unknown:,} lines states one; the alarming and rarest are shown."
    return f"{unknown:,} lines state no known level." if unknown > 1 else "1 line states no known level."


def _alarming(group: Group) -> bool:
    text = group.template.lower().decode("latin-1")
    return any(word in text for word in _ALARMING)


def _rank(group: Group) -> tuple[float, int, int]:
    """By level; of lines that state none, alarming ones come before warnings, the others last."""
    grave: float | None = SEVERITY.get(group.level)
    if grave is None:
        grave = _ALARMING_RANK if _alarming(group) else len(SEVERITY)
    return grave, -group.count, group.first.offset


def _rank_by_rarity(group: Group) -> tuple[bool, int, int]:
    """For a log that names no levels: what stands out."""
    return not _alarming(group), group.count, group.first.offset


def _shown(ranked: Sequence[Group]) -> list[Group]:
    """The worst kinds, of those without a level and without alarm only the first few."""
    plain = [group for group in ranked if group.level == UNKNOWN and not _alarming(group)][_SHOWN_PLAIN:]
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


def _problem(group: Group, total: int) -> Problem:
    examples = [_example(group.first.text)]
    for text in (group.second_text, group.last.text):
        if text is not None and len(examples) < 2 and (shown := _example(text)) not in examples:
            examples.append(shown)
    return Problem(
        level=group.level,
        template=showable(group.template, _TEMPLATE_CHARACTERS),
        count=group.count,
        share=group.count / total if total else 0.0,
        first_line=group.first.line,
        last_line=group.last.line,
        first_time=_time_at(group.first),
        last_time=_time_at(group.last),
        examples=tuple(examples),
    )


def _example(text: bytes) -> str:
    """An entry as it stands in the log; of a JSON object its message, which is what a person wants to read."""
    record = read_json(text) if text.startswith(b"{") else None
    return showable(record.message if record else text, _EXAMPLE_CHARACTERS)


def _time_at(place: Place) -> datetime | None:
    return time_of(place.text.decode("latin-1"))


def _occurrence(group: Group, *, first: bool) -> Occurrence:
    place = group.first if first else group.last
    return Occurrence(group.level, place.line, _time_at(place), _example(place.text))


def _failed_items(tally: Tally) -> FailedItems | None:
    names = tally.items.names
    if not names:
        return None
    shown = [showable(name, _ITEM_CHARACTERS) for name, _ in zip(names, range(_NAMED_ITEMS), strict=False)]
    return FailedItems(len(names), tally.items.full, tuple(shown))


def _burst(tally: Tally) -> Burst | None:
    """The shortest time that holds half of the errors, if it is a tenth of the time they span or less."""
    times = sorted(moment for _, head in tally.error_samples if (moment := time_of(head.decode("latin-1"))))
    if len(times) < _BURST_ERRORS or len(times) < 0.9 * len(tally.error_samples):
        return None
    wanted = math.ceil(len(times) * _BURST_SHARE)
    start = min(range(len(times) - wanted + 1), key=lambda index: times[index + wanted - 1] - times[index])
    begin, end = times[start], times[start + wanted - 1]
    span = times[-1] - times[0]
    if end - begin > span * _BURST_OF_SPAN:
        return None
    inside = sum(begin <= moment <= end for moment in times)
    return Burst(inside / len(times), begin, end)
