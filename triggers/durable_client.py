"""The SDK's durable client in the ledger's words: what is over is success, silence an error."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import aiohttp
import azure.durable_functions as df

from gather_once.gathers.host import LIVE, HostOutOfReach, Instance

_UNREACHABLE: Final = (aiohttp.ClientError, TimeoutError)


class SdkDurable:
    """Starts and ends instances through the client of one invocation; see `gathers.host`.

    The SDK raises a bare Exception for every refusal, in words that differ between versions of the
    extension. So what a refusal means is asked of the instance itself.
    """

    def __init__(self, client: df.DurableOrchestrationClient, hub: str) -> None:
        self._client = client
        self.hub = hub

    async def look(self, instance: str) -> Instance | None:
        """Return what the host says of an instance, or None where there is none."""
        with _host():
            found = await self._client.get_status(instance)
        if found.created_time is None or found.runtime_status is None:  # there is none
            return None
        return Instance(
            runtime_status=found.runtime_status.name,
            created_at=found.created_time,
            last_updated_at=found.last_updated_time or found.created_time,
            custom_status=found.custom_status,
            output=found.output,
        )

    async def status(self, instance: str) -> str | None:
        """Return the host's runtimeStatus of an instance, or None where there is none."""
        found = await self.look(instance)
        return found.runtime_status if found else None

    async def start(self, orchestrator: str, instance: str, given: Mapping[str, Any]) -> None:
        """Start an orchestrator under this instance id; that one lives there already is success."""
        try:
            with _host():
                await self._client.start_new(orchestrator, instance, dict(given))
        except HostOutOfReach:
            if await self.status(instance) is None:
                raise

    async def terminate(self, instance: str, reason: str) -> None:
        """End this one instance; its children go on."""
        try:
            with _host():
                await self._client.terminate(instance, reason)
        except HostOutOfReach:
            if await self.status(instance) is not None:
                raise

    async def resume(self, instance: str, reason: str) -> None:
        """Let a suspended instance go on; one that is not suspended is left as it is."""
        try:
            with _host():
                await self._client.resume(instance, reason)
        except HostOutOfReach:
            if await self.status(instance) == "Suspended":
                raise

    async def raise_event(self, instance: str, event: str) -> None:
        """Raise an event that carries nothing; one for an instance that is over wakes nobody."""
        try:
            with _host():
                await self._client.raise_event(instance, event, {})
        except HostOutOfReach:
            if await self.status(instance) in LIVE:
                raise

    async def purge(self, instance: str) -> None:
        """Erase the history of an instance that has ended."""
        with _host():
            await self._client.purge_instance_history(instance)


@contextmanager
def _host() -> Iterator[None]:
    """Turn the host's silence, and the SDK's refusals, into `HostOutOfReach`."""
    try:
        yield
    except _UNREACHABLE as error:
        raise HostOutOfReach(str(error)) from error
    except Exception as error:
        if type(error) is not Exception:  # the SDK's are bare; anything else is a defect of ours
            raise
        raise HostOutOfReach(str(error)) from error
