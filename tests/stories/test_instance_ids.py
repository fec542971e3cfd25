"""Each run has instance ids of its own: a slow terminate of run 1 must not reach run 2."""

import re

from support.story import Story, a_plan

RUN = "big(?::2)?"
CHILD = "big:[12]:[a-z][a-z0-9_]*"
PATTERNS = {
    "gather": RUN,
    "pursue": CHILD,
    "lane": rf"{CHILD}:\d+",
    "spread": r"big:[12]:(?:[a-z][a-z0-9_]*)?:[st]\d+(?:\.\d+)*",
}


def test_each_instance_has_the_id_of_its_place_in_its_run(story: Story) -> None:
    once = {"max_attempts": 1}
    plan = a_plan(id="big").asking("items", each=list(range(30)), max_parallel=30, retry=once)
    for number in range(60):
        plan.asking(f"a{number}", "rates")
    story.source("rates").gives({"eur": 4})
    story.source("items").gives(503, *[{"n": 1}] * 100)
    story.gathers(plan).run_again()

    answer = story.host.get("/runtime/webhooks/durabletask/instances?top=1000")
    instances = {(one["name"], one["instanceId"]) for one in answer.json()}
    strange = {
        (name, instance)
        for name, instance in instances
        if not re.fullmatch(PATTERNS[name], instance)
    }

    assert strange == set()
    assert {name for name, _ in instances} == set(PATTERNS)
    assert ("gather", "big:2") in instances
