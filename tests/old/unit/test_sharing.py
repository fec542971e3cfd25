"""A list on its way, activity by activity, over storage in memory."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gather_once.gathers.commands import suspend, terminate
from gather_once.model.fault import Fault, FaultKind
from support.listed import NOON, RUN_LASTS, Listed
from support.memory_blobs import Fate, Operation

PASSING = Fault(FaultKind.PASSING, "503")
REFUSED = Fault(FaultKind.REFUSED, "404")
UNSURE = Fault(FaultKind.PASSING, "no answer", may_have_acted=True)


def score(item: int, _: int) -> Any:
    return {"score": item}


def test_the_answers_come_back_in_the_lists_order() -> None:
    listed = Listed(score, [5, 3, 4])

    outcome = listed.goes()

    assert outcome["status"] == "kept"
    assert listed.seen(outcome) == [{"score": 5}, {"score": 3}, {"score": 4}]
    assert outcome["calls"] == 3


def test_every_item_is_asked_once_though_it_stands_twice() -> None:
    listed = Listed(score, [7, 7])
    listed.goes()
    assert listed.source.attempts == {7: 2}


def test_an_empty_list_is_kept_and_empty() -> None:
    listed = Listed(score, [])
    assert listed.expands()["status"] == "ended"
    outcome = listed.goes()
    assert (outcome["status"], listed.seen(outcome)) == ("kept", [])


@pytest.mark.parametrize(("parallel", "lanes"), [(25, 1), (26, 2), (60, 3)])
def test_no_lane_makes_more_calls_at_once_than_its_part(parallel: int, lanes: int) -> None:
    listed = Listed(score, list(range(300)), max_parallel=parallel)

    assert listed.expands() == {"status": "lanes", "lanes": lanes}
    for lane in range(lanes):
        listed.source.most_at_once = 0
        listed.lane(lane)
        part = parallel // lanes + (lane < parallel % lanes)
        assert listed.source.most_at_once == part
    assert listed.joins()["status"] == "kept"


def test_a_thousand_items_cost_at_most_half_an_operation_each() -> None:
    listed = Listed(
        lambda item, before: PASSING if item % 5 == 0 and not before else item, list(range(1000))
    )
    listed.operations.clear()

    outcome = listed.goes()

    assert outcome["status"] == "kept"
    assert outcome["calls"] == 1_200
    assert len(listed.operations) <= 500


def test_a_retry_after_of_one_item_stops_no_other() -> None:
    until = NOON + timedelta(hours=2)
    throttled = Fault(FaultKind.THROTTLED, "429", until=until)
    listed = Listed(lambda item, before: throttled if item == 1 and not before else item, [1, 2, 3])
    listed.expands()

    told = listed.shares()

    assert (told["status"], told["until"]) == ("pause", "2026-05-04T14:00:00Z")
    assert told["items"] == {"kept": 2, "open": 1}
    assert listed.source.attempts == {1: 1, 2: 1, 3: 1}
    listed.now = until
    assert listed.shares() == {"status": "done", "items": {"kept": 3}}
    assert listed.source.attempts == {1: 2, 2: 1, 3: 1}


def test_patience_is_each_items_own() -> None:
    listed = Listed(
        lambda item, _: PASSING if item == 2 else item,
        [1, 2],
        retry={"max_attempts": 3, "jitter": 0.0},
        optional=True,
    )

    outcome = listed.goes()

    assert (outcome["status"], outcome["reason"]) == ("missing", "1 of 2 items")
    assert outcome["fault"]["message"] == "503"
    assert listed.source.attempts == {1: 1, 2: 3}
    assert listed.now == NOON + timedelta(seconds=3)
    assert listed.seen(outcome) == [1, None]


def test_what_is_refused_is_asked_no_more() -> None:
    listed = Listed(lambda item, _: REFUSED if item == 2 else item, [1, 2])
    assert listed.goes()["reason"] == "1 of 2 items"
    assert listed.source.attempts == {1: 1, 2: 1}


def test_an_item_that_cannot_be_worked_out_is_missing_alone() -> None:
    listed = Listed(score, [{"id": 1}, {"no": 2}], url="http://127.0.0.1/${each.id}")

    outcome = listed.goes()

    assert outcome["reason"] == "1 of 2 items"
    assert "null" in outcome["fault"]["message"]
    assert listed.source.attempts == {1: 1}


def test_the_next_run_asks_only_for_what_is_missing() -> None:
    listed = Listed(lambda item, before: item if before or item != 2 else REFUSED, [1, 2, 3])
    listed.concludes(listed.goes())
    listed.again()

    outcome = listed.goes()

    assert (outcome["status"], outcome["calls"]) == ("kept", 1)
    assert listed.source.attempts == {1: 1, 2: 2, 3: 1}
    assert listed.seen(outcome) == [1, 2, 3]


def test_the_deadline_ends_what_is_open() -> None:
    listed = Listed(
        lambda item, _: item if item == 1 else PASSING,
        [1, 2],
        retry={"max_attempts": 20, "first_interval": "PT6H", "max_interval": "P1D", "jitter": 0.0},
    )

    outcome = listed.goes()

    assert listed.now == NOON + RUN_LASTS
    assert outcome["reason"] == "1 of 2 items, 1 open at the deadline"
    assert listed.source.attempts[2] == 3


def test_a_hold_is_waited_out_and_a_stop_ends_the_lane() -> None:
    listed = Listed(score, [1])
    listed.expands()
    asyncio.run(suspend(listed.blobs, "g"))
    assert listed.shares() == {"status": "look_again", "waits_for": "the hold to end"}
    asyncio.run(terminate(listed.blobs, listed.host, "g", now=listed.now))
    assert listed.shares() == {"status": "stopped"}
    assert not listed.source.calls


def test_a_stop_is_heard_between_calls() -> None:
    """The control blob is looked at every five seconds; what is under way comes to its end."""

    def says(item: int, _: int) -> Any:
        listed.now += timedelta(seconds=1)
        return item

    listed = Listed(says, list(range(100)), max_parallel=1)
    listed.expands()
    listed.fate = lambda operation: _stop_at(listed, operation)

    assert listed.shares()["status"] == "pause"
    assert len(listed.source.calls) < 12
    assert listed.shares() == {"status": "stopped"}


def _stop_at(listed: Listed, operation: Operation) -> Fate:
    """Stop the run right before the control blob is looked at."""
    if operation.verb == "look" and operation.name == "g/gather":
        stored = listed.blobs.stored[operation.container, operation.name]
        listed.blobs._blobs[operation.container, operation.name] = replace(
            stored, metadata={**stored.metadata, "state": "stop"}
        )
    return Fate.CARRIED_OUT


def test_an_activity_works_a_minute_at_most() -> None:
    def says(item: int, _: int) -> Any:
        listed.now += timedelta(seconds=1)
        return item

    listed = Listed(says, list(range(100)), max_parallel=1)
    listed.expands()

    told = listed.shares()

    assert told == {
        "status": "pause",
        "until": "2026-05-04T12:01:00Z",
        "items": {"kept": 60, "open": 40},
    }
    assert listed.goes()["status"] == "kept"
    assert set(listed.source.attempts.values()) == {1}
