"""Reads and writes blobs in the containers that plans may name, in the account of the ledger."""

from collections.abc import Mapping
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Final, assert_never

from model.connection import ByIdentity, ByString, Connection, storage_connection
from model.fault import Fault, FaultKind, SourceFailed
from model.settings import Settings

if TYPE_CHECKING:
    from azure.storage.blob import BlobServiceClient

_BEYOND_THE_END: Final = 416
"""What storage answers when the first bytes of an empty blob are asked for."""


def write(
    environ: Mapping[str, str], settings: Settings, container: str, name: str, content: bytes
) -> None:
    """Write a blob over one that is there; blocking. The container is made where it is missing.

    Raises SourceFailed with a passing fault when storage does not answer or says no.
    """
    from azure.core.exceptions import (  # noqa: PLC0415  only who writes should wait for it
        AzureError,
        ResourceExistsError,
        ResourceNotFoundError,
    )

    service = _service(storage_connection(environ, settings.storage))
    blob = service.get_blob_client(container, name)
    try:
        try:
            blob.upload_blob(content, overwrite=True)
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                service.create_container(container)
            blob.upload_blob(content, overwrite=True)
    except AzureError as error:
        what = f"container {container}: {type(error).__name__}"
        raise SourceFailed(Fault(FaultKind.PASSING, what)) from error


def read(
    environ: Mapping[str, str],
    settings: Settings,
    container: str,
    name: str,
    *,
    bytes_at_most: int,
) -> bytes | None:
    """Return the first bytes of a blob, or None where there is none; blocking.

    Raises SourceFailed with a passing fault when storage does not answer or says no.
    """
    from azure.core.exceptions import (  # noqa: PLC0415  only who reads should wait for it
        AzureError,
        HttpResponseError,
        ResourceNotFoundError,
    )

    service = _service(storage_connection(environ, settings.storage))
    blob = service.get_blob_client(container, name)
    try:
        return bytes(blob.download_blob(offset=0, length=bytes_at_most).readall())
    except ResourceNotFoundError:
        return None
    except AzureError as error:
        if isinstance(error, HttpResponseError) and error.status_code == _BEYOND_THE_END:
            return b""
        what = f"container {container}: {type(error).__name__}"
        raise SourceFailed(Fault(FaultKind.PASSING, what)) from error


@cache
def _service(connection: Connection) -> "BlobServiceClient":
    from azure.storage.blob import BlobServiceClient  # noqa: PLC0415  as above

    match connection:
        case ByString(_, text):
            return BlobServiceClient.from_connection_string(text, retry_total=3)
        case ByIdentity(url, kind, given):
            import azure.identity  # noqa: PLC0415  needed by few, slow to import

            credential = getattr(azure.identity, kind)(**dict(given))
            return BlobServiceClient(url, credential=credential, retry_total=3)
        case _:
            assert_never(connection)
