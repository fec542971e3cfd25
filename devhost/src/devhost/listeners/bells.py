"""Tells listeners at once about messages that this process itself has sent."""

from collections import defaultdict
from collections.abc import Callable


class Bells:
    """One bell for each queue, by its address."""

    def __init__(self) -> None:
        self._heard_by: defaultdict[str, list[Callable[[], None]]] = defaultdict(list)

    def hear(self, url: str, told: Callable[[], None]) -> None:
        """Call `told` whenever a message was sent to that queue."""
        self._heard_by[url].append(told)

    def ring(self, url: str) -> None:
        """Say that a message was sent to that queue."""
        for told in self._heard_by.get(url, ()):
            told()
