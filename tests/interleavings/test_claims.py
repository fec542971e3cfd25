"""Executions want the same key, in every order of their steps, while one thing goes wrong.

With INTERLEAVINGS_SWITCHES=2 (or more) far more orders are tried than the daily ones.
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

import pytest

from gather_once.ledger.claims import (
    Answered,
    Doubtful,
    Exhausted,
    Over,
    Taken,
    Wait,
    keep,
    release,
    renew,
    take,
)
from gather_once.ledger.keys import Asking, Claim, InDoubt, KeyBlob, decode, encode
from gather_once.ledger.payloads import Obtained
from gather_once.ledger.resolution import NotInDoubt, answer_by_hand, ask_again
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.receipt import Inline, Receipt, digest_of
from gather_once.storage.blobs import OutOfReach
from support.interleave import START, Choice, Turn, World, explore, hand_over, play

SWITCHES = int(os.environ.get("INTERLEAVINGS_SWITCHES", "1"))
KEY = "5" * 64
RETRY = 2
PAUSE = timedelta(seconds=20)
# A claim made at once has then expired for its holder; one made then has expired for everybody.
MOMENTS = (timedelta(seconds=31), timedelta(seconds=92))
ENDS = (Answered, Doubtful, Exhausted)


def asking_of(
    gather: str,
    *,
    may_repeat: bool = True,
    fresh_for: timedelta | None = None,
    keeps_copy: bool = False,
) -> Asking:
    return Asking(
        KEY,
        gather,
        run=1,
        attempts=RETRY,
        may_repeat=may_repeat,
        shared=True,
        fresh_for=fresh_for,
        keeps_copy=keeps_copy,
    )


@dataclass
class Case:
    """What the executions do to the source, and what must stay true meanwhile."""

    world: World
    may_repeat: bool
    calls: list[str] = field(default_factory=list)
    acted: int = 0
    asked_again: int = 0
    receipt: Receipt | None = None
    askings: dict[str, Asking] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.receipt = self.blob.receipt
        self.world.watch = self.watch
        self.world.at_end = self.nothing_paid_is_lost
        self.world.facts = lambda: (tuple(sorted(self.calls)), self.acted, self.asked_again)

    def start(self, name: str, asking: Asking) -> None:
        self.askings[name] = asking
        self.world.start(name, lambda n: self.pursue(asking, n))

    @property
    def blob(self) -> KeyBlob:
        asking = asking_of("any")
        stored = self.world.blobs.stored.get((asking.container, asking.name))
        return _decode(stored.content) if stored else KeyBlob()

    async def pursue(self, asking: Asking, name: str) -> Over:
        """Obtain the key as an ask does: an execution, a pause, another execution, to the end."""
        k = 0
        while not isinstance(end := await self._obtain(asking, f"{name}{k}"), ENDS):
            # Each try is another execution, but those that left no trace may share an id.
            k += end.whom is None
            await self.world.rest_until(end.until)
        return end

    async def _obtain(self, asking: Asking, execution: str) -> Over:
        blobs, now = self.world.blobs, self.world.clock
        try:
            while isinstance(taken := await take(blobs, asking, execution, now), Taken):
                if await self._is_called(taken):
                    return await self._end(asking, taken)
        except OutOfReach:
            return Wait(now(), None)
        return taken

    async def _is_called(self, taken: Taken) -> bool:
        await hand_over(Turn("calls", lambda: [Choice("now")]))
        if self.world.now >= taken.claim.until:
            return False
        hold = self.blob.hold
        if isinstance(hold, Claim) and hold.execution != taken.claim.execution:
            assert self.world.now >= hold.until, "a call starts while another's claim is live"
        self.calls.append(taken.claim.by)
        self.acted += 1
        return True

    async def _end(self, asking: Asking, taken: Taken) -> Over:
        blobs, now = self.world.blobs, self.world.clock
        said = await hand_over(Turn("hears", lambda: _what_is_heard(self.world, taken)))
        if said == "renew":
            taken = await renew(blobs, asking, taken, now) or taken
            said = await hand_over(Turn("hears", lambda: _what_is_heard(self.world, taken)[:3]))
        if said == "answer":
            content = f"answer {len(self.calls)}".encode()
            obtained = Obtained(content, "text/plain", now())
            return await self._keep(asking, taken, obtained)
        fault = Fault(FaultKind.PASSING, said, may_have_acted=said == "unsure")
        self.acted -= not fault.may_have_acted
        free_at = now() + PAUSE
        released = await release(blobs, asking, taken, fault, free_at, now)
        return Doubtful(released.attempts) if released.in_doubt else Wait(free_at, None)

    async def _keep(self, asking: Asking, taken: Taken, obtained: Obtained) -> Answered:
        while True:
            try:
                return await keep(self.world.blobs, asking, taken, obtained, self.world.clock)
            except OutOfReach:
                continue

    def watch(self) -> None:
        before, self.receipt = self.receipt, self.blob.receipt
        if before != self.receipt and before:
            assert self.receipt, "a receipt that may be fresh for others is gone"
            assert self.receipt.obtained_at >= before.obtained_at, "a newer receipt is overwritten"
            assert not before.is_fresh(self.world.now, self._fresh_for_the_last()), (
                "a receipt that is fresh for its reader is overwritten"
            )
        if not self.may_repeat:
            assert self.acted <= 1 + self.asked_again, "it was asked twice, and no human said so"
        for by, calls in Counter(self.calls).items():
            crashes = self.world.happened.count("crash")
            assert calls <= RETRY + crashes, f"the patience of {by} is exceeded"

    def nothing_paid_is_lost(self) -> None:
        for execution in self.world.executions:
            if isinstance(execution.result, Answered):
                assert self.blob.receipt, "a paid answer was thrown away"

    def _fresh_for_the_last(self) -> timedelta | None:
        assert self.world.last
        return self.askings[self.world.last.name.rstrip("+")].fresh_for


_decode = lru_cache(decode)


def _what_is_heard(world: World, taken: Taken) -> Sequence[Choice]:
    return [
        Choice("the answer", "answer"),
        Choice("a fault", "clean", "fault"),
        Choice("a fault after which it may have acted", "unsure", "fault"),
        *([Choice("nothing yet, renews", "renew")] if world.now > taken.claim.since else []),
    ]


def a_world(
    *misfortunes: str,
    budget: int = 1,
    switches: int = SWITCHES,
    moments: tuple[timedelta, ...] = MOMENTS,
) -> World:
    return World(frozenset(misfortunes), budget, switches=switches, moments=moments)


def two_gathers(*misfortunes: str, may_repeat: bool) -> World:
    case = Case(a_world(*misfortunes), may_repeat)
    case.start("x", asking_of("one", may_repeat=may_repeat))
    case.start("y", asking_of("two", may_repeat=may_repeat))
    return case.world


@pytest.mark.parametrize("may_repeat", [True, False])
def test_two_gathers_share_one_receipt_through_a_misfortune(*, may_repeat: bool) -> None:
    seen = explore(lambda: two_gathers("crash", "lost reply", "fault", may_repeat=may_repeat))

    assert seen.ends > 100


@pytest.mark.parametrize("may_repeat", [True, False])
def test_one_gather_gets_through_whatever_happens_twice(*, may_repeat: bool) -> None:
    def alone() -> World:
        world = a_world("crash", "lost reply", "unanswered", "out of reach", "fault", budget=2)
        Case(world, may_repeat).start("x", asking_of("one", may_repeat=may_repeat))
        return world

    assert explore(alone).ends > 100


def test_a_crash_and_two_faults_do_not_set_patience_back() -> None:
    def alone() -> World:
        world = a_world("crash", "fault", budget=3)
        Case(world, may_repeat=True).start("x", asking_of("one"))
        return world

    assert explore(alone).ends > 50


def test_a_paid_answer_survives_the_crash_of_who_took_the_key_over() -> None:
    def two() -> World:
        case = Case(a_world("crash", switches=SWITCHES + 1, moments=MOMENTS[1:]), may_repeat=True)
        case.start("x", asking_of("one"))
        case.start("y", asking_of("two"))
        return case.world

    assert explore(two).ends > 50


def test_a_refresh_leaves_the_old_receipt_to_those_for_whom_it_is_fresh() -> None:
    def refreshed() -> World:
        world = a_world("crash", "lost reply", "fault", moments=MOMENTS[1:])
        play(put_receipt(world, obtained_at=START - timedelta(minutes=5)))
        case = Case(world, may_repeat=True)
        case.start("x", asking_of("one", fresh_for=timedelta(minutes=4)))
        case.start("y", asking_of("two"))
        return world

    assert explore(refreshed).ends > 20


@pytest.mark.parametrize("misfortune", ["crash", "lost reply", "fault"])
def test_an_execution_and_its_late_double_answer_alike(misfortune: str) -> None:
    def doubled() -> World:
        world = a_world(misfortune, moments=MOMENTS[1:])
        case = Case(world, may_repeat=True)
        case.start("x", asking_of("one", keeps_copy=True))
        case.start("x2", asking_of("one", keeps_copy=True))
        world.at_end = lambda: all_tell_the_same(world)
        return world

    assert explore(doubled).ends > 20


def all_tell_the_same(world: World) -> None:
    told = {e.result.receipt.digest for e in world.executions if isinstance(e.result, Answered)}
    assert len(told) <= 1, "two executions of one ask tell different answers"


@pytest.mark.parametrize("way", ["ask again", "answer"])
def test_a_human_who_resolves_a_doubt_may_race_a_late_answer(way: str) -> None:
    def resolved() -> World:
        world = a_world("crash", "lost reply", "fault", moments=MOMENTS[1:])
        case = Case(world, may_repeat=False)
        asking = asking_of("one", may_repeat=False)
        case.start("x", asking)
        case.askings["h"] = asking
        world.start("h", lambda name: a_human_resolves(case, asking, name, way))
        return world

    assert explore(resolved).ends > 10


async def a_human_resolves(case: Case, asking: Asking, name: str, way: str) -> Over | None:
    """Wait for a doubt that may never come, resolve it, and run the gather once more."""
    blobs, now = case.world.blobs, case.world.clock

    def choices() -> Sequence[Choice]:
        if isinstance(case.blob.hold, InDoubt):
            return [Choice("resolves", value=True)]
        others = [e for e in case.world.executions if e.name != name]
        return [] if any(e.turn for e in others) else [Choice("goes home", value=False)]

    if not await hand_over(Turn("waits for a doubt", choices)):
        return None
    try:
        if way == "answer":
            await answer_by_hand(blobs, asking, name, Obtained(b"by hand", "text/plain", now()))
        else:
            await ask_again(blobs, asking, name, now)
            case.asked_again += 1
    except NotInDoubt:
        assert case.blob.receipt or case.asked_again, "a doubt ended, and nobody ended it"
    return await case.pursue(asking, name)


async def put_receipt(world: World, obtained_at: datetime) -> None:
    asking = asking_of("nobody")
    content = b"an old answer"
    receipt = Receipt(
        KEY,
        generation=1,
        digest=digest_of(content),
        size=len(content),
        media_type="text/plain",
        obtained_at=obtained_at,
        by="nobody",
        attempts=1,
        payload=Inline(content),
    )
    blob = KeyBlob(receipt=receipt, keeper="nobody")
    await world.blobs.create(asking.container, asking.name, encode(blob))
