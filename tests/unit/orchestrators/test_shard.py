"""The orchestrator of one shard: it waits, comes to an end, and never fails."""

from datetime import UTC, datetime, timedelta

import pytest

from gather_once.model import names
from orchestrators import shard
from support.orchestration import Call, Steps, Timer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GIVEN = {"id": "g", "run": 1, "deadline": "2026-01-02T00:00:00Z", "ask": "a", "part": 3}
OBTAINING = Call(names.OBTAIN, GIVEN, attempts=12, first_pause_ms=5000)


def begun() -> Steps:
    steps = Steps(shard.shard, GIVEN, now=NOW)
    assert steps.begin() == OBTAINING
    return steps


@pytest.mark.parametrize("status", ["kept", "reused", "missing", "in_doubt"])
def test_a_shard_ends_as_its_part_does(status: str) -> None:
    steps = begun()
    outcome = {"ask": "a", "status": status}
    assert steps.answer({"status": "ended", "outcome": outcome}) is None
    assert steps.output == {"status": status}


def test_a_shard_pauses_and_goes_on() -> None:
    steps = begun()
    pause = {"status": "pause", "until": "2026-01-01T00:05:00Z", "attempts": 2}
    assert steps.answer(pause) == Timer(NOW + timedelta(minutes=5))
    assert steps.answer(None) == OBTAINING


def test_a_shard_of_a_run_that_is_not_to_go_on_stops() -> None:
    steps = begun()
    assert steps.answer({"status": "stopped"}) is None
    assert steps.output == {"status": "stopped"}


def test_a_shard_whose_activity_always_crashes_fails_nobody() -> None:
    steps = begun()
    assert steps.fail(RuntimeError("crash")) is None
    assert steps.output == {"status": "unsettled"}


def test_a_shard_that_waits_for_long_goes_on_in_a_new_execution() -> None:
    steps = begun()
    wanted = steps.answer({"status": "look_again", "waits_for": "the claim of other"})
    while isinstance(wanted, Timer):
        steps.move_to(wanted.fire_at)
        wanted = steps.answer(None)
        if wanted is not None:
            assert wanted == OBTAINING
            wanted = steps.answer({"status": "look_again", "waits_for": "the claim of other"})
    assert steps.output == {"status": "anew"}
