"""The SDK's client before a real server, on an engine that runs functions or only remembers."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Protocol, Self

from azure.durable_functions import DurableOrchestrationClient
from azure.durable_functions.models.utils import http_utils
from starlette.requests import Request
from starlette.responses import Response

from devhost.engine.records import Status
from devhost.management import Instances, Management, client_json
from devhost.server import Server
from devhost_support.durable import Bench
from devhost_support.known_instances import KnownInstances


def waits(context: Any) -> Any:
    return (yield context.wait_for_external_event("go"))


def ends(context: Any) -> Any:
    yield context.create_timer(context.current_utc_datetime)
    return "done"


def fails(context: Any) -> Any:
    yield context.create_timer(context.current_utc_datetime)
    raise ValueError("boom")


class Hub(Protocol):
    """An engine that knows the functions `waits`, `ends` and `fails`."""

    @property
    def engine(self) -> Instances: ...

    async def settle(self) -> None:
        """Return when nothing is left to do."""


class Remembering:
    """The twin that only remembers how each function goes."""

    def __init__(self) -> None:
        self.engine = KnownInstances(
            {"waits": Status.RUNNING, "ends": Status.COMPLETED, "fails": Status.FAILED}
        )

    async def settle(self) -> None:
        self.engine.settle()


async def remembering(_: Path, __: AsyncExitStack) -> Hub:
    return Remembering()


async def running(path: Path, stack: AsyncExitStack) -> Hub:
    functions = {"waits": waits, "ends": ends, "fails": fails}
    return await stack.enter_async_context(Bench(path / "engine.sqlite", functions))


MakeHub = Callable[[Path, AsyncExitStack], Awaitable[Hub]]


class Nobody:
    """An app without HTTP functions."""

    async def handle(self, _: Request) -> Response | None:
        return None


class Stage:
    """A hub behind a real server, the SDK's client in front of it, all on one loop."""

    def __init__(self, make_hub: MakeHub, path: Path) -> None:
        self._make_hub, self._path = make_hub, path
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self.hub: Hub
        self.client: DurableOrchestrationClient

    def __enter__(self) -> Self:
        self.run(self._begin())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._open.aclose())
        self._runner.close()

    def run(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return self._runner.run(doing)

    def given(self, function: str, *, suspended: bool = False) -> None:
        """Let `x` be an instance of the function, as far as it goes by itself."""

        async def scene() -> None:
            await self.client.start_new(function, "x", {"a": 1})
            await self.hub.settle()
            if suspended:
                await self.client.suspend("x", "enough")
                await self.hub.settle()

        self.run(scene())

    def status(self, instance_id: str = "x", **flags: bool) -> Any:
        async def look() -> Any:
            await self.hub.settle()
            return await self.client.get_status(instance_id, **flags)

        return self.run(look())

    async def _begin(self) -> None:
        self.hub = await self._make_hub(self._path, self._open)
        server = Server(Management(self.hub.engine, hub="Hub", key="key"), Nobody())
        port = await server.start()
        self._open.push_async_callback(server.stop, abruptly=True)
        self._open.push_async_callback(http_utils._close_session)
        self.client = DurableOrchestrationClient(client_json(port=port, hub="Hub", key="key"))
