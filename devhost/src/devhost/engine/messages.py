"""What an episode sends: work for activities, messages to instances, new children."""

from dataclasses import dataclass
from datetime import datetime

from devhost.engine.history import Event
from devhost.engine.records import Execution, Status


@dataclass(frozen=True)
class Message:
    """An event on its way to an instance, visible from `due`.

    With an execution id it dies when the instance has begun another execution.
    """

    instance_id: str
    execution_id: str | None
    due: datetime
    event: Event


@dataclass(frozen=True)
class Work:
    """An activity to be run, at least once, for one execution of an instance."""

    instance_id: str
    execution_id: str
    event_id: int
    name: str
    input: str | None


@dataclass(frozen=True)
class Commit:
    """All that one episode changes, written in one transaction.

    `history` is appended, or replaces what is there when the execution is another one.
    `custom_status` None keeps the old one. `consumed` are the numbers of the messages taken.
    `awaited` names the external events that the instance waits for: told, and not stored.
    """

    execution: Execution
    consumed: tuple[int, ...]
    history: tuple[Event, ...]
    status: Status
    moment: datetime
    output: str | None = None
    custom_status: str | None = None
    messages: tuple[Message, ...] = ()
    work: tuple[Work, ...] = ()
    children: tuple[Execution, ...] = ()
    continues_as: Execution | None = None
    awaited: tuple[str, ...] = ()
