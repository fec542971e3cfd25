"""An engine under test: plain generator functions and activities, the real SDK, a virtual clock."""

import asyncio
import inspect
import json
import traceback
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from azure.durable_functions.orchestrator import Orchestrator

from devhost.call import FunctionFailed
from devhost.clock import VirtualClock
from devhost.engine.engine import DurableNames, Engine
from devhost.engine.records import InstanceRecord
from devhost.engine.scheduler import EngineOptions
from devhost.engine.store import Store

LENIENT = EngineOptions()
Functions = dict[str, Callable[..., Any]]
Story = Callable[["Bench"], Awaitable[None]]
Benches = Callable[..., Callable[[Story], None]]
"""Takes orchestrators and activities; decorates the story that runs on their bench."""


class SdkWorker:
    """Runs orchestrators through the SDK and activities as they are; counts every call."""

    def __init__(self, orchestrators: Functions, activities: Functions) -> None:
        self.orchestrators = {n: Orchestrator.create(fn) for n, fn in orchestrators.items()}
        self.activities = activities
        self.calls: list[tuple[str, Any]] = []
        self.episodes = 0

    async def orchestrate(self, name: str, context_json: str) -> str:
        self.episodes += 1
        state: str = await _reported(lambda: self.orchestrators[name](context_json))
        return state

    async def run_activity(
        self, name: str, input_text: str | None, invocation_id: str
    ) -> str | None:
        assert invocation_id
        value = None if input_text is None else json.loads(input_text)
        self.calls.append((name, value))
        result = await _reported(lambda: self.activities[name](value))
        return None if result is None else json.dumps(result)


async def _reported(call: Callable[[], Any]) -> Any:
    try:
        result = call()
        return await result if inspect.isawaitable(result) else result
    except Exception as error:
        raise FunctionFailed(type(error).__name__, str(error), traceback.format_exc()) from error


class Bench:
    """An engine whose time only moves when nothing else is left to do."""

    def __init__(
        self,
        path: Path,
        orchestrators: Functions,
        activities: Functions | None = None,
        options: EngineOptions = LENIENT,
    ) -> None:
        self.path, self.options = path, options
        self.clock = VirtualClock()
        self.worker = SdkWorker(orchestrators, activities or {})
        self._open()

    def _open(self) -> None:
        names = DurableNames(tuple(self.worker.orchestrators), tuple(self.worker.activities))
        self.store = Store(self.path)
        self.engine = Engine(self.store, self.clock, self.worker, names, self.options)
        self._running: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._running = asyncio.create_task(self.engine.scheduler.run())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
            self._running = None
        self.store.close()

    async def kill_and_restart(self) -> None:
        """Drop what is not committed, then open the same file again."""
        await self.stop()
        self._open()
        await self.__aenter__()

    async def settle(self) -> None:
        self.engine.scheduler.wake()
        await self.engine.scheduler.rest()

    async def advance(self, **time: float) -> None:
        """Let this much time pass, stopping at everything that is due on the way."""
        target = self.clock.now() + timedelta(**time)
        await self.settle()
        while (due := self.engine.scheduler.next_due()) is not None and due <= target:
            self.clock.move_to(due)
            await self.settle()
        self.clock.move_to(target)

    async def run(
        self, name: str, value: Any = None, *, within: timedelta = timedelta(days=400)
    ) -> InstanceRecord:
        """Start an orchestrator and let time pass until it ends, or `within` is over."""
        text = None if value is None else json.dumps(json.dumps(value))
        instance_id = self.engine.start_instance(name, text)
        return await self.end_of(instance_id, within=within)

    async def end_of(
        self, instance_id: str, *, within: timedelta = timedelta(days=400)
    ) -> InstanceRecord:
        limit = self.clock.now() + within
        await self.settle()
        while not self.status(instance_id).status.is_final:
            due = self.engine.scheduler.next_due()
            if due is None or due > limit:
                break
            self.clock.move_to(due)
            await self.settle()
        return self.status(instance_id)

    def status(self, instance_id: str) -> InstanceRecord:
        record = self.engine.status(instance_id)
        assert record is not None
        return record

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def ids(self, instance_id: str) -> list[tuple[str, int]]:
        """What was scheduled, as (kind, event id) in the order of the history."""
        names = {4: "task", 7: "child", 10: "timer"}
        events = self.engine.history(instance_id)
        return [(names[e["EventType"]], e["EventId"]) for e in events if e["EventType"] in names]


def on_a_bench(
    path: Path,
    orchestrators: Functions,
    activities: Functions | None = None,
    options: EngineOptions = LENIENT,
) -> Callable[[Story], None]:
    """Run a coroutine function against a fresh bench."""

    def run(story: Story) -> None:
        async def whole() -> None:
            async with Bench(path, orchestrators, activities, options) as bench:
                await story(bench)

        asyncio.run(whole())

    return run
