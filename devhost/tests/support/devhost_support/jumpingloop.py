"""An event loop whose time jumps to the next timer when nothing is ready: waits cost no time."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.SelectSelector):
    """Waits for nothing: what the loop would wait for, its clock moves forward."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if timeout is None and not ready:
            raise RuntimeError("everything waits, and nothing is due: this would hang for ever")
        if not ready:
            self.now += timeout or 0.0
        return ready


class _JumpingLoop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run_jumping(story: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine as `asyncio.run` does; `asyncio.sleep` and timeouts are over at once."""
    with asyncio.Runner(loop_factory=_JumpingLoop) as runner:
        return runner.run(story)
