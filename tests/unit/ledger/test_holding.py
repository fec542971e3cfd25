"""A claim is renewed while its attempt runs, and nobody is called under one that has expired."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from gather_once.ledger import claims
from gather_once.ledger.claims import Taken, take
from gather_once.ledger.holding import Holding, Lapsed
from gather_once.ledger.keys import CLAIM_LIVES, SKEW, Asking
from support.memory_blobs import Fate, MemoryBlobs, Operation

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ASKING = Asking(key="ab" * 32, gather="g", run=1, attempts=5, may_repeat=True)
OTHER = Asking(key="ab" * 32, gather="g", run=2, attempts=5, may_repeat=True)


class Stage:
    """A claim that was just taken, storage that may be away, and a clock."""

    def __init__(self) -> None:
        self.now, self.is_away = NOON, False
        self.blobs = MemoryBlobs(self._fate)

    async def _fate(self, _: Operation) -> Fate:
        return Fate.OUT_OF_REACH if self.is_away else Fate.CARRIED_OUT

    def clock(self) -> datetime:
        return self.now

    async def takes(self, asking: Asking = ASKING, execution: str = "e1") -> Taken:
        taken = await take(self.blobs, asking, execution, self.clock)
        assert isinstance(taken, Taken)
        return taken

    async def holds(self) -> Holding:
        return Holding(self.blobs, ASKING, await self.takes(), self.clock, every=0)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Let the renewals go on until something holds."""
        for _ in range(1_000):
            if holds():
                return
            await asyncio.sleep(0)
        pytest.fail("it never came true")


def on_a_stage(story: Callable[[Stage], Awaitable[None]]) -> None:
    async def play() -> None:
        await story(Stage())

    asyncio.run(play())


def test_a_claim_lives_on_while_the_attempt_runs() -> None:
    async def story(stage: Stage) -> None:
        async with await stage.holds() as held:
            stage.now += timedelta(seconds=20)
            await stage.until(lambda: held.taken.claim.until == stage.now + CLAIM_LIVES)
            held.check()

    on_a_stage(story)


def test_nothing_is_called_under_a_claim_that_has_expired() -> None:
    async def story(stage: Stage) -> None:
        held = await stage.holds()
        held.check()
        stage.now += CLAIM_LIVES
        with pytest.raises(Lapsed):
            held.check()

    on_a_stage(story)


def test_a_claim_that_was_taken_over_is_renewed_no_more() -> None:
    async def story(stage: Stage) -> None:
        async with await stage.holds() as held:
            stage.now += CLAIM_LIVES + SKEW
            theirs = await stage.takes(OTHER, "e2")
            await stage.until(lambda: held._renewing is not None and held._renewing.done())
        found = await claims.take(stage.blobs, OTHER, "e2", stage.clock)
        assert isinstance(found, Taken)
        assert found.claim == theirs.claim

    on_a_stage(story)


def test_storage_that_is_away_for_a_renewal_costs_no_claim() -> None:
    async def story(stage: Stage) -> None:
        async with await stage.holds() as held:
            stage.is_away = True
            stage.now += timedelta(seconds=10)
            for _ in range(50):
                await asyncio.sleep(0)
            stage.is_away = False
            await stage.until(lambda: held.taken.claim.until == stage.now + CLAIM_LIVES)

    on_a_stage(story)
