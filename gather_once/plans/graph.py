"""How the asks of a plan hang together: who needs whom, who follows whom, and in which order."""

from collections.abc import Mapping

from gather_once.plans.cycles import Needs, peel
from gather_once.plans.plan import Plan


def needs_of(plan: Plan) -> Needs:
    """Return for each ask, in the plan's order, the asks that it needs, `${...}` included."""
    return {name: ask.needed() for name, ask in plan.asks.items()}


def successors_of(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """Return for each ask those that need it, in the plan's order."""
    needs = needs_of(plan)
    return {name: tuple(other for other in needs if name in needs[other]) for name in needs}


def order_of(plan: Plan) -> tuple[str, ...]:
    """Return every ask after all that it needs; among equals in the plan's order."""
    return peel(needs_of(plan))[0]


def first_of(plan: Plan) -> tuple[str, ...]:
    """Return the asks that need nothing."""
    return tuple(name for name, needs in needs_of(plan).items() if not needs)
