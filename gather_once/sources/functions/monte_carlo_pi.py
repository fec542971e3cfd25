"""Estimates pi by throwing points at a square and counting those in the quarter circle.

A point of the unit square lies in the quarter circle with probability p = pi/4. Of n points h do,
a binomial count, so 4h/n estimates pi without bias, with the standard error 4 sqrt(p (1 - p) / n):
see Hammersley and Handscomb, "Monte Carlo Methods" (1964), chapter 5, on hit-or-miss. Four times
as many points halve the error: an example of a sharded computation, not a way to compute pi.
"""

from collections.abc import Sequence
from math import ceil, sqrt
from random import Random
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from gather_once.sources.computation import REGISTRY, Work

BLOCK: Final = 10_000
"""Points that have a generator of their own: shards are cut between blocks, never within one."""


class Points(BaseModel):
    """The number of points and the seed; equal input gives equal points."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: Annotated[int, Field(ge=1, le=10_000_000_000)]
    seed: int = 0


class Estimate(BaseModel):
    """An estimate of pi and its standard error, both plain numbers, from `hits` of `points`."""

    pi: float
    standard_error: float
    hits: int
    points: int


@REGISTRY.function("monte_carlo_pi", version=1)
def monte_carlo_pi(given: Points, work: Work) -> int:
    """Count the hits among this shard's points."""
    blocks = ceil(given.points / BLOCK)
    return sum(_hits(given, block) for block in work.share_of(blocks))


@monte_carlo_pi.reduce
def estimate(given: Points, hits: Sequence[int]) -> Estimate:
    """Return the estimate; sums of whole numbers do not depend on their order."""
    share = sum(hits) / given.points
    return Estimate(
        pi=4 * share,
        standard_error=4 * sqrt(share * (1 - share) / given.points),
        hits=sum(hits),
        points=given.points,
    )


def _hits(given: Points, block: int) -> int:
    # A generator seeded by a text gives the same `random()` in every version of Python.
    draw = Random(f"monte_carlo_pi/{given.seed}/{block}").random  # noqa: S311  # chance, no secret
    size = min(BLOCK, given.points - block * BLOCK)
    return sum(draw() ** 2 + draw() ** 2 <= 1 for _ in range(size))
