"""Erasing what a deleted gather owned, once nothing of it can be under way any more.

An activity that began before the deletion must find its receipts until then, or it would call
again. The tombstone stays for ever.
"""

from datetime import datetime, timedelta

from gather_once.gathers import control, index
from gather_once.gathers.control import Control
from gather_once.gathers.host import Durable
from gather_once.gathers.index import Entry
from gather_once.gathers.tree import instances_of
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Container
from gather_once.storage.listing import all_under


def is_due(found: Control, rest: timedelta, now: datetime) -> bool:
    """Say whether a tombstone is so old that what the gather owned can be erased."""
    return found.gone_at is not None and now - found.gone_at >= rest


async def sweep(blobs: Blobs, durable: Durable, found: Control) -> None:
    """Erase a deleted gather's instances, then its blobs, last its index blob; repeatable."""
    for run in range(1, found.run + 1):
        for instance in await instances_of(blobs, found.gather, run):
            await durable.purge(instance)
    async for line in all_under(blobs, Container.GATHERS, paths.folder(found.gather)):
        if line.name != paths.control(found.gather):
            await blobs.delete(Container.GATHERS, line.name)
    await index.strike(blobs, found.index)


async def strike_stray(blobs: Blobs, entry: Entry, rest: timedelta, now: datetime) -> bool:
    """Erase an index blob that no control blob names, and say whether it was one.

    A young one is left: its control blob may be on its way.
    """
    found = await control.read(blobs, entry.gather)
    if (found is not None and found.index == entry.name) or now - entry.claimed_at < rest:
        return False
    await index.strike(blobs, entry.name)
    return True
