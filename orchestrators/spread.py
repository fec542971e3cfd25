"""Starts many children at once, never more than fifty from one orchestrator: above, a tree."""

from collections.abc import Sequence
from typing import Any

import azure.durable_functions as df

from model import names
from model.spreading import share_of
from orchestrators.calling import Steps, received

blueprint = df.Blueprint()

Given = dict[str, Any]


@blueprint.orchestration_trigger(context_name="context")
def spread(context: df.DurableOrchestrationContext) -> Steps:
    """Be one node of the tree; input as `pursue_all` makes it."""
    given = received(context)
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
    if not asks:
        return
    share = share_of(len(asks))
    if share == 1:
        children = [_pursuer(context, run_of, ask) for ask in asks]
    else:
        parts = [asks[start : start + share] for start in range(0, len(asks), share)]
        children = [_node(context, run_of, of, part, [*path, n]) for n, part in enumerate(parts)]
    try:
        yield context.task_all(children)
    except Exception:  # noqa: BLE001  the SDK raises nothing narrower for a terminated child
        return


def _pursuer(context: df.DurableOrchestrationContext, run_of: Given, ask: str) -> Any:  # noqa: ANN401  the SDK's task
    instance = names.child_id(run_of["id"], run_of["run"], ask)
    return context.call_sub_orchestrator(names.PURSUE, {**run_of, "ask": ask}, instance)


def _node(
    context: df.DurableOrchestrationContext,
    run_of: Given,
    of: str | None,
    asks: Sequence[str],
    path: list[int],
) -> Any:  # noqa: ANN401  the SDK's task
    instance = names.successor_spread_id(run_of["id"], run_of["run"], of, path)
    given = {"run_of": run_of, "of": of, "asks": asks, "path": path}
    return context.call_sub_orchestrator(names.SPREAD, given, instance)
