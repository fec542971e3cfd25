"""The host inside a test: virtual time, kills, faults."""

from devhost.testing.devhost import DevHost
from devhost.testing.spawned import SpawnedHost

__all__ = ["DevHost", "SpawnedHost"]
