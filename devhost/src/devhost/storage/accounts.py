"""The storage accounts an app's bindings use: one client for each, opened when first used."""

from collections.abc import Callable
from typing import Any

from devhost.appsettings import AppNotLoadable
from devhost.storage.connections import Connections
from devhost.storage.queue import Queue

# Seconds: the library's own first pause of 15 is long for an emulator that is back in one.
_PATIENCE = {"initial_backoff": 1, "increment_base": 2, "random_jitter_range": 1, "retry_total": 3}


class Accounts:
    """Queues and blobs by connection name; belongs to the loop that uses it first.

    Azure's libraries are imported when they are needed: most of a second that other apps save.
    """

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._open: dict[tuple[str, str], Any] = {}

    def queue(self, connection: object, name: str) -> Queue:
        """Return a queue, whether it exists or not.

        Raises:
            NoConnection: there is no such account in the settings.
            AppNotLoadable: there is, and it cannot be used.
        """
        from azure.storage.queue.aio import QueueServiceClient  # noqa: PLC0415  see the class

        from devhost.storage.storedqueue import StoredQueue  # noqa: PLC0415  same

        return StoredQueue(self._client(connection, "queue", QueueServiceClient), name)

    async def write_blob(self, connection: object, path: str, content: bytes) -> None:
        """Write the blob `container/name`; its container is made if need be.

        Raises:
            NoConnection, AppNotLoadable: as `queue`.
            StorageTrouble: it is not written.
        """
        from azure.storage.blob.aio import BlobServiceClient  # noqa: PLC0415  see the class

        from devhost.storage.blob import write  # noqa: PLC0415  same

        await write(self._client(connection, "blob", BlobServiceClient), path, content)

    async def close(self) -> None:
        """Close every connection."""
        opened, self._open = list(self._open.values()), {}
        for service in opened:
            await service.close()

    def _client(self, connection: object, kind: str, library: Any) -> Any:  # noqa: ANN401  either client
        text = self._connections.named(connection)
        if (text, kind) not in self._open:
            self._open[text, kind] = _opened(library.from_connection_string, text, connection)
        return self._open[text, kind]


def _opened(make: Callable[..., Any], text: str, connection: object) -> Any:  # noqa: ANN401  either client
    try:
        return make(text, **_PATIENCE)
    except ValueError as error:
        raise AppNotLoadable(
            f"the connection {connection} is no storage connection string: {error} It looks like "
            "AccountName=...;AccountKey=...;QueueEndpoint=..."
        ) from error
