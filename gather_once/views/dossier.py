"""A dossier as it is handed out: the outcome of each ask, small answers inside, large as links."""

import asyncio
from typing import Any

from gather_once.gathers.dossier import Dossier
from gather_once.ledger.payloads import answer_of
from gather_once.model.media import Unreadable, view
from gather_once.model.outcome import Outcome
from gather_once.model.receipt import INLINE_AT_MOST, ReceiptSummary
from gather_once.model.wire import fault_to_wire, moment_to_wire
from gather_once.plans.plan import Plan
from gather_once.storage.blobs import Blobs

Json = dict[str, Any]


async def dossier_json(blobs: Blobs, plan: Plan, dossier: Dossier, url: str) -> Json:
    """Return a dossier, asks in the plan's order; `url` is the address of its gather.

    One request for each answer of at most 64 KiB, all at once.
    """
    outcomes = [dossier.outcomes[ask] for ask in plan.asks]
    asks = await asyncio.gather(*(_ask_json(blobs, plan, outcome, url) for outcome in outcomes))
    return {
        "id": dossier.gather,
        "run": dossier.run,
        "status": dossier.status.value,
        "ended_at": moment_to_wire(dossier.ended_at),
        "asks": dict(zip(plan.asks, asks, strict=True)),
    }


async def _ask_json(blobs: Blobs, plan: Plan, outcome: Outcome, url: str) -> Json:
    told: Json = {"status": outcome.status.value}
    if outcome.reason:
        told["reason"] = outcome.reason
    if outcome.fault:
        told["fault"] = fault_to_wire(outcome.fault)
    if outcome.readable:
        own_url = f"{url}/asks/{outcome.ask}/answer"
        told |= await _answer(blobs, plan, outcome.ask, outcome.readable, own_url)
        told |= _about(outcome.readable)
    return told


async def _answer(blobs: Blobs, plan: Plan, ask: str, receipt: ReceiptSummary, url: str) -> Json:
    """Return the answer as dependants see it, or where its bytes are."""
    if receipt.size > INLINE_AT_MOST:
        return {"url": url}
    is_shared = plan.asks[ask].is_shared
    content = await answer_of(blobs, str(plan.id), receipt, is_shared=is_shared)
    try:
        return {"answer": view(content, receipt.media_type, url)}
    except Unreadable:
        return {"url": url}


def _about(receipt: ReceiptSummary) -> Json:
    told = {
        "media_type": receipt.media_type,
        "size": receipt.size,
        "obtained_at": moment_to_wire(receipt.obtained_at),
    }
    return told if receipt.etag is None else told | {"etag": receipt.etag}
