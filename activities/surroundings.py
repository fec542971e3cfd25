"""What the activities that ask sources work with."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_hex

from activities.processors import on_a_processor
from ledger.connection import in_pool, open_blobs
from ledger.port import Blobs
from model.ask import ComputeAsk
from model.clock import now
from model.settings import Settings
from sources.catalogue import NEWEST, source_for
from sources.port import Answer, Source
from sources.secrets import Secrets


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
