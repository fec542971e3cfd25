"""One real Azurite for a whole test process, in which each test has an account of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from devhost.azurite import Azurite, VirtualAzuriteClock

_ACCOUNTS = tuple(f"test{number:04}" for number in range(1000))  # their names fit the environment


class SharedAzurite:
    """A started Azurite; what one test stores no other test sees."""

    def __init__(self, azurite: Azurite, clock: VirtualAzuriteClock) -> None:
        self.azurite = azurite
        self.clock = clock
        self._numbers = count()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Let it end in order, as SIGTERM does, and be away: it comes back with all it stored."""
        self.azurite.stop_now()
        try:
            yield
        finally:
            self.azurite.start_now()

    def fresh_account(self) -> str:
        """Return the connection string of an account that nobody has used."""
        return self.azurite.connection_string_of(_ACCOUNTS[next(self._numbers)])


@contextmanager
def shared_azurite(folder: Path) -> Iterator[SharedAzurite]:
    """Start it in `folder`, an empty one, and stop it at the end.

    Its time is the machine's until a test moves `clock`; `clock.begin_at` sets it for a test with
    a fresh account, even back.
    """
    clock = VirtualAzuriteClock(folder / "clock")
    azurite = Azurite(folder, clock=clock, accounts=_ACCOUNTS)
    azurite.start_now()
    try:
        yield SharedAzurite(azurite, clock)
    finally:
        azurite.stop_now()


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedAzurite]:
    """One for the whole test process; a plugin of devhost's tests and of the app's."""
    with shared_azurite(Path(tmp_path_factory.mktemp("azurite"))) as shared:
        yield shared
