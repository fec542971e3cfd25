"""The wait for a human, one yield after the other."""

from typing import Any

import pytest

from gather_once.model import names
from orchestrators.old import pursue
from orchestrators.waiting import LOOKS
from support.orchestration import Call, Event, Steps

ASK = {"id": "g", "run": 1, "deadline": "2026-01-02T00:00:00Z", "ask": "a"}
WAIT = {"status": "wait", "waits_for": "the answer of risk-desk"}
KEPT = {"status": "ended", "outcome": {"ask": "a", "status": "kept"}}


def question(k: int) -> Call:
    return Call(names.QUESTION, {**ASK, "k": k}, attempts=12, first_pause_ms=5000)


def consulting() -> Steps:
    steps = Steps(pursue.pursue, ASK)
    steps.begin()
    return steps


def test_each_wait_is_a_lone_event_under_a_name_of_its_own() -> None:
    steps = consulting()
    assert steps.answer({"status": "consult"}) == question(1)
    assert steps.answer(WAIT) == Event("answer:1")
    assert steps.answer(None) == question(2)
    assert steps.answer(WAIT) == Event("answer:2")
    steps.answer({})
    assert steps.answer(KEPT) == Call(
        names.CONCLUDE, {**ASK, "outcome": KEPT["outcome"]}, attempts=12, first_pause_ms=5000
    )


@pytest.mark.parametrize("carried", [None, {}, '{"answer": "yes"}', "yes"])
def test_an_event_may_carry_anything_and_only_wakes(carried: Any) -> None:
    steps = consulting()
    steps.answer({"status": "consult"})
    steps.answer(WAIT)
    assert steps.answer(carried) == question(2)


def test_progress_can_say_who_is_waited_for() -> None:
    steps = consulting()
    steps.answer({"status": "consult"})
    steps.answer(WAIT)
    assert steps.status == {
        "attempts": 0,
        "waits_for": "the answer of risk-desk",
        "next_attempt_at": None,
    }


def test_a_run_that_is_stopped_asks_no_more() -> None:
    steps = consulting()
    steps.answer({"status": "consult"})
    assert steps.answer({"status": "stopped"}) is None
    assert steps.output == {"status": "stopped"}


def test_the_count_of_waits_outlives_a_new_execution() -> None:
    """An event of a wait gone by may still arrive, so no count comes back."""
    steps = consulting()
    steps.answer({"status": "consult"})
    steps.answer(WAIT)
    assert steps.answer(None) == question(2)
    for _ in range(LOOKS):
        steps.answer({"status": "look_again", "waits_for": "the hold to end"})
        steps.answer(None)
    anew = Steps(pursue.pursue, steps.continued_with)
    anew.begin()
    assert anew.answer({"status": "consult"}) == question(2)
