"""What a door without a caller works with: storage, settings, durable client, the way to queues."""

import json
import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import azure.durable_functions as df

from gather_once.gathers.notifications import Send
from gather_once.model import clock
from gather_once.model.settings import Settings
from gather_once.notify.delivery import Courier
from gather_once.notify.notice import Notice
from gather_once.notify.notices import Word
from gather_once.plans.notify_target import Delivery
from gather_once.plans.plan import Plan
from gather_once.questions import messages
from gather_once.questions.registration import Tell
from gather_once.sources.registry import read_plan
from gather_once.storage import containers, queues
from gather_once.storage.blobs import Blobs
from gather_once.storage.clients import in_pool, open_blobs
from triggers.durable_client import SdkDurable

Client = df.DurableOrchestrationClient

Put = Callable[[str, str, timedelta], Awaitable[None]]
"""Puts a text on a queue, hidden for a while; raises SourceFailed."""
ReadBlob = Callable[[str, str], Awaitable[bytes | None]]
"""Reads a blob (container, name) as far as a plan may be long and one byte more."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """All that a queue's or a timer's function needs beside what it was fired with."""

    blobs: Blobs
    settings: Settings
    durable: SdkDurable
    send: Send
    put: Put
    read_blob: ReadBlob
    tell_humans: Tell

    @classmethod
    def of(cls, client: Client) -> "Workplace":
        """Open storage and read the settings; raises InvalidSetting."""
        settings = Settings.of(os.environ)
        return cls(
            blobs=open_blobs(os.environ),
            settings=settings,
            durable=SdkDurable(client, settings.task_hub),
            send=_sender(Courier(os.environ, settings, clock.now)),
            put=_put,
            read_blob=_reader(settings),
            tell_humans=_teller(settings),
        )

    @property
    def now(self) -> datetime:
        """The current moment, aware, in UTC."""
        return clock.now()

    async def tell_on_done_queue(self, told: Mapping[str, Any]) -> None:
        """Put a word on the done queue; raises SourceFailed."""
        await self.put(self.settings.done_queue, json.dumps(told, ensure_ascii=False), timedelta(0))

    def read_plan(self, raw: bytes | Mapping[str, Any], id: str | None) -> Plan:
        """Read a plan by today's limits; raises InvalidPlan with every defect."""
        given = raw if isinstance(raw, bytes) else dict(raw)
        return read_plan(given, self.settings, id=id)


def _sender(courier: Courier) -> Send:
    async def send(word: Word, to: Delivery) -> None:
        await in_pool(courier.deliver, word, to)

    return send


def _teller(settings: Settings) -> Tell:
    async def tell(notice: Notice) -> bool:
        return await in_pool(messages.tell, os.environ, settings, clock.now, notice)

    return tell


async def _put(queue: str, text: str, hidden_for: timedelta) -> None:
    await in_pool(queues.send, os.environ, queue, text, hidden_for=hidden_for)


def _reader(settings: Settings) -> ReadBlob:
    most = settings.limits.plan_bytes + 1

    async def read_blob(container: str, name: str) -> bytes | None:
        read = containers.read
        return await in_pool(read, os.environ, settings, container, name, bytes_at_most=most)

    return read_blob
