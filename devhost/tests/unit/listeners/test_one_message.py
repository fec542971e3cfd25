"""What becomes of one message: deleted, shown again, or moved to the poison queue."""

import asyncio
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from devhost.call import FunctionFailed
from devhost.clock import Clock, VirtualClock
from devhost.functions import Binding, FunctionInfo
from devhost.listeners.bells import Bells
from devhost.listeners.queuehandling import HIDDEN, QueueHandling, poison_name
from devhost.listeners.queueoptions import QueueOptions
from devhost.storage import Message, StorageTrouble
from devhost.values import Datum
from devhost_support.hurriedclock import HurriedClock
from devhost_support.memoryqueue import MemoryQueue

MINUTES = timedelta(minutes=1)


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


@dataclass
class Bench:
    """A queue with its poison queue, and a function that fails when told to."""

    options: QueueOptions = field(default_factory=QueueOptions)
    clock: Clock = field(default_factory=VirtualClock)
    name: str = "work"
    data_type: str | None = None
    fails: bool = False
    calls: list[Datum] = field(default_factory=list)
    rung: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queue = MemoryQueue(self.clock, self.name)
        self.poison = MemoryQueue(self.clock, f"{self.name}-poison", exists=False)
        trigger = Binding("m", "queueTrigger", is_out=False, settings={"dataType": self.data_type})
        has_poison = poison_name(self.name) is not None
        bells = Bells()
        bells.hear(self.poison.url, lambda: self.rung.append(self.poison.name))
        self.handling = QueueHandling(
            FunctionInfo("eats", print, trigger, (trigger,)),
            self.queue,
            self.poison if has_poison else None,
            self.call,
            self.options,
            self.clock,
            bells,
        )

    async def call(self, trigger: Datum, _metadata: Mapping[str, Datum], _data: Any) -> None:
        self.calls.append(trigger)
        if self.fails:
            raise FunctionFailed("ValueError", "no", "")

    async def receive(self) -> Message:
        (message,) = await self.queue.receive(1, HIDDEN)
        return message

    def eats(self, text: str, *, times_seen: int = 0) -> None:
        """Send a message that was seen so often, receive it and handle it."""

        async def eaten() -> None:
            await self.queue.send(text)
            self.queue.has_seen(times_seen)
            await self.handling.handle(await self.receive())

        asyncio.run(eaten())

    def is_seen_after(self, span: timedelta) -> bool:
        assert isinstance(self.clock, VirtualClock)
        self.clock.move_to(self.clock.now() + span)
        return bool(asyncio.run(self.queue.receive(1, HIDDEN)))


def test_a_message_that_is_handled_is_deleted() -> None:
    bench = Bench()
    bench.eats(encoded("hello"))

    assert bench.calls == [Datum("hello", "string")]
    assert (bench.queue.texts, bench.poison.exists) == ([], False)


def test_one_that_fails_is_seen_again_after_the_visibility_timeout() -> None:
    bench = Bench(QueueOptions(visibility_timeout=timedelta(seconds=30)), fails=True)
    bench.eats(encoded("bad"))

    assert not bench.is_seen_after(timedelta(seconds=29))
    assert bench.is_seen_after(timedelta(seconds=1))


def test_without_a_visibility_timeout_it_is_seen_at_once() -> None:
    bench = Bench(fails=True)
    bench.eats(encoded("bad"))

    assert bench.is_seen_after(timedelta())


def test_the_last_failure_moves_it_to_the_poison_queue_as_it_was() -> None:
    bench = Bench(fails=True)
    bench.eats(encoded("bad"), times_seen=4)

    assert len(bench.calls) == 1
    assert (bench.queue.texts, bench.poison.texts) == ([], [encoded("bad")])
    assert bench.rung == ["work-poison"]


def test_one_that_was_seen_too_often_goes_there_without_a_call() -> None:
    bench = Bench()
    bench.eats(encoded("deadly"), times_seen=5)

    assert bench.calls == []
    assert (bench.queue.texts, bench.poison.texts) == ([], [encoded("deadly")])


def test_one_that_is_not_base64_goes_there_as_it_is_at_the_first_sight() -> None:
    bench = Bench()
    bench.eats("plain!")

    assert bench.calls == []
    assert (bench.queue.texts, bench.poison.texts) == ([], ["plain!"])


