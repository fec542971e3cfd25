"""What an ask's needs came to: what stands in its way, and the answers that it may refer to."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ledger import runs
from ledger.port import Blobs
from ledger.reading import answer_of
from model.outcome import Outcome
from model.plan import Plan
from sources.media import view


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Needs that have no answer and are required, and needs that have no outcome yet."""

    missing: tuple[str, ...]
    open: tuple[str, ...]


async def scope_of(
    blobs: Blobs, gather: str, run: int, plan: Plan, ask: str
) -> Mapping[str, Any] | InTheWay:
    """Return what `${...}` of an ask sees, by the name of the ask it refers to.

    One look at the needs' outcomes, and one for each answer that is referred to. An optional need
    without an answer is None.
    """
    needs = sorted(plan.asks[ask].needed())
    outcomes = await _outcomes(blobs, gather, run, needs)
    still_open = tuple(need for need in needs if need not in outcomes)
    missing = tuple(need for need in needs if _stops(plan, outcomes, need))
    if still_open or missing:
        return InTheWay(missing, still_open)
    return {
        need: await _seen(blobs, gather, plan, outcomes[need])
        for need in needs
        if need in plan.asks[ask].referred()
    }


async def _outcomes(blobs: Blobs, gather: str, run: int, needs: list[str]) -> Mapping[str, Outcome]:
    match needs:
        case []:
            return {}
        case [need]:
            outcome = await runs.outcome_of(blobs, gather, run, need)
            return {need: outcome} if outcome else {}
        case _:
            return await runs.outcomes_of(blobs, gather, run)


def _stops(plan: Plan, outcomes: Mapping[str, Outcome], need: str) -> bool:
    outcome = outcomes.get(need)
    return bool(outcome and not outcome.status.has_answer and not plan.asks[need].optional)


async def _seen(blobs: Blobs, gather: str, plan: Plan, outcome: Outcome) -> Any:  # noqa: ANN401  a JSON value
    if outcome.receipt is None:
        return None
    is_shared = plan.asks[outcome.ask].is_shared
    content = await answer_of(blobs, gather, outcome.receipt, is_shared=is_shared)
    link = f"/api/gathers/{gather}/asks/{outcome.ask}"
    return view(content, outcome.receipt.media_type, link)
