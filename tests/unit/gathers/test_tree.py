"""The instances of a run, as its plan and its stored lists tell them."""

from itertools import pairwise

import pytest

from gather_once.gathers.reconcile import instances_of, spread_paths
from gather_once.model.settings import Settings
from gather_once.plans.plan import Plan, parse_plan
from gather_once.storage import paths
from gather_once.storage.blobs import Container
from support.a_gather import AGather
from support.gathers import plan_json


def instances(plan: Plan, *listed: str, run: int = 1) -> tuple[str, ...]:
    gather = AGather()
    gather.begins(plan)
    for ask in listed:
        name = paths.list_of("g", run, ask)
        gather.does(gather.blobs.create(Container.GATHERS, name, b"[]"))
    return gather.does(instances_of(gather.blobs, "g", run))


def plan_with(shorthand: str, ask: str, **more: object) -> Plan:
    plan = plan_json(shorthand)
    plan["asks"][ask] |= more
    return parse_plan(plan, Settings())


def test_parents_come_before_their_children() -> None:
    plan = parse_plan(plan_json("s:ab a b:a"), Settings())
    assert instances(plan, run=3) == ("g:3", "g:3:a", "g:3:b", "g:3:s")


def test_lanes_are_there_once_their_list_is() -> None:
    plan = plan_with("a b", "b", each=[1, 2], max_parallel=60)
    assert instances(plan) == ("g", "g:1:a", "g:1:b")
    assert instances(plan, "b") == ("g", "g:1:a", "g:1:b", "g:1:b:0", "g:1:b:1", "g:1:b:2")


def test_shards_are_there_from_the_beginning() -> None:
    ask = {"from": "compute", "function": "monte_carlo_pi", "shards": 3}
    plan = parse_plan({"asks": {"a": ask}}, Settings())
    assert instances(plan) == ("g", "g:1:a", "g:1:a:0", "g:1:a:1", "g:1:a:2")


def test_many_asks_have_nodes_between() -> None:
    asks = {f"a{n}": plan_json("a")["asks"]["a"] for n in range(120)}
    found = instances(parse_plan({"asks": asks}, Settings()))
    assert found[:4] == ("g", "g:1::t0", "g:1::t1", "g:1::t2")
    assert len(found) == 4 + 120


def test_without_a_plan_only_the_root_is_known() -> None:
    gather = AGather()
    assert gather.does(instances_of(gather.blobs, "g", 2)) == ("g:2",)


@pytest.mark.parametrize(
    ("children", "nodes"), [(0, 0), (50, 0), (51, 2), (2500, 50), (2501, 2 + 50), (10_000, 204)]
)
def test_so_many_nodes_stand_between(children: int, nodes: int) -> None:
    assert len(list(spread_paths(children))) == nodes


def test_a_smaller_tree_has_no_node_that_a_larger_one_lacks() -> None:
    sizes = (1, 50, 51, 99, 100, 101, 777, 2500)
    for smaller, larger in pairwise(sizes):
        assert set(spread_paths(smaller)) <= set(spread_paths(larger))
