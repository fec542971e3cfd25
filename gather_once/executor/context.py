"""What an activity that calls sources works with, and the thread pool that computations run in.

At most one computation per processor runs at once: Python threads share the interpreter lock, so
more of them would all exceed their time limits together. A computation that waits too long for a
thread gives up and is retried, because an activity has to end before the host's function timeout.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from secrets import token_hex
from typing import Final, TypeVar

from gather_once.http_client.call import Answer
from gather_once.http_client.secrets import Secrets
from gather_once.model.clock import now
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.settings import Settings
from gather_once.plans.asks import ComputeAsk
from gather_once.sources.port import Source
from gather_once.sources.registry import NEWEST, source_for
from gather_once.storage.blobs import Blobs
from gather_once.storage.clients import in_pool, open_blobs

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


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What obtaining works with; `execution` is a fresh random name of this very activity call."""

    blobs: Blobs
    settings: Settings
    secrets: Secrets
    source_for: Callable[[str], Source]
    execution: str
    now: Callable[[], datetime]
    in_pool: Callable[[Callable[[], Answer]], Awaitable[Answer]]
    newest: Mapping[str, int] = field(default_factory=lambda: NEWEST)
    """The newest version of each function that can be computed."""
    on_a_processor: Callable[[Callable[[], Answer]], Awaitable[Answer]] = on_a_processor

    async def calls(self, kind: str, call: Callable[[], Answer]) -> Answer:
        """Run a blocking call to a kind of source in a thread: calls wait, computations work."""
        run = self.on_a_processor if kind == ComputeAsk.kind else self.in_pool
        return await run(call)


def surroundings() -> Surroundings:
    """Return what an activity that runs now works with: the real ones, by the app's settings."""
    return Surroundings(
        blobs=open_blobs(os.environ),
        settings=Settings.of(os.environ),
        secrets=Secrets(os.environ),
        source_for=source_for,
        execution=token_hex(16),
        now=now,
        in_pool=in_pool,
    )
