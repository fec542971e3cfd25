"""Drives real coroutines through every order of steps, with crashes, repeats and lost replies.

A coroutine hands control over by `hand_over(Turn(...))`, which says what it is about to do and
what may come of it; the memory twin does so before every operation. A coroutine cannot be copied,
so a schedule is a list of choices, and every other branch is reached by playing it from the start.
Two schedules that lead to the same storage, the same time and the same lines and local variables
of every coroutine have the same future: it is explored once.
"""

from collections.abc import Callable, Coroutine, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache
from types import FunctionType, NoneType, coroutine
from typing import Any

from support.memory_blobs import Fate, MemoryBlobs, Operation

START = datetime(2026, 1, 1, tzinfo=UTC)

Program = Callable[[str], Coroutine["Turn", Any, Any]]
"""Makes the coroutine of an execution with this name."""


@dataclass(frozen=True)
class Choice:
    """One thing that may happen next; a misfortune is taken from the world's budget."""

    label: str
    value: Any = None
    misfortune: str | None = None


@dataclass(frozen=True)
class Turn:
    """Where a coroutine stands: what it wants, and what may come of it as things are now.

    No choices: it waits.
    """

    wants: str
    choices: Callable[[], Sequence[Choice]]


@coroutine
def hand_over(turn: Turn) -> Generator[Turn, Any, Any]:
    """Let the explorer decide who goes on, and what this turn brings."""
    return (yield turn)


def play(work: Coroutine[Turn, Any, Any]) -> Any:
    """Run a coroutine alone to its end, with the first choice at every turn."""
    value = None
    try:
        while True:
            value = work.send(value).choices()[0].value
    except StopIteration as end:
        return end.value


class Execution:
    """One coroutine and where it stands; `result` is what it returned in the end."""

    def __init__(self, name: str, program: Program) -> None:
        self.name, self._program = name, program
        self._running = program(name)
        self.turn: Turn | None = None
        self.result: Any = None
        self.has_begun = False
        self._send(None)

    def go_on(self, value: Any) -> None:
        self.has_begun = True
        self._send(value)

    def crash(self) -> "Execution":
        """End here and now; what was asked of it is asked again of a fresh execution."""
        self._running.close()
        self.turn = None
        return Execution(f"{self.name}+", self._program)

    def standing(self, plain: "_Plain") -> object:
        """Tell apart what may go on differently: every line it stands on, and what it remembers."""
        if self.turn is None:
            return self.name, plain(self.result)
        return self.name, self.turn.wants, tuple(_frames(self._running, plain))

    def _send(self, value: Any) -> None:
        try:
            self.turn = self._running.send(value)
        except StopIteration as end:
            self.turn, self.result = None, end.value


def _frames(running: Any, plain: "_Plain") -> Iterator[object]:
    while frame := getattr(running, "cr_frame", None):
        remembered = sorted(dict(frame.f_locals).items())
        yield frame.f_lasti, tuple((name, plain(value)) for name, value in remembered)
        running = running.cr_await


class _Plain:
    """Brings values into a form that can be compared between two plays.

    Of a version only whether it still stands is told: no version ever comes back.
    """

    def __init__(self, versions: frozenset[str]) -> None:
        self._versions = versions
        self._known: dict[int, object] = {}  # most values stand in several frames at once

    def __call__(self, value: Any) -> object:
        if type(value) in _ATOMS:
            is_version = type(value) is str and value.startswith('"')
            return "stale" if is_version and value not in self._versions else value
        if id(value) not in self._known:
            self._known[id(value)] = tuple(self._parts(value))
        return self._known[id(value)]

    def _parts(self, value: Any) -> Iterator[object]:
        kind = type(value)
        if kind is dict:
            yield from ((key, self(value[key])) for key in sorted(value))
        elif kind is tuple:
            yield from map(self, value)
        elif kind is FunctionType:
            yield value.__qualname__
            yield from (self(cell.cell_contents) for cell in value.__closure__ or ())
        else:
            yield kind.__qualname__
            yield from (self(getattr(value, name)) for name in _names(kind))  # type: ignore[arg-type]  # a class is hashable


_ATOMS = {NoneType, str, int, bool, float, bytes, datetime, timedelta}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    """Return the fields of a frozen value; what can change is not looked into."""
    if issubclass(kind, Enum):
        return ("value",)
    is_value = is_dataclass(kind) and kind.__hash__ is not None
    return tuple(field.name for field in fields(kind)) if is_value else ()


