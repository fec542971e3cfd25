"""An Azurite whose access log is read: what was asked of which service, and what for."""

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from devhost.azurite.endpoints import ACCOUNT, Ports, connection_string
from devhost.azurite.installation import ensure_installed

_SERVICES: Final = 3
_LISTENING: Final = re.compile(r"Azurite (\w+) service is successfully listening at .*:(\d+)")
_REQUEST: Final = re.compile(r'"([A-Z]+) /' + ACCOUNT + r'/([^ "]*) HTTP')
_LEASES: Final = re.compile(r"[a-z0-9]+-(?:applease|leases)/|\w+Partitions\(|azure-webjobs-hosts/")


class Service(StrEnum):
    """A service of a storage account."""

    BLOB = "blob"
    QUEUE = "queue"
    TABLE = "table"


class Purpose(StrEnum):
    """What a request is made for: work, looking into a queue, or keeping a lease."""

    WORK = "work"
    POLLING = "polling"
    LEASES = "leases"


@dataclass(frozen=True)
class Operation:
    """One request; `path` begins after the account and has the query."""

    verb: str
    path: str

    @property
    def service(self) -> Service:
        """The service asked: all three write one log, in which paths alone tell them apart."""
        resource, _, query = self.path.partition("?")
        name, *below = resource.split("/")
        if "restype=" in query or (below and below[0] != "messages"):
            return Service.BLOB
        is_table = (
            "(" in name or name in {"$batch", "Tables"} or (self.verb == "POST" and not below)
        )
        return Service.TABLE if is_table else Service.QUEUE

    @property
    def purpose(self) -> Purpose:
        """Reading a queue is polling, message or not: how often depends on the time alone."""
        if self.service is Service.QUEUE and self.verb == "GET":
            return Purpose.POLLING
        return Purpose.LEASES if _LEASES.match(self.path) else Purpose.WORK


class AccessLog:
    """The requests that an Azurite has logged so far."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0

    def ports(self, process: "subprocess.Popen[bytes]") -> Ports:
        """Return where it listens, once it says so for all three services."""
        while len(found := dict(_LISTENING.findall(self._path.read_text()))) < _SERVICES:
            if process.poll() is not None:
                raise RuntimeError(f"Azurite ended: {self._path.read_text()[-400:]}")
        return Ports(**{service.lower(): int(port) for service, port in found.items()})

    def operations(self) -> list[Operation]:
        """Return the requests so far."""
        return _operations(self._path.read_text())

    def new_operations(self) -> list[Operation]:
        """Return the requests that were logged since this was called before."""
        with self._path.open("rb") as log:
            log.seek(self._read)
            whole_lines = log.read().rpartition(b"\n")[0]
        self._read += len(whole_lines)
        return _operations(whole_lines.decode())

    def counted(self, gather: str) -> Counter[str]:
        """Return how many requests named this gather, by method and the kind of blob."""
        ours = [(one.verb, one.path) for one in self.operations() if gather in one.path]
        return Counter(f"{verb} {_kind(path, gather)}" for verb, path in ours)


def _operations(text: str) -> list[Operation]:
    return [Operation(*found) for found in _REQUEST.findall(text)]


def _kind(path: str, gather: str) -> str:
    """Name a blob by its place, without the ask: `1/outcome`, `receipt`, `gather`."""
    inside = path.partition("?")[0].partition(f"{gather}/")[2] or "listing"
    kept = (part for part in inside.split("/") if not re.fullmatch(r"a\d+|[0-9a-f]{32,}", part))
    return "/".join(kept) or "other"


@contextmanager
def an_azurite_that_logs(folder: Path) -> Iterator[tuple[str, AccessLog]]:
    """Start an Azurite, and give its connection string and its access log."""
    found, log = ensure_installed(), folder / "access.log"
    free = [word for one in ("blob", "queue", "table") for word in (f"--{one}Port", "0")]
    quiet = ["--disableTelemetry", "--skipApiVersionCheck", "--location", str(folder / "data")]
    with log.open("wb") as output:
        process = subprocess.Popen([found.node, str(found.script), *quiet, *free], stdout=output)
    try:
        access = AccessLog(log)
        yield connection_string(access.ports(process), ACCOUNT), access
    finally:
        process.terminate()
        process.wait()
