"""Virtual time stops at every deadline, and goes round again as long as anybody was called."""

import asyncio
from datetime import UTC, datetime, timedelta

from devhost.clock import VirtualClock
from devhost.timeline import Timeline

HOUR = timedelta(hours=1)


class Stop:
    """A part with deadlines; it notes when it was woken."""

    def __init__(self, clock: VirtualClock, *hours: int) -> None:
        self.clock = clock
        self.deadlines = [clock.now() + hour * HOUR for hour in hours]
        self.woken: list[datetime] = []

    def wake(self) -> None:
        self.woken.append(self.clock.now())

    async def rest(self) -> None:
        self.deadlines = [one for one in self.deadlines if one > self.clock.now()]

    def next_due(self) -> datetime | None:
        return min(self.deadlines, default=None)


def test_the_clock_stops_at_the_deadlines_of_all_parts_in_order() -> None:
    clock = VirtualClock()
    begin = clock.now()
    one, other = Stop(clock, 1, 5), Stop(clock, 3, 99)

    asyncio.run(Timeline(clock, [one, other]).advance(6 * HOUR))

    assert [(at - begin) // HOUR for at in one.woken] == [0, 1, 3, 5, 6]
    assert one.woken == other.woken
    assert clock.now() == begin + 6 * HOUR


def test_a_round_in_which_a_function_was_called_is_followed_by_another() -> None:
    clock = VirtualClock()
    part = Stop(clock)
    counts = iter([0, 2, 2, 4, 4, 4])

    asyncio.run(Timeline(clock, [part], lambda: next(counts)).settle())

    assert len(part.woken) == 3


def test_who_follows_a_virtual_clock_is_told_of_moves_forward_only() -> None:
    clock = VirtualClock()
    told: list[datetime] = []
    clock.is_followed_by(told.append)

    clock.move_to(datetime(2026, 2, 1, tzinfo=UTC))
    clock.move_to(datetime(2026, 1, 15, tzinfo=UTC))

    assert told == [datetime(2026, 2, 1, tzinfo=UTC)]
