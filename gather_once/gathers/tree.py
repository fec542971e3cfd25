"""The instances of a run, worked out from its plan and its stored lists, and how to end them all.

They are never listed through the host, whose listings stop at a hundred. Those that might be there
are named; that one is not there is success wherever something is to end.
"""

from collections.abc import Iterator
from math import ceil

from gather_once.gathers import plans
from gather_once.gathers.control import Control
from gather_once.gathers.host import Durable
from gather_once.ledger.lists import lanes_at_most
from gather_once.model import names
from gather_once.model.spreading import share_of
from gather_once.plans.asks import Ask, AskedOfMany, ComputeAsk
from gather_once.plans.graph import order_of, successors_of
from gather_once.plans.plan import Plan
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Container
from gather_once.storage.listing import all_under


async def terminate_tree(blobs: Blobs, durable: Durable, found: Control) -> None:
    """End the root of a run and everything below it, from the top down.

    From the top, so that nobody is left to hear that its child has failed.
    """
    for instance in await instances_of(blobs, found.gather, found.run):
        await durable.terminate(instance, f"run {found.run} of {found.gather} is to end")


async def instances_of(blobs: Blobs, gather: str, run: int) -> tuple[str, ...]:
    """Return the ids of all instances that a run may have, parents before their children."""
    plan = await plans.plan_of(blobs, gather)
    if plan is None:
        return (names.root_id(gather, run),)
    prefix = paths.lists(gather, run)
    lines = all_under(blobs, Container.GATHERS, prefix)
    listed = {line.name.removeprefix(prefix) async for line in lines}
    return tuple(_instances(plan, gather, run, listed))


def spread_paths(children: int) -> Iterator[tuple[int, ...]]:
    """Return the paths of the nodes between an orchestrator and so many children, from the top.

    Each says which child of its parent it is, level by level. On one level (2,500 children) a node
    of fewer children is one of more children too, so it is enough to know how many at most.
    """
    share = share_of(children)
    for number in range(ceil(children / share) if share > 1 else 0):
        yield (number,)
        for path in spread_paths(min(share, children - number * share)):
            yield (number, *path)


def _instances(plan: Plan, gather: str, run: int, listed: set[str]) -> Iterator[str]:
    yield names.root_id(gather, run)
    for path in spread_paths(len(plan.asks)):
        yield names.successor_spread_id(gather, run, None, path)
    successors = successors_of(plan)
    for ask in order_of(plan):
        yield names.child_id(gather, run, ask)
        for path in spread_paths(len(successors[ask])):
            yield names.successor_spread_id(gather, run, ask, path)
        parts = _parts(plan.asks[ask], is_listed=ask in listed)
        for path in spread_paths(parts):
            yield names.part_spread_id(gather, run, ask, path)
        for part in range(parts):
            yield names.part_id(gather, run, ask, part)


def _parts(ask: Ask, *, is_listed: bool) -> int:
    """Return how many lanes or shards an ask may have; lanes only where its list is stored."""
    if isinstance(ask, ComputeAsk) and ask.shards > 1:
        return ask.shards
    if is_listed and isinstance(ask, AskedOfMany):
        return lanes_at_most(ask.max_parallel)
    return 0
