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
    """The blob containers of the application, one for each kind of life a blob may have."""

    GATHERS = "gather-once-gathers"  # {id}/… and nothing else: what a deletion of a gather erases
    SHARED = "gather-once-shared"  # receipts and payloads that answer for several gathers
    INDEX = "gather-once-index"  # which gathers there are, newest first
    QUESTIONS = "gather-once-questions"  # what humans were asked, and who waits for the answer
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
    """One line of a listing: what storage says of a blob without reading it."""

    name: str
    metadata: Mapping[str, str]
    size: int
    version: str
    modified: datetime


class Conflict(Exception):
    """The condition of a write did not hold: somebody else wrote first, or the blob is gone."""


class OutOfReach(Exception):
    """Storage did not answer, or answered that it cannot now; look again later."""


class Blobs(Protocol):
    """Named blobs in containers; every operation may raise `OutOfReach`."""

    async def read(self, container: Container, name: str, *, start: int = 0) -> Blob | None:
        """Return the blob with its content, or None where there is none.

        With `start`, the content is what follows that many bytes: nothing at or beyond the end.
        """

    async def look(self, container: Container, name: str) -> Properties | None:
        """Return what is known of the blob without its content, or None where there is none."""

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

        The metadata becomes exactly what is given: none by default. `Conflict` where another
        version stands, or no blob at all.
        """

    async def mark(
        self, container: Container, name: str, metadata: Mapping[str, str], *, version: str
    ) -> str:
        """Replace the metadata alone of the version named and return the new version.

        `Conflict` where another version stands, or none.
        """

    async def create_log(self, container: Container, name: str) -> None:
        """Create an empty append blob that must not exist yet (`Conflict` if it does)."""

    async def append(
        self, container: Container, name: str, content: bytes, *, position: int | None = None
    ) -> int:
        """Add to the end of an append blob and return its new length in bytes.

        With `position`, only where the blob is exactly that long, else `Conflict`; a log that is
        gone is a `Conflict` too. Without it, an append whose reply was lost may stand twice.
        """

    async def list(
        self, container: Container, prefix: str, *, after: str | None = None, top: int = 1000
    ) -> tuple[tuple[Listed, ...], str | None]:
        """Return one page of the blobs under a prefix by name, and the token of the next page.

        A page holds at most `top` (≤ 5000) lines, and may hold fewer although more follow; the last
        page's token is None.
        """

    async def delete(self, container: Container, name: str, *, version: str | None = None) -> None:
        """Erase the blob; that it is gone already is success.

        With a version, erase only that one: `Conflict` where another stands, or none.
        """


async def all_under(blobs: Blobs, container: Container, prefix: str) -> AsyncIterator[Listed]:
    """Go through all blobs under a prefix in order of name; one request for each thousand."""
    token = None
    while True:
        page, token = await blobs.list(container, prefix, after=token)
        for line in page:
            yield line
        if token is None:
            return
