"""Settling: what everybody does who finds a gather.

What was only claimed is started, what has lost its root is ended; whoever crashes halfway is
followed by the next. Control is read first, the host's status second, the dossier last. In another
order a run that has just started, or has just ended, would be closed.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from gather_once.gathers import control
from gather_once.gathers import dossier as dossiers
from gather_once.gathers.assemble import assemble
from gather_once.gathers.control import Control, State
from gather_once.gathers.dossier import Dossier
from gather_once.gathers.host import LIVE, Durable
from gather_once.gathers.tree import terminate_tree
from gather_once.model.names import GATHER, root_id
from gather_once.storage.blobs import Blobs, Conflict


@dataclass(frozen=True, slots=True)
class Running:
    """The run has not ended; `root` is the host's status of its root, None: not known here."""

    control: Control
    root: str | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The run has ended, as its dossier says."""

    control: Control
    dossier: Dossier


@dataclass(frozen=True, slots=True)
class Gone:
    """The gather was deleted: its tombstone."""

    control: Control


Standing = Running | Ended | Gone
"""Where a gather stands."""


async def settle(blobs: Blobs, durable: Durable, gather: str, *, now: datetime) -> Standing | None:
    """Say where a gather stands, after doing what is left to do; None: no such gather.

    May raise `HostOutOfReach`; nothing is lost by it, the next call goes on.
    """
    found = await control.read(blobs, gather)
    return await settle_found(blobs, durable, found, now=now) if found else None


async def settle_found(
    blobs: Blobs, durable: Durable, found: Control, *, now: datetime
) -> Standing | None:
    """Settle a gather whose control blob was read just now, and nothing else since."""
    if found.state is State.GONE:
        return Gone(found)
    root = await durable.status(root_id(found.gather, found.run))
    dossier = await dossiers.read(blobs, found.gather, found.run)
    if dossier is not None:
        return Ended(found, dossier)
    if root in LIVE:
        if found.state is State.STOP:
            await terminate_tree(blobs, durable, found)
        return Running(found, root)
    if found.may_go_on and found.hub != durable.hub:
        return Running(found, None)  # the hub that carries it out is not in sight from here
    if found.may_go_on and found.owner is None and root is None:
        await start(durable, found)
        return Running(found, "Pending")
    return await _close(blobs, durable, found, now)


async def start(durable: Durable, found: Control) -> None:
    """Start the root of the run; that it lives already is success."""
    given = {"id": found.gather, "run": found.run}
    await durable.start(GATHER, root_id(found.gather, found.run), given)


async def _close(blobs: Blobs, durable: Durable, found: Control, now: datetime) -> Standing | None:
    """End a run that has lost its root: stop it for good, its children too, and say so."""
    try:
        stopped = await _stop(blobs, found)
    except Conflict:
        return await settle(blobs, durable, found.gather, now=now)
    await terminate_tree(blobs, durable, stopped)
    dossier = await assemble(blobs, found.gather, found.run, now=now)
    if dossier is None:  # it is gone meanwhile, or another run has begun
        return await settle(blobs, durable, found.gather, now=now)
    return Ended(stopped, dossier)


async def _stop(blobs: Blobs, found: Control) -> Control:
    if found.state is State.STOP:
        return found
    return await control.write(blobs, replace(found, state=State.STOP, held=None))
