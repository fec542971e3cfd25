"""Ending an ask: its outcome is written, and it is told which asks this very ask is to start."""

from collections.abc import Set as AbstractSet

from gather_once.gathers import control
from gather_once.gathers.control import State
from gather_once.ledger.old import arrivals, runs
from gather_once.model.outcome import Outcome
from gather_once.model.wire import Json, outcome_from_wire
from gather_once.plans.graph import needs_of, successors_of
from gather_once.storage.blobs import Blobs


async def concluded(given: Json, blobs: Blobs) -> Json:
    """Write the outcome unless one stands; the answer is the same however often it is asked."""
    outcome = outcome_from_wire(given["outcome"])
    ready = await conclude(blobs, given["id"], given["run"], outcome)
    return {"status": "concluded", "ready": list(ready)}


async def conclude(blobs: Blobs, gather: str, run: int, outcome: Outcome) -> tuple[str, ...]:
    """Write the last word on an ask and return the successors that it is to start.

    Each successor is started by one of its needs, and a repeated or late call gets the same answer.
    Only a tombstone stops it: an answer that comes after a stop still gets its outcome.
    """
    found = await control.read_with_plan(blobs, gather)
    if found is None or found[0].state is State.GONE:
        return ()
    await runs.leave_outcome(blobs, gather, run, outcome)
    plan = control.stored_plan(gather, found[1])
    needs, won = needs_of(plan.asks), []
    for successor in successors_of(plan.asks)[outcome.ask]:
        is_last = await _is_last(blobs, (gather, run), outcome.ask, successor, needs[successor])
        if is_last and not (run > 1 and await runs.has_outcome(blobs, gather, run, successor)):
            won.append(successor)  # what an earlier run kept stands, and is not started again
    return tuple(won)


async def _is_last(
    blobs: Blobs, run: tuple[str, int], ask: str, successor: str, needs: AbstractSet[str]
) -> bool:
    if len(needs) == 1:
        return True
    await arrivals.sign(blobs, *run, successor, ask)
    order = await arrivals.order_of(blobs, *run, successor)
    return order[len(needs) - 1 : len(needs)] == (ask,)
