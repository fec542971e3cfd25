"""Remembers the histories of the instances that ran last, so that not every episode reads its own.

An orchestration of many steps has as many episodes, each with the whole history before it.
"""

from collections import OrderedDict
from collections.abc import Iterable

from devhost.engine.history import Event

_MOST = 64
"""How many instances are remembered; the one that was asked for least lately goes first."""


class RecentHistories:
    """A copy of what the store holds; who changes the store tells it, after the commit."""

    def __init__(self) -> None:
        self._events: OrderedDict[str, list[Event]] = OrderedDict()

    def get(self, instance_id: str) -> list[Event] | None:
        """Return the events of an instance; None when they are not remembered."""
        found = self._events.get(instance_id)
        if found is not None:
            self._events.move_to_end(instance_id)
        return found

    def keep(self, instance_id: str, events: list[Event]) -> None:
        """Remember what was read."""
        self._events[instance_id] = events
        if len(self._events) > _MOST:
            self._events.popitem(last=False)

    def extend(self, instance_id: str, events: Iterable[Event]) -> None:
        """Follow an append, where the instance is remembered."""
        if instance_id in self._events:
            self._events[instance_id].extend(events)

    def drop(self, instance_id: str) -> None:
        """Forget an instance: the next look reads it."""
        self._events.pop(instance_id, None)
