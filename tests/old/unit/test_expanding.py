"""What a list is, what it may be at most, and what it costs."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gather_once.model.fault import Fault, FaultKind
from gather_once.views.validation import storage_operations
from support.listed import NOON, Listed
from support.memory_blobs import Fate

PASSING = Fault(FaultKind.PASSING, "503")
REFUSED = Fault(FaultKind.REFUSED, "404")
UNSURE = Fault(FaultKind.PASSING, "no answer", may_have_acted=True)


def score(item: int, _: int) -> Any:
    return {"score": item}


@pytest.mark.parametrize("items", [1, 40, 700])
def test_a_list_costs_no_more_operations_than_foretold(items: int) -> None:
    listed = Listed(score, list(range(items)), max_parallel=50)
    listed.operations.clear()
    listed.concludes(listed.goes())

    plan = listed.plan
    without = replace(plan, asks={"b": plan.asks["b"].model_copy(update={"url": "http://x"})})
    limits = listed.settings.limits
    foretold = storage_operations(plan, limits) - storage_operations(without, limits)

    assert len(listed.operations) <= foretold
    assert foretold <= len(listed.operations) + items // 2 + 20


def test_a_list_longer_than_allowed_makes_the_ask_missing() -> None:
    listed = Listed(score, "${c}", settings={"GATHER_MAX_LIST_ITEMS": "2"})
    listed.answers("c", [1, 2, 3])
    told = listed.expands()
    assert (told["status"], told["outcome"]["status"]) == ("ended", "missing")
    assert "3 items, 2 are the limit" in told["outcome"]["reason"]


def test_a_list_of_more_bytes_than_allowed_makes_the_ask_missing() -> None:
    listed = Listed(score, ["x" * 90, "y"], settings={"GATHER_MAX_LIST_BYTES": "90"})
    assert "GATHER_MAX_LIST_BYTES allows 90" in listed.expands()["outcome"]["reason"]


def test_what_is_no_list_makes_the_ask_missing() -> None:
    listed = Listed(score, "${c}")
    listed.answers("c", {"not": "a list"})
    assert "select a list" in listed.expands()["outcome"]["reason"]


def test_a_run_keeps_the_list_that_it_has_stored() -> None:
    """An `expand` that comes late, or twice, changes nothing."""
    listed = Listed(score, [1, 2, 3], max_parallel=50)
    assert listed.expands() == listed.expands() == {"status": "lanes", "lanes": 2}


def test_items_see_the_answers_of_other_asks() -> None:
    listed = Listed(score, "${c.items}", url="http://127.0.0.1/${c.base}/${each}")
    listed.answers("c", {"items": [1], "base": "v2"})
    assert listed.goes()["status"] == "kept"
    assert [call.request["url"] for call in listed.source.calls] == ["http://127.0.0.1/v2/1"]


def test_each_item_has_an_idempotency_key_of_its_own_the_same_over_its_attempts() -> None:
    listed = Listed(lambda item, before: item if before > 1 else PASSING, [7, 7])
    listed.goes()
    keys = Counter(call.idempotency_key for call in listed.source.calls)
    assert list(keys.values()) == [2, 2]


def test_pauses_that_end_at_about_the_same_time_cost_one_execution() -> None:
    listed = Listed(
        lambda item, before: item if before else PASSING,
        list(range(40)),
        retry={"first_interval": "PT10S", "jitter": 0.05},
    )
    listed.expands()

    assert len(listed.lane()) == 2
    assert NOON + timedelta(seconds=10) < listed.now <= NOON + timedelta(seconds=11)


def test_an_item_that_nobody_can_be_asked_for_counts_as_failed() -> None:
    listed = Listed(score, [{"id": 1}, {"no": 2}], url="http://127.0.0.1/${each.id}")
    listed.expands()
    assert listed.shares() == {"status": "done", "items": {"failed": 1, "kept": 1}}


def test_an_answer_that_cannot_be_laid_down_is_asked_for_again_when_storage_answers() -> None:
    listed = Listed(lambda *_: "x" * 70_000, [1])
    listed.expands()
    listed.fate = lambda operation: (
        Fate.OUT_OF_REACH if "/payload/" in operation.name else Fate.CARRIED_OUT
    )
    told = listed.shares()
    assert (told["status"], told["waits_for"]) == ("look_again", "storage")

    listed.fate = lambda _: Fate.CARRIED_OUT
    assert listed.goes()["status"] == "kept"
    assert listed.source.attempts == {1: 2}


def test_answers_that_come_in_one_by_one_are_still_written_together() -> None:
    """A slow source's calls end at different times: five of 25 go into one append, at least."""
    listed = Listed(score, list(range(300)))
    listed.source.takes = lambda call: 20 * (call % 25)
    listed.operations.clear()

    assert listed.goes()["status"] == "kept"
    assert len(listed.operations) <= 100
