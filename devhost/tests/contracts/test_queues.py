"""A stored queue and its twin in memory keep the same promises to a listener."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from devhost.clock import VirtualClock
from devhost.storage import Accounts, Connections, LeaseLost, Queue, QueueAbsent, StorageTrouble
from devhost_support.azurite import SharedAzurite
from devhost_support.memoryqueue import MemoryQueue

MINUTES = timedelta(minutes=1)
HIDDEN = 10 * MINUTES


@dataclass
class Stage:
    """An absent queue, and the clock it goes by."""

    queue: Queue
    move: Callable[[timedelta], None]


Story = Callable[[Stage], Awaitable[None]]
Play = Callable[[Story], None]


async def _on_azurite(azurite: SharedAzurite, story: Story) -> None:
    accounts = Accounts(Connections({"Work": azurite.fresh_account()}, ""))

    def move(span: timedelta) -> None:
        # Azurite tells the end of hiding in whole seconds.
        azurite.clock.move_to(azurite.clock.now() + span + timedelta(seconds=1))

    try:
        await story(Stage(accounts.queue("Work", "work"), move))
    finally:
        await accounts.close()


async def _in_memory(story: Story) -> None:
    clock = VirtualClock()
    queue = MemoryQueue(clock, exists=False)
    await story(Stage(queue, lambda span: clock.move_to(clock.now() + span)))


@pytest.fixture(params=["azurite", "memory"])
def play(request: pytest.FixtureRequest) -> Play:
    """Run a story on one of the two."""
    if request.param == "memory":
        return lambda story: asyncio.run(_in_memory(story))
    azurite: SharedAzurite = request.getfixturevalue("azurite")
    return lambda story: asyncio.run(_on_azurite(azurite, story))


def test_an_absent_queue_is_made_by_the_first_message(play: Play) -> None:
    async def story(stage: Stage) -> None:
        with pytest.raises(QueueAbsent):
            await stage.queue.receive(1, HIDDEN)
        await stage.queue.send("first")
        (message,) = await stage.queue.receive(1, HIDDEN)
        assert (message.text, message.dequeue_count) == ("first", 1)
        assert message.visible_at > message.inserted_at
        assert message.expires_at - message.inserted_at == timedelta(days=7)

    play(story)


@pytest.mark.parametrize("text", ["<&> \u00e4 \U0001f600", ' { "a": 1 } ', "line\nline"])
def test_any_text_comes_back_as_it_was_sent(play: Play, text: str) -> None:
    async def story(stage: Stage) -> None:
        await stage.queue.send(text)
        (message,) = await stage.queue.receive(1, HIDDEN)
        assert message.text == text

    play(story)


def test_at_most_so_many_messages_are_received_the_oldest_first(play: Play) -> None:
    async def story(stage: Stage) -> None:
        for text in ("a", "b", "c"):
            await stage.queue.send(text)
        assert [one.text for one in await stage.queue.receive(2, HIDDEN)] == ["a", "b"]
        assert [one.text for one in await stage.queue.receive(2, HIDDEN)] == ["c"]
        assert await stage.queue.receive(2, HIDDEN) == []

    play(story)


def test_a_received_message_is_seen_again_and_counted_when_its_time_is_over(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await stage.queue.send("a")
        (first,) = await stage.queue.receive(1, HIDDEN)
        stage.move(9 * MINUTES)
        assert await stage.queue.receive(1, HIDDEN) == []
        stage.move(MINUTES)
        (second,) = await stage.queue.receive(1, HIDDEN)
        assert (second.id, second.dequeue_count) == (first.id, 2)

    play(story)


def test_hiding_anew_counts_from_now_and_gives_a_new_receipt(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await stage.queue.send("a")
        (message,) = await stage.queue.receive(1, HIDDEN)
        stage.move(9 * MINUTES)
        renewed = await stage.queue.hide(message, HIDDEN)
        stage.move(9 * MINUTES)
        assert await stage.queue.receive(1, HIDDEN) == []
        with pytest.raises(LeaseLost):
            await stage.queue.hide(message, HIDDEN)
        await stage.queue.delete(renewed)
        stage.move(MINUTES)
        assert await stage.queue.receive(1, HIDDEN) == []

    play(story)


def test_hiding_for_no_time_shows_it_as_it_was(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await stage.queue.send("<a>")
        (message,) = await stage.queue.receive(1, HIDDEN)
        await stage.queue.hide(message, timedelta())
        (again,) = await stage.queue.receive(1, HIDDEN)
        assert (again.text, again.dequeue_count) == ("<a>", 2)

    play(story)


def test_a_message_of_somebody_elses_or_gone_is_left_alone(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await stage.queue.send("a")
        (stale,) = await stage.queue.receive(1, HIDDEN)
        stage.move(HIDDEN)
        (fresh,) = await stage.queue.receive(1, HIDDEN)
        await stage.queue.delete(stale)
        await stage.queue.delete(fresh)
        await stage.queue.delete(fresh)
        with pytest.raises(LeaseLost):
            await stage.queue.hide(fresh, HIDDEN)

    play(story)


def test_an_unknown_message_cannot_be_hidden(play: Play) -> None:
    async def story(stage: Stage) -> None:
        await stage.queue.send("a")
        (message,) = await stage.queue.receive(1, HIDDEN)
        unknown = replace(message, id="01234567-89ab-cdef-0123-456789abcdef")
        with pytest.raises(LeaseLost):
            await stage.queue.hide(unknown, HIDDEN)

    play(story)


def test_storage_that_nobody_answers_for_is_trouble_with_a_text() -> None:
    async def story() -> None:
        nobody = "DefaultEndpointsProtocol=http;AccountName=a;AccountKey=Eby8;"
        nobody += "QueueEndpoint=http://127.0.0.1:9/a;BlobEndpoint=http://127.0.0.1:9/a"
        accounts = Accounts(Connections({"Work": nobody}, ""))
        with pytest.raises(StorageTrouble, match=r"127\.0\.0\.1:9"):
            await accounts.queue("Work", "work").receive(1, HIDDEN)
        await accounts.close()

    asyncio.run(story())
