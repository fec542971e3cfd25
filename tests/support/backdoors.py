"""The app's queue and timer functions over storage in memory, a task hub on paper, kept queues."""

import asyncio
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import azure.functions as func

from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.settings import Settings
from gather_once.notify.notices import Notice, Word
from gather_once.plans.notify_target import Delivery, ToQueue
from support.doors import ENVIRON, Doors
from triggers import maintenance, schedules
from triggers import queue as queue_gathers
from triggers import queue as queue_poison
from triggers.context import Client, Workplace
from triggers.durable_client import SdkDurable

_SHELLS: dict[str, Any] = {
    "queue_gathers": queue_gathers.queue_gathers,
    "queue_poison": queue_poison.queue_poison,
    "timer_schedules": schedules.timer_schedules,
    "timer_upkeep": maintenance.timer_upkeep,
}


@dataclass(frozen=True)
class Put:
    """A message that the app has put on a queue."""

    queue: str
    text: str
    hidden_for: timedelta

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class _Firing(func.TimerRequest):
    past_due: bool = False


class Backdoors:
    """Fires functions as the host would; what they put and tell is kept here."""

    def __init__(self, doors: Doors) -> None:
        self.doors = doors
        self.puts: list[Put] = []
        self.told: list[tuple[Word, Delivery]] = []
        self.notices: list[Notice] = []
        self.plans: dict[tuple[str, str], bytes] = {}
        self.queues_are_down = False
        self.receivers_are_down = False

    def workplace(self, client: Client) -> Workplace:
        settings = Settings.of(ENVIRON)
        durable = SdkDurable(client, settings.task_hub)
        return Workplace(
            self.doors.blobs, settings, durable, self._send, self._put, self._read, self._tell
        )

    def delivers(self, said: Any, message_id: str = "0A-1", to: str = "queue_gathers") -> None:
        """Let the host deliver a message once: a text, or JSON."""
        body = said if isinstance(said, str | bytes) else json.dumps(said)
        message = func.QueueMessage(id=message_id, body=body)
        self._fire(to, message=message)

    def fires(self, timer: str) -> None:
        self._fire(timer, timer=_Firing())

    def on(self, queue: str) -> list[Any]:
        return [put.json for put in self.puts if put.queue == queue]

    def _fire(self, name: str, **given: Any) -> None:
        shell: Any = _SHELLS[name]._function.get_user_function()
        asyncio.run(shell.client_function(client=self.doors.hub.client(), **given))

    async def _send(self, word: Word, to: Delivery) -> None:
        if self.receivers_are_down:
            raise SourceFailed(Fault(FaultKind.PASSING, "asleep"))
        self.told.append((word, to))

    async def _put(self, queue: str, text: str, hidden_for: timedelta) -> None:
        if self.queues_are_down:
            raise SourceFailed(Fault(FaultKind.PASSING, "asleep"))
        self.puts.append(Put(queue, text, hidden_for))

    async def _tell(self, notice: Notice) -> bool:
        self.notices.append(notice)
        return True

    async def _read(self, container: str, name: str) -> bytes | None:
        return self.plans.get((container, name))

    @property
    def told_on_queues(self) -> list[tuple[str, str, str]]:
        """Key, status and queue of every word that was told on a queue."""
        return [(w.key, w.status, to.name) for w, to in self.told if isinstance(to, ToQueue)]
