"""What a listener asks of a storage queue, and how a queue may disappoint it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol


class QueueAbsent(Exception):
    """There is no such queue, or it is just being deleted."""


class StorageTrouble(Exception):
    """Storage did not do what it was asked; the text says what it answered."""


class LeaseLost(Exception):
    """The message is gone, or somebody else has received it since."""


@dataclass(frozen=True)
class Message:
    """A received message; `text` is what is in the queue, base64 or not."""

    id: str
    receipt: str
    text: str
    dequeue_count: int
    inserted_at: datetime
    expires_at: datetime
    visible_at: datetime


class Queue(Protocol):
    """One queue of one account; every call may raise StorageTrouble."""

    @property
    def name(self) -> str:
        """Its name in the account."""
        ...

    @property
    def url(self) -> str:
        """Its address, the same for all who mean this queue."""
        ...

    async def receive(self, count: int, hidden: timedelta) -> list[Message]:
        """Take at most `count` messages, hidden from others for a while; may raise QueueAbsent."""
        ...

    async def hide(self, message: Message, hidden: timedelta) -> Message:
        """Hide it anew, from now on, and return it with its new receipt; may raise LeaseLost."""
        ...

    async def delete(self, message: Message) -> None:
        """Delete it; one that is gone or somebody else's is left alone."""
        ...

    async def send(self, text: str) -> None:
        """Add a message, and make the queue first where there is none."""
        ...
