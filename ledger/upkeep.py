"""Upkeep: what nobody else does goes on a little at every firing of its timer, in windows.

It walks the index and the shared receipts, remembers how far it has come, and begins again at the
end. For each gather it does what anybody would do who finds it (`ledger.settle`), follows what was
done through the host's own addresses, tells ends that nobody told, and forgets what is old.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ledger import control, index, plans, runs, sweep
from ledger.again import forget
from ledger.control import Control, State
from ledger.durable import LIVE, Durable
from ledger.index import Entry
from ledger.keyblob import FreeAt
from ledger.keyblob_json import decode
from ledger.listing import all_under
from ledger.port import Blobs, Conflict, Container
from ledger.settle import Ended, settle_found
from ledger.steer import follow_host
from ledger.telling import receivers_of
from model.names import root_id

WINDOW: Final = 200
"""Gathers, and shared receipts, that one firing looks at."""
REST: Final = timedelta(minutes=90)
"""The longest function timeout and an hour: after that no activity of a deleted gather is left."""

Tell = Callable[[str, int], Awaitable[None]]
"""Tells the end of a run (gather, run) once; what fails is told again next time."""


@dataclass(frozen=True, slots=True)
class Care:
    """What upkeep works with, and by which rules it forgets."""

    blobs: Blobs
    durable: Durable
    tell: Tell
    now: datetime
    retention: timedelta
    receipt_retention: timedelta


async def look_after_gathers(care: Care, window: int = WINDOW) -> int:
    """Look after the next gathers of the index; return how many were looked at."""
    place = await _place(care.blobs, "gathers")
    seen = 0
    async for entry in index.walk(care.blobs, after=place):
        await _look_after(care, entry)
        seen += 1
        if seen == window:
            await _remember(care.blobs, "gathers", index.place_of(entry))
            return seen
    await _remember(care.blobs, "gathers", None)
    return seen


async def forget_receipts(care: Care, window: int = WINDOW) -> int:
    """Forget shared receipts that can be fresh for nobody; return how many were forgotten."""
    place = await _place(care.blobs, "receipts")
    page, token = await care.blobs.list(Container.SHARED, "", after=place, top=window)
    old = care.now - care.receipt_retention
    forgotten = 0
    for line in page:
        if line.name.endswith("/receipt") and line.modified < old:
            forgotten += await _forget_receipt(care, line.name)
    await _remember(care.blobs, "receipts", token)
    return forgotten


async def _look_after(care: Care, entry: Entry) -> None:
    found = await control.read(care.blobs, entry.gather)
    if found is None or found.index != entry.name:
        await sweep.strike_stray(care.blobs, entry, REST, care.now)
    elif found.state is State.GONE:
        if sweep.is_due(found, REST, care.now):
            await sweep.sweep(care.blobs, care.durable, found)
    else:
        await _settle(care, found)


async def _settle(care: Care, found: Control) -> None:
    root = await care.durable.status(root_id(found.gather, found.run))
    current = await follow_host(care.blobs, found, root)
    if current is None:
        return
    standing = await settle_found(care.blobs, care.durable, current, now=care.now)
    if not isinstance(standing, Ended) or root in LIVE:
        return
    await _tell_unless_told(care, standing.control)
    if care.now - standing.dossier.ended_at >= care.retention:
        await forget(care.blobs, care.durable, found.gather, now=care.now)


async def _tell_unless_told(care: Care, ended: Control) -> None:
    plan = await plans.plan_of(care.blobs, ended.gather)
    if plan is None or not receivers_of(ended, plan, done="-"):
        return
    if await runs.delivery_of(care.blobs, ended.gather, ended.run) is None:
        await care.tell(ended.gather, ended.run)


async def _forget_receipt(care: Care, name: str) -> bool:
    """Erase a receipt that nobody holds, and then its payloads."""
    found = await care.blobs.read(Container.SHARED, name)
    if found is None:
        return False
    hold = decode(found.content).hold
    if hold is not None and not (isinstance(hold, FreeAt) and hold.at < care.now):
        return False
    await care.blobs.delete(Container.SHARED, name)
    folder = name.removesuffix("receipt")
    async for line in all_under(care.blobs, Container.SHARED, folder):
        await care.blobs.delete(Container.SHARED, line.name)
    return True


def _note(which: str) -> str:
    return f"upkeep/{which}"


async def _place(blobs: Blobs, which: str) -> str | None:
    found = await blobs.read(Container.SCHEDULES, _note(which))
    return found.content.decode() or None if found else None


async def _remember(blobs: Blobs, which: str, place: str | None) -> None:
    """Write where to go on; if two upkeeps write at once, one of the places is as good."""
    content = (place or "").encode()
    found = await blobs.look(Container.SCHEDULES, _note(which))
    with suppress(Conflict):
        if found is None:
            await blobs.create(Container.SCHEDULES, _note(which), content)
        else:
            await blobs.replace(Container.SCHEDULES, _note(which), content, version=found.version)
