"""One host: claims its state, starts storage, loads the app, serves it and runs its engine."""

import asyncio
import os
import secrets
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from devhost.appsettings import setting
from devhost.azurite import EMULATOR, Azurite, VirtualAzuriteClock, storage_in_use
from devhost.clock import Clock, SystemClock, VirtualClock
from devhost.engine.engine import DurableNames, Engine
from devhost.engine.faults import Faults
from devhost.engine.scheduler import EngineOptions
from devhost.engine.store import Store
from devhost.functions import LoadedApp
from devhost.invoker import Invoker
from devhost.keys import Keys
from devhost.listeners.background import Background, Surroundings
from devhost.listeners.http import HttpListener, body_limit
from devhost.loader import load_app
from devhost.localsettings import LocalSettings, read_local_settings
from devhost.management import Management, client_json
from devhost.server import Server, Site
from devhost.statefolder import StateFolder
from devhost.timeline import Part

STORAGE = "AzureWebJobsStorage"
_HOST_NAME = "WEBSITE_HOSTNAME"
_CORES = os.cpu_count() or 1
PATIENCE = 10.0
"""Seconds that messages and timers being handled have to end when the host is stopped in order: as
many as the Functions host waits."""


@dataclass(frozen=True)
class HostOptions:
    """How a host is to run.

    `azurite`: `auto`, `off`, an address or a connection string. `environ` is what the app sees;
    settings of local.settings.json are put into it. `keys` are checked when there are any.
    `azurite_clock` is that of an Azurite that is not the host's own, to move with a virtual clock.
    `loaded` is called whenever the app has been loaded, before anything of it runs. `faults` strike
    the engine, also after it has been killed and opened again.
    """

    app_dir: Path
    state_dir: Path
    port: int = 0
    azurite: str = "auto"
    keys: Keys | None = None
    is_strict: bool = False
    clock: Clock = field(default_factory=SystemClock)
    environ: MutableMapping[str, str] = field(default_factory=lambda: os.environ)
    azurite_clock: VirtualAzuriteClock | None = None
    loaded: Callable[[], None] = lambda: None
    faults: Faults = field(default_factory=Faults)


