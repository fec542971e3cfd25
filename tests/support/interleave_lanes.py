"""Executions that work through the same portion of a list, to be driven through every order.

What is watched is what really happened: the calls that were made, and what the journal held then.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, cast

from gather_once.executor.journal_work import Brought, Done, LeftOver, Terms, work_through
from gather_once.ledger.journal import (
    Anew,
    Attempt,
    Begun,
    Doubted,
    Entry,
    Failed,
    Kept,
    Opened,
    Sealed,
    Stand,
    decode,
)
from gather_once.ledger.resolution import NotInDoubt, resolve_item
from gather_once.model.fault import Fault, FaultKind
from gather_once.model.receipt import Inline, Receipt, digest_of
from gather_once.storage.blobs import Blob, Blobs, Container, OutOfReach
from support.interleave import START, Choice, Explored, Turn, World, explore, hand_over

SWITCHES = int(os.environ.get("INTERLEAVINGS_SWITCHES", "1"))
LANE = "g/lane/a/0/0"
WHERE = (Container.GATHERS, LANE)
FAULT = Fault(FaultKind.PASSING, "a fault")
UNSURE = Fault(FaultKind.PASSING, "no answer", may_have_acted=True)


@dataclass(frozen=True)
class Made:
    """A call that was made, and how it ended ("": it is under way)."""

    who: str
    attempt: Attempt
    end: str = ""


@dataclass(frozen=True)
class Looked:
    """How an item stands, in which generation, after how many vain tries of the run."""

    stand: Stand
    generation: int
    tries: int


@dataclass
class Case:
    """What executions do to a source, and what must stay true meanwhile.

    `lists` has the list of each run, a letter for the key of each item.
    """

    world: World
    lists: tuple[str, ...] = ("ab",)
    never: bool = False
    slots: int = 2
    max_attempts: int = 1
    run: int = 1
    made: list[Made] = field(default_factory=list)
    seen: bytes = b""

    def __post_init__(self) -> None:
        self.world.watch = self.watch
        self.world.at_end = self.nothing_is_lost
        self.world.facts = lambda: (tuple(map(_plainly, self.made)), self.run)

    def keys(self, run: int) -> dict[int, str]:
        return dict(enumerate(self.lists[run - 1]))

    @property
    def log(self) -> tuple[Entry, ...]:
        stored = self.world.blobs.stored.get(WHERE)
        return _decode(stored.content) if stored else ()

    def look(self, run: int, number: int, log: Sequence[Entry] | None = None) -> Looked:
        """Say what the journal means, worked out in another way than the app does it."""
        key = self.keys(run)[number]
        entries = self.log if log is None else log
        ours = [e for e in entries if not isinstance(e, Opened | Sealed)]
        ours = [e for e in ours if _what(e.attempt) == (number, key)]
        generation = 1 + sum(isinstance(e, Anew) for e in ours)
        now = [e for e in ours if e.attempt.generation == generation]
        faults = {e.attempt for e in now if isinstance(e, Failed)}
        hangs = {e.attempt for e in now if isinstance(e, Begun)} - faults
        tries = sum(attempt.run == run for attempt in faults)
        if any(isinstance(e, Kept) for e in ours):
            return Looked(Stand.KEPT, generation, tries)
        if any(isinstance(e, Doubted) for e in now):
            return Looked(Stand.IN_DOUBT, generation, tries)
        what = Stand.SPENT if tries >= self.max_attempts else Stand.DUE
        return Looked(Stand.HANGING if hangs else what, generation, tries)

    # who works

    def starts(self, name: str, run: int = 1) -> None:
        self.world.start(name, lambda n: self.lane(n, run))

    async def lane(self, name: str, run: int) -> int | None:
        """Look again and again, as a lane does, until nothing is left; return the run then."""
        k = 0
        while True:
            looked = Turn("looks at control", lambda: [Choice("now", self.run)])
            if await hand_over(looked) != run:
                return None
            try:
                if isinstance(await self.execution(f"{name}{k}", run), Done):
                    return run
            except OutOfReach:
                pass
            k += 1

    async def double(self, name: str) -> None:
        """Be a second delivery of an activity: nobody waits for its answer."""
        await self.execution(name, 1)

    async def execution(self, writer: str, run: int) -> Done | LeftOver:
        terms = Terms(run, writer, self.slots, self.max_attempts, announces=self.never)
        blobs = Watched(self.world.blobs)
        calls, now = ToldCalls(self, writer, blobs), self.world.clock
        try:
            return await work_through(cast("Blobs", blobs), LANE, self.keys(run), terms, calls, now)
        except GeneratorExit:
            self.crashed(writer)
            raise

    def crashed(self, writer: str) -> None:
        """Nobody hears any more how this execution's calls end, nor writes what it heard."""
        for number, one in enumerate(self.made):
            if one.who == writer and one.end in {"", "kept"}:
                self.made[number] = replace(one, end="crashed")

    async def again(self, _: str) -> None:
        """End the run, and begin the next one."""
        await hand_over(Turn("says again", lambda: [Choice("now")]))
        self.run += 1
        self.starts(f"r{self.run}", self.run)

    async def resolve(self, name: str, how: str) -> None:
        def choices() -> Sequence[Choice]:
            if self._in_doubt():
                return [Choice("resolves", value=True)]
            others = [e for e in self.world.executions if e.name != name]
            return [] if any(e.turn for e in others) else [Choice("goes home", value=False)]

        if not await hand_over(Turn("waits for a doubt", choices)):
            return
        run, item = self.run, self._in_doubt()[0]
        said_in = Attempt(item, self.keys(run)[item], 0, run, name, 0)
        word = Anew if how == "anew" else _kept
        try:
            await resolve_item(self.world.blobs, LANE, self.keys(run), said_in, word)
        except NotInDoubt:
            return
        if self.run < len(self.lists):
            await self.again(name)

    def _in_doubt(self) -> list[int]:
        numbers = self.keys(self.run)
        return [n for n in numbers if self.look(self.run, n).stand is Stand.IN_DOUBT]

    # what must hold

    def is_right_to_call(self, writer: str, attempt: Attempt, known: bytes) -> None:
        seen = self.look(attempt.run, attempt.item, _decode(known))
        before = [one for one in self.made if _what(one.attempt) == _what(attempt)]
        assert seen.stand is not Stand.KEPT, (
            "a kept item is asked again by one that could have known"
        )
        if self.never:
            before_in_this = [b for b in before if b.attempt.generation == attempt.generation]
            assert all(b.end == "fault" for b in before_in_this), "asked twice, nobody said anew"
        mine = [one for one in self.made if one.who == writer and not self._is_written(one)]
        assert len(mine) < self.slots, "more calls are at stake than there are slots"
        assert seen.tries < self.max_attempts, "its patience was known to be over"

    def _is_written(self, made: Made) -> bool:
        ends = [e for e in self.log if isinstance(e, Kept | Failed | Doubted)]
        return any(entry.attempt == made.attempt for entry in ends)

    def watch(self) -> None:
        stored = self.world.blobs.stored.get(WHERE)
        before, self.seen = self.seen, stored.content if stored else b""
        assert self.seen.startswith(before), "the journal has lost entries"
        old = _decode(before)
        for entry in self.log[len(old) :]:
            if isinstance(entry, Opened):
                assert entry.run >= _opener(old).run, "an earlier run takes the lane"
            if isinstance(entry, Sealed):
                self.is_right_to_seal(entry, old)

    def is_right_to_seal(self, seal: Sealed, old: Sequence[Entry]) -> None:
        assert _opener(old).run == seal.run, "a writer of one run seals another's"
        for number, key in self.keys(seal.run).items():
            looked = self.look(seal.run, number, old)
            stand, one = looked.stand, (number, key, looked.generation)
            failed = [m.attempt for m in self.made if m.end == "fault"]
            ours = [a for a in failed if (*_what(a), a.generation, a.run) == (*one, seal.run)]
            begun = [e.attempt for e in old if isinstance(e, Begun)]
            assert stand.is_settled, "an item is lost: sealed while it is due"
            if stand is Stand.SPENT:
                assert len(ours) >= self.max_attempts, "sealed as spent, and did not fail so often"
            if stand is Stand.IN_DOUBT:
                asked = [a for a in begun if (*_what(a), a.generation) == one]
                assert asked, "in doubt again with nobody asked since a human said anew"

    def nothing_is_lost(self) -> None:
        opens = sum(isinstance(entry, Opened) for entry in self.log)
        doubted = any(isinstance(entry, Doubted) for entry in self.log)
        is_overtaken = len(self.world.executions) > 1
        if doubted and not is_overtaken and {*self.world.happened} <= {"fault", "lost reply"}:
            assert any(one.end == "doubt" for one in self.made), "in doubt, and nobody crashed"
        assert all(one.end for one in self.made), "a call is under way, and nobody hears its end"
        for one in self.made:
            alike = [
                m
                for m in self.made
                if replace(m.attempt, writer="", number=0)
                == replace(one.attempt, writer="", number=0)
            ]
            assert len(alike) <= self.max_attempts + max(opens - 1, 0), "asked without a reason"
            if one.end == "kept":
                kept = [e for e in self.log if isinstance(e, Kept)]
                what = [_what(e.attempt) for e in kept]
                assert _what(one.attempt) in what, "a paid answer is lost"
        sealed = {entry.run for entry in self.log if isinstance(entry, Sealed)}
        done = {e.result for e in self.world.executions if isinstance(e.result, int)}
        assert done <= sealed, "a run is told done, and nothing is sealed"


