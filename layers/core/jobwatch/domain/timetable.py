"""A connection's timetable: which moments its watches may ask the vendor at, so that all share one budget.

Virtual scheduling (ITU-T I.371's generic cell rate algorithm without a burst): a reservation takes the first free
moment and moves it on by the spacing. First come, first served, so nobody starves, and where there are more watches
than the budget allows, everyone's delay grows alike.

What a watch holds is a number; the timetable says at which moment that is. So one write moves all who wait, in their
order and ahead of newcomers: by a 429's pause, and apart by its wider spacing. A held slot only ever moves back, for
its watch sleeps until the moment that it knows.
"""

from dataclasses import dataclass, replace

# A request leaves some time after its slot (a Wait state counts whole seconds, a function may start cold), so a strict
# minute can hold more requests than slots. A twentieth of the budget is kept for that: three seconds of lateness.
_LATE_MS = 3_000
_MINUTE_AND_MARGIN_MS = 60_000 + _LATE_MS
# After a 429 the spacing doubles, up to this many times the budget's, and halves again after each calm stretch.
_SLOWEST_FACTOR = 8
CALM_SECONDS = 120
# Throttled answers of one moment count as one.
_ONE_MOMENT_MS = 30_000


def spacing_ms(requests_per_minute: int) -> int:
    """The whole milliseconds between two slots of a budget, rounded up."""
    return -(-_MINUTE_AND_MARGIN_MS // requests_per_minute)


@dataclass(frozen=True)
class Slot:
    """One request's place on a timetable, and the moment that it stands for now, in seconds since the epoch."""

    number: int
    at: float


@dataclass(frozen=True)
class Timetable:
    """The numbers handed out, and their moments; all in whole milliseconds, moments since the epoch.

    `anchor_ms` is the moment of `anchor_number`; from there on numbers are `spacing_ms` apart, before it
    `spacing_before_ms` (0: all that are left before it share its moment). `next_number` is the next to be handed out,
    `next_free_ms` its moment. `slowed_at_ms`: the last 429, 0 where the spacing is the budget's. `calm_from_ms`: since
    when it is calm: the end of a pause, or the last step of the recovery.
    """

    next_number: int
    next_free_ms: int
    anchor_number: int
    anchor_ms: int
    spacing_ms: int
    spacing_before_ms: int = 0
    slowed_at_ms: int = 0
    calm_from_ms: int = 0

    def moment_ms(self, number: int) -> int:
        """When the slot of this number is."""
        return self.anchor_ms + (number - self.anchor_number) * self._spacing_at(number)

    def slot(self, number: int) -> Slot:
        """The slot of this number."""
        return Slot(number, self.moment_ms(number) / 1000)

    def slowed_down(self, asked: int, now_ms: int, budget_spacing_ms: int, retry_after_ms: int) -> "Timetable":
        """After a 429 at `now_ms` to the request of slot `asked`: half the pace, and a pause where one is asked for.

        Whoever holds a slot from about now on keeps its place. Those who are later than that come all at the pause's
        end: they are few, and the pace is halved.
        """
        first = min(max(asked + 1, self._first_from(now_ms - _LATE_MS)), self.next_number)
        spacing_ms, slowed_at_ms = self._spacing_at(first), self.slowed_at_ms
        pause_ends_ms = now_ms + retry_after_ms
        if now_ms - slowed_at_ms >= _ONE_MOMENT_MS:
            doubled_ms = min(max(2 * spacing_ms, budget_spacing_ms), _SLOWEST_FACTOR * budget_spacing_ms)
            spacing_ms, slowed_at_ms = max(spacing_ms, doubled_ms), now_ms
        elif pause_ends_ms <= max(self.moment_ms(first), now_ms):
            return self
        slowed = self._anchored(first, max(pause_ends_ms, self.moment_ms(first)), spacing_ms, 0)
        return replace(slowed, slowed_at_ms=slowed_at_ms, calm_from_ms=max(pause_ends_ms, self.calm_from_ms))

    def adjusted(self, now_ms: int, budget_spacing_ms: int) -> "Timetable":
        """With the budget as it is now, and after a calm stretch with half the spacing, down to the budget's.

        A narrower spacing begins behind what is booked, one such step at a time; a wider one at once.
        """
        if self.spacing_ms < budget_spacing_ms:
            first = min(self._first_from(now_ms - _LATE_MS), self.next_number)
            spacing_ms = max(self._spacing_at(first), budget_spacing_ms)
            return self._anchored(first, max(self.moment_ms(first), now_ms), spacing_ms, 0)
        if self.anchor_ms > now_ms:
            return self
        slowed_at_ms, calm_from_ms = self.slowed_at_ms, self.calm_from_ms
        spacing_ms = min(self.spacing_ms, _SLOWEST_FACTOR * budget_spacing_ms) if slowed_at_ms else budget_spacing_ms
        if slowed_at_ms and now_ms - calm_from_ms >= CALM_SECONDS * 1000:
            spacing_ms, calm_from_ms = max(spacing_ms // 2, budget_spacing_ms), now_ms
        if spacing_ms == budget_spacing_ms:
            slowed_at_ms = 0
        if (spacing_ms, slowed_at_ms) == (self.spacing_ms, self.slowed_at_ms):
            return self
        adjusted = self._anchored(self.next_number, self.next_free_ms, spacing_ms, self.spacing_ms)
        return replace(adjusted, slowed_at_ms=slowed_at_ms, calm_from_ms=calm_from_ms)

    def _anchored(self, number: int, moment_ms: int, spacing_ms: int, spacing_before_ms: int) -> "Timetable":
        return replace(
            self,
            next_free_ms=moment_ms + (self.next_number - number) * spacing_ms,
            anchor_number=number,
            anchor_ms=moment_ms,
            spacing_ms=spacing_ms,
            spacing_before_ms=spacing_before_ms,
        )

    def _spacing_at(self, number: int) -> int:
        return self.spacing_ms if number >= self.anchor_number else self.spacing_before_ms

    def _first_from(self, moment_ms: int) -> int:
        """The first number at this moment or later; the anchor where nothing before it has a moment of its own."""
        before_ms = self.anchor_ms - moment_ms
        spacing_ms = self.spacing_ms if before_ms < 0 else self.spacing_before_ms
        return self.anchor_number - before_ms // spacing_ms if spacing_ms else self.anchor_number
