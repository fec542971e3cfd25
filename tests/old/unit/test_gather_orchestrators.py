"""The orchestrators of a gather, one yield after the other."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gather_once.model import names
from gather_once.model.names import CHILDREN
from orchestrators import gather
from orchestrators.calling import next_look
from orchestrators.gather import GatherFailed
from orchestrators.old import pursue, spread
from orchestrators.waiting import LOOKS
from support.orchestration import Call, Steps, Timer

NOW = datetime(2026, 1, 1, tzinfo=UTC)
RUN_OF = {"id": "g", "run": 1, "deadline": "2026-01-02T00:00:00Z"}
ASK = {**RUN_OF, "ask": "a"}
KEPT = {"status": "ended", "outcome": {"ask": "a", "status": "kept"}}


def crash_safe(name: str, given: Any) -> Call:
    return Call(name, given, attempts=12, first_pause_ms=5000)


def pursuer(ask: str) -> Call:
    return Call(names.PURSUE, {**RUN_OF, "ask": ask}, instance_id=f"g:1:{ask}")


# -- pursue ------------------------------------------------------------------------------------


def test_an_ask_is_obtained_concluded_and_followed_by_those_it_won() -> None:
    steps = Steps(pursue.pursue, ASK)
    assert steps.begin() == crash_safe(names.OBTAIN, ASK)
    assert steps.answer(KEPT) == crash_safe(names.CONCLUDE, {**ASK, "outcome": KEPT["outcome"]})
    assert steps.answer({"status": "concluded", "ready": ["b", "c"]}) == [
        pursuer("b"),
        pursuer("c"),
    ]
    assert steps.answer([None, None]) is None
    assert steps.output == {"status": "kept"}


def test_a_pause_is_a_timer_and_its_reason_can_be_seen() -> None:
    steps = Steps(pursue.pursue, ASK, now=NOW)
    steps.begin()
    pause = {"status": "pause", "until": "2026-01-01T00:05:00Z", "attempts": 2}
    assert steps.answer(pause) == Timer(NOW + timedelta(minutes=5))
    assert steps.status == {
        "attempts": 2,
        "waits_for": None,
        "next_attempt_at": "2026-01-01T00:05:00Z",
    }
    assert steps.answer(None) == crash_safe(names.OBTAIN, ASK)


def test_no_pause_goes_past_the_deadline() -> None:
    steps = Steps(pursue.pursue, ASK, now=NOW)
    steps.begin()
    pause = {"status": "pause", "until": "2026-03-01T00:00:00Z", "attempts": 1}
    assert steps.answer(pause) == Timer(NOW + timedelta(days=1))


@pytest.mark.parametrize("hours", [24, 25])
def test_who_still_waits_after_the_deadline_pauses_all_the_same(hours: int) -> None:
    late = NOW + timedelta(hours=hours)
    steps = Steps(pursue.pursue, ASK, now=late)
    steps.begin()
    assert steps.answer({"status": "look_again", "waits_for": "x"}) == Timer(
        late + timedelta(seconds=2)
    )


@pytest.mark.parametrize(
    ("waited", "pause"),
    [(0, 2), (20, 2), (100, 10), (36_000, 3_600), (80_000, 3_600)],
)
def test_who_waits_for_another_looks_again_after_a_tenth_of_the_time(
    waited: float, pause: float
) -> None:
    steps = Steps(pursue.pursue, ASK, now=NOW)
    steps.begin()
    held = {"status": "look_again", "waits_for": "the claim of other"}
    steps.answer(held)
    steps.answer(None)
    steps.move_to(NOW + timedelta(seconds=waited))
    assert steps.answer(held) == Timer(NOW + timedelta(seconds=waited + pause))


def test_the_time_waited_counts_anew_for_another_reason() -> None:
    steps = Steps(pursue.pursue, ASK, now=NOW)
    steps.begin()
    steps.answer({"status": "look_again", "waits_for": "the hold to end"})
    steps.answer(None)
    later = NOW + timedelta(hours=5)
    steps.move_to(later)
    claim = {"status": "look_again", "waits_for": "the claim of other"}
    assert steps.answer(claim) == Timer(later + timedelta(seconds=2))


def looks_in_vain(steps: Steps, looks: int) -> datetime:
    """Look so often for what is not there; return the moment of the last look."""
    moment = NOW
    for _ in range(looks):
        wanted = steps.answer({"status": "look_again", "waits_for": "the blob a/b"})
        assert isinstance(wanted, Timer)
        moment = wanted.fire_at
        steps.move_to(moment)
        steps.answer(None)
    return moment


@pytest.mark.parametrize("after", [{}, {"after": "lanes"}])
def test_a_long_wait_goes_on_in_new_executions_as_if_in_one(after: dict[str, str]) -> None:
    steps = Steps(pursue.pursue, {**ASK, **after}, now=NOW)
    steps.begin()
    moment = looks_in_vain(steps, LOOKS)
    assert steps.is_over
    since = {"for": "the blob a/b", "since": "2026-01-01T00:00:00Z"}
    waiting = {**since, "standing": steps.status}
    assert steps.continued_with == {**ASK, **after, "waiting": waiting}

    steps = Steps(pursue.pursue, steps.continued_with, now=moment)
    assert steps.begin() == crash_safe(names.OBTAIN, {**ASK, **after})
    steps.move_to(NOW + timedelta(hours=5))
    wanted = steps.answer({"status": "look_again", "waits_for": "the blob a/b"})
    assert wanted == Timer(NOW + timedelta(hours=5, minutes=30))


def test_a_month_takes_fewer_than_800_looks() -> None:
    moment, looks = NOW, 0
    while moment < NOW + timedelta(days=30):
        moment, looks = next_look(moment, NOW), looks + 1
    assert 700 < looks < 800


def test_an_activity_that_always_crashes_makes_the_ask_missing() -> None:
    steps = Steps(pursue.pursue, ASK)
    steps.begin()
    wanted = steps.fail(RuntimeError("crash"))
    assert isinstance(wanted, Call)
    assert wanted.name == names.CONCLUDE
    assert wanted.input["outcome"]["status"] == "missing"
    assert wanted.input["outcome"]["reason"] == "broken: crashed"


def test_an_outcome_that_cannot_be_written_leaves_the_ask_unsettled() -> None:
    steps = Steps(pursue.pursue, ASK)
    steps.begin()
    steps.answer(KEPT)
    assert steps.fail(RuntimeError("crash")) is None
    assert steps.output == {"status": "unsettled"}


def test_a_stopped_ask_is_not_concluded() -> None:
    steps = Steps(pursue.pursue, ASK)
    steps.begin()
    assert steps.answer({"status": "stopped"}) is None
    assert steps.output == {"status": "stopped"}


def test_a_child_that_was_terminated_by_hand_fails_nobody() -> None:
    steps = Steps(pursue.pursue, ASK)
    steps.begin()
    steps.answer(KEPT)
    steps.answer({"status": "concluded", "ready": ["b"]})
    assert steps.fail(RuntimeError("terminated")) is None
    assert steps.output == {"status": "kept"}


def test_lost_storage_is_looked_for_again_for_a_day_and_then_counts_as_a_crash() -> None:
    steps = Steps(pursue.pursue, ASK, now=NOW)
    steps.begin()
    looks, wanted = 0, steps.answer({"status": "out_of_reach"})
    while isinstance(wanted, Timer):
        looks += 1
        steps.move_to(wanted.fire_at)
        assert steps.answer(None) == crash_safe(names.OBTAIN, ASK)
        wanted = steps.answer({"status": "out_of_reach"})
    assert isinstance(wanted, Call)
    assert wanted.input["outcome"]["reason"] == "broken: crashed"
    assert timedelta(days=1) < steps.context.current_utc_datetime - NOW < timedelta(days=1, hours=2)
    assert looks < 150


def worker(name: str, part: int) -> Call:
    return Call(name, {**ASK, "part": part}, instance_id=f"g:1:a:{part}")


def test_a_list_is_expanded_worked_through_in_lanes_and_joined() -> None:
    steps = Steps(pursue.pursue, ASK)
    steps.begin()
    assert steps.answer({"status": "expand"}) == crash_safe(names.EXPAND, ASK)
    lanes = steps.answer({"status": "lanes", "lanes": 2})
    assert steps.status == {"attempts": 0, "waits_for": "2 lanes", "next_attempt_at": None}
    assert lanes == [worker(names.LANE, 0), worker(names.LANE, 1)]
    joining = steps.answer([{"status": "done"}, {"status": "unsettled"}])
    assert joining == crash_safe(names.OBTAIN, {**ASK, "after": "lanes"})
    assert steps.answer(KEPT) == crash_safe(names.CONCLUDE, {**ASK, "outcome": KEPT["outcome"]})


def test_one_lane_is_told_in_the_singular() -> None:
    steps = Steps(pursue.pursue, ASK)
    steps.begin()
    steps.answer({"status": "lanes", "lanes": 1})
    assert steps.status["waits_for"] == "1 lane"


def test_an_empty_list_needs_no_lanes() -> None:
    steps = Steps(pursue.pursue, ASK)
    steps.begin()
    steps.answer({"status": "expand"})
    assert steps.answer(KEPT) == crash_safe(names.CONCLUDE, {**ASK, "outcome": KEPT["outcome"]})


def test_a_computation_in_shards_is_joined_when_all_have_ended() -> None:
    steps = Steps(pursue.pursue, ASK)
    steps.begin()
    shards = steps.answer({"status": "shards", "shards": 51})
    given = {"given": ASK, "worker": names.SHARD, "parts": [*range(50)], "path": [0]}
    assert isinstance(shards, list)
    assert shards[0] == Call(names.SPREAD, given, instance_id="g:1:a:s0")
    assert len(shards) == 2
    joining = steps.answer([None, None])
    assert joining == crash_safe(names.OBTAIN, {**ASK, "after": "shards"})


def test_a_node_of_the_tree_has_its_parts_worked_through() -> None:
    given = {"given": ASK, "worker": names.SHARD, "parts": [50], "path": [1]}
    assert Steps(spread.spread, given).begin() == [worker(names.SHARD, 50)]


def test_nothing_is_scheduled_after_a_part_that_was_terminated_by_hand() -> None:
    steps = Steps(pursue.pursue, ASK)
    steps.begin()
    steps.answer({"status": "shards", "shards": 2})
    assert steps.fail(RuntimeError("terminated")) is None
    assert steps.output == {"status": "stopped"}


# -- spread ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("asks", "children"), [(1, 1), (50, 50), (51, 2), (2_500, 50), (2_501, 2)])
def test_no_orchestrator_has_more_than_fifty_children(asks: int, children: int) -> None:
    named = [f"a{number}" for number in range(asks)]
    given = {"run_of": RUN_OF, "of": None, "asks": named, "path": []}
    wanted = Steps(spread.spread, given).begin()
    assert isinstance(wanted, list)
    assert len(wanted) == children <= CHILDREN
    below = [ask for call in wanted for ask in _asks_of(call)]
    assert below == named


def _asks_of(call: Any) -> list[str]:
    return call.input["asks"] if call.name == names.SPREAD else [call.input["ask"]]


def test_the_nodes_of_the_tree_are_named_by_their_path() -> None:
    given = {"run_of": RUN_OF, "of": "b", "asks": [f"a{n}" for n in range(120)], "path": [3]}
    wanted = Steps(spread.spread, given).begin()
    assert isinstance(wanted, list)
    expected = [names.successor_spread_id("g", 1, "b", [3, n]) for n in range(3)]
    assert [call.instance_id for call in wanted if isinstance(call, Call)] == expected


# -- gather ------------------------------------------------------------------------------------

GIVEN = {"id": "g", "run": 1}
DRAWN = {"status": "drawn", "execution": "e"}
OPENED = {
    "status": "go",
    "start_at": "2026-01-01T00:00:00Z",
    "deadline": RUN_OF["deadline"],
    "asks": ["a"],
}
ENDED: dict[str, Any] = {
    **GIVEN,
    "status": "completed",
    "outcomes": {"a": "kept"},
    "missing": {},
    "dossier_url": "/api/gathers/g/dossier",
}


def opened(**changes: Any) -> tuple[Steps, Any]:
    steps = Steps(gather.gather, GIVEN, now=NOW)
    assert steps.begin() == crash_safe(names.DRAW, None)
    assert steps.status == {"status": "scheduled", "progress": "/api/gathers/g"}
    assert steps.answer(DRAWN) == crash_safe(names.OPEN, {**GIVEN, "execution": "e"})
    return steps, steps.answer({**OPENED, **changes})


def test_a_run_is_opened_pursued_and_assembled() -> None:
    steps, wanted = opened()
    assert wanted == [pursuer("a")]
    assert steps.status == {"status": "running", "progress": "/api/gathers/g"}
    assert steps.answer([None]) == crash_safe(names.ASSEMBLE, GIVEN)
    assert steps.answer(ENDED) == crash_safe(names.DELIVER, {**GIVEN, "attempt": 1})
    assert steps.answer({"status": "told"}) is None
    assert steps.output == ENDED


def test_an_end_that_is_not_taken_is_told_again() -> None:
    steps, _ = opened()
    steps.answer([None])
    steps.answer(ENDED)
    pause = {"status": "pause", "until": "2026-01-01T00:00:05Z"}
    assert steps.answer(pause) == Timer(NOW + timedelta(seconds=5))
    assert steps.answer(None) == crash_safe(names.DELIVER, {**GIVEN, "attempt": 2})
    assert steps.answer({"status": "told"}) is None
    assert steps.output == ENDED


def test_a_run_waits_for_its_start_and_says_so() -> None:
    steps, wanted = opened(start_at="2026-02-01T00:00:00Z")
    assert wanted == Timer(datetime(2026, 2, 1, tzinfo=UTC))
    assert steps.status["status"] == "scheduled"
    assert steps.answer(None) == [pursuer("a")]
    assert steps.status["status"] == "running"


def test_a_run_without_ready_asks_is_assembled_at_once() -> None:
    assert opened(asks=[])[1] == crash_safe(names.ASSEMBLE, GIVEN)


def test_an_execution_that_does_not_own_the_run_returns_what_stands() -> None:
    steps, wanted = opened(status="over", output={"status": "completed"})
    assert wanted is None
    assert steps.output == {"status": "completed"}


def test_a_run_that_another_has_followed_ends_quietly() -> None:
    steps, _ = opened()
    steps.answer([None])
    steps.answer({"status": "over"})
    assert steps.answer({"status": "told"}) is None
    assert steps.output == {"status": "over"}


def test_a_run_fails_readably_when_a_required_ask_is_missing() -> None:
    steps, _ = opened()
    steps.answer([None])
    missing = {f"ask_number_{n}": "5 of 5 attempts failed" for n in range(200)}
    steps.answer({**ENDED, "status": "failed", "missing": missing})
    with pytest.raises(GatherFailed) as failure:
        steps.answer({"status": "told"})
    text = str(failure.value)
    assert text.startswith("200 of the required asks have no answer: ask_number_0 (5 of 5")
    assert "and 180 more" in text
    assert "POST /api/gathers/g/rerun" in text
    assert len(text) < 2_000


@pytest.mark.parametrize("step", ["draw", "open"])
def test_a_run_that_cannot_be_opened_says_so(step: str) -> None:
    steps = Steps(gather.gather, GIVEN)
    steps.begin()
    if step == "open":
        steps.answer(DRAWN)
    with pytest.raises(GatherFailed, match="could not be opened"):
        steps.fail(RuntimeError("crash"))
