"""A whole host inside a test: the unmodified app, the real SDK, and time that tests move."""

import importlib
import os
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from unittest.mock import patch

import requests

from devhost import place
from devhost.azurite import VirtualAzuriteClock
from devhost.clock import Clock, SystemClock, VirtualClock
from devhost.engine.divergence import Divergence
from devhost.engine.faults import Faults
from devhost.engine.records import InstanceFilter, InstanceRecord, Status
from devhost.engine.telling import told_history
from devhost.host import STORAGE, Host, HostOptions
from devhost.management.events import history_events
from devhost.management.views import instance_json
from devhost.testing.hostthread import HostThread
from devhost.testing.spawned import SpawnedHost
from devhost.testing.standstill import Standstill
from devhost.timeline import Timeline

T = TypeVar("T")
LONGEST = timedelta(days=400)
"""How much virtual time `wait` lets pass at most, unless told otherwise."""


class DevHost:
    """Serves an app while the `with` block runs, in this process.

    Args:
        app_dir: the folder of `function_app.py`.
        clock: `virtual` stands still until `advance` or `wait` moves it; `real` is the machine's.
        publish: dotted name `module:attribute` in the app that is set to the host's `now` while
            the host runs, so that the app's own idea of time moves too.
        settings: app settings for this host; they win over the environment's.
        azurite: `off` (only what the setting AzureWebJobsStorage here or in the environment names),
            `auto` (that, else one of our own), an address or a connection string.
        azurite_clock: moves the time of an Azurite that is handed in; `begin_at` is called on it.
        strict: whether an instance fails where the real host would not do what its code says;
            else that is logged, and kept in `divergences`.
        seed: what the chance of `faults` comes from.
        state: the folder for the host's state; a temporary one when absent.
    """

    def __init__(  # noqa: PLR0913  options by name, each with a default
        self,
        app_dir: Path | str,
        *,
        clock: Literal["virtual", "real"] = "virtual",
        publish: str | None = None,
        settings: Mapping[str, str] | None = None,
        azurite: str = "off",
        azurite_clock: VirtualAzuriteClock | None = None,
        strict: bool = True,
        seed: int = 0,
        state: Path | None = None,
    ) -> None:
        self.faults = Faults(seed)
        self._is_strict = strict
        self.clock: Clock = VirtualClock() if clock == "virtual" else SystemClock()
        self._app_dir, self._publish = Path(app_dir).resolve(), publish
        self._settings, self._azurite, self._state = dict(settings or {}), azurite, state
        self._azurite_clock, self._storage_given = azurite_clock, ""
        self._stack = ExitStack()
        self._host: Host
        self._thread: HostThread

    @staticmethod
    def spawn(app_dir: Path | str, state: Path, **options: Any) -> SpawnedHost:  # noqa: ANN401  handed on
        """Start a host as a process of its own, on the real clock, to be really killed."""
        return SpawnedHost(Path(app_dir), state, **options)

    # -- its life ------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._stack = stack
            stack.enter_context(patch.dict(os.environ, self._settings))
            self._thread = HostThread()
            stack.callback(self._thread.close)
            stack.callback(place.leave)
            self._start(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            if error is not None:
                for told in self.told():
                    error.add_note(told)
        finally:
            self._stack.close()

    def _start(self, stack: ExitStack) -> None:
        state = self._state or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self._storage_given = os.environ.get(STORAGE, "")
        options = HostOptions(
            self._app_dir,
            state / "state",
            azurite=self._azurite,
            clock=self.clock,
            azurite_clock=self._azurite_clock,
            loaded=self._prepare,
            is_strict=self._is_strict,
            faults=self.faults,
        )
        self._host = Host(options)
        self._thread.run(self._host.start())
        stack.callback(lambda: self._thread.run(self._host.stop()))

    def _prepare(self) -> None:
        """Do what has to be done before anything of the app runs."""
        if self._azurite == "off":  # also what a developer's own local.settings.json names
            os.environ[STORAGE] = self._storage_given
        self._publish_clock()

    def _publish_clock(self) -> None:
        """Replace the app's source of time."""
        if self._publish is None:
            return
        module, _, attribute = self._publish.partition(":")
        published = importlib.import_module(module)
        if getattr(published, attribute) != self.clock.now:
            self._stack.enter_context(patch.object(published, attribute, self.clock.now))

    def kill(self) -> None:
        """Drop everything not committed, running activities included, and start again."""
        self._thread.run(self._host.kill())

    restart = kill

    # -- calling the app -----------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where the app answers, without a slash at the end."""
        return self._host.url

    def request(self, method: str, path: str, **options: Any) -> requests.Response:  # noqa: ANN401  handed on
        """Call the app as any HTTP client would; `path` begins with a slash or is a whole URL."""
        url = path if path.startswith("http") else self.url + path
        return requests.request(method, url, timeout=options.pop("timeout", 60), **options)

    def get(self, path: str, **options: Any) -> requests.Response:  # noqa: ANN401  handed on
        """GET a path of the app."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:  # noqa: ANN401  handed on
        """POST to a path of the app."""
        return self.request("POST", path, **options)

    # -- time ----------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        """The host's current moment."""
        return self.clock.now()

    def settle(self) -> None:
        """Run everything that is due at this moment."""
        self._thread.run(self._timeline().settle())

    def advance(self, **span: float) -> None:
        """Let time pass (`days=3`, `minutes=30`); everything due on the way runs in order."""
        self._thread.run(self._timeline().advance(timedelta(**span)))

    def wait(self, instance_id: str, *, within: timedelta | None = None) -> dict[str, Any]:
        """Let time pass until the instance has ended, and return its status with history.

        Without `within`, at most 400 days, and less where only timer functions go on.

        Raises:
            TimeoutError: it has not ended within that time, or nothing more is planned for it.
        """
        stuck = Standstill(
            lambda: self._host.engine.events_of_family(instance_id), self._host, self.clock.now
        )
        limit = self.now + (within or LONGEST)

        def is_over() -> bool:
            return self._has_ended(instance_id) or (within is None and stuck.is_reached())

        self.until(is_over, limit)
        status = self.status(instance_id, history=True)
        if not self._look(lambda: self._has_ended(instance_id)):
            raise TimeoutError(self._unended(instance_id, limit))
        return status

    def _unended(self, instance_id: str, limit: datetime) -> str:
        if self.now < limit and not self._look(self._host.is_anything_planned):
            waits = self._host.engine.scheduler.awaited.told(instance_id)
            why = "nothing is planned for it any more. "
            why += waits or "Does it wait for an external event?"
        else:
            why = "that was all the time it was given."
        return f"{instance_id} has not ended at {self.now}: {why}\n{self._told(instance_id)}"

    def until(self, holds: Callable[[], bool], limit: datetime) -> bool:
        """Let time pass until `holds` or the limit is reached; say whether it held."""
        return self._thread.run(self._timeline().until(holds, limit))

    def _timeline(self) -> Timeline:
        if not isinstance(self.clock, VirtualClock):
            raise TypeError("Time moves by itself on the real clock; use clock='virtual'.")
        return Timeline(self.clock, self._host.parts, lambda: self._host.calls)

    # -- looking -------------------------------------------------------------------------------

    def status(self, instance_id: str, *, history: bool = False) -> dict[str, Any]:
        """Return the instance's status as the HTTP API writes it, if asked with its history.

        Raises:
            LookupError: there is no such instance.
        """
        told = instance_json(self._record(instance_id))
        if history:
            events = self.history(instance_id)
            told["historyEvents"] = history_events(events, show_input=True, show_output=True)
        return told

    def told(self, most: int = 5) -> list[str]:
        """Return the histories of instances as tables: those not completed first, then the newest.

        Of more than `most` instances, the rest is one line.
        """
        found = self._look(lambda: self._host.engine.query(InstanceFilter(), 10_000, None).records)
        ordered = sorted(
            found,
            key=lambda one: (one.status is not Status.COMPLETED, one.created_at),
            reverse=True,
        )
        tables = [self._told(one.instance_id) for one in ordered[:most]]
        rest = len(ordered) - most
        return [*tables, f"and {rest} more instances"] if rest > 0 else tables

    def _told(self, instance_id: str) -> str:
        return told_history(self._record(instance_id), self.history(instance_id))

    def history(self, instance_id: str) -> list[dict[str, Any]]:
        """Return the raw history events of an instance, oldest first."""
        return self._look(lambda: self._host.engine.history(instance_id))

    def _record(self, instance_id: str) -> InstanceRecord:
        record = self._look(lambda: self._host.engine.status(instance_id))
        if record is None:
            raise LookupError(f"there is no instance {instance_id}")
        return record

    def _has_ended(self, instance_id: str) -> bool:
        record = self._host.engine.status(instance_id)
        return record is not None and record.status.is_final

    def _look(self, at: Callable[[], T]) -> T:
        async def looked() -> T:
            return at()

        return self._thread.run(looked())

    @property
    def divergences(self) -> list[Divergence]:
        """Where the real host would not have done what the code says, since the last start."""
        return list(self._host.engine.scheduler.divergences)

    @property
    def one_message_per_episode(self) -> bool:
        """Whether each episode takes one message only, instead of all that have arrived."""
        return self._host.engine.scheduler.one_message_per_episode

    @one_message_per_episode.setter
    def one_message_per_episode(self, value: bool) -> None:
        self._host.one_message_per_episode = value
        self._host.engine.scheduler.one_message_per_episode = value
