"""Listens to one queue for one function: fetches messages and has them handled side by side."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

from devhost.clock import Clock
from devhost.listeners.queuehandling import HIDDEN
from devhost.listeners.queueoptions import QueueOptions
from devhost.listeners.queuepace import Pace
from devhost.listeners.waiting import Alarm
from devhost.storage import Message, Queue, QueueAbsent, StorageTrouble

Handle = Callable[[Message], Awaitable[None]]

_LOG = logging.getLogger("devhost.queue")


class QueueListener:
    """Polls until it is cancelled; a part of the host's timeline.

    It never makes its queue: while there is none, it waits as if it were empty.
    """

    def __init__(
        self, queue: Queue, handle: Handle, options: QueueOptions, clock: Clock, pace: Pace
    ) -> None:
        self._queue, self._handle, self._options, self._pace = queue, handle, options, pace
        self._alarm = Alarm(clock)
        self._found_nothing = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._is_in_trouble = False

    def wake(self) -> None:
        """Look into the queue now, whatever the delay."""
        self._found_nothing.clear()
        self._alarm.ring()

    async def rest(self) -> None:
        """Return when no message is handled and the queue is empty, as far as can be known."""
        await self._found_nothing.wait()
        while self._running:
            await asyncio.wait(self._running)
            self.wake()
            await self._found_nothing.wait()

    def next_due(self) -> datetime | None:
        """Return when the next hidden message will be seen, if that is known."""
        return self._pace.next_due()

    async def run(self) -> None:
        """Poll for ever; cancelling it leaves the messages being handled to `finish`."""
        while True:
            self._alarm.silence()
            is_looking = self._pace.is_worth_a_look()
            messages = await self._look() if is_looking else []
            if messages:
                self._pace.saw_messages()
                await self._begin(messages)
                continue
            in_trouble = self._is_in_trouble
            until = self._pace.saw_nothing(in_trouble=in_trouble) if is_looking else None
            if not self._alarm.has_rung:
                self._found_nothing.set()
            await self._alarm.wait(until)

    async def finish(self, patience: float) -> None:
        """Let the messages being handled end, and drop what has not after `patience` seconds.

        What is dropped is received again when it is no longer hidden.
        """
        if self._running:
            await asyncio.wait(self._running, timeout=patience)
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _look(self) -> list[Message]:
        self._pace.looks()
        try:
            found = await self._queue.receive(self._options.batch_size, HIDDEN)
        except QueueAbsent:
            found = []
        except StorageTrouble as error:
            if not self._is_in_trouble:
                _LOG.warning("Queue '%s' cannot be read, trying on: %s", self._queue.name, error)
            self._is_in_trouble = True
            return []
        self._is_in_trouble = False
        return found

    async def _begin(self, messages: list[Message]) -> None:
        """Handle the messages, and return when there is room for another batch."""
        for message in messages:
            task = asyncio.create_task(self._handled(message))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        while len(self._running) > self._options.new_batch_threshold:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _handled(self, message: Message) -> None:
        try:
            await self._handle(message)
        except StorageTrouble as error:
            _LOG.error(
                "The end of a message of queue '%s' is not stored, it will come again: %s",
                *(self._queue.name, error),
            )
        except Exception:  # noqa: BLE001  the host's outermost loop: it must go on
            _LOG.exception("devhost lost a message of '%s'; it comes again.", self._queue.name)
