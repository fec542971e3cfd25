"""Opening a run: one execution of its root owns it; what the run before kept is carried over."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime

from gather_once.gathers import control
from gather_once.gathers import dossier as dossiers
from gather_once.gathers.control import Control
from gather_once.gathers.dossier import Dossier, carried_into
from gather_once.ledger.old import arrivals, runs
from gather_once.plans.graph import needs_of
from gather_once.plans.plan import Plan
from gather_once.storage.blobs import Blobs, Conflict


@dataclass(frozen=True, slots=True)
class Over:
    """This execution has nothing to do; the run's dossier, if it has ended already."""

    dossier: Dossier | None


@dataclass(frozen=True, slots=True)
class Opened:
    """This execution owns the run.

    Nothing is asked before `start_at` (past: at once) nor after `deadline`; `carried` are the asks
    that an earlier run has answered, `ready` those to begin with. Where none is ready, all has been
    answered.
    """

    plan: Plan
    start_at: datetime
    deadline: datetime
    carried: tuple[str, ...]
    ready: tuple[str, ...]


async def open_run(
    blobs: Blobs,
    gather: str,
    run: int,
    execution: str,
    *,
    now: datetime,
    validate: Callable[[bytes], Plan],
) -> Over | Opened:
    """Let an execution own a run, and lay out what its asks will need.

    `execution` is a name drawn at random for this execution of the root. `validate` reads the
    stored plan by today's limits; what it raises leaves the run without an owner. It may run twice:
    who opens a second time does the same again, and another execution is turned away.
    """
    while True:
        found = await control.read_with_plan(blobs, gather)
        dossier = await dossiers.read(blobs, gather, run)
        if found is None or dossier or not found[0].carries(run):
            return Over(dossier)
        if found[0].owner not in {None, execution}:
            return Over(None)
        plan = validate(found[1])
        if found[0].owner == execution or await _own(blobs, found[0], execution):
            return await _lay_out(blobs, found[0], plan, now)


async def _own(blobs: Blobs, found: Control, execution: str) -> bool:
    try:
        await control.write(blobs, replace(found, owner=execution))
    except Conflict:
        return False
    return True


async def _lay_out(blobs: Blobs, found: Control, plan: Plan, now: datetime) -> Opened:
    carried = await carried_into(blobs, found.gather, found.run)
    for outcome in carried.values():
        await runs.leave_outcome(blobs, found.gather, found.run, outcome)
    await _prepare_arrivals(blobs, found, plan, carried)
    start_at = plan.starts_at(found.claimed_at) if found.run == 1 else now
    return Opened(
        plan,
        start_at,
        deadline=max(now, start_at) + plan.deadline,
        carried=tuple(ask for ask in plan.asks if ask in carried),
        ready=_ready(plan, carried),
    )


async def _prepare_arrivals(
    blobs: Blobs, found: Control, plan: Plan, carried: Collection[str]
) -> None:
    for ask, needs in needs_of(plan.asks).items():
        if len(needs) > 1:
            await arrivals.prepare(blobs, found.gather, found.run, ask)
            for need in sorted(needs.intersection(carried)):
                await arrivals.sign(blobs, found.gather, found.run, ask, need)


def _ready(plan: Plan, carried: Collection[str]) -> tuple[str, ...]:
    """Return the asks without an answer whose needs all have one; the others follow from these."""
    return tuple(
        ask
        for ask, needs in needs_of(plan.asks).items()
        if ask not in carried and needs.issubset(carried)
    )
