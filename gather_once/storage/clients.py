"""The process's way to storage and to threads: one client, one pool for storage, one for calls.

The event loop is the worker's; a call that blocks runs in a pool of the application's own. The
calls to sources may fill theirs: storage has another, or claims could not be renewed meanwhile.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar, assert_never

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
    from azure.storage.blob import BlobServiceClient

P = ParamSpec("P")
T = TypeVar("T")


async def in_pool(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking call in one of the GATHER_THREADS threads for calls to sources."""
    work = partial(call, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_threads_for_calls(), work)


def open_blobs(environ: Mapping[str, str]) -> Blobs:
    """Return the ledger's storage: one client per process and connection.

    GATHER_STORAGE_CONNECTION names the connection. Raises `InvalidSetting`.
    """
    settings = Settings.of(environ)
    return _blobs(storage_connection(environ, settings.storage_connection), settings.threads)


@cache
def _threads_for_calls() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(Settings.of(os.environ).threads, thread_name_prefix="call")


@cache
def _blobs(connection: Connection, threads: int) -> Blobs:
    # Imported here: the Azure libraries take their time, and only who needs storage should wait.
    from gather_once.storage.azure_blobs import AzureBlobs  # noqa: PLC0415  # see above

    pool = ThreadPoolExecutor(threads, thread_name_prefix="storage")
    match connection:
        case ByString():
            return AzureBlobs(_by_string(connection), pool)
        case ByIdentity():
            return AzureBlobs(_by_identity(connection), pool)
        case _:
            assert_never(connection)


def _by_string(connection: ByString) -> "BlobServiceClient":
    from azure.storage.blob import BlobServiceClient  # noqa: PLC0415  # lazily, as above

    from gather_once.storage.azure_blobs import client_options  # noqa: PLC0415  # same

    try:
        return BlobServiceClient.from_connection_string(connection.text, **client_options())
    except ValueError:  # its text may quote the key
        raise not_a_connection_string(connection.name) from None


def _by_identity(connection: ByIdentity) -> "BlobServiceClient":
    import azure.identity  # noqa: PLC0415  # needed by few, slow to import
    from azure.storage.blob import BlobServiceClient  # noqa: PLC0415  # lazily, as above

    from gather_once.storage.azure_blobs import client_options  # noqa: PLC0415  # same

    credential = getattr(azure.identity, connection.credential)(**dict(connection.options))
    return BlobServiceClient(connection.url, credential=credential, **client_options())
