"""A scripted source of many items: each item has a script of its own."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

from support.sources import Handler, Step, _step


class ManyScripts:
    """A step that answers by the number at the end of the path, `/source/17`.

    `script` gives what an item is answered, by its number and how often it was asked before.
    """

    def __init__(self, script: Callable[..., Any]) -> None:
        self._script, self._lock = script, threading.Condition()
        self._attempts: Counter[int] = Counter()

    @property
    def attempts(self) -> dict[int, int]:
        """How often each item was asked."""
        with self._lock:
            return dict(self._attempts)

    def turns(self, script: Callable[..., Any]) -> None:
        """Answer by another script from now on."""
        self._script = script

    def is_asked(self, calls: int, *, within: float = 120) -> None:
        """Return when it was asked so often in all; fail after `within` seconds."""
        with self._lock:
            enough = self._lock.wait_for(lambda: self._attempts.total() >= calls, within)
        assert enough, f"it was asked {self._attempts.total()} times, not {calls}"

    def __call__(self, to: Handler, released: threading.Event) -> None:
        item = int(to.path.partition("?")[0].rsplit("/", 1)[1])
        with self._lock:
            before = self._attempts[item]
            self._attempts[item] += 1
            self._lock.notify_all()
        step: Step = _step(self._script(item, before))
        step(to, released)
