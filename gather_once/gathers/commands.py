"""Suspend, resume, terminate, rerun and delete a gather.

Of several concurrent commands, exactly one takes effect: each is one conditional write of control.
"""

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from gather_once.gathers import control, dossier
from gather_once.gathers.control import Control, HeldBy, State
from gather_once.gathers.dossier import assemble
from gather_once.gathers.host import Durable, HostOutOfReach
from gather_once.gathers.reconcile import Ended, Gone, Running, settle, start, terminate_tree
from gather_once.gathers.start import NotStarted
from gather_once.model.names import root_id
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container


class Why(StrEnum):
    """Why a command is refused: what the gather is."""

    ENDED = "ended"
    STOPPED = "terminating"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Accepted:
    """It is done, or under way, as the control blob now says."""

    control: Control


@dataclass(frozen=True, slots=True)
class Refused:
    """The gather is in no state for it."""

    control: Control
    why: Why


Steered = Accepted | Refused | Gone
"""What became of a wish for a gather that exists."""


async def suspend(blobs: Blobs, gather: str) -> Steered | None:
    """Hold a gather: what is under way ends, nothing new is asked. None: no such gather."""
    return await _steer(blobs, gather, _hold)


async def resume(blobs: Blobs, durable: Durable, gather: str) -> Steered | None:
    """Lift a hold, whoever wanted it, and let a root go on that the host has suspended."""
    steered = await _steer(blobs, gather, _go)
    if isinstance(steered, Accepted):
        root = root_id(gather, steered.control.run)
        if await durable.status(root) == "Suspended":
            await durable.resume(root, "resumed by a caller")
    return steered


async def terminate(
    blobs: Blobs, durable: Durable, gather: str, *, now: datetime
) -> Steered | None:
    """Break a run off for good: its instances are ended, its dossier holds what was answered."""
    steered = await _steer(blobs, gather, _stop)
    match steered:
        case Refused(found, Why.STOPPED):  # by this call, or by one that may have crashed since
            await terminate_tree(blobs, durable, found)
            await assemble(blobs, gather, found.run, now=now)
            return Accepted(found)
        case _:
            return steered


async def follow_host(blobs: Blobs, found: Control, root: str | None) -> Control | None:
    """Hold a gather whose root the host has suspended, and lift that hold when the root goes on.

    `found` was read before `root`, the host's status of the run's root. A caller's hold is left
    alone.
    """

    def decide(current: Control) -> Control | None:
        if current.run != found.run:
            return None
        if root == "Suspended" and current.state is State.GO:
            return replace(current, state=State.HOLD, held=HeldBy.HOST)
        if root == "Running" and current.held is HeldBy.HOST:
            return replace(current, state=State.GO, held=None)
        return None

    return await control.change(blobs, found, decide)


async def _steer(blobs: Blobs, gather: str, decide: control.Decide) -> Steered | None:
    found = await control.read(blobs, gather)
    if found is None:
        return None
    if found.state is State.GONE:
        return Gone(found)
    if await dossier.final_status_of(blobs, gather, found.run):
        return Refused(found, Why.ENDED)
    stands = await control.change(blobs, found, decide)
    if stands is None or stands.state is State.GONE:
        return Gone(stands or found)
    return Refused(stands, Why.STOPPED) if stands.state is State.STOP else Accepted(stands)


def _hold(current: Control) -> Control | None:
    if not current.may_go_on or current.held is HeldBy.CALLER:
        return None
    return replace(current, state=State.HOLD, held=HeldBy.CALLER)


def _go(current: Control) -> Control | None:
    return replace(current, state=State.GO, held=None) if current.state is State.HOLD else None


def _stop(current: Control) -> Control | None:
    return replace(current, state=State.STOP, held=None) if current.may_go_on else None


async def rerun(
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
    return await rerun(blobs, durable, before.gather, now=now)


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
        ended.control,
        state=State.GONE,
        owner=None,
        held=None,
        final_status=ended.dossier.status,
        gone_at=now,
    )
    return await control.bury(blobs, tombstone)
