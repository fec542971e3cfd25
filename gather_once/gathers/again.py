"""After the end: run a gather once more, or forget it; of several wishes at once one comes true."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from gather_once.gathers import control
from gather_once.gathers.commands import Accepted, Refused, Why
from gather_once.gathers.control import Control, State
from gather_once.gathers.host import Durable, HostOutOfReach
from gather_once.gathers.reconcile import Ended, Gone, Running, settle, start
from gather_once.gathers.start import NotStarted
from gather_once.gathers.tree import terminate_tree
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container


async def again(
    blobs: Blobs, durable: Durable, gather: str, *, now: datetime
) -> Accepted | Refused | Gone | NotStarted | None:
    """Begin the next run of a gather that has ended; it asks only for what is missing.

    Two calls at once begin one run and are both accepted. `Refused` while the run has not ended,
    None where there is no such gather.
    """
    standing = await settle(blobs, durable, gather, now=now)
    if not isinstance(standing, Ended):
        return _not_ended(standing)
    try:
        found = await control.write(blobs, _next_run(standing.control, durable.hub))
    except Conflict:
        return await _after_race(blobs, durable, standing.control, now)
    return await _started(durable, found)


async def forget(
    blobs: Blobs, durable: Durable, gather: str, *, now: datetime
) -> Accepted | Refused | Gone | None:
    """Leave a tombstone in place of a gather that has ended; what it owned is erased later.

    Later, because an activity that is still under way must find its receipts.
    """
    standing = await settle(blobs, durable, gather, now=now)
    if not isinstance(standing, Ended):
        return _not_ended(standing)
    try:
        buried = await _bury(blobs, standing, now)
    except Conflict:
        said = await forget(blobs, durable, gather, now=now)
        return Accepted(said.control) if isinstance(said, Gone) else said
    with suppress(HostOutOfReach):  # whatever lives on meets the tombstone, and ends
        await terminate_tree(blobs, durable, buried)
    return Accepted(buried)


def _not_ended(standing: Running | Gone | None) -> Refused | Gone | None:
    return Refused(standing.control, Why.RUNNING) if isinstance(standing, Running) else standing


def _next_run(ended: Control, hub: str) -> Control:
    return replace(ended, state=State.GO, run=ended.run + 1, owner=None, held=None, hub=hub)


async def _after_race(
    blobs: Blobs, durable: Durable, before: Control, now: datetime
) -> Accepted | Refused | Gone | NotStarted | None:
    """Somebody wrote first, maybe this very call, its reply lost: the next run was wanted."""
    try:
        standing = await settle(blobs, durable, before.gather, now=now)
    except HostOutOfReach:
        return NotStarted(before)
    if standing is None or isinstance(standing, Gone):
        return standing
    if standing.control.run > before.run:
        return Accepted(standing.control)
    return await again(blobs, durable, before.gather, now=now)


async def _started(durable: Durable, begun: Control) -> Accepted | NotStarted:
    try:
        await start(durable, begun)
    except HostOutOfReach:
        return NotStarted(begun)
    return Accepted(begun)


async def _bury(blobs: Blobs, ended: Ended, now: datetime) -> Control:
    """Write the tombstone; what is to be erased in the host later is told by a copy of the plan."""
    found = await blobs.read(Container.GATHERS, paths.control(ended.control.gather))
    if found is None or found.version != ended.control.version:
        raise Conflict(f"{paths.control(ended.control.gather)} was written since it was read")
    with suppress(Conflict):
        await blobs.create(Container.GATHERS, paths.last_plan(ended.control.gather), found.content)
    tombstone = replace(
        ended.control, state=State.GONE, owner=None, held=None, end=ended.dossier.end, gone_at=now
    )
    return await control.bury(blobs, tombstone)
