"""Starts many children at once, never more than fifty from one orchestrator: above, a tree."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import azure.durable_functions as df

from gather_once.model import names
from gather_once.model.names import share_of
from orchestrators.calling import Steps, received

blueprint = df.Blueprint()

Given = dict[str, Any]
Task = Any
"""What the SDK gives for a child that is to be started."""
Item = TypeVar("Item")


@blueprint.orchestration_trigger(context_name="context")
def spread(context: df.DurableOrchestrationContext) -> Steps:
    """Be one node of the tree; input as `pursue_all` or `work_through` makes it."""
    given = received(context)
    if "parts" in given:
        parts, path = given["parts"], given["path"]
        yield from work_through(context, given["given"], given["worker"], parts, path)
    else:
        yield from pursue_all(context, given["run_of"], given["of"], given["asks"], given["path"])


def pursue_all(
    context: df.DurableOrchestrationContext,
    run_of: Given,
    of: str | None,
    asks: Sequence[str],
    path: Sequence[int] = (),
) -> Steps:
    """Pursue asks side by side and return when each has come to its end.

    `run_of` is what every child is given: gather, run and deadline. `of` is the ask they follow,
    None for the root; `path` says which node of the tree this is. A child fails only if it is
    terminated by hand; then this returns too, since nothing may be scheduled any more.
    """
    gather, run = run_of["id"], run_of["run"]

    def pursuer(ask: str) -> Task:
        instance = names.child_id(gather, run, ask)
        return context.call_sub_orchestrator(names.PURSUE, {**run_of, "ask": ask}, instance)

    def node(share: Sequence[str], path: Sequence[int]) -> Task:
        instance = names.successor_spread_id(gather, run, of, path)
        given = {"run_of": run_of, "of": of, "asks": share, "path": path}
        return context.call_sub_orchestrator(names.SPREAD, given, instance)

    yield from _side_by_side(context, asks, pursuer, node, path)


def work_through(
    context: df.DurableOrchestrationContext,
    given: Given,
    worker: str,
    parts: Sequence[int],
    path: Sequence[int] = (),
) -> Steps:
    """Have one `worker` child for each part of an ask; return whether each came to its end.

    False where one was terminated by hand: then nothing may be scheduled any more.
    """
    gather, run, ask = given["id"], given["run"], given["ask"]

    def part(number: int) -> Task:
        instance = names.part_id(gather, run, ask, number)
        return context.call_sub_orchestrator(worker, {**given, "part": number}, instance)

    def node(share: Sequence[int], path: Sequence[int]) -> Task:
        instance = names.part_spread_id(gather, run, ask, path)
        below = {"given": given, "worker": worker, "parts": [*share], "path": path}
        return context.call_sub_orchestrator(names.SPREAD, below, instance)

    return (yield from _side_by_side(context, parts, part, node, path))


def _side_by_side(
    context: df.DurableOrchestrationContext,
    items: Sequence[Item],
    child: Callable[[Item], Task],
    node: Callable[[Sequence[Item], Sequence[int]], Task],
    path: Sequence[int],
) -> Steps:
    """Start a child for each item, or a node for each share of them; say whether all ended."""
    if not items:
        return True
    share = share_of(len(items))
    if share == 1:
        children = [child(item) for item in items]
    else:
        shares = [items[start : start + share] for start in range(0, len(items), share)]
        children = [node(part, [*path, number]) for number, part in enumerate(shares)]
    try:
        yield context.task_all(children)
    except Exception:  # noqa: BLE001  the SDK raises nothing narrower for a terminated child
        return False
    return True
