"""Two executions want the same key, in every order, while one thing goes wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import lru_cache
from itertools import count

import pytest

from ledger.answers import Obtained
from ledger.asking import Asking
from ledger.claims import Answered, Doubtful, Over, Taken, Wait, keep, release, renew, take
from ledger.decision import Exhausted
from ledger.keyblob import Claim, InDoubt, KeyBlob
from ledger.keyblob_json import decode, encode
from ledger.port import Container, OutOfReach
from ledger.resolution import NotInDoubt, answer_by_hand, ask_again
from model.fault import Fault, FaultKind
from model.receipt import Receipt
from support.interleave import START, Choice, Turn, World, explore, hand_over

KEY = "5" * 64
PATIENCE = 2
PAUSE = timedelta(seconds=20)
# A claim made at once is live, has expired for its holder, has expired for everybody.
ENDS = (Answered, Doubtful, Exhausted)
MOMENTS = tuple(timedelta(seconds=s) for s in (31, 92))


def asking_of(gather: str, *, may_repeat: bool = True, shared: bool = True) -> Asking:
    return Asking(
        KEY, gather, 1, PATIENCE, may_repeat=may_repeat, shared=shared, keeps_copy=False
    )


@dataclass
class Case:
    """What the executions do to the source, and what must stay true meanwhile."""

    world: World
    may_repeat: bool
    calls: list[str] = field(default_factory=list)
    acted: int = 0
    answers: int = 0
    asked_again: int = 0
    receipt: Receipt | None = None

    def __post_init__(self) -> None:
        self.world.watch = self.watch
        self.world.at_end = self.nothing_paid_is_lost
        self.world.facts = lambda: (tuple(sorted(self.calls)), self.acted, self.answers, self.asked_again)

    @property
    def blob(self) -> KeyBlob:
        (stored,) = self.world.blobs.stored.values() or (None,)
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
            obtained = Obtained(b"the answer", "text/plain", now())
            return await self._keep(asking, taken, obtained)
        fault = Fault(FaultKind.PASSING, said, may_have_acted=said == "unsure")
        self.acted -= not fault.may_have_acted
        free_at = now() + PAUSE
        released = await release(blobs, asking, taken, fault, free_at, now)
        return Doubtful(released.attempts) if released.in_doubt else Wait(free_at, None)

    async def _keep(self, asking: Asking, taken: Taken, obtained: Obtained) -> Answered:
        while True:
            try:
                stands = await keep(self.world.blobs, asking, taken, obtained, self.world.clock)
                self.answers += 1
                return stands
            except OutOfReach:
                continue

    def watch(self) -> None:
        before, self.receipt = self.receipt, self.blob.receipt
        assert before is None or self.receipt == before, "a receipt that is valid is overwritten"
        if not self.may_repeat:
            assert self.acted <= 1 + self.asked_again, "it was asked twice, and no human said so"
        for by, calls in Counter(self.calls).items():
            crashes = self.world.happened.count("crash")
            assert calls <= PATIENCE + crashes, f"the patience of {by} is exceeded"

    def nothing_paid_is_lost(self) -> None:
        assert not self.answers or self.blob.receipt, "a paid answer was thrown away"
        for execution in self.world.executions:
            if isinstance(execution.result, Answered):
                assert execution.result.receipt == self.blob.receipt


_decode = lru_cache(decode)


def _what_is_heard(world: World, taken: Taken) -> Sequence[Choice]:
    return [
        Choice("the answer", "answer"),
        Choice("a fault", "clean", "fault"),
        Choice("a fault after which it may have acted", "unsure", "fault"),
        *([Choice("nothing yet, renews", "renew")] if world.now > taken.claim.since else []),
    ]


ALL = frozenset({"crash", "lost reply", "unanswered", "out of reach", "fault"})


def two_gathers(may_repeat: bool, misfortunes: frozenset[str], switches: int = 1000) -> World:
    world = World(misfortunes, switches=switches, moments=MOMENTS)
    case = Case(world, may_repeat)
    for name, gather in (("x", "one"), ("y", "two")):
        asking = asking_of(gather, may_repeat=may_repeat)
        world.start(name, lambda n, asking=asking: case.pursue(asking, n))
    return world
