"""The calls of a lane: one task for each item under way, its blocking part in the app's pool."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from gather_once.executor.context import Surroundings
from gather_once.executor.journal_work import Brought, Rest
from gather_once.executor.old.share import NotMade, Share, failed, kept
from gather_once.executor.old.shared_items import brought_under_claim
from gather_once.http_client.call import Answer
from gather_once.ledger.journal import Attempt
from gather_once.ledger.payloads import lay_down_own
from gather_once.model.fault import SourceFailed
from gather_once.storage.blobs import OutOfReach


class CallsInPool:
    """Makes the calls of a share, many at once; see `gather_once.executor.journal_work.Calls`."""

    def __init__(
        self, share: Share, may_begin: Callable[[], Awaitable[bool]], around: Surroundings
    ) -> None:
        self._share, self._may_begin, self._around = share, may_begin, around
        self._under_way: set[asyncio.Task[Brought]] = set()

    async def may_begin(self) -> bool:
        """Say whether one more may be begun."""
        return await self._may_begin()

    async def begin(self, attempt: Attempt, made: int) -> None:
        """Begin a call; it goes on by itself."""
        self._under_way.add(asyncio.create_task(self._brought(attempt, made + 1)))

    async def ended(self, at_least: int) -> tuple[Brought, ...]:
        """Wait until so many calls have ended, and return what all that have ended brought."""
        done: set[asyncio.Task[Brought]] = set()
        while len(done) < at_least:
            more, self._under_way = await asyncio.wait(
                self._under_way, return_when=asyncio.FIRST_COMPLETED
            )
            done |= more
        return tuple(task.result() for task in done)

    async def _brought(self, attempt: Attempt, tries: int) -> Brought:
        try:
            if self._share.ask.is_shared:
                return await brought_under_claim(self._share, attempt, self._around)
            return await _asked(self._share, attempt, tries, self._around)
        except OutOfReach:
            return Brought(attempt, Rest(None, "storage"))


async def _asked(share: Share, attempt: Attempt, tries: int, around: Surroundings) -> Brought:
    """Ask the source; a large answer gets a blob of its own before its entry names it."""
    asking = share.asking(attempt)
    call = share.call(attempt, asking.idempotency_key(attempt.generation), around)
    source, began = around.source_for(share.ask.kind), [around.now()]

    def fetch() -> Answer:
        share.check()
        began[0] = around.now()  # there may have been no thread free until now
        return source.fetch(call)

    def times() -> tuple[datetime, datetime]:
        return began[0], around.now()

    try:
        answer = await around.calls(share.ask.kind, fetch)
    except NotMade:
        return Brought(attempt, share.not_made(attempt, around.now()))
    except SourceFailed as error:
        if rest := share.absence(attempt, error):
            return Brought(attempt, rest)
        return Brought(attempt, failed(share, attempt, error.fault, times(), tries))
    over = times()
    payload = await lay_down_own(around.blobs, asking, attempt, answer.content)
    return Brought(attempt, kept(share, attempt, answer, payload, over, tries))
