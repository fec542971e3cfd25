"""The port to the durable host: read, start, steer and purge orchestration instances."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol

LIVE: Final = frozenset({"Pending", "Running", "Suspended", "ContinuedAsNew"})
"""The host's names for an instance that has not ended; its other names are ends."""


class HostOutOfReach(Exception):
    """The host did not do what it was asked; nothing is lost, ask again later."""


@dataclass(frozen=True, slots=True)
class Instance:
    """What the host says of one orchestration instance.

    `runtime_status` is the host's name for its status; `custom_status` and `output` are JSON.
    """

    runtime_status: str
    created_at: datetime
    last_updated_at: datetime
    custom_status: Any = None
    output: Any = None

    @property
    def is_live(self) -> bool:
        """Whether the instance has not ended."""
        return self.runtime_status in LIVE


class Durable(Protocol):
    """The durable client; every operation may raise `HostOutOfReach`.

    That an instance is not there, or has ended already, is success wherever something is to end:
    the host's 404 and 410 stop no loop.
    """

    @property
    def hub(self) -> str:
        """The name of the task hub that this host works on."""

    async def look(self, instance: str) -> Instance | None:
        """Return what the host says of an instance, or None where there is none."""

    async def status(self, instance: str) -> str | None:
        """Return the host's runtimeStatus of an instance, or None where there is none."""

    async def start(self, orchestrator: str, instance: str, given: Mapping[str, Any]) -> None:
        """Start an orchestrator under this instance id; that one lives there already is success."""

    async def terminate(self, instance: str, reason: str) -> None:
        """End this one instance; its children go on."""

    async def resume(self, instance: str, reason: str) -> None:
        """Let a suspended instance go on; one that is not suspended is left as it is."""

    async def raise_event(self, instance: str, event: str) -> None:
        """Raise an event that carries nothing; one for an instance that is over wakes nobody."""

    async def purge(self, instance: str) -> None:
        """Erase the history of an instance that has ended."""
