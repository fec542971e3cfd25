"""The durable engine: what the management API and the host ask of it.

All methods are synchronous and belong to the host's event loop; each is one transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from devhost.clock import Clock
from devhost.engine import errors, queries
from devhost.engine.faults import Faults
from devhost.engine.history import Event, Kind, event
from devhost.engine.ids import check_instance_id
from devhost.engine.messages import Message
from devhost.engine.records import Execution, InstanceFilter, InstanceRecord, Page, Status
from devhost.engine.scheduler import EngineOptions, Scheduler, Worker
from devhost.engine.store import Store


@dataclass(frozen=True)
class DurableNames:
    """The loaded orchestrators and activities; the extension compares names without case."""

    orchestrators: Sequence[str]
    activities: Sequence[str]

    def knows(self, kind: Kind, name: str) -> bool:
        """Whether a function can be scheduled by this kind of event."""
        names = self.activities if kind is Kind.TASK_SCHEDULED else self.orchestrators
        return name.lower() in {one.lower() for one in names}


class Engine:
    """Instances and what can be done with them, over one store and one clock."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        worker: Worker,
        names: DurableNames,
        options: EngineOptions,
        faults: Faults | None = None,
    ) -> None:
        self._store, self._clock, self._names, self._options = store, clock, names, options
        self.scheduler = Scheduler(store, clock, worker, names, options, faults)

    # -- looking -------------------------------------------------------------------------------

    def status(self, instance_id: str) -> InstanceRecord | None:
        """Return the instance as it stands, or None."""
        return self._store.instance(instance_id)

    def history(self, instance_id: str) -> list[Event]:
        """Return the history of the newest execution, oldest event first."""
        return self._store.history(instance_id)

    def events_of_family(self, instance_id: str) -> int:
        """Return how many history events the instance and all its descendants have."""
        return queries.events_of_family(self._store, instance_id)

    def query(self, wanted: InstanceFilter, top: int, after: str | None) -> Page:
        """Return a page of the instances that match, oldest first."""
        return queries.find(self._store, wanted, top, after)

    # -- starting ------------------------------------------------------------------------------

    def start_instance(
        self,
        name: str,
        input_text: str | None,
        instance_id: str | None = None,
        version: str | None = None,
    ) -> str:
        """Start an orchestrator and return the instance id; a finished instance is replaced.

        Raises:
            UnknownFunction: there is no such orchestrator.
            BadInstanceId: the id is not allowed.
            InstanceExists: an instance with that id is alive, and host.json does not let it be
                replaced.
        """
        if not self._names.knows(Kind.CHILD_CREATED, name):
            raise errors.UnknownFunction(name, "orchestrator", tuple(self._names.orchestrators))
        instance_id = instance_id or uuid4().hex
        check_instance_id(instance_id)
        self._refuse_live(instance_id)
        version = version or self._options.versioning.default
        execution = Execution(instance_id, uuid4().hex, name, version, input_text)
        self._store.create(execution, self._clock.now())
        self.scheduler.wake()
        return instance_id

    def restart(self, instance_id: str, *, with_new_id: bool) -> str:
        """Start the instance's function with its input once more; return the id.

        Raises:
            InstanceNotFound: there is no such instance.
            InstanceExists: its own id is to be used and it is alive.
        """
        record = self._known(instance_id)
        return self.start_instance(record.name, record.input, None if with_new_id else instance_id)

    # -- steering ------------------------------------------------------------------------------

    def raise_event(self, instance_id: str, event_name: str, data_text: str) -> None:
        """Send an external event; `data_text` is JSON.

        Raises:
            InstanceNotFound: there is no such instance.
            InstanceFinished: it has ended.
        """
        self._live(instance_id)
        self._send(instance_id, Kind.EVENT_RAISED, Name=event_name, Input=data_text)

    def terminate(self, instance_id: str, reason: str) -> None:
        """End the instance at its next episode; its children and activities go on.

        Raises:
            InstanceNotFound: there is no such instance.
            InstanceFinished: it has ended.
        """
        self._live(instance_id)
        self._send(instance_id, Kind.EXECUTION_TERMINATED, Input=reason)

    def suspend(self, instance_id: str, reason: str) -> None:
        """Hold the instance: what arrives waits until it is resumed.

        Raises:
            InstanceNotFound: there is no such instance.
            InstanceFinished: it has ended.
            WrongState: it is suspended.
        """
        record = self._live(instance_id)
        if record.status is Status.SUSPENDED:
            raise errors.WrongState(instance_id, record.status)
        self._send(instance_id, Kind.EXECUTION_SUSPENDED, Reason=reason)

    def resume(self, instance_id: str, reason: str) -> None:
        """Let a suspended instance go on.

        Raises:
            InstanceNotFound: there is no such instance.
            InstanceFinished: it has ended.
            WrongState: it is not suspended.
        """
        record = self._live(instance_id)
        if record.status is not Status.SUSPENDED:
            raise errors.WrongState(instance_id, record.status)
        self._send(instance_id, Kind.EXECUTION_RESUMED, Reason=reason)

    # -- forgetting ----------------------------------------------------------------------------

    def purge(self, instance_id: str) -> int:
        """Forget an ended instance with its history; return how many were forgotten.

        Raises:
            InstanceNotFound: there is no such instance.
            InstanceNotFinished: it has not ended.
        """
        record = self._known(instance_id)
        if not record.status.is_final:
            raise errors.InstanceNotFinished(instance_id, record.status)
        self._store.forget([instance_id])
        return 1

    def purge_many(self, wanted: InstanceFilter) -> int:
        """Forget the ended instances that match; return how many there were."""
        ended = [one for one in queries.ids_of(self._store, wanted) if self._has_ended(one)]
        self._store.forget(ended)
        return len(ended)

    # -- inside --------------------------------------------------------------------------------

    def _known(self, instance_id: str) -> InstanceRecord:
        record = self._store.instance(instance_id)
        if record is None:
            raise errors.InstanceNotFound(instance_id)
        return record

    def _live(self, instance_id: str) -> InstanceRecord:
        record = self._known(instance_id)
        if record.status.is_final:
            raise errors.InstanceFinished(instance_id, record.status)
        return record

    def _has_ended(self, instance_id: str) -> bool:
        record = self._store.instance(instance_id)
        return record is not None and record.status.is_final

    def _refuse_live(self, instance_id: str) -> None:
        record = None if self._options.replaces_live else self._store.instance(instance_id)
        if record is not None and not record.status.is_final:
            raise errors.InstanceExists(instance_id, record.status)

    def _send(self, instance_id: str, kind: Kind, **fields: str) -> None:
        now = self._clock.now()
        self._store.send(Message(instance_id, None, now, event(kind, now, -1, **fields)))
        self.scheduler.wake()
