"""What is asked for each item of a list, and under which key."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from gather_once.inputs.scope import InTheWay, See, scope_of
from gather_once.ledger.keys import Asking, asking_of
from gather_once.model.key import key_of
from gather_once.plans.asks import Ask, AskedOfMany, BlobAsk, ComputeAsk, HttpAsk, SqlAsk
from gather_once.plans.expressions import NotResolved
from gather_once.plans.plan import Plan
from gather_once.plans.requests import request_of
from gather_once.storage.blobs import Blobs

AskOfMany = HttpAsk | SqlAsk | BlobAsk | ComputeAsk
"""The asks that may be put over a list."""
AnAsk = TypeVar("AnAsk", bound=AskedOfMany)


@dataclass(frozen=True, slots=True)
class Questions:
    """The requests of items and their keys; `unclear` says why an item has none."""

    requests: Mapping[int, Mapping[str, Any]]
    keys: Mapping[int, str]
    unclear: Mapping[int, str]


def questions_of(
    ask: AskOfMany, scope: Mapping[str, Any], items: Sequence[Any], numbers: Iterable[int]
) -> Questions:
    """Work out what is asked for the items with these numbers; one that fails stops no other."""
    requests: dict[int, Mapping[str, Any]] = {}
    unclear: dict[int, str] = {}
    for number in numbers:
        try:
            requests[number] = request_of(ask, {**scope, "each": items[number]})
        except NotResolved as error:
            unclear[number] = str(error)
    keys = {number: key_of(ask.kind, request) for number, request in requests.items()}
    return Questions(requests, keys, unclear)


async def scope_of_items(
    blobs: Blobs, gather: str, run: int, plan: Plan, name: str, see: See
) -> Mapping[str, Any]:
    """Return what an item's `${...}` sees besides the item; the list's own source is not read.

    The needs have come to their end, or there would be no list.
    """
    item = plan.asks[name].model_copy(update={"each": None, "needs": ()})
    narrow = replace(plan, asks={**plan.asks, name: item})
    scope = await scope_of(blobs, gather, run, narrow, name, see)
    if isinstance(scope, InTheWay):
        raise NotResolved(f"/asks/{name}", f"needs {', '.join(scope.missing + scope.open)}")
    return scope


def asking_of_item(
    ask: AskOfMany, request: Mapping[str, Any], gather: str, run: int, item: int
) -> Asking:
    """Return how a run asks for one item: its answer lies in the lane's journal, so no copy."""
    return replace(asking_of(ask, request, gather, run), item=item, keeps_copy=False)


def is_list(ask: Ask) -> bool:
    """Say whether an ask is put over a list."""
    return isinstance(ask, AskedOfMany) and ask.each is not None
