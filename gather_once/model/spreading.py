"""How many children one orchestrator has, and the tree that stands between where there are more."""

from math import ceil
from typing import Final

CHILDREN: Final = 50
"""Children of one orchestrator: the cost of a replay grows with the square of their number."""


def share_of(children: int) -> int:
    """Return how many of so many children each node below takes; 1 where none is needed between."""
    if children <= CHILDREN:
        return 1
    share = CHILDREN
    while ceil(children / share) > CHILDREN:
        share *= CHILDREN
    return share
