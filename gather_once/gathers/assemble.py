"""Ending a run: its outcomes become its dossier, once, by whoever comes first."""

from datetime import datetime
from typing import Final

from gather_once.gathers import control, dossier, plans
from gather_once.gathers.control import State
from gather_once.gathers.dossier import Dossier, End
from gather_once.ledger.old import runs
from gather_once.model.outcome import Outcome, missing
from gather_once.plans.plan import Plan
from gather_once.storage.blobs import Blobs

STOPPED: Final = "stopped"
"""Why an ask has no answer: the run was broken off before."""
UNSETTLED: Final = "unsettled"
"""Why an ask has no answer: its end could not be written down, however often that was tried."""


async def assemble(blobs: Blobs, gather: str, run: int, *, now: datetime) -> Dossier | None:
    """Write the dossier of a run unless there is one, and return the one that stands.

    None where the gather is gone, or another run has begun: then nothing is written. What the run
    before kept counts also if this run ended before it could carry it over.
    """
    found = await control.read_with_plan(blobs, gather)
    if found is None or found[0].state is State.GONE or found[0].run != run:
        return None
    now_stands, content = found
    carried = await carried_into(blobs, gather, run)
    outcomes = carried | await runs.outcomes_of(blobs, gather, run)
    plan = plans.read(gather, content)
    is_stopped = now_stands.state is State.STOP
    return await dossier.leave(
        blobs,
        Dossier(
            gather,
            run,
            end=_end(plan, outcomes, is_stopped=is_stopped),
            ended_at=now,
            outcomes=_of_all(plan, outcomes, STOPPED if is_stopped else UNSETTLED),
        ),
    )


async def carried_into(blobs: Blobs, gather: str, run: int) -> dict[str, Outcome]:
    """Return what the run before this one holds as answered; nothing before the first run."""
    if run == 1:
        return {}
    before = await dossier.read(blobs, gather, run - 1)
    return before.answered if before else {}


def _of_all(plan: Plan, outcomes: dict[str, Outcome], reason: str) -> dict[str, Outcome]:
    return {ask: outcomes.get(ask) or missing(ask, reason) for ask in plan.asks}


def _end(plan: Plan, outcomes: dict[str, Outcome], *, is_stopped: bool) -> End:
    if is_stopped and not plan.asks.keys() <= outcomes.keys():
        return End.TERMINATED
    answered = {ask for ask, outcome in outcomes.items() if outcome.status.has_answer}
    required = {name for name, ask in plan.asks.items() if not ask.optional}
    return End.COMPLETED if required <= answered else End.FAILED
