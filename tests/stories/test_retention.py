"""Two thousand finished gathers are forgotten window by window, and what is in use stays.

Blobs are in memory here, with all of storage's conditions and pages: how many requests a window may
make is counted, and 2,000 gathers on the emulator would take minutes to put there.
"""

import asyncio
from collections import Counter
from datetime import datetime, timedelta

import pytest

from gather_once.executor.old.concluding import conclude
from gather_once.gathers import control
from gather_once.gathers.control import State
from gather_once.gathers.dossier import assemble
from gather_once.gathers.maintenance import REST, WINDOW, Care, forget_receipts, look_after_gathers
from gather_once.gathers.start import begin
from gather_once.ledger.keys import Claim, FreeAt, InDoubt, KeyBlob, encode
from gather_once.model import clock
from gather_once.storage.blobs import Container
from support.gathers import NOON, HostTwin, a_plan, kept
from support.memory_blobs import Fate, MemoryBlobs, Operation

GATHERS = 2_000
DAY = timedelta(days=1)
KEPT_FOR, RECEIPTS_FOR = 90 * DAY, 365 * DAY
REQUESTS_EACH = 20
"""Of storage and host together, at most, for each gather of a window."""
PAYLOAD = "payload/p1"


class Archive:
    """What years have left behind, and the requests that looking after it takes."""

    def __init__(self) -> None:
        self.now: datetime = NOON
        self.requests = 0
        self.blobs, self.host = MemoryBlobs(self._count), HostTwin(before=self._count_of_host)

    async def _count(self, _: Operation) -> Fate:
        self.requests += 1
        return Fate.CARRIED_OUT

    async def _count_of_host(self, _: str) -> None:
        self.requests += 1

    async def _tell(self, gather: str, run: int) -> None:
        raise AssertionError(f"nobody wants to hear of {gather}:{run}")

    @property
    def care(self) -> Care:
        return Care(self.blobs, self.host, self._tell, self.now, KEPT_FOR, RECEIPTS_FOR)

    async def gathered(self, gather: str) -> None:
        """Let a gather of one ask run to its end."""
        await begin(self.blobs, self.host, gather, a_plan(), now=self.now)
        await self.blobs.create(Container.GATHERS, f"{gather}/receipt/ab12", encode(KeyBlob()))
        await conclude(self.blobs, gather, 1, kept("a"))
        await assemble(self.blobs, gather, 1, now=self.now)
        self.host.lets(gather, "Completed")

    async def is_looked_after(self) -> int:
        """Fire once; return how many gathers it looked at."""
        before = self.requests
        walk = await look_after_gathers(self.care)
        assert self.requests - before <= REQUESTS_EACH * WINDOW
        return walk.seen

    async def round(self) -> list[int]:
        """Fire until the walk is at its end."""
        seen = [await self.is_looked_after()]
        while seen[-1] == WINDOW:
            seen.append(await self.is_looked_after())
        return seen

    def states(self) -> Counter[State]:
        async def read() -> Counter[State]:
            names = [name for where, name in self.blobs.stored if where is Container.GATHERS]
            gathers = [name.removesuffix("/gather") for name in names if name.endswith("/gather")]
            found = [await control.read(self.blobs, gather) for gather in gathers]
            return Counter(one.state for one in found if one)

        return asyncio.run(read())

    def left_of(self, container: Container) -> set[str]:
        return {name for where, name in self.blobs.stored if where is container}


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Archive:
    archive = Archive()
    monkeypatch.setattr(clock, "source", lambda: archive.now)
    return archive


def test_two_thousand_finished_gathers_are_forgotten_window_by_window(archive: Archive) -> None:
    async def years_go_by() -> None:
        for number in range(GATHERS):
            await archive.gathered(f"old{number:04}")
        archive.now += KEPT_FOR
        for number in range(3):
            await archive.gathered(f"young{number}")

    asyncio.run(years_go_by())
    assert asyncio.run(archive.is_looked_after()) == WINDOW
    assert archive.states() == {State.GO: GATHERS + 3 - (WINDOW - 3), State.GONE: WINDOW - 3}

    assert asyncio.run(archive.round()) == [WINDOW] * 9 + [3]
    assert archive.states() == {State.GO: 3, State.GONE: GATHERS}
    assert len(archive.left_of(Container.INDEX)) == GATHERS + 3

    archive.now += REST
    asyncio.run(archive.round())
    left = archive.left_of(Container.GATHERS)
    old = {name for name in left if name.startswith("old")}
    assert old == {f"old{number:04}/gather" for number in range(GATHERS)}
    assert {f"young{number}/receipt/ab12" for number in range(3)} <= left
    assert len(archive.left_of(Container.INDEX)) == 3
    assert len(archive.host.purged) >= GATHERS


def test_of_two_thousand_shared_receipts_those_that_are_fresh_or_in_use_stay(
    archive: Archive,
) -> None:
    in_use = {
        "claimed": KeyBlob(hold=Claim("e", "g:1", NOON, NOON)),
        "not-yet": KeyBlob(hold=FreeAt("e", NOON + 500 * DAY)),
        "doubtful": KeyBlob(hold=InDoubt("e")),
    }

    async def years_go_by() -> None:
        for number in range(GATHERS):
            await _shared(archive, f"old{number:04}", KeyBlob())
        for name, blob in in_use.items():
            await _shared(archive, name, blob)
        archive.now += RECEIPTS_FOR
        await _shared(archive, "fresh", KeyBlob())
        archive.now += timedelta(seconds=1)

    asyncio.run(years_go_by())
    forgotten = []
    for _firing in range(-(-2 * (GATHERS + 4) // WINDOW)):
        before = archive.requests
        forgotten.append(asyncio.run(forget_receipts(archive.care)))
        assert archive.requests - before <= REQUESTS_EACH * WINDOW

    assert max(forgotten) <= WINDOW
    assert sum(forgotten) == GATHERS
    assert archive.left_of(Container.SHARED) == {
        f"{name}/{blob}" for name in [*in_use, "fresh"] for blob in ("receipt", PAYLOAD)
    }


async def _shared(archive: Archive, name: str, blob: KeyBlob) -> None:
    await archive.blobs.create(Container.SHARED, f"{name}/{PAYLOAD}", b"1")
    await archive.blobs.create(Container.SHARED, f"{name}/receipt", encode(blob))
