"""Where computations run: no more at once than there are processors, so each at its full pace.

Python's threads take turns, and so many at once would all run out of time together. Who waits for
its turn too long gives it up, to come again: an activity must end before the host's function
timeout, waiting included.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from typing import Final, TypeVar

from gather_once.model.fault import Fault, FaultKind, SourceFailed

LONGEST_WAIT: Final = timedelta(minutes=10)

T = TypeVar("T")


async def on_a_processor(
    call: Callable[[], T],
    *,
    threads: Executor | None = None,
    at_most: timedelta = LONGEST_WAIT,
) -> T:
    """Run a computation in one of the threads for them; raises SourceFailed if none gets free.

    What has begun is never broken off: a thread cannot be.
    """
    running = (threads or _threads()).submit(call)
    waiting = asyncio.wrap_future(running)
    await asyncio.wait({waiting}, timeout=at_most.total_seconds())
    if not waiting.done() and running.cancel():
        minutes = at_most.total_seconds() / 60
        what = f"no processor was free for it within {minutes:g} minutes"
        raise SourceFailed(Fault(FaultKind.PASSING, what))
    return await waiting


@cache
def _threads() -> Executor:
    """Two at least, so that one function that does not end holds up no other."""
    return ThreadPoolExecutor(max(2, os.cpu_count() or 1), thread_name_prefix="compute")
