"""Moves a virtual clock from deadline to deadline: never past something that is due.

Time stands still while anything runs or is due. Only when every part of the host is at rest does
the clock jump, to the nearest deadline of all parts, and everything due then runs first.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from devhost.clock import VirtualClock


class Part(Protocol):
    """Something that acts when its time has come: the engine, a listener."""

    def wake(self) -> None:
        """Look again: the clock was moved."""
        ...

    async def rest(self) -> None:
        """Return when nothing runs and nothing is due."""
        ...

    def next_due(self) -> datetime | None:
        """Return the next moment at which this part has something to do, or None."""
        ...


class Timeline:
    """The course of virtual time over all parts of one host.

    `calls` counts what users' functions do. Any call may have started an instance or sent a
    message, so all parts look again after a round in which one began or ended.
    """

    def __init__(
        self, clock: VirtualClock, parts: Sequence[Part], calls: Callable[[], int] = lambda: 0
    ) -> None:
        self._clock, self._parts, self._calls = clock, parts, calls

    async def settle(self) -> None:
        """Run everything that is due now, and all that follows from it at this moment."""
        while True:
            before = self._calls()
            for part in self._parts:
                part.wake()
            for part in self._parts:
                await part.rest()
            due = self._next_due()
            is_due = due is not None and due <= self._clock.now()
            if not is_due and self._calls() == before:
                return

    async def advance(self, span: timedelta) -> None:
        """Let `span` pass, stopping at every deadline on the way."""
        target = self._clock.now() + span
        await self.until(lambda: False, target)
        self._clock.move_to(target)
        await self.settle()

    async def until(self, holds: Callable[[], bool], limit: datetime) -> bool:
        """Let time pass until `holds`, the `limit` is reached or nothing is planned any more."""
        await self.settle()
        while not holds():
            due = self._next_due()
            if due is None or due > limit:
                return False
            self._clock.move_to(due)
            await self.settle()
        return True

    def _next_due(self) -> datetime | None:
        return min((due for part in self._parts if (due := part.next_due())), default=None)
