"""Reads and writes blobs in the containers that plans may name, in the account of the ledger.

For notices and for plans that messages name. The blobs of asks are read by
`gather_once.sources.blob`.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from gather_once.model.connection import storage_connection
from gather_once.model.fault import Fault, FaultKind, SourceFailed
from gather_once.model.settings import Settings

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

_BEYOND_THE_END: Final = 416
"""The status of a ranged read of an empty blob."""


def write(
    environ: Mapping[str, str], settings: Settings, container: str, name: str, content: bytes
) -> None:
    """Create or overwrite a blob; blocking. A missing container is created.

    Raises SourceFailed with a passing fault when storage is unavailable or rejects the request,
    InvalidSetting when the settings describe no account.
    """
    from azure.core.exceptions import (  # noqa: PLC0415  only who writes should wait for it
        AzureError,
        ResourceExistsError,
        ResourceNotFoundError,
    )

    account = _account(environ, settings)
    blob = account.get_blob_client(container, name)
    try:
        try:
            blob.upload_blob(content, overwrite=True)
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                account.create_container(container)
            blob.upload_blob(content, overwrite=True)
    except AzureError as error:
        raise _failed(container, error) from None


def read(
    environ: Mapping[str, str],
    settings: Settings,
    container: str,
    name: str,
    *,
    bytes_at_most: int,
) -> bytes | None:
    """Return the first bytes of a blob, or None where there is none; blocking.

    Raises SourceFailed with a passing fault when storage is unavailable or rejects the request,
    InvalidSetting when the settings describe no account.
    """
    from azure.core.exceptions import (  # noqa: PLC0415  only who reads should wait for it
        AzureError,
        HttpResponseError,
        ResourceNotFoundError,
    )

    blob = _account(environ, settings).get_blob_client(container, name)
    try:
        return bytes(blob.download_blob(offset=0, length=bytes_at_most).readall())
    except ResourceNotFoundError:
        return None
    except AzureError as error:
        if isinstance(error, HttpResponseError) and error.status_code == _BEYOND_THE_END:
            return b""
        raise _failed(container, error) from None


def _account(environ: Mapping[str, str], settings: Settings) -> "BlobServiceClient":
    from gather_once.storage.accounts import open_account  # noqa: PLC0415  lazily, as above

    return open_account(storage_connection(environ, settings.storage_connection))


def _failed(container: str, error: Exception) -> SourceFailed:
    # Raised `from None`: the library's text has the account's address, and may have a key.
    what = f"container {container}: {type(error).__name__}"
    return SourceFailed(Fault(FaultKind.PASSING, what))
