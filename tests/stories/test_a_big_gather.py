"""Two hundred asks at once, and one after the other."""

from itertools import pairwise

from support.story import Story, a_plan

ASKS = 200


def test_two_hundred_asks_side_by_side_finish_over_a_tree_of_spread_nodes(story: Story) -> None:
    story.source("one").gives(1.0)
    plan = a_plan(id="big")
    for number in range(ASKS):
        plan.asking(f"a{number}", "one", query={"number": str(number)})

    gather = story.gathers(plan)

    assert gather.status == "completed"
    asked = [one.query["number"][0] for one in story.source("one").requests]
    assert sorted(asked, key=int) == [str(number) for number in range(ASKS)]
    nodes = [story.host.status(f"big:1::t{part}") for part in range(4)]
    assert {node["runtimeStatus"] for node in nodes} == {"Completed"}


def test_a_chain_of_two_hundred_asks_comes_to_its_end(story: Story) -> None:
    """Each ask is pursued by a child of the one before: two hundred levels."""
    story.source("one").gives(1.0)
    chain = [f"a{number}" for number in range(ASKS)]
    plan = a_plan(id="deep").asking(chain[0], "one", query={"name": chain[0]})
    for before, name in pairwise(chain):
        plan.asking(name, "one", query={"name": name, "after": f"${{{before}}}"})

    gather = story.gathers(plan)

    assert gather.status == "completed"
    asked = [one.query["name"][0] for one in story.source("one").requests]
    assert asked == chain
    lowest = story.host.status(f"deep:1:{chain[-1]}")
    assert lowest["runtimeStatus"] == "Completed"
