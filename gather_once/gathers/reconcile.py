"""Reconcile a gather with the host: start what was only claimed, close what has lost its root.

Every step is idempotent, so the next caller finishes what a crashed one began. Control is read
first, the host's status second, the dossier last; in another order a run that has just started, or
has just ended, would be closed. Also here: the ids of a run's instances, computed from its plan and
its lists, because the host's own listing stops at 100.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil

from gather_once.gathers import control
from gather_once.gathers import dossier as dossiers
from gather_once.gathers.control import Control, State
from gather_once.gathers.dossier import Dossier, assemble
from gather_once.gathers.host import LIVE, Durable
from gather_once.ledger.lists import lanes_at_most
from gather_once.model import names
from gather_once.model.names import GATHER, root_id, share_of
from gather_once.plans.asks import Ask, AskedOfMany, ComputeAsk
from gather_once.plans.graph import order_of, successors_of
from gather_once.plans.plan import Plan
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container, all_under


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


async def terminate_tree(blobs: Blobs, durable: Durable, found: Control) -> None:
    """End the root of a run and everything below it, from the top down.

    From the top, so that nobody is left to hear that its child has failed.
    """
    for instance in await instances_of(blobs, found.gather, found.run):
        await durable.terminate(instance, f"run {found.run} of {found.gather} is to end")


async def instances_of(blobs: Blobs, gather: str, run: int) -> tuple[str, ...]:
    """Return the ids of all instances that a run may have, parents before their children."""
    plan = await control.plan_of(blobs, gather)
    if plan is None:
        return (names.root_id(gather, run),)
    prefix = paths.lists(gather, run)
    lines = all_under(blobs, Container.GATHERS, prefix)
    listed = {line.name.removeprefix(prefix) async for line in lines}
    return tuple(_instances(plan, gather, run, listed))


def spread_paths(children: int) -> Iterator[tuple[int, ...]]:
    """Return the paths of the nodes between an orchestrator and so many children, from the top.

    Each says which child of its parent it is, level by level. On one level (2,500 children) a node
    of fewer children is one of more children too, so it is enough to know how many at most.
    """
    share = share_of(children)
    for number in range(ceil(children / share) if share > 1 else 0):
        yield (number,)
        for path in spread_paths(min(share, children - number * share)):
            yield (number, *path)


def _instances(plan: Plan, gather: str, run: int, listed: set[str]) -> Iterator[str]:
    yield names.root_id(gather, run)
    for path in spread_paths(len(plan.asks)):
        yield names.successor_spread_id(gather, run, None, path)
    successors = successors_of(plan.asks)
    for ask in order_of(plan.asks):
        yield names.child_id(gather, run, ask)
        for path in spread_paths(len(successors[ask])):
            yield names.successor_spread_id(gather, run, ask, path)
        parts = _parts(plan.asks[ask], is_listed=ask in listed)
        for path in spread_paths(parts):
            yield names.part_spread_id(gather, run, ask, path)
        for part in range(parts):
            yield names.part_id(gather, run, ask, part)


def _parts(ask: Ask, *, is_listed: bool) -> int:
    """Return how many lanes or shards an ask may have; lanes only where its list is stored."""
    if isinstance(ask, ComputeAsk) and ask.shards > 1:
        return ask.shards
    if is_listed and isinstance(ask, AskedOfMany):
        return lanes_at_most(ask.max_parallel)
    return 0
