"""The list that an ask is put over: where it lies in a run, and how it is cut into lanes.

Item i goes to lane i modulo the number of lanes, so an item that keeps its place keeps its journal,
however long the list is in the next run. A lane's items come in portions, each with a journal of
its own: an append blob takes 50,000 appends, which so many items stay below.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import ceil
from typing import Any, Final

from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container

CALLS_OF_A_LANE: Final = 25
"""Items that one lane works on at once, at most."""
ITEMS_OF_A_PORTION: Final = 500


@dataclass(frozen=True, slots=True)
class Portion:
    """Items of one lane, by their numbers in the list, that share a journal."""

    lane: int
    number: int
    items: range

    def journal(self, gather: str, ask: str) -> str:
        """Return the name of its journal, the same in all runs."""
        return paths.journal(gather, ask, self.lane, self.number)


def encode(items: Sequence[Any]) -> bytes:
    """Return a list as it is stored."""
    return json.dumps(items, ensure_ascii=False, separators=(",", ":")).encode()


async def store(blobs: Blobs, gather: str, run: int, ask: str, content: bytes) -> list[Any]:
    """Write the list of an ask unless the run has one; return the one that stands."""
    name = paths.list_of(gather, run, ask)
    with suppress(Conflict):
        items = list(json.loads(content))
        told = {"items": str(len(items))}
        await blobs.create(Container.GATHERS, name, content, metadata=told)
        return items
    return await read(blobs, gather, run, ask) or []


async def read(blobs: Blobs, gather: str, run: int, ask: str) -> list[Any] | None:
    """Return the list of an ask in a run, None where the run has not come to it."""
    found = await blobs.read(Container.GATHERS, paths.list_of(gather, run, ask))
    return list(json.loads(found.content)) if found else None


async def length(blobs: Blobs, gather: str, run: int, ask: str) -> int | None:
    """Return how many items the list has, without reading it; None where there is none."""
    found = await blobs.look(Container.GATHERS, paths.list_of(gather, run, ask))
    return int(found.metadata["items"]) if found else None


def lanes_at_most(max_parallel: int) -> int:
    """Return how many lanes an ask has, whatever its list."""
    return ceil(max_parallel / CALLS_OF_A_LANE)


def lanes_of(items: int, max_parallel: int) -> int:
    """Return how many lanes have anything to do."""
    return min(items, lanes_at_most(max_parallel))


def slots_of(lane: int, max_parallel: int) -> int:
    """Return how many items a lane works on at once: its part of `max_parallel`."""
    each, more = divmod(max_parallel, lanes_at_most(max_parallel))
    return each + (lane < more)


def portions_of(lane: int, items: int, max_parallel: int) -> Iterator[Portion]:
    """Return a lane's portions of a list of so many items."""
    mine = range(lane, items, lanes_at_most(max_parallel))
    for number in range(ceil(len(mine) / ITEMS_OF_A_PORTION)):
        start = number * ITEMS_OF_A_PORTION
        yield Portion(lane, number, mine[start : start + ITEMS_OF_A_PORTION])


def all_portions(items: int, max_parallel: int) -> Iterator[Portion]:
    """Return the portions of all lanes."""
    for lane in range(lanes_of(items, max_parallel)):
        yield from portions_of(lane, items, max_parallel)


def portion_with(item: int, items: int, max_parallel: int) -> Portion:
    """Return the portion to which an item of a list of so many belongs."""
    portions = portions_of(item % lanes_at_most(max_parallel), items, max_parallel)
    return next(portion for portion in portions if item in portion.items)
