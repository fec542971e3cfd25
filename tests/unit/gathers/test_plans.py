import json

import pytest

from gather_once.gathers import control
from gather_once.model.errors import InvalidPlan
from support.gathers import a_plan


def test_what_was_written_is_read_with_the_id_of_its_gather() -> None:
    plan = a_plan("a b:a", deadline="P2D")
    found = control.stored_plan("g", control.plan_text(plan))

    assert (found.id, found.asks, found.deadline) == ("g", plan.asks, plan.deadline)


def test_a_plan_is_worked_out_once_for_all_activities_of_its_gather() -> None:
    content = control.plan_text(a_plan("a b:a"))

    assert control.stored_plan("g", content) is control.stored_plan("g", bytes(bytearray(content)))


def test_another_gather_or_another_plan_has_its_own() -> None:
    one, other = control.plan_text(a_plan("a")), control.plan_text(a_plan("b"))

    assert control.stored_plan("h", one).id == "h"
    assert control.stored_plan("g", one).asks.keys() == {"a"}
    assert control.stored_plan("g", other).asks.keys() == {"b"}


def test_what_is_no_plan_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(InvalidPlan):
            control.stored_plan("g", json.dumps({"asks": {}}).encode())
