"""A storage queue in memory, which can be away, and clocks for those who listen to it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from devhost.clock import Clock
from devhost.storage import LeaseLost, Message, QueueAbsent, StorageTrouble

_WEEK = timedelta(days=7)


@dataclass
class _Kept:
    message: Message
    seen_from: datetime


class MemoryQueue:
    """The twin of a stored queue; it notes what was asked of it."""

    def __init__(self, clock: Clock, name: str = "work", *, exists: bool = True) -> None:
        self.name, self.url = name, f"memory://{name}"
        self.exists, self.is_away = exists, False
        self.receives: list[datetime] = []
        self.hides: list[timedelta] = []
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._numbers = 0

    @property
    def texts(self) -> list[str]:
        """What is in the queue, hidden or not, oldest first."""
        return [one.message.text for one in self._kept.values()]

    async def receive(self, count: int, hidden: timedelta) -> list[Message]:
        self.receives.append(self._clock.now())
        self._answer()
        if not self.exists:
            raise QueueAbsent(self.name)
        now = self._clock.now()
        visible = [one for one in self._kept.values() if one.seen_from <= now]
        return [self._take(one, now + hidden) for one in visible[:count]]

    async def hide(self, message: Message, hidden: timedelta) -> Message:
        self._answer()
        kept = self._leased(message)
        self.hides.append(hidden)
        kept.seen_from = self._clock.now() + hidden
        kept.message = replace(kept.message, receipt=self._new("receipt"))
        return replace(message, receipt=kept.message.receipt)

    async def delete(self, message: Message) -> None:
        self._answer()
        kept = self._kept.get(message.id)
        if kept and kept.message.receipt == message.receipt:
            del self._kept[message.id]

    async def send(self, text: str) -> None:
        self._answer()
        self.exists = True
        now = self._clock.now()
        message = Message(self._new("message"), "", text, 0, now, now + _WEEK, now)
        self._kept[message.id] = _Kept(message, now)

    def loses_leases(self) -> None:
        """Let somebody else have received everything since."""
        for kept in self._kept.values():
            kept.message = replace(kept.message, receipt=self._new("receipt"))

    def has_seen(self, count: int) -> None:
        """Let every message have been received that often."""
        for kept in self._kept.values():
            kept.message = replace(kept.message, dequeue_count=count)

    def _answer(self) -> None:
        if self.is_away:
            raise StorageTrouble("nobody answers")

    def _take(self, kept: _Kept, seen_from: datetime) -> Message:
        kept.seen_from = seen_from
        kept.message = replace(
            kept.message,
            receipt=self._new("receipt"),
            dequeue_count=kept.message.dequeue_count + 1,
            visible_at=seen_from,
        )
        return kept.message

    def _leased(self, message: Message) -> _Kept:
        kept = self._kept.get(message.id)
        if kept is None or kept.message.receipt != message.receipt:
            raise LeaseLost(message.id)
        return kept

    def _new(self, what: str) -> str:
        self._numbers += 1
        return f"{what}-{self._numbers}"
