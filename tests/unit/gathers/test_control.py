"""The control blob: what it says survives the way through metadata, and only one writer wins."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from gather_once.gathers import control
from gather_once.gathers.control import Control, HeldBy, State
from gather_once.storage.blobs import Conflict
from support.gathers import NOON
from support.memory_blobs import Fate, MemoryBlobs, Operation

FIRST = Control(gather="g", digest="ab", hub="Hub", index="0-g", claimed_at=NOON)


def claimed(blobs: MemoryBlobs | None = None) -> tuple[MemoryBlobs, Control]:
    blobs = blobs or MemoryBlobs()
    return blobs, asyncio.run(control.claim(blobs, FIRST, b"{}"))


class Repeating:
    """Loses the reply to the first operation of a kind, which the client sends again."""

    def __init__(self, verb: str) -> None:
        self._verb: str | None = verb

    async def __call__(self, operation: Operation, /) -> Fate:
        if operation.verb != self._verb:
            return Fate.CARRIED_OUT
        self._verb = None
        return Fate.REPEATED


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"state": State.HOLD, "held": HeldBy.HOST, "owner": "e1"},
        {"state": State.GONE, "run": 12, "final_status": "failed", "gone_at": NOON},
    ],
)
def test_what_is_written_is_what_is_read(changed: dict[str, Any]) -> None:
    blobs, first = claimed()
    written = asyncio.run(control.write(blobs, replace(first, **changed)))
    assert asyncio.run(control.read(blobs, "g")) == written
    assert asyncio.run(control.read_with_plan(blobs, "g")) == (written, b"{}")


def test_an_id_that_nobody_claimed_is_not_there() -> None:
    assert asyncio.run(control.read(MemoryBlobs(), "g")) is None
    assert asyncio.run(control.read_with_plan(MemoryBlobs(), "g")) is None


def test_an_id_is_claimed_once() -> None:
    blobs, _ = claimed()
    with pytest.raises(Conflict):
        claimed(blobs)


def test_a_tombstone_keeps_the_id_and_forgets_the_plan() -> None:
    blobs, first = claimed()
    asyncio.run(control.bury(blobs, replace(first, state=State.GONE, final_status="completed")))
    with pytest.raises(Conflict):
        claimed(blobs)
    found = asyncio.run(control.read_with_plan(blobs, "g"))
    assert found is not None
    assert (found[0].state, found[0].final_status, found[1]) == (State.GONE, "completed", b"")


def test_who_was_overtaken_does_not_write() -> None:
    blobs, first = claimed()
    asyncio.run(control.write(blobs, replace(first, state=State.STOP)))
    with pytest.raises(Conflict):
        asyncio.run(control.write(blobs, replace(first, state=State.HOLD)))
    with pytest.raises(Conflict):
        asyncio.run(control.bury(blobs, replace(first, state=State.GONE)))


def test_who_was_overtaken_decides_anew_with_what_stands_now() -> None:
    blobs, first = claimed()
    asyncio.run(control.write(blobs, replace(first, owner="e1")))

    def hold(current: Control) -> Control | None:
        return replace(current, state=State.HOLD) if current.state is State.GO else None

    stands = asyncio.run(control.change(blobs, first, hold))
    assert stands is not None
    assert (stands.state, stands.owner) == (State.HOLD, "e1")


def test_a_change_whose_reply_is_lost_is_recognised_as_done() -> None:
    blobs, first = claimed(MemoryBlobs(Repeating("mark")))
    decisions = []

    def stop(current: Control) -> Control | None:
        decisions.append(current.state)
        return replace(current, state=State.STOP) if current.may_go_on else None

    stands = asyncio.run(control.change(blobs, first, stop))
    assert stands == asyncio.run(control.read(blobs, "g"))
    assert decisions == [State.GO, State.STOP]


@pytest.mark.parametrize(
    ("state", "run", "carries"),
    [(State.GO, 1, True), (State.HOLD, 1, True), (State.STOP, 1, False), (State.GO, 2, False)],
)
def test_only_the_wanted_run_is_carried(state: State, run: int, *, carries: bool) -> None:
    assert replace(FIRST, state=state).carries(run) is carries
