"""How long a listener waits before it looks into an empty queue again."""

from datetime import timedelta
from random import Random

_SHORTEST = timedelta(milliseconds=100)


class Backoff:
    """Delays from a tenth of a second up, about twice as long each time, until `longest`."""

    def __init__(self, longest: timedelta, chance: Random) -> None:
        self._longest, self._chance = longest, chance
        self._delay = timedelta()
        self._doublings = 0
        self._saw_a_message = False

    def saw_a_message(self) -> None:
        """Begin with the shortest delay again."""
        self._saw_a_message = True

    def next(self) -> timedelta:
        """Return the delay after one more look that found nothing."""
        if self._saw_a_message:
            self._saw_a_message, self._delay, self._doublings = False, _SHORTEST, 1
        elif self._delay != self._longest:
            self._grow()
        return self._delay

    def _grow(self) -> None:
        more = 2.0 ** (self._doublings - 1) * self._chance.uniform(0.8, 1.2)
        self._delay = _SHORTEST + (_SHORTEST * more if self._doublings else timedelta())
        if self._delay >= self._longest:
            self._delay = self._longest
        else:
            self._doublings += 1
