"""Storage accounts as bindings use them: found by name, opened when first used."""

from devhost.storage.accounts import Accounts
from devhost.storage.connections import Connections, NoConnection
from devhost.storage.queue import LeaseLost, Message, Queue, QueueAbsent, StorageTrouble

__all__ = [
    "Accounts",
    "Connections",
    "LeaseLost",
    "Message",
    "NoConnection",
    "Queue",
    "QueueAbsent",
    "StorageTrouble",
]
