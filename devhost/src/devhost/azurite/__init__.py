"""The real Azurite, pinned, installed on first use and started for one host."""

from devhost.azurite.emulator import Azurite
from devhost.azurite.endpoints import EMULATOR, storage_in_use
from devhost.azurite.errors import AzuriteFailed, AzuriteMissing, StorageUnclear
from devhost.azurite.installation import ensure_installed
from devhost.azurite.movedclock import VirtualAzuriteClock

__all__ = [
    "EMULATOR",
    "Azurite",
    "AzuriteFailed",
    "AzuriteMissing",
    "StorageUnclear",
    "VirtualAzuriteClock",
    "ensure_installed",
    "storage_in_use",
]
