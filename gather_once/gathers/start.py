"""Beginning a gather: claim the id for the plan, or say what became of the claim before."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from gather_once.gathers import control, index
from gather_once.gathers.control import Control, State
from gather_once.gathers.host import Durable, HostOutOfReach
from gather_once.gathers.reconcile import Ended, Gone, Running, settle_found, start
from gather_once.plans.plan import Plan, plan_digest
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict

COME_AGAIN: Final = timedelta(seconds=5)
"""When to ask again after the host did not start what was claimed."""


@dataclass(frozen=True, slots=True)
class New:
    """This call has claimed the id and started the first run."""

    control: Control


@dataclass(frozen=True, slots=True)
class OtherPlan:
    """The id stands for another plan."""

    control: Control


@dataclass(frozen=True, slots=True)
class NotStarted:
    """The id is claimed, but the host did not answer; the next call, or upkeep, goes on."""

    control: Control
    come_again: timedelta = COME_AGAIN


Begun = New | Running | Ended | OtherPlan | Gone | NotStarted
"""What became of a wish for a gather; all but `New` describe what was there already."""


async def begin(
    blobs: Blobs,
    durable: Durable,
    gather: str,
    plan: Plan,
    *,
    now: datetime,
    by_queue: bool = False,
) -> Begun:
    """Carry a plan out under an id unless that is done already, whoever asks and how often.

    Of several callers at once one is told `New`; which one does not matter to the others. What
    comes `by_queue` is told on the done queue at its end.
    """
    wanted = replace(_first_control(durable, gather, plan, now), by_queue=by_queue)
    while True:
        found = await control.read(blobs, gather)
        if found is None:
            claimed = await _claim(blobs, wanted, plan)
            if claimed is not None:
                return await _started(durable, claimed)
        elif (standing := await _known(blobs, durable, found, wanted, now)) is not None:
            return standing


def _first_control(durable: Durable, gather: str, plan: Plan, now: datetime) -> Control:
    return Control(
        gather=gather,
        digest=plan_digest(plan),
        hub=durable.hub,
        index=paths.index(gather, now),
        claimed_at=now,
    )


async def _claim(blobs: Blobs, wanted: Control, plan: Plan) -> Control | None:
    """Claim the id, index first; None where somebody was faster."""
    await index.enter(blobs, wanted.index)
    try:
        return await control.claim(blobs, wanted, control.plan_text(plan))
    except Conflict:
        stands = await control.read(blobs, wanted.gather)
        if stands is None or stands.index != wanted.index:  # else only the reply was lost
            await index.strike(blobs, wanted.index)
        return None


async def _started(durable: Durable, claimed: Control) -> New | NotStarted:
    try:
        await start(durable, claimed)
    except HostOutOfReach:
        return NotStarted(claimed)
    return New(claimed)


async def _known(
    blobs: Blobs, durable: Durable, found: Control, wanted: Control, now: datetime
) -> Begun | None:
    if found.state is not State.GONE and found.digest != wanted.digest:
        return OtherPlan(found)
    try:
        return await settle_found(blobs, durable, found, now=now)
    except HostOutOfReach:
        return NotStarted(found)
