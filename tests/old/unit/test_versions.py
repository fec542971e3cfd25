"""The version of a function that a run computes with: one, whoever looks first."""

import asyncio

from gather_once.ledger.old.versions import settled_version, with_version
from gather_once.plans.asks import Ask, ComputeAsk, HttpAsk
from support.memory_blobs import Fate, MemoryBlobs, Operation


def settled(blobs: MemoryBlobs, newest: int, *, run: int = 1, ask: Ask | None = None) -> int | None:
    asked = ask or ComputeAsk(function="pi")
    found = asyncio.run(with_version(blobs, "g", run, asked, {"pi": newest}))
    assert isinstance(found, ComputeAsk)
    return found.version


class Overtaken(MemoryBlobs):
    """Storage in which somebody else is a moment earlier with everything that is created."""

    async def create(self, *args: object, **options: object) -> str:
        container, name, _ = args
        await super().create(container, name, b"1", **options)  # type: ignore[arg-type]  # same
        return await super().create(*args, **options)  # type: ignore[arg-type]  # same


def test_the_first_computation_of_a_run_settles_the_version() -> None:
    blobs = MemoryBlobs()
    assert [settled(blobs, newest) for newest in (1, 2, 3)] == [1, 1, 1]


def test_the_next_run_takes_the_newest_again() -> None:
    blobs = MemoryBlobs()
    assert settled(blobs, 1) == 1
    assert settled(blobs, 2, run=2) == 2


def test_who_is_overtaken_computes_with_what_stands() -> None:
    """Two workers of a deployment under way, the older one first."""
    assert settled(Overtaken(), 2) == 1


def test_what_the_plan_says_stands_and_costs_nothing() -> None:
    operations: list[Operation] = []

    async def note(operation: Operation) -> Fate:
        operations.append(operation)
        return Fate.CARRIED_OUT

    blobs = MemoryBlobs(note)
    assert settled(blobs, 5, ask=ComputeAsk(function="pi", version=3)) == 3
    other = HttpAsk(url="https://example.com/")
    assert asyncio.run(with_version(blobs, "g", 1, other, {})) == other
    assert operations == []


def test_who_only_looks_settles_nothing() -> None:
    blobs, ask = MemoryBlobs(), ComputeAsk(function="pi")
    assert asyncio.run(settled_version(blobs, "g", 1, ask)).version is None
    settled(blobs, 4)
    assert asyncio.run(settled_version(blobs, "g", 1, ask)).version == 4
