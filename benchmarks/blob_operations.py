"""Claim: an ask that succeeds at once costs at most six blob operations.

Runs gathers of two sizes on the real app and a real Azurite, counts the requests in Azurite's own
access log, and divides the difference by the difference in asks: what a gather costs by itself
falls out. Shapes: single asks side by side, and a chain in which each ask needs the one before.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Final

_FOLDERS = (".", "tests", "devhost/tests/support")
sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in _FOLDERS]

from support.access_log import AccessLog, an_azurite_that_logs
from support.app import the_app
from support.sources import Town
from support.story import PlanInTheMaking, Story, a_plan

AT_MOST: Final = 6
FEW, MANY = 10, 20
Shape = Callable[[str, int], PlanInTheMaking]


def side_by_side(id: str, count: int) -> PlanInTheMaking:
    """Return a plan whose asks need nothing."""
    plan = a_plan(id=id)
    for number in range(count):
        plan.asking(f"a{number}", f"source/a{number}")
    return plan


def chain(id: str, count: int) -> PlanInTheMaking:
    """Return a plan in which each ask needs the one before."""
    plan = a_plan(id=id)
    for number in range(count):
        needs = [f"a{number - 1}"] if number else []
        plan.asking(f"a{number}", f"source/a{number}", needs=needs)
    return plan


def main() -> None:
    """Print operations per ask, and of which kind they are; fail where the claim does not hold."""
    with tempfile.TemporaryDirectory() as folder, an_azurite_that_logs(Path(folder)) as (at, log):
        allowed = {"GATHER_ALLOW_LOOPBACK": "1", "GATHER_ALLOWED_HOSTS": "*"}
        with Town() as town, the_app(AzureWebJobsStorage=at, **allowed) as host:
            story = Story(host, town, at)
            story.source("source").gives({"answer": 42})
            broken = [
                shape.__name__ for shape in (side_by_side, chain) if not holds(story, log, shape)
            ]
    sys.exit(f"more than {AT_MOST} operations per ask: {broken}" if broken else 0)


def holds(story: Story, log: AccessLog, shape: Shape) -> bool:
    """Measure one shape and print it; say whether an ask costs at most six operations."""
    name = shape.__name__.replace("_", " ")
    counts = {count: _operations(story, log, shape, count) for count in (FEW, MANY)}
    more = counts[MANY] - counts[FEW]
    per_ask = more.total() / (MANY - FEW)
    own = counts[FEW].total() - per_ask * FEW
    print(f"{name}: {per_ask:.2f} blob operations per ask, {own:.0f} for the gather itself")
    for kind, times in more.most_common():
        print(f"  {times / (MANY - FEW):5.2f}  {kind}")
    return per_ask <= AT_MOST


def _operations(story: Story, log: AccessLog, shape: Shape, count: int) -> Counter[str]:
    gather = f"{shape.__name__.replace('_', '-')}-{count}"
    answer = story.sends(shape(gather, count))
    assert answer.ok, answer.text
    story.host.wait(gather)
    return log.counted(gather)


if __name__ == "__main__":
    main()
