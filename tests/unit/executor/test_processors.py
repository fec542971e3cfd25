"""Computations and the threads for them: a turn for each, and no wait without an end."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from gather_once.executor.context import on_a_processor
from gather_once.model.fault import FaultKind, SourceFailed

AT_ONCE = timedelta(milliseconds=1)


@pytest.fixture
def one_thread() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as threads:
        yield threads


def test_a_computation_runs_in_a_thread_of_its_own_kind() -> None:
    name = asyncio.run(on_a_processor(lambda: threading.current_thread().name))
    assert name.startswith("compute")


def test_who_gets_no_turn_gives_up_and_may_come_again(one_thread: ThreadPoolExecutor) -> None:
    goes_on, begun = threading.Event(), []

    async def compute() -> None:
        one_thread.submit(goes_on.wait)
        try:
            await on_a_processor(lambda: begun.append(1), threads=one_thread, at_most=AT_ONCE)
        finally:
            goes_on.set()

    with pytest.raises(SourceFailed, match="no processor was free") as failed:
        asyncio.run(compute())
    assert failed.value.fault.kind is FaultKind.PASSING
    one_thread.shutdown()
    assert begun == []


class Prompt(ThreadPoolExecutor):
    """Takes a call only when a thread is free for it, and returns when it has begun."""

    def submit(self, call: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        begun = threading.Event()

        def run() -> Any:
            begun.set()
            return call(*args, **kwargs)

        running = super().submit(run)
        begun.wait()
        return running


def test_what_has_begun_is_waited_for_however_long_it_takes() -> None:
    goes_on = threading.Event()

    async def let_go() -> None:
        for _ in range(100):
            await asyncio.sleep(0)
        goes_on.set()

    async def compute() -> bool:
        with Prompt(1) as threads:
            computing = on_a_processor(goes_on.wait, threads=threads, at_most=timedelta(0))
            done, _ = await asyncio.gather(computing, let_go())
            return done

    assert asyncio.run(compute())
