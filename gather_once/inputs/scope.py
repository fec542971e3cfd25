"""What an ask's needs came to: what stands in its way, and the answers that it may refer to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gather_once.ledger.old import runs
from gather_once.ledger.payloads import answer_of
from gather_once.model.outcome import Outcome
from gather_once.plans.plan import Plan
from gather_once.storage.blobs import Blobs

See = Callable[[bytes, str, str], Any]
"""Makes a JSON value of an answer's bytes, their media type and a link to them."""


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Needs that have no answer and are required, and needs that have no outcome yet."""

    missing: tuple[str, ...]
    open: tuple[str, ...]


async def scope_of(
    blobs: Blobs, gather: str, run: int, plan: Plan, ask: str, see: See
) -> Mapping[str, Any] | InTheWay:
    """Return what `${...}` of an ask sees, by the name of the ask it refers to.

    One look at the needs' outcomes, and one for each answer that is referred to. An optional need
    without an answer is None.
    """
    needs = plan.asks[ask].needed()
    return await scope_among(blobs, plan, ask, await _outcomes(blobs, gather, run, needs), see)


async def scope_among(
    blobs: Blobs, plan: Plan, ask: str, outcomes: Mapping[str, Outcome], see: See
) -> Mapping[str, Any] | InTheWay:
    """Return what `scope_of` does, where the outcomes are known; `plan` has the gather's id."""
    needs = sorted(plan.asks[ask].needed())
    still_open = tuple(need for need in needs if need not in outcomes)
    missing = tuple(need for need in needs if _stops(plan, outcomes, need))
    if still_open or missing:
        return InTheWay(missing, still_open)
    return {
        need: await _seen(blobs, plan, outcomes[need], see)
        for need in needs
        if need in plan.asks[ask].referred()
    }


async def _outcomes(
    blobs: Blobs, gather: str, run: int, needs: frozenset[str]
) -> Mapping[str, Outcome]:
    match tuple(needs):
        case ():
            return {}
        case (need,):
            outcome = await runs.outcome_of(blobs, gather, run, need)
            return {need: outcome} if outcome else {}
        case _:
            return await runs.outcomes_of(blobs, gather, run)


def _stops(plan: Plan, outcomes: Mapping[str, Outcome], need: str) -> bool:
    outcome = outcomes.get(need)
    return bool(outcome and not outcome.status.has_answer and not plan.asks[need].optional)


async def _seen(blobs: Blobs, plan: Plan, outcome: Outcome, see: See) -> Any:  # noqa: ANN401  a JSON value
    if outcome.readable is None:
        return None
    gather, is_shared = str(plan.id), plan.asks[outcome.ask].is_shared
    content = await answer_of(blobs, gather, outcome.readable, is_shared=is_shared)
    link = f"/api/gathers/{gather}/asks/{outcome.ask}/answer"
    return see(content, outcome.readable.media_type, link)
