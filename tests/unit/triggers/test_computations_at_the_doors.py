"""Computations as the doors see them: what is refused, foretold, and shown on the way."""

from typing import Any

import pytest

from gather_once.model.fault import Fault, FaultKind
from support.doors import Doors, a_plan_of


def pi(**fields: Any) -> dict[str, Any]:
    return {"from": "compute", "function": "monte_carlo_pi", "input": {"points": 9}, **fields}


def refused(doors: Doors, path: str, plan: dict[str, Any]) -> list[str]:
    reply = doors.post(path, plan)
    assert reply.status == 400, reply.body
    return [pointer.removeprefix("/plan") for pointer in reply.pointers]


WRONG = [
    ({"function": "monte_carlo_po"}, "/asks/a/function"),
    ({"version": 9}, "/asks/a/version"),
    ({"shards": 2, "idempotent": False}, "/asks/a/idempotent"),
    ({"shards": 2, "each": [1]}, "/asks/a/shards"),
]


@pytest.mark.parametrize(("fields", "pointer"), WRONG)
def test_what_cannot_be_computed_is_refused_at_every_door(
    doors: Doors, fields: dict[str, Any], pointer: str
) -> None:
    plan = a_plan_of(a=pi(**fields))
    assert refused(doors, "/gathers", plan) == [pointer]
    assert refused(doors, "/plans/validate", plan) == [pointer]
    schedule = doors.call("PUT", "/schedules/s", {"cron": "0 0 6 * * *", "plan": plan})
    assert schedule.pointers == [f"/plan{pointer}"]


SHAPES: list[dict[str, dict[str, Any]]] = [
    {"a": pi(version=1)},
    {"a": pi()},
    {"a": pi(), "b": pi(input={"points": 10}), "c": pi(input={"points": 8}, fresh_for="P1D")},
    {"a": pi(version=1, shards=3)},
    {"a": pi(shards=3)},
    {"a": pi(shards=3, fresh_for="P1D")},
    {"b": {}, "a": pi(shards=5, input={"points": "${b}"})},
]


@pytest.mark.parametrize("asks", SHAPES)
def test_the_storage_operations_foretold_are_those_that_a_run_makes(
    doors: Doors, asks: dict[str, dict[str, Any]]
) -> None:
    told = doors.post("/plans/validate", a_plan_of(**asks)).json
    doors.operations.clear()

    doors.begins(**asks)
    doors.opens()
    for name in told["order"]:
        shards = asks[name].get("shards", 1)
        computes_in_shards(doors, name, shards)
        doors.pursues(name, 4, after="shards" if shards > 1 else None)
    doors.ends()
    assert len(doors.operations) == told["storage_operations"]


def computes_in_shards(doors: Doors, name: str, shards: int) -> None:
    if shards > 1:
        assert doors.obtains(name, 4) == {"status": "shards", "shards": shards}
        for number in range(shards):
            doors.obtains(name, 4, part=number)


@pytest.mark.parametrize(
    ("fields", "pointers"),
    [
        ({}, []),
        ({"input": {"points": 0, "sede": 7}}, ["/asks/a/input/points", "/asks/a/input/sede"]),
        ({"input": None}, ["/asks/a/input/points"]),
        ({"input": "${b}"}, []),
        ({"input": "${each}", "each": [0]}, []),
    ],
)
def test_an_input_that_the_function_will_not_take_is_warned_of(
    doors: Doors, fields: dict[str, Any], pointers: list[str]
) -> None:
    told = doors.post("/plans/validate", a_plan_of(a=pi(**fields), b={})).json
    assert [one["pointer"] for one in told["warnings"]] == pointers


def test_what_was_computed_by_the_newest_version_is_fresh_for_ever(doors: Doors) -> None:
    doors.begins(a=pi())
    doors.opens()
    doors.pursues("a", 4)
    doors.now = doors.now.replace(year=doors.now.year + 50)

    told = doors.post("/plans/validate", a_plan_of(a=pi(), b=pi(version=1), c=pi(shards=7))).json
    assert told["cached"].keys() == {"a", "b", "c"}


def test_the_shards_under_way_are_in_the_timeline(doors: Doors) -> None:
    doors.begins(a=pi(shards=3))
    doors.opens()
    for number in (0, 2):
        doors.obtains("a", 4, part=number)

    attempts = doors.get("/gathers/g/timeline").json["asks"]["a"]["attempts"]
    assert [one["outcome"] for one in attempts] == ["answered", "answered"]


def test_the_attempts_of_all_shards_stay_in_the_timeline(doors: Doors) -> None:
    doors.begins(a=pi(shards=2))
    doors.opens()
    computes_in_shards(doors, "a", 2)
    doors.pursues("a", 4, after="shards")
    doors.ends()

    attempts = doors.get("/gathers/g/timeline").json["asks"]["a"]["attempts"]
    assert len(attempts) == 3


def test_a_computation_in_doubt_is_found_by_the_version_that_its_run_settled(doors: Doors) -> None:
    doors.begins(a=pi(idempotent=False))
    doors.opens()
    doors.pursues("a", Fault(FaultKind.PASSING, "lost", may_have_acted=True))
    doors.ends(status="Failed")

    resolved = doors.post("/gathers/g/asks/a/resolve", {"answer": {"pi": 3}})
    assert (resolved.status, resolved.json["resolution"]) == (200, "answer")