class ToldCalls:
    """The calls of one execution, whose ends the explorer decides."""

    def __init__(self, case: Case, writer: str, blobs: "Watched") -> None:
        self._case, self._writer, self._blobs = case, writer, blobs

    async def may_begin(self) -> bool:
        return True

    async def begin(self, attempt: Attempt, made: int) -> None:  # noqa: ARG002  the port's
        await hand_over(Turn(f"calls {attempt.item}", lambda: [Choice("now")]))
        known = self._case.seen[: self._blobs.known]
        self._case.is_right_to_call(self._writer, attempt, known)
        self._case.made.append(Made(self._writer, attempt))

    async def ended(self, at_least: int) -> tuple[Brought, ...]:  # noqa: ARG002  the port's
        number, says = await hand_over(Turn("hears", self._ends))
        one = self._case.made[number]
        self._case.made[number] = replace(one, end=says)
        now = self._case.world.now
        what: dict[str, Kept | Failed | Doubted] = {
            "kept": _kept(one.attempt),
            "fault": Failed(one.attempt, now, now, FAULT),
            "doubt": Doubted(one.attempt, now, now, UNSURE),
        }
        return (Brought(one.attempt, what[says]),)

    def _ends(self) -> list[Choice]:
        under_way = [
            number
            for number, one in enumerate(self._case.made)
            if one.who == self._writer and not one.end
        ]
        ends = ("kept", "fault", "doubt") if self._case.never else ("kept", "fault")
        return [
            Choice(f"{end} {number}", (number, end), None if end == "kept" else "fault")
            for number in under_way
            for end in ends
        ]


