"""An engine that only remembers: instances in a dictionary, and functions that end as told."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from devhost.engine import errors
from devhost.engine.records import InstanceFilter, InstanceRecord, Page, Status

CREATED = datetime(2026, 1, 1, 12, 30, 15, 987654, tzinfo=UTC)


class KnownInstances:
    """`destinies` says in which status each function ends up; `settle` makes it so."""

    def __init__(self, destinies: Mapping[str, Status] | None = None) -> None:
        self.destinies = dict(destinies or {})
        self.records: dict[str, InstanceRecord] = {}
        self.events: list[tuple[str, str, str]] = []
        self._histories: dict[str, list[dict[str, Any]]] = {}
        self._endings: dict[str, tuple[int, str]] = {}
        self._first = Status.PENDING
        self._ids = (f"{number:032x}" for number in count(1))

    # -- setting the scene ---------------------------------------------------------------------

    def has(self, instance_id: str, status: Status, **stored: Any) -> None:
        """Know an instance; created one second later than the one before."""
        moment = CREATED + timedelta(seconds=len(self.records))
        history = stored.pop("history", [])
        texts = {"input": None, "output": None, "custom_status": None, **stored}
        self.records[instance_id] = InstanceRecord(
            instance_id, "main", None, status, created_at=moment, updated_at=moment, **texts
        )
        self._histories[instance_id] = history

    def ends(self, instance_id: str, output: str, *, after_looks: int) -> None:
        """Complete the instance when its status has been asked for this often."""
        self._endings[instance_id] = (after_looks, output)

    def starts_as(self, status: Status) -> None:
        """Let every instance begin in this status."""
        self._first = status

    def settle(self) -> None:
        for instance_id, record in self.records.items():
            if record.status in {Status.PENDING, Status.RUNNING}:
                self._turn(instance_id, self.destinies.get(record.name, record.status))

    # -- what the API asks of an engine --------------------------------------------------------

    def start_instance(
        self,
        name: str,
        input_text: str | None,
        instance_id: str | None = None,
        version: str | None = None,
    ) -> str:
        if name not in self.destinies:
            raise errors.UnknownFunction(name, "orchestrator", tuple(self.destinies))
        instance_id = instance_id or next(self._ids)
        if instance_id.startswith("@"):
            raise errors.BadInstanceId(instance_id)
        known = self.records.get(instance_id)
        if known and not known.status.is_final:
            raise errors.InstanceExists(instance_id, known.status)
        self.has(instance_id, self._first, input=input_text)
        self.records[instance_id] = replace(self.records[instance_id], name=name, version=version)
        return instance_id

    def status(self, instance_id: str) -> InstanceRecord | None:
        looks, output = self._endings.get(instance_id, (-1, ""))
        if looks == 0:
            self._turn(instance_id, Status.COMPLETED, output=output)
        self._endings[instance_id] = (looks - 1, output)
        return self.records.get(instance_id)

    def history(self, instance_id: str) -> list[dict[str, Any]]:
        return self._histories[instance_id]

    def query(self, wanted: InstanceFilter, top: int, after: str | None) -> Page:
        found = [one for one in self.records.values() if _matches(one, wanted)]
        start = int(after or 0)
        end = start + top
        return Page(tuple(found[start:end]), str(end) if end < len(found) else None)

    def raise_event(self, instance_id: str, event_name: str, data_text: str) -> None:
        self._live(instance_id)
        self.events.append((instance_id, event_name, data_text))

    def terminate(self, instance_id: str, reason: str) -> None:
        self._live(instance_id)
        self._turn(instance_id, Status.TERMINATED, output=reason)

    def suspend(self, instance_id: str, reason: str) -> None:
        self._switch(instance_id, suspended=True)
        self.events.append((instance_id, "suspend", reason))

    def resume(self, instance_id: str, reason: str) -> None:
        self._switch(instance_id, suspended=False)
        self.events.append((instance_id, "resume", reason))

    def restart(self, instance_id: str, *, with_new_id: bool) -> str:
        record = self._known(instance_id)
        return self.start_instance(record.name, record.input, None if with_new_id else instance_id)

    def purge(self, instance_id: str) -> int:
        record = self._known(instance_id)
        if not record.status.is_final:
            raise errors.InstanceNotFinished(instance_id, record.status)
        del self.records[instance_id]
        return 1

    def purge_many(self, wanted: InstanceFilter) -> int:
        gone = [
            i for i, one in self.records.items() if one.status.is_final and _matches(one, wanted)
        ]
        for instance_id in gone:
            del self.records[instance_id]
        return len(gone)

    # -- inside --------------------------------------------------------------------------------

    def _known(self, instance_id: str) -> InstanceRecord:
        if instance_id not in self.records:
            raise errors.InstanceNotFound(instance_id)
        return self.records[instance_id]

    def _live(self, instance_id: str) -> InstanceRecord:
        record = self._known(instance_id)
        if record.status.is_final:
            raise errors.InstanceFinished(instance_id, record.status)
        return record

    def _switch(self, instance_id: str, *, suspended: bool) -> None:
        record = self._live(instance_id)
        if (record.status is Status.SUSPENDED) is suspended:
            raise errors.WrongState(instance_id, record.status)
        self._turn(instance_id, Status.SUSPENDED if suspended else Status.RUNNING)

    def _turn(self, instance_id: str, status: Status, output: str | None = None) -> None:
        record = self.records[instance_id]
        self.records[instance_id] = replace(
            record, status=status, output=record.output if output is None else output
        )


def _matches(record: InstanceRecord, wanted: InstanceFilter) -> bool:
    return (
        (wanted.created_from is None or record.created_at >= wanted.created_from)
        and (wanted.created_to is None or record.created_at <= wanted.created_to)
        and (not wanted.statuses or record.status in wanted.statuses)
        and record.instance_id.startswith(wanted.prefix)
    )
