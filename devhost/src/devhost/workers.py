"""Where users' code runs: one event loop for coroutines, a pool of threads for the rest.

Neither keeps the process from ending: a thread that hangs in user code is a daemon and is left
behind, which the threads of concurrent.futures are not.
"""

import asyncio
import functools
import os
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor, Future, wait
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from typing import Any, ParamSpec, TypeVar

_T = TypeVar("_T")
_P = ParamSpec("_P")
_Work = tuple[Future[Any], Callable[[], Any]]


class AsyncCalls:
    """The coroutines of one host, on the process's one worker loop.

    The loop outlives the host: the SDK's HTTP session, and whatever an app keeps in a module, is
    bound to the loop that first used it.
    """

    def __init__(self) -> None:
        self._loop = _worker_loop()
        self._tasks: set[asyncio.Task[Any]] = set()

    async def run(self, call: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        """Await `call()` on the worker loop; cancelling this cancels it there."""
        return await asyncio.wrap_future(
            asyncio.run_coroutine_threadsafe(self._followed(call), self._loop)
        )

    def close(self, patience: float) -> None:
        """Cancel what runs, and wait at most `patience` seconds for it to end."""
        self.finish(self._end, patience)

    def finish(self, call: Callable[[], Coroutine[Any, Any, None]], patience: float) -> None:
        """Run `call()` on the worker loop, and wait at most `patience` seconds for it to end."""
        ended = asyncio.run_coroutine_threadsafe(call(), self._loop)
        with suppress(TimeoutError):
            ended.result(patience)

    async def _followed(self, call: Callable[[], Coroutine[Any, Any, _T]]) -> _T:
        task = asyncio.current_task()
        if task:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await call()

    async def _end(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


class ThreadedCalls(Executor):
    """A pool of daemon threads for plain functions and orchestrators."""

    def __init__(self, size: int) -> None:
        self._waiting: SimpleQueue[_Work | None] = SimpleQueue()
        self._futures: set[Future[Any]] = set()
        self._size = size
        for number in range(size):
            Thread(target=self._serve, name=f"devhost-sync-{number}", daemon=True).start()

    def submit(self, fn: Callable[_P, _T], /, *args: _P.args, **kwargs: _P.kwargs) -> Future[_T]:
        """Run the call on the next free thread."""
        future: Future[_T] = Future()
        self._futures.add(future)
        future.add_done_callback(self._futures.discard)
        self._waiting.put((future, functools.partial(fn, *args, **kwargs)))
        return future

    def close(self, patience: float) -> None:
        """Drop what waits, and wait at most `patience` seconds for what runs."""
        for future in list(self._futures):
            future.cancel()
        for _ in range(self._size):
            self._waiting.put(None)
        wait(list(self._futures), timeout=patience)

    def _serve(self) -> None:
        while work := self._waiting.get():
            future, call = work
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001  it is the caller's, whatever it is
                future.set_exception(error)
            del future, call, work  # nothing of the call outlives it while the thread is idle


def pool_size(environ: Mapping[str, str]) -> int:
    """Return how many plain functions run at once: PYTHON_THREADPOOL_THREAD_COUNT or Python's."""
    text = environ.get("PYTHON_THREADPOOL_THREAD_COUNT", "")
    wanted = int(text) if text.isdecimal() else 0
    return wanted or min(32, (os.cpu_count() or 1) + 4)


@functools.cache
def _worker_loop() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    Thread(target=loop.run_forever, name="devhost-async", daemon=True).start()
    return loop
