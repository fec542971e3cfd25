"""One gather under exploration: callers, roots and upkeep take turns at storage and host."""

from collections.abc import Callable, Coroutine, Iterator
from functools import cache
from itertools import count
from random import Random
from typing import Any, Final, TypeVar

from gather_once.executor.old.concluding import conclude
from gather_once.gathers import commands, control, reconcile, start
from gather_once.gathers.control import Control, State
from gather_once.gathers.dossier import Dossier, assemble
from gather_once.gathers.host import LIVE
from gather_once.gathers.opening import Opened, open_run
from gather_once.gathers.reconcile import Ended, Gone
from gather_once.gathers.start import Begun
from gather_once.model.names import root_id
from gather_once.plans.plan import Plan
from gather_once.storage import paths
from gather_once.storage.blobs import Container
from support.gathers import HostTwin, a_plan, kept, validated
from support.interleave import Choice, Turn, World, hand_over

T = TypeVar("T")

SWITCHES: Final = 3
"""How often one may be left for another halfway; two are enough to break any rule seen so far."""


@cache
def plan_of(shorthand: str) -> Plan:
    """Return the plan of a shorthand; worlds are built by the thousand."""
    return a_plan(shorthand)


class GatherWorld(World):
    """The gather `g`, and what must stay true of it whoever comes when."""

    id = "g"

    def __init__(self, shorthand: str = "a", misfortunes: tuple[str, ...] = ()) -> None:
        super().__init__(frozenset(misfortunes), switches=SWITCHES)
        self.plan = plan_of(shorthand)
        self.host = HostTwin(before=self._before_host)
        self.owners: dict[int, set[str]] = {}
        self.may_be_stopped = False
        self._ends: dict[int, bytes] = {}
        self.watch = self.nothing_is_broken
        self.facts = self._what_happened

    def does(self, step: Coroutine[Any, Any, T]) -> T:
        """Carry a step out at once, before the exploration begins."""
        answer: Any = None
        while True:
            try:
                turn: Turn = step.send(answer)
            except StopIteration as end:
                result: T = end.value
                return result
            answer = turn.choices()[0].value

    def calls(self, who: str, step: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Let somebody come."""
        self.start(who, lambda _: step())

    def told(self, who: str) -> list[Any]:
        """Return what was said to those whose names begin like this."""
        return [e.result for e in self.executions if e.name.startswith(who)]

    def begins(self, plan: Plan | None = None) -> Coroutine[Any, Any, Begun]:
        return start.begin(self.blobs, self.host, self.id, plan or self.plan, now=self.now)

    def terminates(self) -> Coroutine[Any, Any, Any]:
        self.may_be_stopped = True
        return commands.terminate(self.blobs, self.host, self.id, now=self.now)

    def runs_again(self) -> Coroutine[Any, Any, Any]:
        return commands.rerun(self.blobs, self.host, self.id, now=self.now)

    def is_forgotten(self) -> Coroutine[Any, Any, Any]:
        return commands.forget(self.blobs, self.host, self.id, now=self.now)

    def concludes(self, ask: str, run: int = 1) -> Coroutine[Any, Any, tuple[str, ...]]:
        return conclude(self.blobs, self.id, run, kept(ask))

    def assembles(self, run: int = 1) -> Coroutine[Any, Any, Dossier | None]:
        return assemble(self.blobs, self.id, run, now=self.now)

    async def opens(self, execution: str, run: int = 1) -> Any:
        opened = await open_run(
            self.blobs, self.id, run, execution, now=self.now, validate=validated
        )
        if isinstance(opened, Opened):
            self.owners.setdefault(run, set()).add(execution)
        return opened

    async def settles(self) -> Any:
        """Look after the gather until nothing is left to do."""
        while True:
            standing = await reconcile.settle(self.blobs, self.host, self.id, now=self.now)
            if standing is None or isinstance(standing, Ended | Gone):
                return standing
            await hand_over(Turn("upkeep rests", self._when_the_root_has_ended))

    def _when_the_root_has_ended(self) -> list[Choice]:
        found = self.control
        is_live = found and self.host.instances.get(root_id(self.id, found.run)) in LIVE
        return [] if is_live else [Choice("wakes up")]

    def hosts(self, run: int) -> None:
        """Let the host carry the run's root out as often as it is started, however late that is."""
        self.start(f"root {run}", lambda _: self._roots(run))

    async def _roots(self, run: int) -> None:
        instance = root_id(self.id, run)
        for execution in count():
            if not await hand_over(Turn("is begun", lambda: self._begins(instance))):
                return
            self.host.lets(instance, "Running")
            await self._root(instance, run, f"e{execution}")

    async def _root(self, instance: str, run: int, execution: str) -> None:
        opened = await self.opens(execution, run)
        if isinstance(opened, Opened) and self._lives(instance):
            for ask in opened.ready:
                await self.concludes(ask, run)
            if self._lives(instance):
                await self.assembles(run)
        if self._lives(instance):
            self.host.lets(instance, "Completed")

    def _begins(self, instance: str) -> list[Choice]:
        if self.host.instances.get(instance) == "Pending":
            return [Choice("now", value=True)]
        others = [e for e in self.executions if e.turn and e.turn.wants != "is begun"]
        return [] if others else [Choice("never", value=False)]

    def _lives(self, instance: str) -> bool:
        return self.host.instances.get(instance) in LIVE

    async def _before_host(self, verb: str) -> None:
        await hand_over(Turn(f"host: {verb}", lambda: [Choice("done")]))

    @property
    def control(self) -> Control | None:
        """What the control blob says, read outside the exploration."""
        stored = self.blobs.stored.get((Container.GATHERS, paths.control(self.id)))
        if stored is None:
            return None
        return control.of_metadata(self.id, stored.metadata, stored.version)

    def has_ended(self, run: int) -> bool:
        return (Container.GATHERS, paths.dossier(self.id, run)) in self.blobs.stored

    def nothing_is_broken(self) -> None:
        for run, owners in self.owners.items():
            assert len(owners) == 1, f"run {run} is run by {owners}"
        found = self.control
        is_stopped = found is not None and found.state is State.STOP
        assert self.may_be_stopped or not is_stopped, "a run is broken off though nobody asked"
        if found and found.run > 1:
            assert self.has_ended(found.run - 1), "a run is begun before the last one has ended"
        for run in range(1, (found.run if found else 0) + 1):
            stored = self.blobs.stored.get((Container.GATHERS, paths.dossier(self.id, run)))
            if stored:
                first = self._ends.setdefault(run, stored.content)
                assert stored.content == first, "a dossier changes after its end"

    def has_come_to_an_end(self) -> None:
        found = self.control
        assert found is not None
        assert found.state is State.GONE or self.has_ended(found.run)

    def _what_happened(self) -> tuple[object, ...]:
        owners = tuple((run, tuple(sorted(who))) for run, who in sorted(self.owners.items()))
        return owners, tuple(sorted(self.host.instances.items())), len(self.host.started)


def play_at_random(make: Callable[[], GatherWorld], seeds: Iterator[int] | range) -> None:
    """Play one schedule for each seed; for worlds too large to see all of them."""
    for seed in seeds:
        world, dice = make(), Random(seed)  # noqa: S311  # orders, not secrets
        world.switches = 1_000
        while choices := list(world.choices()):
            choice, happen = dice.choice(choices)
            if choice.misfortune:
                world.happened += (choice.misfortune,)
            try:
                happen(choice)
                world.watch()
            except AssertionError as broken:
                broken.add_note(f"with seed {seed}")
                raise
        world.at_end()