class Host:
    """Everything between `start` and `stop`; all methods belong to one event loop."""

    def __init__(self, options: HostOptions) -> None:
        self.options = options
        self.state = StateFolder(options.state_dir)
        self.azurite: Azurite | None = None
        self.app: LoadedApp
        self.engine: Engine
        self.port = options.port
        self.one_message_per_episode = False
        self._azurite_clock = options.azurite_clock
        self._background: Background
        self._invoker: Invoker
        self._server: Server
        self._store: Store
        self._running: asyncio.Task[None]

    @property
    def url(self) -> str:
        """Where the app answers, without a slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def parts(self) -> tuple[Part, ...]:
        """What acts when its time has come, the engine first."""
        return (self.engine.scheduler, *self._background.parts)

    def is_anything_planned(self) -> bool:
        """Whether an instance or a queue will do something by itself, timer functions aside."""
        timers = self._background.timers
        return any(part.next_due() is not None for part in self.parts if part not in timers)

    def last_timer(self) -> datetime | None:
        """Return when every timer function will have been due once, if there is any."""
        dues = (part.next_due() for part in self._background.timers)
        return max((due for due in dues if due is not None), default=None)

    @property
    def calls(self) -> int:
        """How many calls of functions have begun, and how many have ended."""
        return self._invoker.calls

    async def start(self) -> None:
        """Return when the app can be called.

        Raises:
            StateRefused: the state folder is in use or not ours.
            AzuriteMissing, AzuriteFailed: there is no storage to be had.
            AppNotLoadable: the app cannot be loaded as it is.
            StoreUnreadable: the engine's file is not ours.
            PortTaken: somebody else listens on the port.
        """
        self.state.claim()
        try:
            await self._provide_storage()
            await self._open()
        except BaseException:
            await self._stop_storage()
            self.state.release()
            raise

    async def stop(self) -> None:
        """Let what queues and timers began end within `PATIENCE`, drop the rest, end storage.

        What is dropped is found again.
        """
        await self._close(abruptly=False)
        await self._stop_storage()
        self.state.release()

    async def kill(self) -> None:
        """Drop everything that is not committed, running activities included, and open again."""
        await self._close(abruptly=True)
        await self._open()

    async def _provide_storage(self) -> None:
        environ = self.options.environ
        local = read_local_settings(self.options.app_dir).values
        configured = environ.get(STORAGE) or local.get(STORAGE, "")
        storage = storage_in_use(self.options.azurite, configured)
        if storage is None:
            clock = self.options.clock
            virtual = isinstance(clock, VirtualClock)
            self._azurite_clock = VirtualAzuriteClock(self.state.azurite) if virtual else None
            self.azurite = Azurite(self.state.azurite, clock=self._azurite_clock)
            await self.azurite.start()
            storage = self.azurite.connection_string
        if storage:
            environ[STORAGE] = storage
        self._move_azurite()

    def _move_azurite(self) -> None:
        """Let Azurite's time begin where a virtual clock does, for a new state, and go with it."""
        clock, moved = self.options.clock, self._azurite_clock
        if moved is None or not isinstance(clock, VirtualClock):
            return
        begin = moved.move_to if self.state.database.exists() else moved.begin_at
        begin(clock.now())
        clock.is_followed_by(moved.move_to)

    async def _stop_storage(self) -> None:
        if self.azurite is not None:
            await self.azurite.stop()

    async def _open(self) -> None:
        options = self.options
        self.app = load_app(options.app_dir, options.environ)
        options.loaded()
        key = secrets.token_urlsafe(24)
        hub = self.app.host.hub_name
        self._background = Background(self.app, self._surroundings())
        self._invoker = Invoker(
            self.app,
            lambda: client_json(port=self.port, hub=hub, key=key),
            deliver=self._background.deliver,
        )
        self._store = Store(self.state.database)
        self.engine = self._new_engine()
        self._server = self._new_server(key)
        try:
            self._background.attach(self._invoker)
            self.port = await self._server.start()
            options.environ[_HOST_NAME] = self.url.removeprefix("http://")  # as Core Tools do
        except BaseException:
            await self._let_go(patience=0)
            raise
        self._running = asyncio.create_task(self.engine.scheduler.run())
        self._background.begin()

    def _new_engine(self) -> Engine:
        options = self.options
        engine = Engine(
            self._store,
            options.clock,
            self._invoker,
            _names(self.app),
            _options(self.app, is_strict=options.is_strict),
            options.faults,
        )
        engine.scheduler.one_message_per_episode = self.one_message_per_episode
        return engine

    def _new_server(self, key: str) -> Server:
        options = self.options
        management = Management(self.engine, hub=self.app.host.hub_name, key=key, keys=options.keys)
        listener = HttpListener(
            self.app, self._invoker, keys=options.keys, body_limit=body_limit(options.environ)
        )
        site = _site(read_local_settings(options.app_dir), options.environ)
        return Server(management, listener, port=self.port or options.port, site=site)

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            clock=self.options.clock,
            environ=self.options.environ,
            emulator=self.azurite.connection_string if self.azurite else EMULATOR,
            timers=self.state.timers,
            azurite_clock=self._azurite_clock,
        )

    async def _close(self, *, abruptly: bool) -> None:
        if not abruptly:
            await self._background.stop(patience=PATIENCE)
        await self._server.stop(abruptly=abruptly)
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)
        await self._let_go(patience=0)

    async def _let_go(self, *, patience: float) -> None:
        await self._background.stop(patience=patience)
        self._invoker.close()
        self._store.close()


def _site(local: LocalSettings, environ: Mapping[str, str]) -> Site:
    return Site(
        cors=str(local.host.get("CORS") or ""),
        cors_credentials=bool(local.host.get("CORSCredentials")),
        home_page=(setting("AzureWebJobsDisableHomepage", environ) or "").lower() != "true",
    )


def _names(app: LoadedApp) -> DurableNames:
    return DurableNames(
        orchestrators=tuple(one.durable_name for one in app.of_kind("orchestrationTrigger")),
        activities=tuple(one.durable_name for one in app.of_kind("activityTrigger")),
    )


def _options(app: LoadedApp, *, is_strict: bool) -> EngineOptions:
    durable, default = app.host.options, 10 * _CORES
    return EngineOptions(
        activities=durable.activities or default,
        orchestrators=durable.orchestrators or default,
        versioning=durable.versioning,
        is_strict=is_strict,
        replaces_live=durable.replaces_live,
        stores_inputs=durable.stores_inputs,
    )
