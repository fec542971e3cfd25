"""A lane, step by step, without a host."""

from datetime import UTC, datetime, timedelta
from typing import Any

from gather_once.model import names
from gather_once.model.wire import moment_to_wire
from orchestrators import lane
from support.orchestration import Call, Steps, Timer

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
GIVEN: dict[str, Any] = {
    "id": "g",
    "run": 1,
    "deadline": moment_to_wire(NOON + timedelta(days=1)),
    "ask": "a",
    "part": 2,
}
SHARE = Call(names.OBTAIN_SHARE, GIVEN, attempts=12, first_pause_ms=5_000)


def test_a_lane_pauses_until_its_next_item_is_due_and_shows_how_the_items_stand() -> None:
    steps = Steps(lane.lane, GIVEN, now=NOON)
    until = NOON + timedelta(minutes=5)
    items = {"kept": 3, "open": 1}

    assert steps.begin() == SHARE
    answer = {"status": "pause", "until": moment_to_wire(until), "items": items}
    assert steps.answer(answer) == Timer(until)
    assert steps.status["items"] == items
    assert steps.status["next_attempt_at"] == moment_to_wire(until)
    steps.move_to(until)
    assert steps.answer(None) == SHARE
    assert steps.answer({"status": "done", "items": {"kept": 4}}) is None
    assert steps.output == {"status": "done", "items": {"kept": 4}}


def test_a_lane_whose_run_is_over_ends() -> None:
    steps = Steps(lane.lane, GIVEN, now=NOON)
    steps.begin()
    steps.answer({"status": "stopped"})
    assert steps.output == {"status": "stopped"}


def test_a_lane_never_fails() -> None:
    """What its items came to stands in their journals; the rest counts as missing."""
    steps = Steps(lane.lane, GIVEN, now=NOON)
    steps.begin()
    steps.fail(Exception("crashed"))
    assert steps.output == {"status": "unsettled"}


def test_a_lane_that_looks_often_goes_on_in_a_new_execution() -> None:
    steps = Steps(lane.lane, GIVEN, now=NOON)
    steps.begin()
    while not steps.is_over:
        steps.answer({"status": "look_again", "waits_for": "the hold to end"})
        steps.answer(None)
    assert steps.output == {"status": "anew"}
    assert {name: steps.continued_with[name] for name in GIVEN} == GIVEN
