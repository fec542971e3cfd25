"""Messages of a story: plans sent by the queue, and what the done queue was told."""

import json
from base64 import b64decode, b64encode
from typing import Any

from devhost_support.rawqueue import RawQueue

Json = dict[str, Any]


class Mailbox:
    """One queue of the app's account, by the name of its setting's value."""

    def __init__(self, connection: str, name: str) -> None:
        self._queue = RawQueue(connection, name)

    def takes(self, said: Json | bytes) -> None:
        """Put a message there, as any client would."""
        body = said if isinstance(said, bytes) else json.dumps(said).encode()
        self._queue.put(b64encode(body).decode())

    def gives(self) -> list[Json]:
        """Take out all that can be seen, oldest first."""
        taken: list[Json] = []
        while found := self._queue.receive():
            for message in found:
                taken.append(json.loads(b64decode(message.text)))
                self._queue.delete(message)
        return taken
