"""When a queue is looked into: on the machine's clock by and by, on a virtual one when it pays."""

from datetime import datetime
from typing import Protocol

from devhost.azurite import VirtualAzuriteClock
from devhost.clock import Clock
from devhost.listeners.backoff import Backoff


class Pace(Protocol):
    """Says when a queue is worth a request."""

    def is_worth_a_look(self) -> bool:
        """Whether there may be something in the queue."""
        ...

    def looks(self) -> None:
        """Note that somebody looks now."""
        ...

    def saw_messages(self) -> None:
        """Note that there was something."""
        ...

    def saw_nothing(self, *, in_trouble: bool) -> datetime | None:
        """Return when to look again unasked; None is only when woken."""
        ...

    def next_due(self) -> datetime | None:
        """Return when there will be something in the queue, as far as is known."""
        ...


class SteadyPace:
    """The host's own: ever rarer while the queue is empty."""

    def __init__(self, clock: Clock, backoff: Backoff) -> None:
        self._clock, self._backoff = clock, backoff

    def is_worth_a_look(self) -> bool:
        """Always: other programs send too."""
        return True

    def looks(self) -> None:
        """Nothing: the delays count from the end of a look."""

    def saw_messages(self) -> None:
        """Begin with short delays again."""
        self._backoff.saw_a_message()

    def saw_nothing(self, *, in_trouble: bool) -> datetime | None:  # noqa: ARG002  the same delay
        """Return the end of the next delay."""
        return self._clock.now() + self._backoff.next()

    def next_due(self) -> datetime | None:
        """Return None: on this clock nobody asks."""
        return None


class VirtualPace:
    """Whenever time or somebody's work may have brought a message, and only then.

    Azurite's moved clock notes every message that is sent, hidden or deleted. Storage without one
    is looked into each time, and the time of hidden messages is not known.
    """

    def __init__(self, clock: Clock, azurite: VirtualAzuriteClock | None) -> None:
        self._clock, self._azurite = clock, azurite
        self._looked_at: datetime | None = None
        self._notes_seen = 0

    def is_worth_a_look(self) -> bool:
        """Whether anything was noted, or a hidden message came due, since the last look."""
        if self._azurite is None or self._looked_at is None:
            return True
        due = self._azurite.next_deadline(self._looked_at)
        has_come_due = due is not None and due <= self._clock.now()
        return has_come_due or self._azurite.notes != self._notes_seen

    def looks(self) -> None:
        """Note the time, and what is known by now."""
        self._looked_at = self._clock.now()
        self._notes_seen = self._azurite.notes if self._azurite else 0

    def saw_messages(self) -> None:
        """Look once more: there may be more than one request brings."""
        self._looked_at = None

    def saw_nothing(self, *, in_trouble: bool) -> None:
        """Look again when woken; after trouble, whatever was noted."""
        if in_trouble:
            self._looked_at = None

    def next_due(self) -> datetime | None:
        """Return when the next hidden message is seen again."""
        return self._azurite.next_deadline(self._clock.now()) if self._azurite else None
