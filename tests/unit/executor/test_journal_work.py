"""An execution works through a portion whose journal others write to, and whose calls rest."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gather_once.executor.journal_work import Brought, Done, LeftOver, Rest, Terms, work_through
from gather_once.ledger.journal import (
    Attempt,
    Doubted,
    Entry,
    Failed,
    Kept,
    Opened,
    Sealed,
    decode,
    encode,
)
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.receipt import Inline, Receipt, digest_of
from gather_once.storage.blobs import Container
from support.memory_blobs import MemoryBlobs

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
NAME = "g/lane/a/0/0"
FAULT = Fault(FaultKind.PASSING, "503")

Ends = Callable[[Attempt], Kept | Failed | Doubted | Rest | None]
"""What a call brings, None while it is under way."""


def kept(attempt: Attempt) -> Kept:
    receipt = Receipt(
        attempt.key,
        generation=attempt.generation,
        digest=digest_of(b"1"),
        size=1,
        media_type="application/json",
        obtained_at=NOON,
        by="g",
        attempts=1,
        payload=Inline(b"1"),
    )
    return Kept(attempt, NOON, receipt)


@dataclass
class Scripted:
    """Calls whose ends a test says; `begun` are those that were made."""

    ends: Ends
    before: Callable[[int], None] = lambda _: None
    begun: list[Attempt] = field(default_factory=list)
    under_way: list[Attempt] = field(default_factory=list)
    looks: int = 0

    async def may_begin(self) -> bool:
        self.looks += 1
        self.before(self.looks)
        return True

    async def begin(self, attempt: Attempt, made: int) -> None:  # noqa: ARG002  the port's
        self.begun.append(attempt)
        self.under_way.append(attempt)

    async def ended(self, at_least: int) -> tuple[Brought, ...]:
        told = [(one, self.ends(one)) for one in self.under_way]
        ended = tuple(Brought(one, what) for one, what in told if what)
        assert len(ended) >= at_least, "nobody says how the calls under way end"
        self.under_way = [one for one, what in told if not what]
        return ended


class Portion:
    """A portion of a list, its journal in memory, and a clock."""

    def __init__(self, items: int, *, never: bool = False) -> None:
        self.now, self.blobs, self.never = NOON, MemoryBlobs(), never
        self.keys = {number: f"key-{number}" for number in range(items)}

    def attempt(self, item: int, writer: str = "other") -> Attempt:
        return Attempt(item, self.keys[item], 1, 1, writer, 0)

    def holds(self, *entries: Entry) -> None:
        """Let somebody have written this before."""

        async def write() -> None:
            await self.blobs.create_log(Container.GATHERS, NAME)
            await self.blobs.append(Container.GATHERS, NAME, encode(entries))

        asyncio.run(write())

    def others_append(self, *entries: Entry) -> None:
        """Let somebody else write this, now, in the middle of the work."""
        where = (Container.GATHERS, NAME)
        stored = self.blobs.stored[where]
        task = self.blobs.append(*where, encode(entries), position=len(stored.content))
        try:
            task.send(None)
        except StopIteration:
            return
        raise AssertionError("storage in memory does not wait")

    def works(self, calls: Scripted, slots: int = 2) -> Done | LeftOver:
        terms = Terms(1, "me", slots, 3, announces=self.never)
        work = work_through(self.blobs, NAME, self.keys, terms, calls, lambda: self.now)
        return asyncio.run(work)

    @property
    def entries(self) -> tuple[Entry, ...]:
        return decode(self.blobs.stored[Container.GATHERS, NAME].content)


def test_nothing_is_sealed_while_a_call_is_under_way_whose_item_others_have_kept() -> None:
    portion = Portion(3, never=True)
    portion.holds(Failed(portion.attempt(2), NOON, NOON, FAULT, due=NOON + SECOND))

    def others_keep_all(looks: int) -> None:
        if looks == 2:
            portion.now += SECOND  # item 2 is due
            portion.others_append(*(kept(portion.attempt(item)) for item in range(3)))

    def ends(attempt: Attempt) -> Kept | Rest | None:
        if attempt.item == 1:
            return Rest(None, "a blob")
        return kept(attempt) if calls.looks > 2 else None

    calls = Scripted(ends, others_keep_all)

    assert isinstance(portion.works(calls, slots=2), Done)
    assert not calls.under_way
    mine = [entry for entry in portion.entries if getattr(entry, "writer", "") == "me"]
    assert mine == [Opened(1, "me"), Sealed(1, "me")]
    assert isinstance(portion.entries[-2], Kept)
    assert [attempt.item for attempt in calls.begun] == [0, 1]


def test_a_pause_of_its_own_counts_once_an_item_that_rested_has_failed() -> None:
    portion = Portion(2)
    later = NOON + 60 * SECOND

    def ends(attempt: Attempt) -> Kept | Failed | Rest:
        if attempt.item:
            portion.now += SECOND
            return Rest(portion.now, "a thread") if len(calls.begun) < 6 else kept(attempt)
        if len(calls.begun) <= 2:
            return Rest(NOON, "a thread")
        return Failed(attempt, NOON, NOON, FAULT, due=later)

    calls = Scripted(ends)

    told = portion.works(calls)

    assert isinstance(told, LeftOver)
    assert told.moments == (later,)
    assert [one.item for one in calls.begun].count(0) == 2


def test_a_call_that_was_not_made_ends_what_was_written_down_and_counts_as_no_try() -> None:
    portion = Portion(1, never=True)

    def ends(attempt: Attempt) -> Kept | Failed:
        is_made = len(calls.begun) > 9
        return kept(attempt) if is_made else Failed(attempt, None, portion.now, FAULT)

    calls = Scripted(ends)

    assert isinstance(portion.works(calls), Done)
    assert len(calls.begun) == 10
    assert [one.number for one in calls.begun] == list(range(10))
