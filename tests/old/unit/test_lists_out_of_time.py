"""A list whose calls are slow, wait for threads, or meet the deadline, a hold or a stop."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gather_once.gathers.commands import resume
from gather_once.ledger.lists import ITEMS_OF_A_PORTION
from gather_once.model.fault import Fault, FaultKind
from gather_once.sources.port import NotThereYet
from gather_once.views.timeline import attempts_at_items
from support.listed import NOON, RUN_LASTS, Listed
from support.memory_blobs import Fate, Operation

PASSING = Fault(FaultKind.PASSING, "503")
SLOW = timedelta(seconds=20)

WAYS: list[dict[str, Any]] = [{}, {"idempotent": False}, {"fresh_for": "P1D"}]
"""Items that may be repeated, that may not, and that have claims of their own."""


def slow(items: int, **fields: Any) -> Listed:
    """Return a list whose calls have to wait for the only thread, each until the last has ended."""

    def says(item: int, _: int) -> Any:
        listed.now += SLOW
        return item

    listed = Listed(says, list(range(items)), **fields)
    listed.expands()
    return listed


@pytest.mark.parametrize("way", WAYS)
def test_a_call_that_gets_a_thread_too_late_is_not_made(way: dict[str, Any]) -> None:
    """Else an activity would last as long as all its calls one after the other."""
    listed = slow(25, **way)

    told = listed.shares()

    assert (told["status"], told["items"]) == ("pause", {"kept": 3, "open": 22})
    assert listed.now == NOON + 3 * SLOW
    assert len(listed.source.calls) == 3
    journal = next(blob for where, blob in listed.blobs.stored.items() if "/lane/" in where[1])
    assert (b'"fault"' in journal.content) == ("idempotent" in way)


@pytest.mark.parametrize("way", WAYS)
def test_a_call_that_was_not_made_costs_no_patience_and_is_not_counted(way: dict[str, Any]) -> None:
    listed = slow(25, retry={"max_attempts": 1, "jitter": 0.0}, **way)

    outcome = listed.goes()

    assert (outcome["status"], outcome["calls"]) == ("kept", 25)
    assert listed.source.attempts == dict.fromkeys(range(25), 1)
    told = asyncio.run(attempts_at_items(listed.blobs, "g", "a"))
    assert [one["outcome"] for one in told] == ["answered"] * 25


def test_calls_that_wait_for_a_thread_when_the_deadline_passes_are_not_made() -> None:
    listed = slow(25)
    listed.now = NOON + RUN_LASTS - SLOW

    assert listed.shares()["status"] == "done"
    assert len(listed.source.calls) == 1


def test_what_the_deadline_left_open_is_said_and_asked_by_the_next_run() -> None:
    def says(item: int, _: int) -> Any:
        listed.now = NOON + RUN_LASTS if item == 2 else listed.now
        return item

    listed = Listed(says, [1, 2, 3, 4], max_parallel=1)

    outcome = listed.goes()

    assert outcome["reason"] == "2 of 4 items, 2 open at the deadline"
    listed.concludes(outcome)
    listed.again()
    listed.now = NOON
    outcome = listed.goes()
    assert (outcome["status"], listed.seen(outcome)) == ("kept", [1, 2, 3, 4])
    assert listed.source.attempts == dict.fromkeys([1, 2, 3, 4], 1)


def test_what_a_crashed_lane_left_open_is_said() -> None:
    listed = Listed(lambda item, _: item, list(range(40)), max_parallel=50)
    listed.expands()
    listed.lane(0)

    assert listed.joins()["reason"] == "20 of 40 items, 20 open since their lane crashed"


def test_items_that_came_to_an_end_by_themselves_are_not_laid_to_the_deadline() -> None:
    listed = Listed(
        lambda item, _: PASSING if item == 2 else item,
        [1, 2],
        retry={"max_attempts": 2, "jitter": 0.0},
    )
    listed.expands()
    listed.lane()
    listed.now = NOON + RUN_LASTS

    assert listed.joins()["reason"] == "1 of 2 items"


@pytest.mark.parametrize("absent", [100, ITEMS_OF_A_PORTION])
def test_what_is_waited_for_in_vain_keeps_no_activity_from_the_rest_of_the_list(
    absent: int,
) -> None:
    """One minute is not enough to look at all of them; the last are there, and are found."""
    fault = NotThereYet(Fault(FaultKind.REFUSED, "404"))

    def says(item: int, _: int) -> Any:
        listed.now += SLOW / 10
        return item if item >= absent else fault

    fields: dict[str, Any] = {"from": "blob", "container": "inputs", "name": "n/${each}"}
    listed = Listed(says, list(range(absent + 3)), max_parallel=1, wait_until_exists=True, **fields)
    listed.expands()

    looks = (listed.shares()["items"].get("kept", 0) for _ in range(200))

    assert any(kept == 3 for kept in looks)


@pytest.mark.parametrize("way", WAYS)
def test_a_list_held_in_the_middle_of_a_share_goes_on_where_it_was(way: dict[str, Any]) -> None:
    listed = slow(30, max_parallel=1, **way)
    listed.fate = lambda operation: _held_at(listed, operation)

    assert listed.shares()["status"] == "pause"
    assert len(listed.source.calls) == 1
    assert listed.shares() == {"status": "look_again", "waits_for": "the hold to end"}
    listed.fate = lambda _: Fate.CARRIED_OUT
    asyncio.run(resume(listed.blobs, listed.host, "g"))

    assert listed.goes()["status"] == "kept"
    assert listed.source.attempts == dict.fromkeys(range(30), 1)


def test_calls_that_wait_for_a_thread_when_the_run_is_held_are_not_made() -> None:
    listed = slow(40)
    listed.source.takes = lambda call: 100 * (call > 5)
    listed.fate = lambda operation: _held_at(listed, operation)

    assert listed.shares()["status"] == "pause"
    assert len(listed.source.calls) <= 5


def _held_at(listed: Listed, operation: Operation) -> Fate:
    """Hold the gather right before its control blob is looked at."""
    if operation.verb == "look" and operation.name == "g/gather":
        where = operation.container, operation.name
        stored = listed.blobs.stored[where]
        metadata = {**stored.metadata, "state": "hold", "held": "caller"}
        listed.blobs._blobs[where] = replace(stored, metadata=metadata)
    return Fate.CARRIED_OUT