@dataclass
class World:
    """Storage, a clock, executions and what may still go wrong.

    `last` is the execution that went on last. `misfortunes` has the kinds that may happen, `budget`
    how many of them in one play; `switches` is how often one execution may be left for another
    although it could go on: almost all that can go wrong goes wrong with few. `moments` are what
    the clock may be put on to. `watch` is called after every step, `at_end` when nothing more may
    happen; both assert. `facts` is what else of the world's past decides its future.
    """

    misfortunes: frozenset[str] = frozenset()
    budget: int = 1
    switches: int = 1_000
    moments: tuple[timedelta, ...] = ()
    now: datetime = START
    executions: list[Execution] = field(default_factory=list)
    watch: Callable[[], None] = lambda: None
    at_end: Callable[[], None] = lambda: None
    facts: Callable[[], Any] = lambda: None

    def __post_init__(self) -> None:
        self.blobs = MemoryBlobs(self._befall)
        self.happened: tuple[str, ...] = ()
        self.last: Execution | None = None

    def clock(self) -> datetime:
        return self.now

    def start(self, name: str, program: Program) -> None:
        self.executions.append(Execution(name, program))

    async def rest_until(self, moment: datetime) -> None:
        """Wait for the clock, as an orchestrator does between two executions of an activity."""

        def choices() -> Sequence[Choice]:
            return [Choice("wakes up")] if self.now >= moment else []

        await hand_over(Turn(f"rests until {moment:%H:%M:%S}", choices))

    async def _befall(self, operation: Operation) -> Fate:
        fate: Fate = await hand_over(Turn(operation.verb, lambda: _fates_of(operation)))
        return fate

    def choices(self) -> Iterator[tuple[Choice, Callable[[Choice], None]]]:
        """Yield all that may happen next, each with what makes it happen."""
        for i, execution in enumerate(self.executions):
            if execution.turn and self._may_go_on(execution):
                yield from self._steps(execution, execution.turn)
                if self._may_happen("crash") and execution.has_begun:
                    label = f"{execution.name} crashes before: {execution.turn.wants}"
                    yield Choice(label, None, "crash"), self._crash(i)
        yield from self._time()

    def _may_happen(self, misfortune: str) -> bool:
        return misfortune in self.misfortunes and len(self.happened) < self.budget

    def _may_go_on(self, execution: Execution) -> bool:
        return self.switches > 0 or not self._leaves_another(execution)

    def _leaves_another(self, execution: Execution) -> bool:
        last = self.last
        return bool(last and last is not execution and last.turn and last.turn.choices())

    def _steps(
        self, execution: Execution, turn: Turn
    ) -> Iterator[tuple[Choice, Callable[[Choice], None]]]:
        def happen(choice: Choice) -> None:
            self.switches -= self._leaves_another(execution)
            self.last = execution
            execution.go_on(choice.value)

        for choice in turn.choices():
            if choice.misfortune is None or self._may_happen(choice.misfortune):
                label = f"{execution.name}: {turn.wants}: {choice.label}"
                yield Choice(label, choice.value, choice.misfortune), happen

    def _crash(self, i: int) -> Callable[[Choice], None]:
        def happen(_: Choice) -> None:
            self.executions[i] = self.executions[i].crash()

        return happen

    def _time(self) -> Iterator[tuple[Choice, Callable[[Choice], None]]]:
        def happen(choice: Choice) -> None:
            self.now = choice.value

        later = [START + moment for moment in self.moments if START + moment > self.now]
        if later:
            yield Choice(f"it is {later[0]:%H:%M:%S}", later[0]), happen
        elif any(execution.turn for execution in self.executions) and not any(
            execution.turn.choices() for execution in self.executions if execution.turn
        ):
            yield Choice("a day passes", self.now + timedelta(days=1)), happen

    def fingerprint(self) -> int:
        """Tell worlds apart that may have different futures."""
        stored = self.blobs.stored
        plain = _Plain(frozenset(blob.version for blob in stored.values()))
        contents = tuple(
            (where, blob.content, *blob.metadata.items()) for where, blob in sorted(stored.items())
        )
        past = (self.now, self.happened, self.switches, self.last and self.last.name)
        standing = tuple(execution.standing(plain) for execution in self.executions)
        return hash((contents, past, self.facts(), standing))


def explore(make: Callable[[], World], *, at_most: int = 200_000) -> "Explored":
    """Play every schedule of the world that `make` builds; raise with the schedule that fails.

    Every schedule must come to an end at which each execution has returned: nobody waits for ever.
    """
    seen: set[int] = set()
    ends = 0
    branches: list[tuple[int, ...]] = [()]
    while branches:
        schedule = _Schedule(make(), branches.pop())
        while schedule.is_new(seen):
            choices = len(schedule.choices)
            if not choices:
                schedule.end()
                ends += 1
                break
            branches += [(*schedule.path, i) for i in range(1, choices)]
            schedule.go_on(0)
        assert len(seen) < at_most, f"more than {at_most} states: make the case smaller"
    return Explored(len(seen), ends)


@dataclass(frozen=True)
class Explored:
    """How many different states were seen, and how many schedules came to their end."""

    states: int
    ends: int


class _Schedule:
    """A world played along a path of choices, to be gone on with."""

    _TOO_LONG = 200

    def __init__(self, world: World, path: tuple[int, ...]) -> None:
        self.world = world
        self.path: tuple[int, ...] = ()
        self.labels: list[str] = []
        self.choices = list(world.choices())
        for i in path:
            self.go_on(i)

    def is_new(self, seen: set[int]) -> bool:
        before = len(seen)
        seen.add(self.world.fingerprint())
        return len(seen) > before

    def go_on(self, i: int) -> None:
        choice, happen = self.choices[i]
        self.path = (*self.path, i)
        self.labels.append(choice.label)
        with self._told():
            if choice.misfortune:
                self.world.happened += (choice.misfortune,)
            happen(choice)
            self.world.watch()
            assert len(self.path) < self._TOO_LONG, "somebody waits for ever"
        self.choices = list(self.world.choices())

    def end(self) -> None:
        with self._told():
            assert not any(e.turn for e in self.world.executions), "somebody waits for ever"
            self.world.at_end()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell the schedule with whatever goes wrong in it."""
        try:
            yield
        except Exception as broken:
            broken.add_note("\n".join(f"{n:3}. {label}" for n, label in enumerate(self.labels, 1)))
            raise


def _fates_of(operation: Operation) -> Sequence[Choice]:
    carried_out = Choice("done", Fate.CARRIED_OUT)
    if operation.verb in {"read", "look", "list"}:
        return [carried_out, Choice("no answer", Fate.OUT_OF_REACH, "out of reach")]
    return [
        carried_out,
        Choice("done, the reply is lost, sent again", Fate.REPEATED, "lost reply"),
        Choice("done, and no answer", Fate.UNANSWERED, "unanswered"),
        Choice("not done, and no answer", Fate.OUT_OF_REACH, "out of reach"),
    ]
