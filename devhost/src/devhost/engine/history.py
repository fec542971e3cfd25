"""History events as the extension writes them: the wire format that the SDK replays.

Events are dictionaries because that is what the SDK is sent; this module is the only one that
makes them, and names every key it may read.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import IntEnum
from typing import Any

from devhost.clock import timestamp
from devhost.engine.records import Execution, Parent

Event = dict[str, Any]
"""One history event; always with the keys EventType, EventId, IsPlayed and Timestamp."""


class Kind(IntEnum):
    """The event types of a history, with the numbers of the Durable Task framework."""

    EXECUTION_STARTED = 0
    EXECUTION_COMPLETED = 1
    EXECUTION_TERMINATED = 3
    TASK_SCHEDULED = 4
    TASK_COMPLETED = 5
    TASK_FAILED = 6
    CHILD_CREATED = 7
    CHILD_COMPLETED = 8
    CHILD_FAILED = 9
    TIMER_CREATED = 10
    TIMER_FIRED = 11
    EPISODE_STARTED = 12
    EPISODE_COMPLETED = 13
    EVENT_RAISED = 15
    EXECUTION_SUSPENDED = 19
    EXECUTION_RESUMED = 20


SCHEDULINGS = frozenset({Kind.TASK_SCHEDULED, Kind.CHILD_CREATED, Kind.TIMER_CREATED})
_ENDINGS = {
    Kind.TASK_COMPLETED: "TaskScheduledId",
    Kind.TASK_FAILED: "TaskScheduledId",
    Kind.CHILD_COMPLETED: "TaskScheduledId",
    Kind.CHILD_FAILED: "TaskScheduledId",
    Kind.TIMER_FIRED: "TimerId",
}


def event(kind: Kind, moment: datetime, event_id: int = -1, **fields: Any) -> Event:  # noqa: ANN401  JSON values
    """Make one event; completions and messages have the event id -1."""
    return {
        "EventType": int(kind),
        "EventId": event_id,
        "IsPlayed": False,
        "Timestamp": timestamp(moment),
        **fields,
    }


def ended_id(one: Event) -> int | None:
    """Return the id of what this event ends, or None when it ends nothing."""
    key = _ENDINGS.get(one["EventType"])
    return None if key is None else int(one[key])


def open_ids(events: Iterable[Event]) -> set[int]:
    """Return the ids that were scheduled and have not ended."""
    begun: set[int] = set()
    for one in events:
        if one["EventType"] in SCHEDULINGS:
            begun.add(one["EventId"])
        elif (ended := ended_id(one)) is not None:
            begun.discard(ended)
    return begun


def started(execution: Execution, moment: datetime) -> Event:
    """Make the event that begins an execution.

    `Version` must be there even when null: the SDK reads it without looking first.
    """
    return event(
        Kind.EXECUTION_STARTED,
        moment,
        OrchestrationInstance=_instance(execution.instance_id, execution.execution_id),
        ParentInstance=execution.parent and _parent(execution.parent),
        Name=execution.name,
        Version=execution.version,
        Input=execution.input,
        Tags=None,
    )


def _instance(instance_id: str, execution_id: str) -> Event:
    return {"InstanceId": instance_id, "ExecutionId": execution_id}


def _parent(parent: Parent) -> Event:
    return {
        "Name": parent.name,
        "OrchestrationInstance": _instance(parent.instance_id, parent.execution_id),
        "TaskScheduleId": parent.event_id,
    }