class Watched:
    """Storage as one writer sees it; `known` is how far it has read the journal, in bytes."""

    def __init__(self, blobs: Any) -> None:
        self._blobs, self.known = blobs, 0

    async def read(self, container: Container, name: str, *, start: int = 0) -> Blob | None:
        found: Blob | None = await self._blobs.read(container, name, start=start)
        self.known = start + len(found.content) if found else 0
        return found

    async def create_log(self, container: Container, name: str) -> None:
        await self._blobs.create_log(container, name)

    async def append(
        self, container: Container, name: str, content: bytes, *, position: int | None = None
    ) -> int:
        length: int = await self._blobs.append(container, name, content, position=position)
        if position is not None:
            self.known = length
        return length


@lru_cache(4096)
def _decode(content: bytes) -> tuple[Entry, ...]:
    return decode(content)


def _kept(attempt: Attempt) -> Kept:
    receipt = Receipt(
        attempt.key,
        generation=attempt.generation,
        digest=digest_of(b"1"),
        size=1,
        media_type="application/json",
        obtained_at=START,
        by="g",
        attempts=1,
        payload=Inline(b"1"),
    )
    return Kept(attempt, START, receipt)


def _opener(log: Sequence[Entry]) -> Opened:
    opened = [entry for entry in log if isinstance(entry, Opened)]
    return opened[-1] if opened else Opened(0, "nobody")


def _what(attempt: Attempt) -> tuple[int, str]:
    return attempt.item, attempt.key


def _plainly(made: Made) -> tuple[Any, ...]:
    one = made.attempt
    return made.who, one.item, one.key, one.generation, one.run, one.writer, one.number, made.end


def tried(  # what may happen in a case
    *misfortunes: str,
    who: str = "e",
    budget: int = 1,
    switches: int = SWITCHES,
    human: str = "",
    double: bool = False,
    **options: Any,
) -> Explored:
    """Play every schedule of a case; raise with the one in which something is lost."""

    def make() -> World:
        world = World(frozenset(misfortunes), budget, switches=switches)
        case = Case(world, **options)
        for name in who:
            case.starts(name)
        for _ in case.lists[1:] if not human else ():
            world.start("again", case.again)
        if double:
            world.start("d", case.double)
        if human:
            world.start("h", lambda name: case.resolve(name, human))
        return world

    return explore(make)
