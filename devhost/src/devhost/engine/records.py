"""What the engine tells about instances, as values."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """The runtime status of an instance, in the words of the durable HTTP API."""

    PENDING = "Pending"
    RUNNING = "Running"
    SUSPENDED = "Suspended"
    COMPLETED = "Completed"
    FAILED = "Failed"
    TERMINATED = "Terminated"

    @property
    def is_final(self) -> bool:
        """Whether nothing more will happen to the instance by itself."""
        return self in _FINAL


_FINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.TERMINATED})


@dataclass(frozen=True)
class InstanceRecord:
    """One instance as stored; input, output and custom status are the stored texts."""

    instance_id: str
    name: str
    version: str | None
    status: Status
    input: str | None
    output: str | None
    custom_status: str | None
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class Parent:
    """The execution that waits for a child, and the event id under which it does."""

    instance_id: str
    execution_id: str
    name: str
    event_id: int


@dataclass(frozen=True)
class Execution:
    """One execution of an instance: a start, a restart or a continue-as-new makes another."""

    instance_id: str
    execution_id: str
    name: str
    version: str | None
    input: str | None
    parent: Parent | None = None


@dataclass(frozen=True)
class InstanceFilter:
    """Which instances are meant; the default means all of them."""

    created_from: datetime | None = None
    created_to: datetime | None = None
    statuses: frozenset[str] = field(default_factory=frozenset)
    prefix: str = ""


@dataclass(frozen=True)
class Page:
    """Some instances, oldest first, and the token that continues after them (None at the end)."""

    records: tuple[InstanceRecord, ...]
    token: str | None
