"""What the durable HTTP API needs of the engine."""

from typing import Any, Protocol

from devhost.engine.records import InstanceFilter, InstanceRecord, Page


class Instances(Protocol):
    """What the API needs of the engine; refusals are `EngineError`s."""

    def start_instance(
        self,
        name: str,
        input_text: str | None,
        instance_id: str | None = None,
        version: str | None = None,
    ) -> str:
        """Start an orchestrator and return the instance's id."""
        ...

    def status(self, instance_id: str) -> InstanceRecord | None:
        """Return the instance, or None."""
        ...

    def history(self, instance_id: str) -> list[dict[str, Any]]:
        """Return its raw history events."""
        ...

    def query(self, wanted: InstanceFilter, top: int, after: str | None) -> Page:
        """Return some of the instances meant."""
        ...

    def raise_event(self, instance_id: str, event_name: str, data_text: str) -> None:
        """Send an event whose data is JSON text."""
        ...

    def terminate(self, instance_id: str, reason: str) -> None:
        """End it."""
        ...

    def suspend(self, instance_id: str, reason: str) -> None:
        """Hold it."""
        ...

    def resume(self, instance_id: str, reason: str) -> None:
        """Let it go on."""
        ...

    def restart(self, instance_id: str, *, with_new_id: bool) -> str:
        """Start its function with its input once more, and return the id."""
        ...

    def purge(self, instance_id: str) -> int:
        """Forget it, and return how many were forgotten."""
        ...

    def purge_many(self, wanted: InstanceFilter) -> int:
        """Forget the ended ones of those meant, and return how many."""
        ...
