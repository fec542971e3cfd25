"""The real orchestrators and activities of gathers, on the real engine, over storage in memory."""

import json
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

from activities.shell import in_reach
from devhost.engine.engine import Engine
from devhost.engine.faults import Faults
from devhost_support.durable import Bench
from gather_once.executor.context import Surroundings
from gather_once.executor.old.concluding import concluded
from gather_once.executor.old.obtaining import obtained
from gather_once.executor.run import assembled, opened
from gather_once.gathers import commands, start
from gather_once.gathers.dossier import Dossier, read
from gather_once.gathers.host import Instance
from gather_once.http_client.call import Answer, Call
from gather_once.http_client.secrets import Secrets
from gather_once.model import clock, names
from gather_once.model.fault import Fault, SourceFailed
from gather_once.model.settings import Settings
from gather_once.plans.plan import parse_plan
from orchestrators import gather
from orchestrators.old import pursue, spread
from support.memory_blobs import Fate, MemoryBlobs, Operation
from support.orchestration import user_function

SETTINGS = Settings.of({"GATHER_ALLOW_LOOPBACK": "1"})


@dataclass
class PaperSources:
    """Sources by the last part of their path: faults first, then for ever the same answer."""

    faults: Mapping[str, list[Fault]] = field(default_factory=dict)
    asked: list[tuple[str, Any]] = field(default_factory=list)
    _turns: dict[str, int] = field(default_factory=dict)
    kind: str = "http"

    def fetch(self, call: Call) -> Answer:
        name = call.request["url"].rpartition("/")[2]
        turn = self._turns.get(name, 0)
        self._turns[name] = turn + 1
        self.asked.append((name, call.request["query"]))
        if turn < len(planned := self.faults.get(name, [])):
            raise SourceFailed(planned[turn])
        answer = {"name": name, "seen": call.request["query"]}
        return Answer(json.dumps(answer).encode(), "application/json")


class EngineAsHost:
    """The ledger's durable port over an engine."""

    hub = "Hub"

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self._engine = engine

    async def look(self, instance: str) -> Instance | None:
        raise NotImplementedError

    async def status(self, instance: str) -> str | None:
        record = self._engine().status(instance)
        return record.status.value if record else None

    async def start(self, orchestrator: str, instance: str, given: Mapping[str, Any]) -> None:
        if await self.status(instance) not in {"Pending", "Running"}:
            self._engine().start_instance(orchestrator, json.dumps(json.dumps(given)), instance)

    async def terminate(self, instance: str, reason: str) -> None:
        if await self.status(instance) in {"Pending", "Running"}:
            self._engine().terminate(instance, reason)

    async def resume(self, instance: str, reason: str) -> None:
        raise NotImplementedError

    async def raise_event(self, instance: str, event: str) -> None:
        raise NotImplementedError

    async def purge(self, instance: str) -> None:
        raise NotImplementedError


class PaperApp:
    """One app: its bench, its storage, its sources."""

    def __init__(self, folder: Path, sources: PaperSources) -> None:
        self.sources = sources
        self.blobs = MemoryBlobs(self._fate)
        self.operations: list[Operation] = []
        self._numbers = count(1)
        self.bench = Bench(folder / "engine.sqlite", _orchestrators(), self._activities())
        self.host = EngineAsHost(lambda: self.bench.engine)

    async def _fate(self, operation: Operation) -> Fate:
        self.operations.append(operation)
        return Fate.CARRIED_OUT

    def _activities(self) -> dict[str, Callable[[Any], Any]]:
        return {
            names.DRAW: lambda _: {"status": "drawn", "execution": self._name()},
            names.OPEN: lambda given: in_reach(opened(given, self.blobs, SETTINGS, clock.now())),
            names.OBTAIN: lambda given: in_reach(obtained(given, self._surroundings())),
            names.CONCLUDE: lambda given: in_reach(concluded(given, self.blobs)),
            names.DELIVER: lambda _: {"status": "told"},
            names.ASSEMBLE: lambda given: in_reach(assembled(given, self.blobs, clock.now())),
        }

    def _name(self) -> str:
        return f"execution-{next(self._numbers)}"

    def _surroundings(self) -> Surroundings:
        source = self.sources
        return Surroundings(
            self.blobs, SETTINGS, Secrets({}), lambda _: source, self._name(), clock.now, _at_once
        )

    async def begins(self, id: str, plan: dict[str, Any]) -> start.Begun:
        parsed = parse_plan(plan, SETTINGS, id=id)
        return await start.begin(self.blobs, self.host, id, parsed, now=clock.now())

    async def gathers(
        self, id: str, plan: dict[str, Any], *, within: timedelta = timedelta(days=400)
    ) -> Dossier | None:
        """Carry a plan out to the end of its root, and return its dossier."""
        await self.begins(id, plan)
        await self.bench.end_of(id, within=within)
        return await read(self.blobs, id, 1)

    async def terminates(self, id: str) -> None:
        await commands.terminate(self.blobs, self.host, id, now=clock.now())


@contextmanager
def paper_app(sources: PaperSources, faults: Faults | None = None) -> Iterator[PaperApp]:
    """Make an app whose time is the bench's; enter `app.bench` to let it run."""
    with tempfile.TemporaryDirectory() as folder:
        app = PaperApp(Path(folder), sources)
        before, clock.source = clock.source, app.bench.clock.now
        if faults is not None:
            app.bench.engine.scheduler.faults = faults
        try:
            yield app
        finally:
            clock.source = before


def _orchestrators() -> dict[str, Callable[..., Any]]:
    return {
        names.GATHER: user_function(gather.gather),
        names.PURSUE: user_function(pursue.pursue),
        names.SPREAD: user_function(spread.spread),
    }


async def _at_once(call: Callable[[], Answer]) -> Answer:
    return call()
