"""What benchmarks work out and show alike: quantiles, the busiest minute, a bar for what takes long."""

import contextlib
import math
from collections import deque
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


def most_in_a_minute(moments: Sequence[float]) -> int:
    """The most that any sliding minute holds."""
    most = 0
    minute: deque[float] = deque()
    for moment in sorted(moments):
        minute.append(moment)
        while minute[0] <= moment - 60:
            minute.popleft()
        most = max(most, len(minute))
    return most


def share_of(values: Sequence[float], share: float) -> float:
    """The value that this share of all are no larger than."""
    return sorted(values)[max(math.ceil(share * len(values)) - 1, 0)]


@contextlib.contextmanager
def bar(console: Console) -> Iterator[Progress]:
    """A progress bar that is gone when it is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        yield progress
