"""The schedules that others ship as defaults, to measure the polling policy against.

Each yields the waits in seconds between one poll and the next, whatever the polls saw. Limits on the number of
attempts are left out: the measure is when the end is seen.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Final

Waits = Callable[[random.Random], Iterator[float]]


def _growing(first: float, factor: float, most: float) -> Iterator[float]:
    wait = first
    while True:
        yield wait
        wait = min(wait * factor, most)


def fixed_60(_rng: random.Random) -> Iterator[float]:
    """A constant minute, as Airflow's sensors and the AWS "Job Poller" sample wait."""
    return _growing(60, 1, 60)


def google_api_core(_rng: random.Random) -> Iterator[float]:
    """google.api_core.future.polling.DEFAULT_POLLING: 1 s, ×1.5, up to 20 s."""
    return _growing(1, 1.5, 20)


def durable_sdk(rng: random.Random) -> Iterator[float]:
    """AWS durable execution SDK, waitForCondition: 5 s, ×1.5, up to 300 s, full jitter, whole seconds from 1."""
    return (max(1.0, wait * rng.random()) for wait in _growing(5, 1.5, 300))


def botocore_30(_rng: random.Random) -> Iterator[float]:
    """A botocore waiter with a delay of 30 s (`rds:DBInstanceAvailable` and its like)."""
    return _growing(30, 1, 30)


FIXED: Final = "fixed 60 s"

BASELINES: Final[dict[str, Waits]] = {
    FIXED: fixed_60,
    "google-api-core": google_api_core,
    "durable SDK": durable_sdk,
    "botocore 30 s": botocore_30,
}
