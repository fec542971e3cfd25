"""The process's way to storage and to threads: one client, one pool for storage, one for calls.

The event loop is the worker's; a call that blocks runs in a pool of the application's own. The
calls to sources may fill theirs: storage has another, or claims could not be renewed meanwhile.
"""

import asyncio
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final, ParamSpec, TypeVar

from ledger.port import Blobs
from model.errors import InvalidSetting
from model.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.storage.blob import BlobServiceClient

P = ParamSpec("P")
T = TypeVar("T")

_BLOB_SERVICE: Final = "blobServiceUri"
_ACCOUNT: Final = "accountName"
_CREDENTIAL: Final = "credential"
_CLIENT: Final = "clientId"


async def in_pool(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a blocking call in one of the GATHER_THREADS threads for calls to sources."""
    work = partial(call, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_threads_for_calls(), work)


def open_blobs(environ: Mapping[str, str]) -> Blobs:
    """Return the ledger's storage: one client per process and connection.

    GATHER_STORAGE names the connection. The setting of that name is a connection string; without
    it `<name>__blobServiceUri` (or `__accountName`), `__credential` and `__clientId` describe an
    identity, as the Functions host reads them. Raises `InvalidSetting`.
    """
    settings = Settings.of(environ)
    name = settings.storage
    identity = tuple(environ.get(f"{name}__{part}", "") for part in _IDENTITY_PARTS)
    return _blobs(name, environ.get(name, ""), identity, settings.threads)


_IDENTITY_PARTS: Final = (_BLOB_SERVICE, _ACCOUNT, _CREDENTIAL, _CLIENT)


@cache
def _threads_for_calls() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(Settings.of(os.environ).threads, thread_name_prefix="call")


@cache
def _blobs(name: str, connection_string: str, identity: tuple[str, ...], threads: int) -> Blobs:
    # Imported here: the Azure libraries take their time, and only who needs storage should wait.
    from ledger.azure import AzureBlobs, client_options  # noqa: PLC0415  # see above

    parts = dict(zip(_IDENTITY_PARTS, identity, strict=True))
    if connection_string:
        service = _by_connection_string(name, connection_string, client_options())
    else:
        service = _by_identity(name, parts, client_options())
    return AzureBlobs(service, ThreadPoolExecutor(threads, thread_name_prefix="storage"))


def _by_connection_string(name: str, text: str, options: dict[str, Any]) -> "BlobServiceClient":
    from azure.storage.blob import BlobServiceClient  # noqa: PLC0415  # lazily, as above

    try:
        return BlobServiceClient.from_connection_string(text, **options)
    except ValueError as error:  # its text may quote the key: not shown
        raise InvalidSetting(name, "is no connection string of a storage account") from error


def _by_identity(name: str, parts: dict[str, str], options: dict[str, Any]) -> "BlobServiceClient":
    from azure.storage.blob import BlobServiceClient  # noqa: PLC0415  # lazily, as above

    url = parts[_BLOB_SERVICE]
    if not url and parts[_ACCOUNT]:
        url = f"https://{parts[_ACCOUNT]}.blob.core.windows.net"
    if not url:
        raise InvalidSetting(name, f"set it to a connection string, or set {name}__{_BLOB_SERVICE}")
    credential = _credential(name, parts[_CREDENTIAL], parts[_CLIENT] or None)
    return BlobServiceClient(url, credential=credential, **options)


def _credential(name: str, kind: str, client: str | None) -> "TokenCredential":
    from azure.identity import (  # noqa: PLC0415  # needed by few, slow to import
        DefaultAzureCredential,
        ManagedIdentityCredential,
    )

    match kind.lower():
        case "managedidentity":
            return ManagedIdentityCredential(client_id=client)
        case "":
            # Not given, the client's id comes from AZURE_CLIENT_ID; given as None, it would not.
            named = {"managed_identity_client_id": client} if client else {}
            return DefaultAzureCredential(**named)
    raise InvalidSetting(f"{name}__{_CREDENTIAL}", 'is "managedidentity", or not set')
