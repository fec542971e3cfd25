"""The extension keeps no custom status over `continue_as_new`: each execution sets it first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gather_once.model.wire import moment_to_wire
from orchestrators import gather, lane, shard
from orchestrators.old import pursue
from support.orchestration import Steps

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
GIVEN: dict[str, Any] = {
    "id": "g",
    "run": 1,
    "deadline": moment_to_wire(NOON + timedelta(days=30)),
    "ask": "a",
    "part": 2,
}
PAUSING = pytest.mark.parametrize(
    "orchestrator", [lane.lane, shard.shard, pursue.pursue], ids=["lane", "shard", "pursue"]
)


def test_a_root_has_a_status_and_its_progress_link_before_its_first_step() -> None:
    steps = Steps(gather.gather, {"id": "g", "run": 1}, now=NOON)
    steps.begin()

    assert steps.status == {"status": "scheduled", "progress": "/api/gathers/g"}


@PAUSING
def test_a_child_has_a_status_before_its_first_step(orchestrator: Any) -> None:
    steps = Steps(orchestrator, GIVEN, now=NOON)
    steps.begin()

    assert steps.status == {"attempts": 0, "waits_for": None, "next_attempt_at": None}


@PAUSING
def test_a_new_execution_begins_with_the_status_that_the_last_one_ended_with(
    orchestrator: Any,
) -> None:
    steps = Steps(orchestrator, GIVEN, now=NOON)
    steps.begin()
    while not steps.is_over:
        until = moment_to_wire(NOON + timedelta(hours=1))
        steps.answer({"status": "pause", "until": until, "attempts": 3, "items": {"kept": 2}})
        steps.answer(None)
    following = Steps(orchestrator, steps.continued_with, now=NOON)
    following.begin()

    assert following.status == steps.status
    assert following.status["items"] == {"kept": 2}
