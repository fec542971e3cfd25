"""The Azurite that a host starts for its app."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from devhost.azurite.endpoints import ACCOUNT, KEY, connection_string
from devhost.azurite.installation import ensure_installed
from devhost.azurite.keeper import Keeper
from devhost.azurite.movedclock import VirtualAzuriteClock


class Azurite:
    """The real Azurite on ports of its own and a folder of its own, kept running until `stop`.

    It ends in order, saving what it acknowledged, with the process that started it, however that
    ends; the next one on the folder waits for it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: VirtualAzuriteClock | None = None,
        accounts: Sequence[str] = (ACCOUNT,),
    ) -> None:
        """Describe it; `accounts` all get the emulator's well-known key."""
        self._folder = folder.resolve()
        self._clock = clock
        self._accounts = tuple(accounts)
        self._keeper: Keeper | None = None

    async def start(self) -> None:
        """Install it if need be, start it and return once it answers.

        Raises:
            AzuriteMissing: it is not installed and cannot be.
            AzuriteFailed: it does not start.
        """
        await asyncio.to_thread(self.start_now)

    async def stop(self) -> None:
        """Return once it has saved everything and ended; without a start this does nothing."""
        await asyncio.to_thread(self.stop_now)

    async def take_down(self) -> None:
        """Let it be away, for a test of what its clients do then; it ends in order."""
        await self.stop()

    async def bring_back(self) -> None:
        """Start it again after `take_down`, on the same ports with the same data.

        Raises:
            AzuriteFailed: it does not start.
        """
        await self.start()

    def start_now(self) -> None:
        """Do what `start` does, blocking."""
        if self._keeper is None:
            self._keeper = Keeper(ensure_installed(), self._folder, self._environ())
        self._keeper.start()

    def stop_now(self) -> None:
        """Do what `stop` does, blocking."""
        if self._keeper is not None:
            self._keeper.stop()

    @property
    def connection_string(self) -> str:
        """What the app gets as AzureWebJobsStorage; the same for every run."""
        return self.connection_string_of(self._accounts[0])

    def connection_string_of(self, account: str) -> str:
        """Return the connection string of one of its accounts."""
        if self._keeper is None or account not in self._accounts:
            raise LookupError(f"no Azurite was started that has the account {account}")
        return connection_string(self._keeper.ports, account)

    @property
    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self.pid is not None

    @property
    def pid(self) -> int | None:
        """Its process; None while it is down."""
        run = self._keeper.run if self._keeper else None
        return run.pid if run is not None and run.is_alive else None

    def _environ(self) -> Mapping[str, str]:
        accounts = ";".join(f"{name}:{KEY}" for name in self._accounts)
        moved = self._clock.environ if self._clock else {}
        return {"AZURITE_ACCOUNTS": accounts, **moved}
