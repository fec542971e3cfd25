"""Waiting in a host: until a moment on its clock, or until something wakes the one who waits."""

import asyncio
from contextlib import suppress
from datetime import datetime

from devhost.clock import Clock


async def sleep_until(moment: datetime, clock: Clock) -> None:
    """Return once the clock shows `moment`; a virtual clock's moves are not noticed."""
    with suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), clock.seconds_until(moment))


class Alarm:
    """One loop's waiting: it ends at a moment, or when `ring` is called, even before."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._rung = asyncio.Event()

    @property
    def has_rung(self) -> bool:
        """Whether the next wait ends at once."""
        return self._rung.is_set()

    def ring(self) -> None:
        """End the wait, now or as soon as it begins."""
        self._rung.set()

    def silence(self) -> None:
        """Forget that it has rung."""
        self._rung.clear()

    async def wait(self, until: datetime | None) -> None:
        """Wait for the ring, and for `until` at most; None is for ever."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), self._clock.seconds_until(until))
