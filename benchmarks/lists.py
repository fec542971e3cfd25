"""Claim: ten thousand items are asked once each, for at most half a blob operation an item.

Runs lists of several lengths on the real app, a real Azurite and a real source, a fifth of whose
items fail at first; counts the calls at the source, and the requests in Azurite's own access log.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

_FOLDERS = (".", "tests", "devhost/tests/support")
sys.path[:0] = [str(Path(__file__).parents[1] / folder) for folder in _FOLDERS]

from support.access_log import AccessLog, an_azurite_that_logs
from support.app import the_app
from support.lists import ManyScripts
from support.sources import Town
from support.story import Story, a_plan

LENGTHS: Final = ((1_000, 25), (1_000, 100), (10_000, 100))
"""Items, and how many of them at once."""
AT_MOST: Final = 0.5
FAIL_FIRST: Final = 5
HEADINGS: Final = ("items", "at once", "calls", "wall s", "calls/s", "blob ops/item")


def says(item: int, before: int) -> Any:
    """Fail every fifth item once."""
    return 503 if item % FAIL_FIRST == 0 and not before else {"n": item}


def measured(story: Story, log: AccessLog, items: int, at_once: int) -> tuple[float, ...]:
    """Gather a list; return what the headings say."""
    scripts, gather = ManyScripts(says), f"list-{items}-{at_once}"
    story.source("items").gives(scripts)
    plan = a_plan(id=gather).asking("ids", "ids", method="GET")
    story.source("ids").gives({"items": list(range(items))})
    plan.asking("a", "items/${each}", each="${ids.items}", max_parallel=at_once)
    began = time.perf_counter()
    answer = story.sends(plan)
    assert answer.ok, answer.text
    story.host.wait(gather)
    wall = time.perf_counter() - began
    answers = story.host.get(f"/api/gathers/{gather}/asks/a/answer").json()
    assert answers == [{"n": n} for n in range(items)], "answers are missing, or out of order"
    expected = {n: 1 + (n % FAIL_FIRST == 0) for n in range(items)}
    assert scripts.attempts == expected, "an item was asked too often"
    calls = sum(expected.values())
    return items, at_once, calls, wall, calls / wall, log.counted(gather).total() / items


def main() -> None:
    """Print a line for each list; fail where the claim does not hold."""
    print(*(f"{heading:>14}" for heading in HEADINGS))
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder, an_azurite_that_logs(Path(folder)) as (at, log):
        allowed = {"GATHER_ALLOW_LOOPBACK": "1", "GATHER_ALLOWED_HOSTS": "*"}
        with Town() as town, the_app(AzureWebJobsStorage=at, **allowed) as host:
            story = Story(host, town, at)
            for items, at_once in LENGTHS:
                row = measured(story, log, items, at_once)
                print(*(f"{value:>14,.2f}" for value in row), flush=True)
                worst = max(worst, row[-1])
    sys.exit(f"{worst:.2f} blob operations per item, not {AT_MOST}" if worst > AT_MOST else 0)


if __name__ == "__main__":
    main()
