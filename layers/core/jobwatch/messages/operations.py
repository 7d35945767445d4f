"""What the operators read of all that was not told one by one."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from jobwatch.domain.telling import SPOKEN_A_MINUTE, Held
from jobwatch.messages.subject import subject_line


def summary(held: Sequence[Held], since: datetime) -> tuple[str, str]:
    """Subject and text: how many, of what, by reason and connection, and where they stand. The most numerous first."""
    total = sum(each.count for each in held)
    blocks = []
    groups = {key: list(of) for key, of in groupby(sorted(held, key=_group), key=_group)}
    for (what, stands), members in sorted(groups.items(), key=lambda group: -_count(group[1])):
        lines = [f"{_count(members)} {what}; {stands}:"]
        for each in sorted(members, key=lambda member: (-member.count, member.kind.reason)):
            connection = f" (connection {each.kind.connection})" if each.kind.connection else ""
            lines.append(f"- {each.count} x{connection} {each.kind.reason}")
        blocks.append("\n".join(lines))
    firsts = ", ".join(f"{_count(members)} {what}" for (what, _), members in groups.items())
    return (
        subject_line(f"jobwatch: {total} more: {firsts}"),
        f"{total} more, since {since:%Y-%m-%d %H:%M} UTC, beside those that were told one by one: at most "
        f"{SPOKEN_A_MINUTE} a minute are, and of one cause only the first.\n\n" + "\n\n".join(blocks) + "\n",
    )


def _group(held: Held) -> tuple[str, str]:
    return held.kind.what, held.kind.stands


def _count(members: Sequence[Held]) -> int:
    return sum(member.count for member in members)