def test_without_an_encoding_any_text_is_a_message() -> None:
    bench = Bench(QueueOptions(base64=False))
    bench.eats("plain!")

    assert bench.calls == [Datum("plain!", "string")]


def test_bytes_that_are_no_text_fail_without_a_call() -> None:
    bench = Bench()
    bench.eats(b64encode(b"\xff").decode())

    assert bench.calls == []
    assert bench.is_seen_after(timedelta())


def test_a_binary_function_gets_any_bytes() -> None:
    bench = Bench(data_type="BINARY")
    bench.eats(b64encode(b"\xff").decode())

    assert bench.calls == [Datum(b"\xff", "bytes")]


def test_in_a_poison_queue_a_failure_just_waits_for_its_ten_minutes() -> None:
    bench = Bench(name="work-poison", fails=True)
    bench.eats(encoded("bad"), times_seen=40)

    assert len(bench.calls) == 1
    assert not bench.is_seen_after(9 * MINUTES)
    assert bench.is_seen_after(MINUTES)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("work", "work-poison"), ("work-poison", None), ("q" * 56, "q" * 56 + "-poison")],
)
def test_a_poison_queue_is_called_after_its_queue(name: str, expected: str | None) -> None:
    assert poison_name(name) == expected


def test_a_name_with_no_room_for_more_has_none() -> None:
    assert poison_name("q" * 57) is None


def test_a_lease_that_was_lost_is_no_failure() -> None:
    bench = Bench()

    async def late() -> None:
        await bench.queue.send(encoded("slow"))
        message = await bench.receive()
        bench.queue.loses_leases()
        await bench.handling.handle(message)
        bench.fails = True
        await bench.handling.handle(replace(message, receipt="old"))

    asyncio.run(late())

    assert (bench.queue.texts, bench.queue.hides) == ([encoded("slow")], [])


def test_while_it_is_handled_it_is_hidden_anew_every_five_minutes() -> None:
    clock = HurriedClock(most=3)
    bench = Bench(clock=clock)

    async def slow(_trigger: Datum, _metadata: object, _data: object) -> None:
        for _ in range(100):
            await asyncio.sleep(0)

    bench.handling._call = slow
    bench.eats(encoded("long"))

    assert bench.queue.hides == [HIDDEN] * 3
    assert clock.waits == [5 * MINUTES] * 3
    assert bench.queue.texts == []  # deleted with the newest receipt


def test_one_that_fails_after_a_renewal_is_released_with_the_newest_receipt() -> None:
    bench = Bench(clock=HurriedClock(most=1))

    async def slow(_trigger: Datum, _metadata: object, _data: object) -> None:
        for _ in range(100):
            await asyncio.sleep(0)
        raise FunctionFailed("ValueError", "no", "")

    bench.handling._call = slow
    bench.eats(encoded("long"))

    assert bench.queue.hides == [HIDDEN, timedelta()]


def test_a_cancelled_call_leaves_the_message_hidden_as_a_dead_host_does() -> None:
    bench = Bench()

    async def killed() -> None:
        async def hangs(*_: object) -> None:
            await asyncio.Event().wait()

        bench.handling._call = hangs
        await bench.queue.send(encoded("half"))
        task = asyncio.create_task(bench.handling.handle(await bench.receive()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(killed())

    assert bench.queue.texts == [encoded("half")]
    assert not bench.is_seen_after(9 * MINUTES)
    assert bench.is_seen_after(MINUTES)


def test_an_end_that_cannot_be_stored_leaves_the_message_for_another_time() -> None:
    bench = Bench()

    async def meanwhile(*_: object) -> None:
        bench.queue.is_away = True

    bench.handling._call = meanwhile
    with pytest.raises(StorageTrouble):
        bench.eats(encoded("hello"))

    assert bench.queue.texts == [encoded("hello")]


def test_a_message_is_deleted_only_once_its_poison_copy_is_there() -> None:
    bench = Bench(fails=True)
    bench.poison.is_away = True

    with pytest.raises(StorageTrouble):
        bench.eats(encoded("bad"), times_seen=4)

    assert bench.queue.texts == [encoded("bad")]
