"""The blob port over Azure Storage: the asynchronous client, its errors mapped to the port's."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.exceptions import (
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.storage.blob import BlobProperties
from azure.storage.blob.aio import BlobClient, BlobServiceClient

from gather_once.storage.blobs import Blob, Conflict, Container, Listed, OutOfReach, Properties

OpenService = Callable[[], Awaitable[BlobServiceClient]]
"""Returns the client of the running event loop; it does not wait for storage."""
_Reply = Mapping[str, Any]  # the headers of a response

_ABSENT, _TIMEOUT, _EXISTS, _CHANGED, _BEYOND_THE_END, _THROTTLED = 404, 408, 409, 412, 416, 429
_SERVER_ERRORS: Final = 500


class AzureBlobs:
    """The `Blobs` port over one storage account; the first write to a container creates it."""

    def __init__(self, service: OpenService) -> None:
        self._service = service

    async def read(self, container: Container, name: str, *, start: int = 0) -> Blob | None:
        """Return the blob with its content from `start` on, or None; one GET."""
        blob = await self._blob(container, name)
        with _precise():
            try:
                found = await blob.download_blob(offset=start or None)
                content = await found.readall()
            except HttpResponseError as error:
                if error.status_code == _ABSENT:
                    return None
                if error.status_code != _BEYOND_THE_END:
                    raise
                rest = await _look(blob)
                return Blob(b"", rest.version, rest.metadata) if rest else None
        return Blob(content, str(found.properties.etag), dict(found.properties.metadata))

    async def look(self, container: Container, name: str) -> Properties | None:
        """Return the blob's properties and metadata, or None; one HEAD."""
        return await _look(await self._blob(container, name))

    async def create(
        self,
        container: Container,
        name: str,
        content: bytes,
        *,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Write a blob that must not exist yet, and return its version; Put Blob, If-None-Match."""
        blob = await self._blob(container, name)

        async def put() -> _Reply:
            return await blob.upload_blob(content, metadata=_plain(metadata))

        return str((await self._make(container, put))["etag"])

    async def replace(
        self,
        container: Container,
        name: str,
        content: bytes,
        *,
        version: str,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Overwrite the version named, and return the new one; Put Blob, If-Match."""
        blob = await self._blob(container, name)
        options = {"metadata": _plain(metadata), "overwrite": True, **_only(version)}
        with _writing():
            return str((await blob.upload_blob(content, **options))["etag"])

    async def mark(
        self, container: Container, name: str, metadata: Mapping[str, str], *, version: str
    ) -> str:
        """Replace the metadata of the version named; Set Blob Metadata, If-Match."""
        blob = await self._blob(container, name)
        with _writing():
            reply = await blob.set_blob_metadata(_plain(metadata), **_only(version))
        return str(reply["etag"])

    async def create_log(self, container: Container, name: str) -> None:
        """Create an empty append blob that must not exist yet; Put Blob, If-None-Match."""
        blob = await self._blob(container, name)

        async def put() -> _Reply:
            return await blob.create_append_blob(match_condition=MatchConditions.IfMissing)

        await self._make(container, put)

    async def append(
        self, container: Container, name: str, content: bytes, *, position: int | None = None
    ) -> int:
        """Add to the end of an append blob, and return its new length; Append Block."""
        blob = await self._blob(container, name)
        with _writing():
            reply = await blob.append_block(content, appendpos_condition=position)
        return int(str(reply["blob_append_offset"])) + len(content)

    async def list(
        self, container: Container, prefix: str, *, after: str | None = None, top: int = 1000
    ) -> tuple[tuple[Listed, ...], str | None]:
        """Return one page of the blobs under a prefix, and the token of the next; List Blobs."""
        service = await self._service()
        listing = service.get_container_client(container).list_blobs(
            name_starts_with=prefix, include=["metadata"], results_per_page=top
        )
        pages = listing.by_page(continuation_token=after)
        with _precise():
            try:
                page = await anext(pages, None)
                found = [_listed(blob) async for blob in page] if page else []
            except HttpResponseError as error:
                if error.status_code != _ABSENT:
                    raise
                return (), None  # nothing has been written to this container yet
        return tuple(found), getattr(pages, "continuation_token", None) or None

    async def delete(self, container: Container, name: str, *, version: str | None = None) -> None:
        """Erase the blob, if there is one, and if it is the version named; Delete Blob."""
        blob = await self._blob(container, name)
        with _precise():
            try:
                await blob.delete_blob(**(_only(version) if version else {}))
            except HttpResponseError as error:
                if version and error.status_code in {_ABSENT, _CHANGED}:
                    raise Conflict(error.message) from error
                if error.status_code != _ABSENT:
                    raise

    async def _blob(self, container: Container, name: str) -> BlobClient:
        return (await self._service()).get_blob_client(container, name)

    async def _make(self, container: Container, put: Callable[[], Awaitable[_Reply]]) -> _Reply:
        """Write a blob that must not exist; create the container if it is missing."""
        try:
            with _writing():
                return await put()
        except _NoContainer:
            await self._make_container(container)
            with _writing():
                return await put()

    async def _make_container(self, container: Container) -> None:
        service = await self._service()
        with _precise():
            try:
                await service.create_container(container)
            except HttpResponseError as error:
                if error.status_code != _EXISTS:  # another writer created it first
                    raise


class _NoContainer(Conflict):
    """The container does not exist yet."""


async def _look(blob: BlobClient) -> Properties | None:
    with _precise():
        try:
            found = await blob.get_blob_properties()
        except HttpResponseError as error:
            if error.status_code == _ABSENT:
                return None
            raise
    return Properties(found.etag, dict(found.metadata), found.size, found.last_modified)


@contextmanager
def _writing() -> Iterator[None]:
    """Map a failed precondition to `Conflict`, and the errors of `_precise`."""
    with _precise():
        try:
            yield
        except HttpResponseError as error:
            if error.status_code == _ABSENT and _code(error) == "ContainerNotFound":
                raise _NoContainer from error
            if error.status_code in {_ABSENT, _EXISTS, _CHANGED}:
                raise Conflict(error.message) from error
            raise


@contextmanager
def _precise() -> Iterator[None]:
    """Map connection errors, server errors and throttling to `OutOfReach`; re-raise all others.

    Rejected credentials, for example, fail the activity: waiting does not help.
    """
    try:
        yield
    except (ServiceRequestError, ServiceResponseError, IncompleteReadError) as error:
        raise OutOfReach(f"storage does not answer: {error}") from error
    except HttpResponseError as error:
        if _may_pass(error):
            raise OutOfReach(f"storage cannot answer now: {error.message}") from error
        raise


def _may_pass(error: HttpResponseError) -> bool:
    status = error.status_code
    return (
        status is None  # the body was cut off
        or status in {_TIMEOUT, _THROTTLED}
        or status >= _SERVER_ERRORS
        or _code(error) == "ContainerBeingDeleted"
    )


def _code(error: HttpResponseError) -> object:
    return getattr(error, "error_code", None)  # the storage client adds it, the base class not


def _listed(blob: BlobProperties) -> Listed:
    metadata = dict(blob.metadata or {})
    return Listed(blob.name, metadata, blob.size, _quoted(blob.etag), blob.last_modified)


def _quoted(etag: str) -> str:
    return etag if etag.startswith('"') else f'"{etag}"'  # listings leave the quotes out


def _only(version: str) -> dict[str, Any]:
    return {"etag": version, "match_condition": MatchConditions.IfNotModified}


def _plain(metadata: Mapping[str, str] | None) -> dict[str, str]:
    return dict(metadata or {})
