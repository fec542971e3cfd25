"""Writes blobs through Azure's client library."""

from contextlib import suppress

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
from azure.storage.blob.aio import BlobServiceClient

from devhost.storage.queue import StorageTrouble


async def write(service: BlobServiceClient, path: str, content: bytes) -> None:
    """Write the blob `container/name` anew, and make its container first where there is none.

    Raises:
        StorageTrouble: it is not written.
    """
    container, _, name = path.partition("/")
    try:
        try:
            await _upload(service, container, name, content)
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                await service.create_container(container)
            await _upload(service, container, name, content)
    except AzureError as error:
        raise StorageTrouble(f"the blob {path} is not written: {error}") from error


async def _upload(service: BlobServiceClient, container: str, name: str, content: bytes) -> None:
    await service.get_blob_client(container, name).upload_blob(content, overwrite=True)
