"""What happens to one message: called, deleted, shown again, or moved to the poison queue."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from devhost.call import FunctionFailed
from devhost.clock import Clock
from devhost.functions import FunctionInfo
from devhost.listeners.bells import Bells
from devhost.listeners.queuemessage import body_of, data_of, metadata_of, trigger_of
from devhost.listeners.queueoptions import QueueOptions
from devhost.listeners.waiting import sleep_until
from devhost.storage import LeaseLost, Message, Queue, StorageTrouble
from devhost.values import Datum

HIDDEN = timedelta(minutes=10)
"""For how long a received message is hidden from others, unless that is renewed."""
POISON = "-poison"

_RENEWED = timedelta(minutes=5)
_LONGEST_NAME = 63
_LOG = logging.getLogger("devhost.queue")

Call = Callable[[Datum, Mapping[str, Datum], Mapping[str, Any]], Awaitable[None]]
"""Runs the function on a trigger, its metadata and the data for its outputs' names, and sends what
it put out; raises FunctionFailed."""


def poison_name(queue: str) -> str | None:
    """Return the name of the queue for messages that keep failing; None where there is none."""
    name = queue + POISON
    return None if queue.endswith(POISON) or len(name) > _LONGEST_NAME else name


class QueueHandling:
    """Handles the messages of one function, each to its end."""

    def __init__(
        self,
        function: FunctionInfo,
        queue: Queue,
        poison: Queue | None,
        call: Call,
        options: QueueOptions,
        clock: Clock,
        bells: Bells,
    ) -> None:
        self._function, self._queue, self._poison = function, queue, poison
        self._call, self._options, self._clock, self._bells = call, options, clock, bells

    async def handle(self, message: Message) -> None:
        """Call the function with a message just received, and do what its outcome asks for.

        Cancelled, it leaves the message hidden, as a host that dies does.

        Raises:
            StorageTrouble: the outcome could not be stored; the message comes again.
        """
        body = body_of(message.text, base64=self._options.base64)
        if body is None:
            _LOG.warning("A message of queue '%s' is not base64.", self._queue.name)
            await self._give_up(message)
        elif self._poison and message.dequeue_count > self._options.max_dequeue_count:
            await self._give_up(message)
        else:
            await self._run(_Lease(self._queue, message, self._clock), body)

    async def _run(self, lease: "_Lease", body: bytes) -> None:
        message = lease.message
        try:
            async with lease:
                await self._called(message, body)
        except FunctionFailed as error:
            _LOG.error("Executed '%s' (Failed): %s\n%s", self._function.name, error, error.stack)
            await self._failed(lease.message)
        else:
            await self._queue.delete(lease.message)

    async def _called(self, message: Message, body: bytes) -> None:
        metadata = metadata_of(message, body)
        try:
            trigger = trigger_of(body, self._function.trigger.settings.get("dataType"))
        except UnicodeDecodeError as error:
            text = f"the message is not UTF-8 text: {error}. data_type BINARY takes any bytes."
            raise FunctionFailed("UnicodeDecodeError", text, "") from error
        await self._call(trigger, metadata, data_of(metadata))

    async def _failed(self, message: Message) -> None:
        if self._poison is None:
            return  # it comes again when its ten minutes are over
        if message.dequeue_count >= self._options.max_dequeue_count:
            await self._give_up(message)
            return
        with suppress(LeaseLost):
            await self._queue.hide(message, self._options.visibility_timeout)

    async def _give_up(self, message: Message) -> None:
        """Copy the message, then delete it: a death in between makes a second copy, not none."""
        if self._poison is None:
            return
        _LOG.warning(
            "Message has reached MaxDequeueCount of %d. Moving message to queue '%s'.",
            *(self._options.max_dequeue_count, self._poison.name),
        )
        await self._poison.send(message.text)
        self._bells.ring(self._poison.url)
        await self._queue.delete(message)


class _Lease:
    """Hides a message anew while it is worked on; `message` has the newest receipt."""

    def __init__(self, queue: Queue, message: Message, clock: Clock) -> None:
        self.message = message
        self._queue, self._clock = queue, clock
        self._renewing: asyncio.Task[None]

    async def __aenter__(self) -> None:
        self._renewing = asyncio.create_task(self._renew())

    async def __aexit__(self, *_: object) -> None:
        self._renewing.cancel()
        await asyncio.gather(self._renewing, return_exceptions=True)

    async def _renew(self) -> None:
        with suppress(LeaseLost):
            while True:
                await sleep_until(self._clock.now() + _RENEWED, self._clock)
                try:
                    self.message = await self._queue.hide(self.message, HIDDEN)
                except StorageTrouble as error:
                    _LOG.warning(
                        "A message of '%s' stays hidden no longer: %s", self._queue.name, error
                    )
