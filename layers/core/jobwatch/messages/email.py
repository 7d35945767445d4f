"""The notification as email: a subject and plain text, whose paragraphs a phone lays out itself.

The subject says which job and how bad; the first line is the cause, which an inbox shows beside it.
"""

from collections.abc import Iterator

from jobwatch.messages.document import Notification
from jobwatch.messages.numbers import counted, span
from jobwatch.messages.story import Story, story_of
from jobwatch.messages.zones import local_span, with_local_times, zone_of


def email_text(notification: Notification) -> str:
    """The message as plain text: the cause, how bad, what to do, further problems, links, facts."""
    story = story_of(notification)
    blocks = [_top(story, notification), ["NEXT", story.next_step]]
    for also in story.also:
        hidden = [f"- and {also.hidden:,} more kinds"] if also.hidden else []
        blocks.append([also.heading.upper(), *(f"- {line}" for line in also.lines), *hidden])
    links = [f"{label}: {address}" for label, address in story.links]
    links += [f"Log file: {story.log[0]}"] if story.log else []
    blocks += [["OPEN", *links]] if links else []
    blocks.append(["FACTS", *_facts(story, notification)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _top(story: Story, note: Notification) -> list[str]:
    """What the inbox shows first; never the subject over again."""
    standing = with_local_times(story.standing, note["times"], zone_of(note["time_zone"])) if story.standing else None
    lines = [_sentence(story.cause)] if story.cause else []
    lines += [f"In doubt: {doubt}" for doubt in story.doubts]
    lines += [*story.measure, *([standing] if standing else [])]
    return lines or [f"{note['vendor_title']} said “{note['vendor_status']}”."]


def _facts(story: Story, note: Notification) -> Iterator[str]:
    yield story.headline
    if story.took:
        yield f"Took {story.took}{_when(story, note)}"
    yield story.identity
    if story.labels:
        yield f"Labels: {story.labels}"
    yield from story.log[1:]
    yield from story.remarks
    polls = f", {counted(note['polls'], 'poll')}" if note["polls"] is not None else ""
    yield f"{story.job}{polls}"


def _when(story: Story, note: Notification) -> str:
    if story.moments is None:
        return ""
    zone = zone_of(note["time_zone"])
    in_utc = span(*story.moments)
    return f", {local_span(*story.moments, zone)} ({in_utc})" if zone else f", {in_utc}"


def _sentence(text: str) -> str:
    """With its full stop: no text from outside passes for a heading."""
    return text if text[-1:] in ".!?…:;)”\"'" else f"{text}."
