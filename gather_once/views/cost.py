"""What a plan can cost at most, before anybody is asked."""

from gather_once.model.settings import Limits
from gather_once.plans.asks import Ask, ComputeAsk, HumanAsk
from gather_once.plans.plan import Plan


def calls_at_most(plan: Plan, limits: Limits) -> int:
    """Return how many times sources are called at most in one run, humans not counted.

    A list that is not known yet counts as long as it may be.
    """
    return sum(_calls_of(ask, limits) for ask in plan.asks.values())


def _calls_of(ask: Ask, limits: Limits) -> int:
    if isinstance(ask, HumanAsk):
        return 0
    if isinstance(ask, ComputeAsk) and ask.shards > 1:
        return (ask.shards + 1) * ask.patience.attempts  # the last one reduces
    if ask.each is None:
        return ask.patience.attempts
    items = len(ask.each) if isinstance(ask.each, list) else limits.items
    return items * ask.patience.attempts
