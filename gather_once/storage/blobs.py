"""The port to blob storage: conditional writes of named blobs, append blobs, listings.

Every operation is one request to storage. A conditional write either happens whole or raises
`Conflict`; no operation reads before it writes, so the caller's version is the only guard. A
`Conflict` may also mean that the write did happen, its reply was lost, and the client repeated it:
a caller that has to know looks for a mark of its own in the blob.

Names are ordered by their UTF-8 bytes. Metadata keys are lower-case identifiers, values ASCII.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Container(StrEnum):
    """The blob containers of the application, one per rule of retention."""

    GATHERS = "gather-once-gathers"  # {id}/… only: deleted with the gather
    SHARED = "gather-once-shared"  # receipts and payloads that gathers share
    INDEX = "gather-once-index"  # the index of gathers, newest first
    QUESTIONS = "gather-once-questions"  # questions to humans, with the waiting asks
    SCHEDULES = "gather-once-schedules"  # plans that start by the clock


@dataclass(frozen=True)
class Properties:
    """A blob without its content: size in bytes, version an opaque ETag, modified in UTC."""

    version: str
    metadata: Mapping[str, str]
    size: int
    modified: datetime


@dataclass(frozen=True)
class Blob:
    """A blob as it was read; its version is an opaque ETag."""

    content: bytes
    version: str
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Listed:
    """One blob of a listing, without its content."""

    name: str
    metadata: Mapping[str, str]
    size: int
    version: str
    modified: datetime


class Conflict(Exception):
    """The condition of a write failed: another write came first, or the blob was deleted."""


class OutOfReach(Exception):
    """Storage is unavailable: no response, a server error or throttling; retry later."""


class Blobs(Protocol):
    """Named blobs in containers; every operation may raise `OutOfReach`."""

    async def read(self, container: Container, name: str, *, start: int = 0) -> Blob | None:
        """Return the blob with its content, or None where there is none.

        With `start`, the content is what follows that many bytes: nothing at or beyond the end.
        """

    async def look(self, container: Container, name: str) -> Properties | None:
        """Return the blob's properties and metadata, or None where there is none."""

    async def create(
        self,
        container: Container,
        name: str,
        content: bytes,
        *,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Write a blob that must not exist yet (`Conflict` if it does) and return its version."""

    async def replace(
        self,
        container: Container,
        name: str,
        content: bytes,
        *,
        version: str,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Overwrite the very version named and return the new one.

        The metadata is replaced as a whole, by default with none. `Conflict` if the blob has
        another version or does not exist.
        """

    async def mark(
        self, container: Container, name: str, metadata: Mapping[str, str], *, version: str
    ) -> str:
        """Replace the metadata alone of the version named and return the new version.

        `Conflict` if the blob has another version or does not exist.
        """

    async def create_log(self, container: Container, name: str) -> None:
        """Create an empty append blob that must not exist yet (`Conflict` if it does)."""

    async def append(
        self, container: Container, name: str, content: bytes, *, position: int | None = None
    ) -> int:
        """Add to the end of an append blob and return its new length in bytes.

        With `position`, only if the blob has exactly that length, else `Conflict`; a deleted log is
        a `Conflict` too. Without it, an append whose reply was lost may be repeated by the client
        and be stored twice.
        """

    async def list(
        self, container: Container, prefix: str, *, after: str | None = None, top: int = 1000
    ) -> tuple[tuple[Listed, ...], str | None]:
        """Return one page of the blobs under a prefix by name, and the token of the next page.

        A page holds at most `top` (≤ 5000) lines, and may hold fewer although more follow; the last
        page's token is None.
        """

    async def delete(self, container: Container, name: str, *, version: str | None = None) -> None:
        """Delete the blob; a blob that does not exist is success.

        With a version, delete only that one: `Conflict` if the blob has another, or does not exist.
        """


async def all_under(blobs: Blobs, container: Container, prefix: str) -> AsyncIterator[Listed]:
    """Yield all blobs under a prefix in order of name; one request per page of 1,000."""
    token = None
    while True:
        page, token = await blobs.list(container, prefix, after=token)
        for line in page:
            yield line
        if token is None:
            return
