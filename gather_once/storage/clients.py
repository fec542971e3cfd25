"""The process's clients: those of the running event loop, and the thread pool for blocking calls.

An asynchronous client and its connections belong to the event loop that opened them. They are held
by loop and closed with it: by `aclose_all`, or by `loop.shutdown_asyncgens`, which `asyncio.run`
calls before it closes a loop. Those of a loop that runs until the process exits are closed then.
"""

import asyncio
import atexit
import os
from asyncio import AbstractEventLoop
from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar, assert_never

from gather_once.model.connection import (
    ByIdentity,
    ByString,
    Connection,
    not_a_connection_string,
    storage_connection,
)
from gather_once.model.settings import Settings
from gather_once.storage.blobs import Blobs

if TYPE_CHECKING:
    from azure.storage.blob.aio import BlobServiceClient

P = ParamSpec("P")
T = TypeVar("T")

_ONE_REQUEST: Final = 256 * 2**20
"""Bytes; no payload is larger, so none is read or written in parts."""


async def in_pool(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking call in one of the GATHER_THREADS threads for calls to sources."""
    work = partial(call, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_threads_for_calls(), work)


def open_blobs(environ: Mapping[str, str]) -> Blobs:
    """Return the ledger's storage, usable on any event loop of the process; no request.

    GATHER_STORAGE_CONNECTION names the connection. Raises `InvalidSetting`.
    """
    return _blobs(storage_connection(environ, Settings.of(environ).storage_connection))


async def aclose_all() -> None:
    """Close the clients of the running event loop; the next use opens new ones."""
    if held := _held.get(asyncio.get_running_loop()):
        await held[0].aclose()


def blob_options() -> dict[str, Any]:
    """Return the blob client's options: three short retries, so an outage shows within a minute.

    The SDK's own defaults wait 15 s and more between retries, and twenty minutes for a reply. No
    proxy or credential comes from the environment.
    """
    from azure.storage.blob.aio import ExponentialRetry  # noqa: PLC0415  # slow to import

    return {
        "retry_policy": ExponentialRetry(
            initial_backoff=1, increment_base=2, retry_total=3, random_jitter_range=1
        ),
        "connection_timeout": 5,
        "read_timeout": 20,
        "max_single_put_size": _ONE_REQUEST,
        "max_single_get_size": _ONE_REQUEST,
        "use_env_settings": False,
    }


class _Clients:
    """The clients of one event loop, opened at their first use."""

    def __init__(self) -> None:
        self._blob_services: dict[Connection, BlobServiceClient] = {}
        self._closing = AsyncExitStack()

    def blob_service(self, connection: Connection) -> "BlobServiceClient":
        if connection not in self._blob_services:
            self._blob_services[connection] = self._open(connection)
        return self._blob_services[connection]

    async def aclose(self) -> None:
        self._blob_services.clear()
        await self._closing.aclose()

    def _open(self, connection: Connection) -> "BlobServiceClient":
        from azure.storage.blob.aio import BlobServiceClient  # noqa: PLC0415  # slow to import

        match connection:
            case ByString(name, text):
                try:
                    service = BlobServiceClient.from_connection_string(text, **blob_options())
                except ValueError:  # its text may quote the key
                    raise not_a_connection_string(name) from None
            case ByIdentity(url, kind, options):
                import azure.identity.aio  # noqa: PLC0415  # needed by few, slow to import

                credential = getattr(azure.identity.aio, kind)(**dict(options))
                self._closing.push_async_callback(credential.close)
                service = BlobServiceClient(url, credential=credential, **blob_options())
            case _:
                assert_never(connection)
        self._closing.push_async_callback(service.close)
        return service


_EXIT_TIMEOUT: Final = 2.0
"""Seconds that closing the clients of one loop may take when the process exits."""
_held: dict[AbstractEventLoop, tuple[AsyncGenerator[_Clients, None], _Clients]] = {}
"""The clients by event loop, each with the generator that closes them."""


async def _clients() -> _Clients:
    """Return the clients of the running event loop; without an await, so no two are opened."""
    loop = asyncio.get_running_loop()
    if loop not in _held:
        closer = _closed_with(loop)
        _held[loop] = closer, await anext(closer)
    return _held[loop][1]


async def _closed_with(loop: AbstractEventLoop) -> AsyncGenerator[_Clients, None]:
    """Yield new clients; close them when the loop shuts its asynchronous generators down."""
    clients = _Clients()
    try:
        yield clients
    finally:
        del _held[loop]
        await clients.aclose()


@atexit.register
def _close_the_rest() -> None:
    """Close the clients of loops that still run, in threads of their own."""
    for loop in [loop for loop in _held if loop.is_running()]:
        with suppress(TimeoutError):
            asyncio.run_coroutine_threadsafe(aclose_all(), loop).result(_EXIT_TIMEOUT)


@cache
def _threads_for_calls() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(Settings.of(os.environ).threads, thread_name_prefix="call")


@cache
def _blobs(connection: Connection) -> Blobs:
    # Imported here: the Azure libraries are slow to import, and not every function needs storage.
    from gather_once.storage.azure_blobs import AzureBlobs  # noqa: PLC0415  # see above

    async def service() -> "BlobServiceClient":
        return (await _clients()).blob_service(connection)

    return AzureBlobs(service)
