"""What the activities that ask sources work with."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex

from gather_once.executor.processors import on_a_processor
from gather_once.http_client.call import Answer
from gather_once.http_client.secrets import Secrets
from gather_once.model.clock import now
from gather_once.model.settings import Settings
from gather_once.plans.asks import ComputeAsk
from gather_once.sources.port import Source
from gather_once.sources.registry import NEWEST, source_for
from gather_once.storage.blobs import Blobs
from gather_once.storage.clients import in_pool, open_blobs


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
