"""Promises with synchronous callbacks: an event resolves one, and everything it causes follows.

The extension runs an orchestration on one thread: all continuations of one history event have run
before the next event is looked at. Plain callbacks keep that order without an event loop.
"""

from collections.abc import Callable, Iterable


class Promise:
    """Something that will end once, well or badly."""

    __slots__ = ("_callbacks", "ended", "failed")

    def __init__(self) -> None:
        self.ended = False
        self.failed = False
        self._callbacks: list[Callable[[], None]] = []

    def end(self, *, failed: bool = False) -> None:
        """End it and run what waits for it; a second end changes nothing."""
        if self.ended:
            return
        self.ended, self.failed = True, failed
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def then(self, callback: Callable[[], None]) -> None:
        """Call back at the end, or now when it has ended."""
        if self.ended:
            callback()
        else:
            self._callbacks.append(callback)


def ended_promise() -> Promise:
    """Return a promise that has ended well already."""
    promise = Promise()
    promise.end()
    return promise


def when_all(children: Iterable[Promise]) -> Promise:
    """Return a promise that ends when every child has ended, and fails if one of them did."""
    waiting = list(children)
    whole = Promise()

    def look() -> None:
        if all(child.ended for child in waiting):
            whole.end(failed=any(child.failed for child in waiting))

    for child in waiting:
        child.then(look)
    if not waiting:
        whole.end()
    return whole


def when_any(children: Iterable[Promise]) -> Promise:
    """Return a promise that ends with the first child that ends, however that one ended."""
    first = Promise()
    for child in children:
        child.then(first.end)
    return first
