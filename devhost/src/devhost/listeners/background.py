"""What an app does without being asked over HTTP: queues and timers in, queues and blobs out."""

import asyncio
import logging
import uuid
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from random import Random
from typing import Any

from devhost.appsettings import AppNotLoadable, resolve_settings
from devhost.azurite import VirtualAzuriteClock
from devhost.clock import Clock, VirtualClock
from devhost.context import RetryContext
from devhost.functions import FunctionInfo, LoadedApp
from devhost.invoker import Invoker
from devhost.listeners.backoff import Backoff
from devhost.listeners.bells import Bells
from devhost.listeners.names import BadName, Expressions, queue_name
from devhost.listeners.outputs import Outputs
from devhost.listeners.queue import QueueListener
from devhost.listeners.queuehandling import QueueHandling, poison_name
from devhost.listeners.queueoptions import QueueOptions
from devhost.listeners.queuepace import Pace, SteadyPace, VirtualPace
from devhost.listeners.timer import TimerListener
from devhost.listeners.timersettings import Timers
from devhost.storage import Accounts, Connections, NoConnection, Queue
from devhost.timeline import Part
from devhost.values import Datum

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Surroundings:
    """What a host lends its listeners.

    `emulator` is what `UseDevelopmentStorage=true` stands for; `azurite_clock` that of the Azurite
    that keeps the queues, if it moves; `timers` is where the status of timers is kept.
    """

    clock: Clock
    environ: Mapping[str, str]
    emulator: str
    timers: Path
    azurite_clock: VirtualAzuriteClock | None = None


class Background:
    """The listeners and outputs of one app; belongs to one event loop.

    Construction and `attach` raise AppNotLoadable when something of it cannot be served.
    """

    def __init__(self, app: LoadedApp, around: Surroundings) -> None:
        self._app, self._around = app, around
        self._options = QueueOptions.read(app.host.queues)
        self._chance = Random()  # noqa: S311  jitter, no secret
        self._bells = Bells()
        self._accounts = Accounts(Connections(around.environ, around.emulator))
        expressions = Expressions(uuid.uuid4, around.clock.now)
        outputs = Outputs(
            app,
            around.environ,
            self._accounts,
            self._bells,
            expressions,
            base64=self._options.base64,
        )
        self.deliver = outputs.deliver
        self._queues: list[QueueListener] = []
        self._timers: list[TimerListener] = []
        self._loops: list[asyncio.Task[None]] = []

    @property
    def parts(self) -> tuple[Part, ...]:
        """The listeners, as parts of the host's timeline."""
        return (*self._timers, *self._queues)

    @property
    def timers(self) -> tuple[Part, ...]:
        """Those of the parts that call timer functions."""
        return tuple(self._timers)

    def attach(self, invoker: Invoker) -> None:
        """Make the listeners; their functions run where `invoker` says."""
        around = self._around
        zone = UTC if isinstance(around.clock, VirtualClock) else None
        timers = Timers(around.environ, self._app.host, around.timers, zone)
        for function in self._app.of_kind("timerTrigger"):
            call = _TimerCall(function, invoker, around.clock)
            self._timers.append(
                TimerListener(timers.of(function), call, around.clock, self._chance)
            )
        for function in self._app.of_kind("queueTrigger"):
            try:
                self._queues.append(self._queue_listener(function, invoker))
            except NoConnection as error:
                _LOG.warning("Queue function %s is not served: %s.", function.name, error)

    def begin(self) -> None:
        """Listen from now on."""
        loops = [one.run() for one in self._timers] + [one.run() for one in self._queues]
        self._loops += [asyncio.create_task(_told_of(loop)) for loop in loops]

    async def stop(self, *, patience: float) -> None:
        """Listen no more; give what runs that many seconds to end, and drop the rest.

        What is dropped is found again: messages when they are seen again, timers as past due.
        """
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        await asyncio.gather(
            *(queue.finish(patience) for queue in self._queues),
            *(timer.finish(patience) for timer in self._timers),
        )
        await self._accounts.close()

    def _queue_listener(self, function: FunctionInfo, invoker: Invoker) -> QueueListener:
        queue, poison = self._queue_and_poison(function)
        clock, options = self._around.clock, self._options

        async def call(trigger: Datum, metadata: Mapping[str, Datum], data: Any) -> None:  # noqa: ANN401  JSON
            await invoker.run_trigger(function, trigger, metadata, data=data)

        handling = QueueHandling(function, queue, poison, call, options, clock, self._bells)
        listener = QueueListener(queue, handling.handle, options, clock, self._pace())
        self._bells.hear(queue.url, listener.wake)
        return listener

    def _queue_and_poison(self, function: FunctionInfo) -> tuple[Queue, Queue | None]:
        settings = function.trigger.settings
        connection = settings.get("connection")
        try:
            name = queue_name(resolve_settings(settings["queueName"], self._around.environ))
        except BadName as error:
            raise AppNotLoadable(f"The '{function.name}' function is in error: {error}.") from error
        poison = poison_name(name)
        queue = self._accounts.queue(connection, name)
        return queue, self._accounts.queue(connection, poison) if poison else None

    def _pace(self) -> Pace:
        clock = self._around.clock
        if isinstance(clock, VirtualClock):
            return VirtualPace(clock, self._around.azurite_clock)
        return SteadyPace(clock, Backoff(self._options.max_polling_interval, self._chance))


class _TimerCall:
    """Runs one timer function once; attempts of one call share its id."""

    def __init__(self, function: FunctionInfo, invoker: Invoker, clock: Clock) -> None:
        self._function, self._invoker, self._clock = function, invoker, clock

    async def __call__(self, trigger: Datum, retry: RetryContext, invocation_id: str) -> None:
        metadata = {"TimerTrigger": Datum(self._clock.now().isoformat(), "string")}
        await self._invoker.run_trigger(
            self._function, trigger, metadata, data={}, retry=retry, invocation_id=invocation_id
        )


async def _told_of(loop: Coroutine[Any, Any, None]) -> None:
    try:
        await loop
    except Exception:
        _LOG.exception("A listener broke: its function is not called any more.")
        raise
