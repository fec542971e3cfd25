"""A claim that is renewed as long as its attempt runs."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

from gather_once.ledger.claims import Clock, Taken, renew
from gather_once.ledger.keys import RENEW_EVERY, Asking
from gather_once.storage.blobs import Blobs, OutOfReach


class Lapsed(Exception):
    """The claim expired before the call began; nothing was called, so take the claim anew."""


class Holding:
    """`async with Holding(...) as held`: the claim is renewed every ten seconds until the end.

    A claim that somebody has taken over is renewed no more; the call under way goes on, for its
    answer is paid for. `taken` is the claim as it stands, to be kept or released afterwards.
    """

    def __init__(
        self,
        blobs: Blobs,
        asking: Asking,
        taken: Taken,
        now: Clock,
        *,
        every: float = RENEW_EVERY.total_seconds(),
    ) -> None:
        self.taken = taken
        self._blobs, self._asking, self._now, self._every = blobs, asking, now, every
        self._over = asyncio.Event()
        self._renewing: asyncio.Task[None] | None = None

    def check(self) -> None:
        """Look at the clock; to be called in the very thread that calls next. Raises `Lapsed`."""
        if self._now() >= self.taken.claim.until:
            raise Lapsed(f"the claim of {self._asking.name} expired before the call")

    async def __aenter__(self) -> Self:
        self._renewing = asyncio.create_task(self._renew())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # A renewal under way is waited for: broken off, it could still arrive after the receipt's
        # condition was read from `taken`, and cost a second look.
        self._over.set()
        if self._renewing:
            await self._renewing

    async def _renew(self) -> None:
        while not await self._is_over_within(self._every):
            with suppress(OutOfReach):  # there are two more chances before the claim expires
                renewed = await renew(self._blobs, self._asking, self.taken, self._now)
                if renewed is None:
                    return
                self.taken = renewed

    async def _is_over_within(self, seconds: float) -> bool:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)
        return self._over.is_set()
