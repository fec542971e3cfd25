"""An instance's history as the status API shows it: fewer events, with names instead of numbers."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from devhost.management.payloads import json_value

_NAMES: Final = (
    "ExecutionStarted",
    "ExecutionCompleted",
    "ExecutionFailed",
    "ExecutionTerminated",
    "TaskScheduled",
    "TaskCompleted",
    "TaskFailed",
    "SubOrchestrationInstanceCreated",
    "SubOrchestrationInstanceCompleted",
    "SubOrchestrationInstanceFailed",
    "TimerCreated",
    "TimerFired",
    "OrchestratorStarted",
    "OrchestratorCompleted",
    "EventSent",
    "EventRaised",
    "ContinueAsNew",
    "GenericEvent",
    "HistoryState",
    "ExecutionSuspended",
    "ExecutionResumed",
    "ExecutionRewound",
)
_STATUSES: Final = (
    "Running",
    "Completed",
    "ContinuedAsNew",
    "Failed",
    "Canceled",
    "Terminated",
    "Pending",
    "Suspended",
)
_HIDDEN: Final = {"OrchestratorStarted", "OrchestratorCompleted"}
_SCHEDULINGS: Final = {
    "TaskCompleted": "TaskScheduled",
    "TaskFailed": "TaskScheduled",
    "SubOrchestrationInstanceCompleted": "SubOrchestrationInstanceCreated",
    "SubOrchestrationInstanceFailed": "SubOrchestrationInstanceCreated",
}
_WITH_RESULT: Final = {"TaskCompleted", "SubOrchestrationInstanceCompleted", "ExecutionCompleted"}
_LEFT_OUT: Final[Mapping[str, tuple[str, ...]]] = {
    "ExecutionStarted": ("OrchestrationInstance", "ParentInstance", "Version", "Tags"),
    "TaskScheduled": ("Version",),
    "SubOrchestrationInstanceCreated": ("Version",),
    "TimerFired": ("TimerId",),
}

Event = dict[str, Any]


def history_events(
    history: Iterable[Mapping[str, Any]], *, show_input: bool, show_output: bool
) -> list[Event]:
    """Return the events to show, in order.

    What schedules an activity or a child is folded into its end, and is itself listed only while
    that is still to come. Results appear with `show_output`, inputs with `show_input`.
    """
    shown: dict[tuple[str, int], Event] = {}
    for position, one in enumerate(history):
        event = dict(one)
        name = event["EventType"] = _NAMES[event["EventType"]]
        if name in _HIDDEN:
            continue
        scheduling = _SCHEDULINGS.get(name)
        if scheduling:
            _fold(event, shown.pop((scheduling, event.pop("TaskScheduledId")), None))
        own_id = event.pop("EventId")
        shown[name, own_id if own_id >= 0 else -1 - position] = event
        _tidy(event, show_output=show_output)
    return [_without_input(event) if not show_input else event for event in shown.values()]


def _fold(end: Event, scheduled: Event | None) -> None:
    if scheduled is not None:
        end["ScheduledTime"] = scheduled["Timestamp"]
        end["FunctionName"] = scheduled["Name"]
        end["Input"] = scheduled.get("Input")


def _tidy(event: Event, *, show_output: bool) -> None:
    name = event["EventType"]
    for key in ("IsPlayed", *_LEFT_OUT.get(name, ())):
        event.pop(key, None)
    if name == "ExecutionStarted":
        event["FunctionName"] = event.pop("Name")
    if name == "ExecutionCompleted" and isinstance(event["OrchestrationStatus"], int):
        event["OrchestrationStatus"] = _STATUSES[event["OrchestrationStatus"]]
    if name in _WITH_RESULT:
        result = event.pop("Result", None)
        if show_output:
            event["Result"] = json_value(result)


def _without_input(event: Event) -> Event:
    return {key: value for key, value in event.items() if key != "Input"}
