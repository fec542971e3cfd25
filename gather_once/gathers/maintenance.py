"""Periodic maintenance of gathers and shared receipts, one batch per timer tick.

It walks the index, stores a cursor and starts over at the end. Each gather is reconciled, commands
given through the host's own URIs are followed up, notices still owed are sent, and what is past
its retention is deleted: a deleted gather's blobs only once no activity of it can still run.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gather_once.gathers import control, index
from gather_once.gathers.commands import follow_host, forget
from gather_once.gathers.control import Control, State
from gather_once.gathers.host import LIVE, Durable, HostOutOfReach
from gather_once.gathers.index import Entry
from gather_once.gathers.notifications import receivers_of
from gather_once.gathers.reconcile import Ended, Running, instances_of, settle_found
from gather_once.ledger.keys import FreeAt, decode
from gather_once.ledger.old import runs
from gather_once.model.names import root_id
from gather_once.model.wire import UnknownVersion
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container, all_under

WINDOW: Final = 200
"""Gathers, and shared receipts, that one firing looks at."""
GIVES_UP_AFTER: Final = 5
"""Gathers in a row for which the host does not answer: it is the host then, and not they."""
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


@dataclass(frozen=True, slots=True)
class Walk:
    """What a firing did: how many gathers it looked at, and for which the host did not answer.

    `running` are those that are under way.
    """

    seen: int
    unanswered: tuple[str, ...] = ()
    running: tuple[Control, ...] = ()


async def look_after_gathers(care: Care, window: int = WINDOW) -> Walk:
    """Look after the next gathers of the index.

    Whatever goes wrong with one, the next firing goes on behind it: its turn comes again in the
    next round. Ends early when the host has not answered for several in a row.
    """
    behind = await place_of(care.blobs, "gathers")
    answers: list[bool] = []
    unanswered: list[str] = []
    running: list[Control] = []
    try:
        async for entry in index.walk(care.blobs, after=behind):
            behind = index.place_of(entry)
            answers.append(await _is_looked_after(care, entry, running))
            if not answers[-1]:
                unanswered.append(entry.gather)
            if len(answers) == window or answers[-GIVES_UP_AFTER:] == [False] * GIVES_UP_AFTER:
                break
        else:
            behind = None
    finally:
        await remember(care.blobs, "gathers", behind)
    return Walk(len(answers), tuple(unanswered), tuple(running))


async def forget_receipts(care: Care, window: int = WINDOW) -> int:
    """Forget shared receipts that can be fresh for nobody; return how many were forgotten.

    An old payload beside which there is no receipt goes too: upkeep was cut off between the two.
    """
    place = await place_of(care.blobs, "receipts")
    page, token = await care.blobs.list(Container.SHARED, "", after=place, top=window)
    old = care.now - care.receipt_retention
    forgotten = 0
    lines = [line.name for line in page if line.modified < old]
    for name in lines:
        if name.endswith("/receipt"):
            forgotten += await _forget_receipt(care, name)
    await _erase_orphans(care, [name for name in lines if not name.endswith("/receipt")])
    await remember(care.blobs, "receipts", token)
    return forgotten


async def _is_looked_after(care: Care, entry: Entry, running: list[Control]) -> bool:
    """Look after one gather; say whether the host answered, so that all is done for now."""
    try:
        running += await _look_after(care, entry)
    except HostOutOfReach:
        return False
    return True


async def _look_after(care: Care, entry: Entry) -> tuple[Control, ...]:
    """Do what is left to do; return the gather if it is under way."""
    found = await control.read(care.blobs, entry.gather)
    if found is None or found.index != entry.name:
        await strike_stray(care.blobs, entry, REST, care.now)
    elif found.state is State.GONE:
        if is_due(found, REST, care.now):
            await sweep(care.blobs, care.durable, found)
    else:
        return await _settle(care, found)
    return ()


async def _settle(care: Care, found: Control) -> tuple[Control, ...]:
    root = await care.durable.status(root_id(found.gather, found.run))
    current = await follow_host(care.blobs, found, root)
    if current is None:
        return ()
    standing = await settle_found(care.blobs, care.durable, current, now=care.now)
    if isinstance(standing, Running):
        is_ours = found.hub == care.durable.hub  # of another hub's nothing can be seen from here
        return (standing.control,) if is_ours else ()
    if not isinstance(standing, Ended) or root in LIVE:
        return ()
    await _tell_unless_told(care, standing.control)
    if care.now - standing.dossier.ended_at >= care.retention:
        await forget(care.blobs, care.durable, found.gather, now=care.now)
    return ()


async def _tell_unless_told(care: Care, ended: Control) -> None:
    plan = await control.plan_of(care.blobs, ended.gather)
    if plan is None or not receivers_of(ended, plan, done="-"):
        return
    if await runs.delivery_of(care.blobs, ended.gather, ended.run) is None:
        await care.tell(ended.gather, ended.run)


async def _forget_receipt(care: Care, name: str) -> bool:
    """Erase a receipt that nobody holds, and then its payloads.

    Payloads are listed first: what is written by somebody who takes the key meanwhile is not among
    them, and the receipt is not deleted then.
    """
    found = await care.blobs.read(Container.SHARED, name)
    if found is None or _is_in_use(found.content, care.now):
        return False
    folder = name.removesuffix("receipt")
    lines = [line.name async for line in all_under(care.blobs, Container.SHARED, folder)]
    try:
        await care.blobs.delete(Container.SHARED, name, version=found.version)
    except Conflict:
        return False
    for payload in lines:
        if payload != name:
            await care.blobs.delete(Container.SHARED, payload)
    return True


async def _erase_orphans(care: Care, payloads: list[str]) -> None:
    """Erase payloads without a receipt; while one is being written, its key's blob is there."""
    folders: dict[str, list[str]] = {}
    for name in payloads:
        folders.setdefault(name.partition("/")[0], []).append(name)
    for key, names in folders.items():
        if await care.blobs.look(Container.SHARED, paths.shared_receipt(key)) is None:
            for name in names:
                await care.blobs.delete(Container.SHARED, name)


def _is_in_use(content: bytes, now: datetime) -> bool:
    """Say whether somebody holds the key; what a newer app has written is left to that."""
    try:
        hold = decode(content).hold
    except UnknownVersion:
        return True
    return hold is not None and not (isinstance(hold, FreeAt) and hold.at < now)


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


async def place_of(blobs: Blobs, which: str) -> str | None:
    """Return where to go on with a listing; None: at its beginning."""
    found = await blobs.read(Container.SCHEDULES, _name(which))
    return found.content.decode() or None if found else None


async def remember(blobs: Blobs, which: str, place: str | None) -> None:
    """Write where to go on; if two upkeeps write at once, one of the places is as good."""
    content = (place or "").encode()
    found = await blobs.look(Container.SCHEDULES, _name(which))
    with suppress(Conflict):
        if found is None:
            await blobs.create(Container.SCHEDULES, _name(which), content)
        else:
            await blobs.replace(Container.SCHEDULES, _name(which), content, version=found.version)


def _name(which: str) -> str:
    return f"upkeep/{which}"
