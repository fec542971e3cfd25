"""The durable HTTP API over an engine that only remembers, asked without a network."""

from typing import Any

from devhost.engine.records import Status
from devhost.management import Management
from devhost_support.asking import Answer, ask
from devhost_support.known_instances import KnownInstances

PUBLIC = "/runtime/webhooks/durabletask"
QUERY = "taskHub=Hub&connection=Storage&code=key"
FINAL = (Status.COMPLETED, Status.FAILED, Status.TERMINATED)
LIVE = (Status.PENDING, Status.RUNNING, Status.SUSPENDED)


class Api:
    """One task hub with the orchestrators `main` and `other`; `engine` sets the scene."""

    def __init__(self, **options: Any) -> None:
        self.engine = KnownInstances({"main": Status.RUNNING, "other": Status.RUNNING})
        self._door = Management(self.engine, hub="Hub", key="key", **options)

    def ask(self, method: str, path: str, body: bytes | None = None, **more: Any) -> Answer:
        return ask(self._door, method, f"{PUBLIC}/{path}", body, **more)

    def get(self, path: str, **more: Any) -> Answer:
        return self.ask("GET", path, **more)

    def post(self, path: str, body: bytes | None = None, **more: Any) -> Answer:
        return self.ask("POST", path, body, **more)

    def delete(self, path: str) -> Answer:
        return self.ask("DELETE", path)
