"""The SDK's durable client in the words of the ledger: what is over is success, silence an error."""

from collections.abc import Mapping
from typing import Any

import aiohttp
import azure.durable_functions as df

from ledger.durable import HostOutOfReach

_UNREACHABLE = (aiohttp.ClientError, TimeoutError)


class SdkDurable:
    """Starts and ends instances through the client of one invocation; see `ledger.durable`.

    The SDK raises a bare Exception for every refusal, in words that differ between versions of the
    extension. So what a refusal means is asked of the instance itself.
    """

    def __init__(self, client: df.DurableOrchestrationClient, hub: str) -> None:
        self._client = client
        self.hub = hub

    async def status(self, instance: str) -> str | None:
        """Return the host's runtimeStatus of an instance, or None where there is none."""
        try:
            found = await self._client.get_status(instance)
        except _UNREACHABLE as error:
            raise HostOutOfReach(str(error)) from error
        return found.runtime_status.name if found and found.runtime_status else None

    async def start(self, orchestrator: str, instance: str, given: Mapping[str, Any]) -> None:
        """Start an orchestrator under this instance id; that one lives there already is success."""
        try:
            await self._client.start_new(orchestrator, instance, dict(given))
        except Exception as error:  # the SDK raises nothing narrower
            if await self.status(instance) is None:
                raise HostOutOfReach(str(error)) from error

    async def terminate(self, instance: str, reason: str) -> None:
        """End this one instance; its children go on."""
        try:
            await self._client.terminate(instance, reason)
        except Exception as error:  # the SDK raises nothing narrower
            if await self.status(instance) is not None:
                raise HostOutOfReach(str(error)) from error

    async def resume(self, instance: str, reason: str) -> None:
        """Let a suspended instance go on; one that is not suspended is left as it is."""
        try:
            await self._client.resume(instance, reason)
        except Exception as error:  # the SDK raises nothing narrower
            if await self.status(instance) == "Suspended":
                raise HostOutOfReach(str(error)) from error

    async def purge(self, instance: str) -> None:
        """Erase the history of an instance that has ended."""
        try:
            await self._client.purge_instance_history(instance)
        except _UNREACHABLE as error:
            raise HostOutOfReach(str(error)) from error
