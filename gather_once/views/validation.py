"""A dry run of a plan: order, receipts it would reuse, its cost at most. Calls no source."""

import asyncio
from datetime import datetime
from math import ceil
from typing import Any, Final, TypeGuard

from gather_once.ledger.keys import asking_of, read_key
from gather_once.ledger.lists import all_portions, lanes_of
from gather_once.ledger.old.versions import newest_of
from gather_once.model.receipt import Receipt
from gather_once.model.settings import Limits
from gather_once.model.wire import moment_to_wire
from gather_once.plans.asks import Ask, AskedOfMany, ComputeAsk, HumanAsk
from gather_once.plans.graph import needs_of, order_of, successors_of
from gather_once.plans.plan import Plan
from gather_once.plans.requests import request_of
from gather_once.sources.registry import NEWEST
from gather_once.storage.blobs import Blobs

_PER_RUN: Final = 12
"""Requests to storage that begin, open and end a run, whatever it asks."""
_PER_DELIVERY: Final = 2
"""An end that is to be told: it is looked whether it was, and marked."""
_PER_ASK: Final = 5
"""Claim, receipt and outcome, and a look at the control blob before each of two activities."""
_PER_COPY: Final = 2
"""A shared answer is copied: the gather's own copy is looked for, then made."""
_PER_PART: Final = 3
"""Claim and receipt of a shard's part, and the reading of it for the whole."""
_PER_PART_WITH_COPY: Final = 3
"""The same as for a shared answer, and the copy is what is read."""
_PER_PEEK: Final = 2
"""Before its shards and after them it is looked whether the whole is there: copy and receipt."""
_PER_SETTLED_VERSION: Final = 2
"""A version that the plan leaves open is settled at the first computation with the function."""
_PER_LIST: Final = 5
"""The list is worked out and stored, then read once more to join the answers."""
_PER_LANE: Final = 2
"""A lane looks at the control blob, and reads the list."""
_PER_PORTION: Final = 5
"""A journal is looked for, made, read, opened and sealed."""
_PER_ITEM: Final = 0.5
"""Items whose answers come in together are written together."""
_PER_SHARED_ITEM: Final = 2
"""Claim and receipt of an item whose answer serves other gathers too."""
_PER_ARRIVAL: Final = 2
"""A need of an ask with several signs when it has ended, and reads who has signed."""

Json = dict[str, Any]


async def validation_json(blobs: Blobs, plan: Plan, limits: Limits, now: datetime) -> Json:
    """Return what a plan would come to; one request for each ask that may be answered already.

    `storage_operations` is for a first run in which every source answers at once.
    """
    return {
        "order": list(order_of(plan.asks)),
        "cached": await cached_json(blobs, plan, now),
        "max_calls": max_calls(plan, limits),
        "storage_operations": storage_operations(plan, limits),
    }


async def cached_json(blobs: Blobs, plan: Plan, now: datetime) -> Json:
    """Return which asks a receipt answers now, of those whose request is known by now."""
    known = {name: ask for name, ask in plan.asks.items() if _is_known_beforehand(ask)}
    found = await asyncio.gather(*(_fresh(blobs, ask, now) for ask in known.values()))
    return {
        name: {"obtained_at": moment_to_wire(receipt.obtained_at), "by": receipt.by}
        for name, receipt in zip(known, found, strict=True)
        if receipt
    }


def storage_operations(plan: Plan, limits: Limits) -> int:
    """Return how many requests to storage a run makes that meets no fault.

    Of a list that many at most: appends take more items the more of them come in at once. One that
    is not known yet counts as long as it may be.
    """
    needs, successors = needs_of(plan.asks), successors_of(plan.asks)
    joins = {name for name, needed in needs.items() if len(needed) > 1}
    asks = sum(
        _PER_ASK
        + bool(needs[name])
        + len(ask.referred())
        + _PER_COPY * ask.is_shared
        + _of_computation(ask, bool(needs[name]) + len(ask.referred()))
        + _of_list(ask, bool(needs[name]) + len(ask.referred()), limits)
        + _PER_ARRIVAL * len(joins.intersection(successors[name]))
        for name, ask in plan.asks.items()
    )
    settled = {ask.function for ask in plan.asks.values() if _lacks_version(ask)}
    others = _PER_SETTLED_VERSION * len(settled) + _PER_DELIVERY * (plan.notify is not None)
    return _PER_RUN + len(joins) + asks + others


def _of_list(ask: Ask, inputs: int, limits: Limits) -> int:
    """Return what a list takes beside a plain ask that reads so many needs."""
    if not isinstance(ask, AskedOfMany) or ask.each is None:
        return 0
    items = len(ask.each) if isinstance(ask.each, list) else limits.list_items
    portions = sum(1 for _ in all_portions(items, ask.max_parallel))
    lanes = lanes_of(items, ask.max_parallel) * (_PER_LANE + inputs)
    join = 2 * inputs + portions
    own = items * (_PER_SHARED_ITEM if ask.is_shared else 0)
    return _PER_LIST + join + lanes + portions * _PER_PORTION + ceil(items * _PER_ITEM) + own


def _of_computation(ask: Ask, inputs: int) -> int:
    """Return what a computation takes beside a plain ask that reads so many needs."""
    if not isinstance(ask, ComputeAsk):
        return 0
    version = ask.version is None
    if ask.shards == 1:
        return version
    look = 1 + inputs + version
    part = look + _PER_PART + _PER_PART_WITH_COPY * (ask.fresh_for is not None)
    return ask.shards * part + look + version + 2 * _PER_PEEK


def _lacks_version(ask: Ask) -> TypeGuard[ComputeAsk]:
    return isinstance(ask, ComputeAsk) and ask.version is None


def _is_known_beforehand(ask: Ask) -> bool:
    if not isinstance(ask, AskedOfMany):
        return False
    return ask.is_shared and ask.each is None and not ask.referred()


async def _fresh(blobs: Blobs, ask: Ask, now: datetime) -> Receipt | None:
    if not isinstance(ask, AskedOfMany):
        return None
    asking = asking_of(ask, request_of(newest_of(ask, NEWEST), {}), "nobody", 1)
    receipt = (await read_key(blobs, asking)).blob.receipt
    return receipt if receipt and receipt.is_fresh(now, ask.fresh_for) else None


def max_calls(plan: Plan, limits: Limits) -> int:
    """Return how many times sources are called at most in one run, humans not counted.

    A list that is not known yet counts as long as it may be.
    """
    return sum(_calls_of(ask, limits) for ask in plan.asks.values())


def _calls_of(ask: Ask, limits: Limits) -> int:
    if isinstance(ask, HumanAsk):
        return 0
    if isinstance(ask, ComputeAsk) and ask.shards > 1:
        return (ask.shards + 1) * ask.retry.max_attempts  # the last one reduces
    if ask.each is None:
        return ask.retry.max_attempts
    items = len(ask.each) if isinstance(ask.each, list) else limits.list_items
    return items * ask.retry.max_attempts
