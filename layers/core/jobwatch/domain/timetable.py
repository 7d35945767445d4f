"""A connection's timetable: which moments its watches may ask the vendor at, so that all share one budget.

Virtual scheduling (ITU-T I.371's generic cell rate algorithm without a burst): the timetable holds the first moment
that is free; a reservation takes it and moves it on by the spacing. First come, first served, so nobody starves, and
where there are more watches than the budget allows, everyone's delay grows alike.
"""

from dataclasses import dataclass, replace

# A request leaves some time after its slot (a Wait state counts whole seconds, a function may start cold), so a strict
# minute can hold more requests than slots. A twentieth of the budget is kept for that: three seconds of lateness.
_MINUTE_AND_MARGIN_MS = 63_000
# After a 429 the spacing doubles, up to this many times the budget's, and halves again after each calm stretch.
_SLOWEST_FACTOR = 8
CALM_SECONDS = 120.0
# Throttled answers of one moment count as one.
_ONE_MOMENT_SECONDS = 30.0


def spacing_seconds(requests_per_minute: int) -> float:
    """The time between two slots, in whole milliseconds, rounded up."""
    return -(-_MINUTE_AND_MARGIN_MS // requests_per_minute) / 1000


@dataclass(frozen=True)
class Slowdown:
    """A connection that was throttled: its wider spacing, since when, and until when nobody asks at all.

    All in seconds; moments since the epoch.
    """

    spacing_seconds: float
    slowed_at: float
    paused_until: float


def slow_down(known: Slowdown | None, now: float, budget_spacing: float, retry_after_seconds: float) -> Slowdown:
    """The slowdown after a 429 at `now`: twice the spacing, and nobody asks before Retry-After is over."""
    paused_until = max(now + retry_after_seconds, known.paused_until if known else 0.0)
    if known is None:
        return Slowdown(2 * budget_spacing, now, paused_until)
    if now - known.slowed_at < _ONE_MOMENT_SECONDS:
        return replace(known, paused_until=paused_until)
    return Slowdown(_within(2 * known.spacing_seconds, budget_spacing), now, paused_until)


def recover(known: Slowdown, now: float, budget_spacing: float) -> Slowdown | None:
    """The slowdown at `now`: after a calm stretch half the spacing, None once that is the budget's own again.

    It follows a budget that was changed meanwhile: never narrower than that allows, and never slower than the slowest.
    """
    if now - max(known.slowed_at, known.paused_until) < CALM_SECONDS:
        return replace(known, spacing_seconds=_within(known.spacing_seconds, budget_spacing))
    narrower = min(known.spacing_seconds, _SLOWEST_FACTOR * budget_spacing) / 2
    return Slowdown(narrower, now, known.paused_until) if narrower > budget_spacing else None


def _within(spacing: float, budget_spacing: float) -> float:
    return min(max(spacing, budget_spacing), _SLOWEST_FACTOR * budget_spacing)
