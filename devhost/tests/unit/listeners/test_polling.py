"""A listener looks into its queue, ever more rarely; it handles so many messages and no more."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from random import Random

import pytest

from devhost.clock import VirtualClock
from devhost.host import PATIENCE
from devhost.listeners.backoff import Backoff
from devhost.listeners.queue import QueueListener
from devhost.listeners.queueoptions import QueueOptions
from devhost.listeners.queuepace import SteadyPace, VirtualPace
from devhost.storage import Message
from devhost.timeline import Timeline
from devhost_support.hurriedclock import HurriedClock
from devhost_support.jumpingloop import run_jumping
from devhost_support.memoryqueue import MemoryQueue

SECONDS = timedelta(seconds=1)
DEFAULTS = QueueOptions()


class Eater:
    """Takes messages, and ends each when it is let go."""

    def __init__(self, queue: MemoryQueue) -> None:
        self.queue = queue
        self.at_work: list[str] = []
        self.eaten: list[str] = []
        self.lets_go = asyncio.Event()
        self.lets_go.set()

    async def eat(self, message: Message) -> None:
        self.at_work.append(message.text)
        await self.lets_go.wait()
        self.at_work.remove(message.text)
        self.eaten.append(message.text)
        await self.queue.delete(message)


async def turns(count: int = 200) -> None:
    """Let everything that can run do so, without any time passing."""
    for _ in range(count):
        await asyncio.sleep(0)


async def listening(listener: QueueListener, story: Callable[[], Awaitable[None]]) -> None:
    loop = asyncio.create_task(listener.run())
    try:
        await story()
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)


def steady(
    queue: MemoryQueue, eater: Eater, clock: HurriedClock, options: QueueOptions = DEFAULTS
) -> QueueListener:
    pace = SteadyPace(clock, Backoff(2 * SECONDS, Random(1)))  # noqa: S311  jitter
    return QueueListener(queue, eater.eat, options, clock, pace)


@pytest.mark.parametrize("exists", [True, False])
def test_an_empty_or_absent_queue_is_looked_into_ever_more_rarely(*, exists: bool) -> None:
    async def story() -> None:
        clock = HurriedClock(most=9)
        queue = MemoryQueue(clock, exists=exists)
        await listening(steady(queue, Eater(queue), clock), turns)

        assert len(queue.receives) == 10
        assert clock.waits[0] == timedelta(seconds=0.1)
        assert clock.waits[-1] == 2 * SECONDS
        assert clock.waits == sorted(clock.waits)

    asyncio.run(story())


def test_messages_are_handled_side_by_side_up_to_batch_and_threshold() -> None:
    async def story() -> None:
        clock = HurriedClock(most=0)
        queue = MemoryQueue(clock)
        eater = Eater(queue)
        eater.lets_go.clear()
        for number in range(10):
            await queue.send(str(number))
        listener = steady(queue, eater, clock, QueueOptions(4, 2))

        async def overfed() -> None:
            await turns()
            assert eater.at_work == ["0", "1", "2", "3"]
            eater.lets_go.set()
            await turns()
            assert sorted(eater.eaten) == [str(number) for number in range(10)]

        await listening(listener, overfed)

    asyncio.run(story())


def test_a_batch_of_one_is_strictly_one_at_a_time() -> None:
    async def story() -> None:
        clock = HurriedClock(most=0)
        queue = MemoryQueue(clock)
        eater = Eater(queue)
        eater.lets_go.clear()
        await queue.send("a")
        await queue.send("b")
        listener = steady(queue, eater, clock, QueueOptions(1, 0))

        async def one_by_one() -> None:
            await turns()
            assert (eater.at_work, len(queue.receives)) == (["a"], 1)
            eater.lets_go.set()
            await turns()
            assert eater.eaten == ["a", "b"]

        await listening(listener, one_by_one)

    asyncio.run(story())


def test_a_bell_ends_the_delay() -> None:
    async def story() -> None:
        clock = HurriedClock(most=0)  # the first delay never ends by itself
        queue = MemoryQueue(clock)
        eater = Eater(queue)
        listener = steady(queue, eater, clock)

        async def rung() -> None:
            await turns()
            await queue.send("here")
            await turns()
            assert eater.eaten == []
            listener.wake()
            await turns()
            assert eater.eaten == ["here"]

        await listening(listener, rung)

    asyncio.run(story())


def test_a_queue_out_of_reach_is_tried_on_and_said_once(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        clock = HurriedClock(most=5)
        queue = MemoryQueue(clock)
        queue.is_away = True
        await listening(steady(queue, Eater(queue), clock), turns)

        assert len(queue.receives) == 6

    asyncio.run(story())
    assert caplog.text.count("cannot be read") == 1


def test_what_goes_wrong_with_one_message_does_not_stop_the_listener(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        clock = HurriedClock(most=0)
        queue = MemoryQueue(clock)
        await queue.send("a")
        eaten = []

        async def breaks(message: Message) -> None:
            eaten.append(message.text)
            raise LookupError(message.text)

        pace = SteadyPace(clock, Backoff(SECONDS, Random(1)))  # noqa: S311  jitter
        listener = QueueListener(queue, breaks, QueueOptions(), clock, pace)

        async def again() -> None:
            await turns()
            await queue.send("b")
            listener.wake()
            await turns()
            assert eaten == ["a", "b"]

        await listening(listener, again)

    asyncio.run(story())
    assert "devhost lost a message of 'work'; it comes again." in caplog.text


def test_in_the_end_messages_may_end_for_a_while_and_then_are_dropped() -> None:
    async def story() -> None:
        clock = HurriedClock(most=0)
        queue = MemoryQueue(clock)
        eater = Eater(queue)
        eater.lets_go.clear()
        await queue.send("a")
        listener = steady(queue, eater, clock)
        await listening(listener, turns)

        await listener.finish(patience=0.01)

        assert (eater.eaten, queue.texts) == ([], ["a"])

    asyncio.run(story())


@pytest.mark.parametrize(
    ("seconds", "left"), [(9, []), (12, ["a"])], ids=["ends in time", "outlasts the stop"]
)
def test_a_stop_waits_ten_seconds_for_a_message(seconds: float, left: list[str]) -> None:
    async def story() -> None:
        clock = HurriedClock(most=0)
        queue = MemoryQueue(clock)
        await queue.send("a")

        async def takes_its_time(message: Message) -> None:
            await asyncio.sleep(seconds)
            await queue.delete(message)

        pace = SteadyPace(clock, Backoff(SECONDS, Random(1)))  # noqa: S311  jitter
        listener = QueueListener(queue, takes_its_time, DEFAULTS, clock, pace)
        await listening(listener, turns)
        await listener.finish(PATIENCE)

        assert queue.texts == left

    run_jumping(story())


# -- on a virtual clock ------------------------------------------------------------------------


def virtual(clock: VirtualClock, queue: MemoryQueue, eater: Eater) -> QueueListener:
    pace = VirtualPace(clock, None)
    return QueueListener(queue, eater.eat, QueueOptions(), clock, pace)


def test_virtual_time_rests_when_the_queue_is_empty_and_nothing_is_handled() -> None:
    async def story() -> None:
        clock = VirtualClock()
        queue = MemoryQueue(clock)
        eater = Eater(queue)
        listener = virtual(clock, queue, eater)

        async def settled() -> None:
            await Timeline(clock, [listener]).settle()
            looks = len(queue.receives)
            await turns()
            assert len(queue.receives) == looks
            for number in range(40):
                await queue.send(str(number))
            await Timeline(clock, [listener]).settle()
            assert len(eater.eaten) == 40

        await listening(listener, settled)

    asyncio.run(story())


def test_virtual_time_waits_for_messages_being_handled() -> None:
    async def story() -> None:
        clock = VirtualClock()
        queue = MemoryQueue(clock)
        eater = Eater(queue)
        eater.lets_go.clear()
        await queue.send("slow")
        listener = virtual(clock, queue, eater)

        async def settled() -> None:
            settling = asyncio.create_task(Timeline(clock, [listener]).settle())
            await turns()
            assert not settling.done()
            eater.lets_go.set()
            await settling
            assert eater.eaten == ["slow"]

        await listening(listener, settled)

    asyncio.run(story())


def test_what_is_sent_while_others_are_handled_is_found_in_the_same_rest() -> None:
    async def story() -> None:
        clock = VirtualClock()
        queue = MemoryQueue(clock)

        async def breeds(message: Message) -> None:
            await turns()
            if message.text != "third":
                await queue.send({"first": "second", "second": "third"}[message.text])
            await queue.delete(message)

        pace = VirtualPace(clock, None)
        listener = QueueListener(queue, breeds, DEFAULTS, clock, pace)
        await queue.send("first")

        async def settled() -> None:
            await Timeline(clock, [listener]).settle()
            assert queue.texts == []

        await listening(listener, settled)

    asyncio.run(story())


def test_who_wakes_it_during_a_look_is_not_overheard() -> None:
    async def story() -> None:
        clock = VirtualClock()
        queue = MemoryQueue(clock)
        eater = Eater(queue)
        listener = virtual(clock, queue, eater)
        receive = queue.receive

        async def slow(count: int, hidden: timedelta) -> list[Message]:
            await turns()
            found = await receive(count, hidden)
            if len(queue.receives) == 1:
                await queue.send("just now")
                listener.wake()
            return found

        queue.receive = slow  # type: ignore[method-assign]  # a queue that takes its time

        async def settled() -> None:
            await listener.rest()
            assert eater.eaten == ["just now"]

        await listening(listener, settled)

    asyncio.run(story())


def test_in_virtual_time_a_queue_out_of_reach_is_tried_at_each_stop_and_stops_no_clock() -> None:
    async def story() -> None:
        clock = VirtualClock()
        queue = MemoryQueue(clock)
        eater = Eater(queue)
        listener = virtual(clock, queue, eater)
        await queue.send("patient")
        queue.is_away = True

        async def settled() -> None:
            timeline = Timeline(clock, [listener])
            await timeline.settle()
            assert (eater.eaten, listener.next_due()) == ([], None)
            queue.is_away = False
            await timeline.advance(SECONDS)
            assert eater.eaten == ["patient"]

        await listening(listener, settled)

    asyncio.run(story())
