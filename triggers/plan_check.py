"""A dry run: what a plan would do and cost, without asking anybody."""

import asyncio
from datetime import datetime
from typing import Any, Final

from ledger.asking import asking_of
from ledger.port import Blobs
from ledger.standing import read
from model.ask import Ask, AskedOfMany
from model.cost import calls_at_most
from model.graph import needs_of, order_of, successors_of
from model.plan import Plan
from model.receipt import Receipt
from model.request import request_of
from model.settings import Limits
from model.wire import moment_to_wire

_PER_RUN: Final = 12
"""Requests to storage that begin, open and end a run, whatever it asks."""
_PER_DELIVERY: Final = 2
"""An end that is to be told: it is looked whether it was, and marked."""
_PER_ASK: Final = 5
"""Claim, receipt and outcome, and a look at the control blob before each of two activities."""
_PER_COPY: Final = 2
"""A shared answer is copied: the gather's own copy is looked for, then made."""
_PER_ARRIVAL: Final = 2
"""A need of an ask with several signs when it has ended, and reads who has signed."""

Json = dict[str, Any]


async def check_json(blobs: Blobs, plan: Plan, limits: Limits, now: datetime) -> Json:
    """Return what a plan would come to; one request for each ask that may be answered already.

    `storage_operations` is for a first run in which every source answers at once.
    """
    return {
        "valid": True,
        "order": list(order_of(plan)),
        "fresh": await fresh_json(blobs, plan, now),
        "calls_at_most": calls_at_most(plan, limits),
        "storage_operations": storage_operations(plan),
    }


async def fresh_json(blobs: Blobs, plan: Plan, now: datetime) -> Json:
    """Return which asks a receipt answers now, of those whose request is known by now."""
    known = {name: ask for name, ask in plan.asks.items() if _is_known_beforehand(ask)}
    found = await asyncio.gather(*(_fresh(blobs, ask, now) for ask in known.values()))
    return {
        name: {"obtained_at": moment_to_wire(receipt.obtained_at), "by": receipt.by}
        for name, receipt in zip(known, found, strict=True)
        if receipt
    }


def storage_operations(plan: Plan) -> int:
    """Return how many requests to storage a run makes that meets no fault; a list counts once."""
    needs, successors = needs_of(plan), successors_of(plan)
    joins = {name for name, needed in needs.items() if len(needed) > 1}
    asks = sum(
        _PER_ASK
        + bool(needs[name])
        + len(ask.referred())
        + _PER_COPY * ask.is_shared
        + _PER_ARRIVAL * len(joins.intersection(successors[name]))
        for name, ask in plan.asks.items()
    )
    return _PER_RUN + len(joins) + asks + _PER_DELIVERY * (plan.deliver is not None)


def _is_known_beforehand(ask: Ask) -> bool:
    if not isinstance(ask, AskedOfMany):
        return False
    return ask.is_shared and ask.each is None and not ask.referred()


async def _fresh(blobs: Blobs, ask: Ask, now: datetime) -> Receipt | None:
    if not isinstance(ask, AskedOfMany):
        return None
    asking = asking_of(ask, request_of(ask, {}), "nobody", 1)
    receipt = (await read(blobs, asking)).blob.receipt
    return receipt if receipt and receipt.is_fresh(now, ask.fresh_for) else None
