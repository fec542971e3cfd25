"""Blob storage in memory, with the same conditions, versions and pages as the real one.

Before every operation it asks a `Fates` function what is to befall it, and so hands control to
whoever wants to order, delay, repeat or lose operations; by default all goes well.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from itertools import count
from types import MappingProxyType
from typing import TypeVar

from gather_once.model import clock
from gather_once.storage.blobs import Blob, Conflict, Container, Listed, OutOfReach, Properties

T = TypeVar("T")


class Fate(Enum):
    """What befalls one operation."""

    CARRIED_OUT = auto()
    REPEATED = auto()
    """Carried out, its reply lost, sent again by the client; the second reply is the one told."""
    UNANSWERED = auto()
    """Carried out, but no reply comes however often it is sent."""
    OUT_OF_REACH = auto()
    """Never arrived."""


@dataclass(frozen=True)
class Operation:
    """One request to storage, named by the method of the port that makes it."""

    verb: str
    container: Container
    name: str


Fates = Callable[[Operation], Awaitable[Fate]]
"""Decides what befalls an operation; awaited, so control may go elsewhere first."""


@dataclass(frozen=True)
class Stored:
    """One blob as it stands."""

    content: bytes
    version: str
    modified: datetime
    metadata: Mapping[str, str] = field(default_factory=dict)
    is_log: bool = False


async def all_goes_well(_: Operation) -> Fate:
    """Carry out every operation at once."""
    return Fate.CARRIED_OUT


class MemoryBlobs:
    """The `Blobs` port over a dictionary; time is the application's clock."""

    def __init__(self, fates: Fates = all_goes_well) -> None:
        self._fates = fates
        self._blobs: dict[tuple[Container, str], Stored] = {}
        self._versions = count(1)

    @property
    def stored(self) -> Mapping[tuple[Container, str], Stored]:
        """All blobs as they stand, by container and name; reading it is no operation."""
        return MappingProxyType(self._blobs)

    async def read(self, container: Container, name: str, *, start: int = 0) -> Blob | None:
        """Return the blob with its content from `start` on, or None."""

        def act() -> Blob | None:
            found = self._blobs.get((container, name))
            return Blob(found.content[start:], found.version, found.metadata) if found else None

        return await self._meet_fate("read", container, name, act)

    async def look(self, container: Container, name: str) -> Properties | None:
        """Return what is known of the blob without its content, or None."""

        def act() -> Properties | None:
            found = self._blobs.get((container, name))
            if found is None:
                return None
            return Properties(found.version, found.metadata, len(found.content), found.modified)

        return await self._meet_fate("look", container, name, act)

    async def create(
        self,
        container: Container,
        name: str,
        content: bytes,
        *,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Write a blob that must not exist yet, and return its version."""

        def act() -> str:
            self._must_be_absent(container, name)
            return self._put(container, name, self._fresh(content, metadata))

        return await self._meet_fate("create", container, name, act)

    async def replace(
        self,
        container: Container,
        name: str,
        content: bytes,
        *,
        version: str,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Overwrite the version named, and return the new one."""

        def act() -> str:
            self._must_stand(container, name, version)
            return self._put(container, name, self._fresh(content, metadata))

        return await self._meet_fate("replace", container, name, act)

    async def mark(
        self, container: Container, name: str, metadata: Mapping[str, str], *, version: str
    ) -> str:
        """Replace the metadata of the version named, and return the new one."""

        def act() -> str:
            found = self._must_stand(container, name, version)
            fresh = self._fresh(found.content, metadata)
            return self._put(container, name, replace(fresh, is_log=found.is_log))

        return await self._meet_fate("mark", container, name, act)

    async def create_log(self, container: Container, name: str) -> None:
        """Create an empty append blob that must not exist yet."""

        def act() -> None:
            self._must_be_absent(container, name)
            self._put(container, name, replace(self._fresh(b"", None), is_log=True))

        await self._meet_fate("create_log", container, name, act)

    async def append(
        self, container: Container, name: str, content: bytes, *, position: int | None = None
    ) -> int:
        """Add to the end of an append blob, and return its new length."""

        def act() -> int:
            found = self._blobs.get((container, name))
            if not found or not found.is_log or position not in {None, len(found.content)}:
                raise Conflict(f"{container}/{name} is no log of length {position}")
            fresh = self._fresh(found.content + content, found.metadata)
            self._put(container, name, replace(fresh, is_log=True))
            return len(fresh.content)

        return await self._meet_fate("append", container, name, act)

    async def list(
        self, container: Container, prefix: str, *, after: str | None = None, top: int = 1000
    ) -> tuple[tuple[Listed, ...], str | None]:
        """Return one page of the blobs under a prefix, and the token of the next."""

        def act() -> tuple[tuple[Listed, ...], str | None]:
            names = (name for where, name in self._blobs if where is container)
            wanted = (name for name in names if name.startswith(prefix) and name >= start)
            rest = sorted(wanted, key=str.encode)
            page = tuple(_listed(name, self._blobs[container, name]) for name in rest[:top])
            return page, rest[top] if len(rest) > top else None

        start = after or ""
        return await self._meet_fate("list", container, prefix, act)

    async def delete(self, container: Container, name: str, *, version: str | None = None) -> None:
        """Erase the blob, if there is one, and if it is the version named."""

        def act() -> None:
            if version is not None:
                self._must_stand(container, name, version)
            self._blobs.pop((container, name), None)

        await self._meet_fate("delete", container, name, act)

    async def _meet_fate(
        self, verb: str, container: Container, name: str, act: Callable[[], T]
    ) -> T:
        fate = await self._fates(Operation(verb, container, name))
        if fate is Fate.OUT_OF_REACH:
            raise OutOfReach(f"{verb} of {container}/{name} never arrived")
        if fate is not Fate.CARRIED_OUT:
            act()
        if fate is Fate.UNANSWERED:
            raise OutOfReach(f"{verb} of {container}/{name} was not answered")
        return act()

    def _fresh(self, content: bytes, metadata: Mapping[str, str] | None) -> Stored:
        return Stored(content, f'"{next(self._versions)}"', clock.now(), dict(metadata or {}))

    def _put(self, container: Container, name: str, blob: Stored) -> str:
        self._blobs[container, name] = blob
        return blob.version

    def _must_be_absent(self, container: Container, name: str) -> None:
        if (container, name) in self._blobs:
            raise Conflict(f"{container}/{name} exists")

    def _must_stand(self, container: Container, name: str, version: str) -> Stored:
        found = self._blobs.get((container, name))
        if found is None or found.version != version:
            stands = found.version if found else "nothing"
            raise Conflict(f"{container}/{name} stands at {stands}, not at {version}")
        return found


def _listed(name: str, blob: Stored) -> Listed:
    return Listed(name, blob.metadata, len(blob.content), blob.version, blob.modified)
