"""Blob storage for real: the blocking Azure client, run in threads, its errors made precise."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor
from contextlib import contextmanager
from functools import partial
from typing import Any, TypeVar

from azure.core import MatchConditions
from azure.core.exceptions import (
    HttpResponseError,
    IncompleteReadError,
    ServiceRequestError,
    ServiceResponseError,
)
from azure.storage.blob import BlobClient, BlobProperties, BlobServiceClient, ExponentialRetry

from gather_once.storage.blobs import Blob, Conflict, Container, Listed, OutOfReach, Properties

T = TypeVar("T")
_Told = Mapping[str, Any]  # the headers of a reply

_ABSENT, _TIMEOUT, _EXISTS, _CHANGED, _BEYOND_THE_END, _THROTTLED = 404, 408, 409, 412, 416, 429
_SERVER_ERRORS = 500
_ONE_REQUEST = 256 * 2**20  # bytes; no payload is larger, so none is read or written in parts


def client_options() -> dict[str, Any]:
    """Return the client's options: three short retries, so an outage is told within a minute.

    The SDK's own defaults wait 15 s and more between retries, and twenty minutes for a reply.
    """
    return {
        "retry_policy": ExponentialRetry(
            initial_backoff=1, increment_base=2, retry_total=3, random_jitter_range=1
        ),
        "connection_timeout": 5,
        "read_timeout": 20,
        "max_single_put_size": _ONE_REQUEST,
        "max_single_get_size": _ONE_REQUEST,
    }


class AzureBlobs:
    """The `Blobs` port over one storage account; containers come into being at the first write."""

    def __init__(self, service: BlobServiceClient, threads: Executor) -> None:
        self._service = service
        self._threads = threads

    async def read(self, container: Container, name: str, *, start: int = 0) -> Blob | None:
        """Return the blob with its content from `start` on, or None; one GET."""
        return await self._in_threads(partial(_read, self._blob(container, name), start))

    async def look(self, container: Container, name: str) -> Properties | None:
        """Return what is known of the blob without its content, or None; one HEAD."""
        return await self._in_threads(partial(_look, self._blob(container, name)))

    async def create(
        self,
        container: Container,
        name: str,
        content: bytes,
        *,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Write a blob that must not exist yet, and return its version; Put Blob, If-None-Match."""
        put = partial(self._blob(container, name).upload_blob, content, metadata=_plain(metadata))
        return str((await self._in_threads(partial(self._make, container, put)))["etag"])

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
        put = partial(self._blob(container, name).upload_blob, content, overwrite=True)
        options = {"metadata": _plain(metadata), **_only(version)}
        return str((await self._in_threads(partial(_write, partial(put, **options))))["etag"])

    async def mark(
        self, container: Container, name: str, metadata: Mapping[str, str], *, version: str
    ) -> str:
        """Replace the metadata of the version named; Set Blob Metadata, If-Match."""
        put = partial(self._blob(container, name).set_blob_metadata, _plain(metadata))
        told = await self._in_threads(partial(_write, partial(put, **_only(version))))
        return str(told["etag"])

    async def create_log(self, container: Container, name: str) -> None:
        """Create an empty append blob that must not exist yet; Put Blob, If-None-Match."""
        blob = self._blob(container, name)
        put = partial(blob.create_append_blob, match_condition=MatchConditions.IfMissing)
        await self._in_threads(partial(self._make, container, put))

    async def append(
        self, container: Container, name: str, content: bytes, *, position: int | None = None
    ) -> int:
        """Add to the end of an append blob, and return its new length; Append Block."""
        blob = self._blob(container, name)
        put = partial(blob.append_block, content, appendpos_condition=position)
        told = await self._in_threads(partial(_write, put))
        return int(told["blob_append_offset"]) + len(content)

    async def list(
        self, container: Container, prefix: str, *, after: str | None = None, top: int = 1000
    ) -> tuple[tuple[Listed, ...], str | None]:
        """Return one page of the blobs under a prefix, and the token of the next; List Blobs."""
        return await self._in_threads(partial(self._page, container, prefix, after, top))

    async def delete(self, container: Container, name: str, *, version: str | None = None) -> None:
        """Erase the blob, if there is one, and if it is the version named; Delete Blob."""
        await self._in_threads(partial(_delete, self._blob(container, name), version))

    async def _in_threads(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    def _blob(self, container: Container, name: str) -> BlobClient:
        return self._service.get_blob_client(container, name)

    def _make(self, container: Container, put: Callable[[], _Told]) -> _Told:
        """Write a blob that is not there; where its container is not there either, make that."""
        try:
            return _write(put)
        except _NoContainer:
            self._make_container(container)
            return _write(put)

    def _make_container(self, container: Container) -> None:
        with _precise():
            try:
                self._service.create_container(container)
            except HttpResponseError as error:
                if error.status_code != _EXISTS:  # somebody was faster: as good
                    raise

    def _page(
        self, container: Container, prefix: str, after: str | None, top: int
    ) -> tuple[tuple[Listed, ...], str | None]:
        listing = self._service.get_container_client(container).list_blobs(
            name_starts_with=prefix, include=["metadata"], results_per_page=top
        )
        pages = listing.by_page(continuation_token=after)
        with _precise():
            try:
                page = tuple(_listed(blob) for blob in next(pages, ()))
            except HttpResponseError as error:
                if error.status_code != _ABSENT:
                    raise
                return (), None  # nobody has written to this container yet
        return page, getattr(pages, "continuation_token", None) or None


class _NoContainer(Conflict):
    """The container is not there yet."""


def _read(blob: BlobClient, start: int) -> Blob | None:
    with _precise():
        try:
            found = blob.download_blob(offset=start or None)
            content = found.readall()
        except HttpResponseError as error:
            if error.status_code == _ABSENT:
                return None
            if error.status_code != _BEYOND_THE_END:
                raise
            rest = _look(blob)
            return Blob(b"", rest.version, rest.metadata) if rest else None
    return Blob(content, str(found.properties.etag), dict(found.properties.metadata))


def _look(blob: BlobClient) -> Properties | None:
    with _precise():
        try:
            found = blob.get_blob_properties()
        except HttpResponseError as error:
            if error.status_code == _ABSENT:
                return None
            raise
    return Properties(found.etag, dict(found.metadata), found.size, found.last_modified)


def _write(put: Callable[[], _Told]) -> _Told:
    with _precise():
        try:
            return put()
        except HttpResponseError as error:
            if error.status_code == _ABSENT and _code(error) == "ContainerNotFound":
                raise _NoContainer from error
            if error.status_code in {_ABSENT, _EXISTS, _CHANGED}:
                raise Conflict(error.message) from error
            raise


def _delete(blob: BlobClient, version: str | None) -> None:
    with _precise():
        try:
            blob.delete_blob(**(_only(version) if version else {}))
        except HttpResponseError as error:
            if version and error.status_code in {_ABSENT, _CHANGED}:
                raise Conflict(error.message) from error
            if error.status_code != _ABSENT:
                raise


@contextmanager
def _precise() -> Iterator[None]:
    """Turn "no answer", "not now" and "slower" into `OutOfReach`; the rest is somebody's mistake.

    Refused credentials, for one, are a crash: waiting does not mend them.
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
        status is None  # the body broke off
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
