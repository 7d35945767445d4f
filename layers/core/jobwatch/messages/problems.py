"""Groups of a log's entries as they are read: one of the messages, and whether two texts say the same."""

import re
from collections.abc import Sequence

from jobwatch.messages.document import ProblemPart

# Shorter words stand in many sentences and say the same as none of them.
_LEAST_CONTAINED = 10
_MOST_COMPARED = 2000


def example_of(problem: ProblemPart) -> str:
    """One of the messages, from where its own text begins: time, level and logger are noise in a message."""
    example, template = problem["example"], problem["template"]
    if not example:
        return template.replace("<*>", "…")
    opening = template.partition("<*>")[0]
    start = example.find(opening) if len(opening) >= 4 else -1
    return example[max(start, 0) :]


def says_the_same(one: str, other: str) -> bool:
    """Whether two texts tell the same cause: equal but for signs and case, or one within the other."""
    first, second = _bare(one), _bare(other)
    if first == second:
        return True
    shorter, longer = sorted((first, second), key=len)
    return len(shorter) >= _LEAST_CONTAINED and f" {shorter} " in f" {longer} "


def gravest(problems: Sequence[ProblemPart]) -> ProblemPart | None:
    """The group that people are told first: fatal before error, then the largest; None where there is neither."""
    grave = [problem for problem in problems if problem["level"] in ("fatal", "error")]
    return min(grave, key=lambda each: (each["level"] != "fatal", -each["count"]), default=None)


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text[:_MOST_COMPARED].casefold()))
