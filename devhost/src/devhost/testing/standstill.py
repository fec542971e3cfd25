"""Finds out that an instance waits for something that will not come, so that a test need not."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

_FEWEST, _MOST = 100, 5_000


class Outlook(Protocol):
    """What is to come on a host."""

    def is_anything_planned(self) -> bool:
        """Whether an instance or a queue will do something, timer functions aside."""
        ...

    def last_timer(self) -> datetime | None:
        """Return when every timer function will have been due once."""
        ...


class Standstill:
    """Watches the jumps of virtual time in which timer functions are called and nothing else.

    An instance is given up once every timer function has been called, and 100 calls or more have
    told it nothing; after 5,000 in any case. `moves` counts what the instance and its children
    have taken.
    """

    def __init__(
        self, moves: Callable[[], int], outlook: Outlook, now: Callable[[], datetime]
    ) -> None:
        self._moves, self._outlook, self._now = moves, outlook, now
        self._last, self._jumps = -1, 0
        self._horizon: datetime | None = None

    def is_reached(self) -> bool:
        """Look, once for each jump; true means that waiting longer is no use."""
        moves = self._moves()
        if moves != self._last or self._outlook.is_anything_planned():
            self._last, self._jumps = moves, 0
            self._horizon = self._outlook.last_timer()
            return False
        self._jumps += 1
        every_timer_was_called = self._horizon is None or self._now() > self._horizon
        return self._jumps >= (_FEWEST if every_timer_was_called else _MOST)
