import json

import pytest

from gather_once.gathers import plans
from gather_once.model.errors import InvalidPlan
from support.gathers import a_plan


def test_what_was_written_is_read_with_the_id_of_its_gather() -> None:
    plan = a_plan("a b:a", deadline="P2D")
    found = plans.read("g", plans.write(plan))

    assert (found.id, found.asks, found.deadline) == ("g", plan.asks, plan.deadline)


def test_a_plan_is_worked_out_once_for_all_activities_of_its_gather() -> None:
    content = plans.write(a_plan("a b:a"))

    assert plans.read("g", content) is plans.read("g", bytes(bytearray(content)))


def test_another_gather_or_another_plan_has_its_own() -> None:
    one, other = plans.write(a_plan("a")), plans.write(a_plan("b"))

    assert plans.read("h", one).id == "h"
    assert plans.read("g", one).asks.keys() == {"a"}
    assert plans.read("g", other).asks.keys() == {"b"}


def test_what_is_no_plan_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(InvalidPlan):
            plans.read("g", json.dumps({"asks": {}}).encode())
