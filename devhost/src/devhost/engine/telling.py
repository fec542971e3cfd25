"""Says in words what happened to an instance: one line for an episode, a table for a history."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from devhost.clock import parse_timestamp
from devhost.engine import failures
from devhost.engine.history import Event, Kind, ended_id
from devhost.engine.messages import Commit, Work
from devhost.engine.records import InstanceRecord, Status

_TOLD_WITH_REASON = frozenset({Status.FAILED, Status.TERMINATED})
_SHOWN_IN_A_LINE = 3
_LONGEST_TEXT = 100
_WORDS: Mapping[int, str] = {
    Kind.EXECUTION_STARTED: "started",
    Kind.EXECUTION_COMPLETED: "ended",
    Kind.EXECUTION_TERMINATED: "terminated",
    Kind.TASK_SCHEDULED: "scheduled",
    Kind.TASK_COMPLETED: "completed",
    Kind.TASK_FAILED: "failed",
    Kind.CHILD_CREATED: "scheduled",
    Kind.CHILD_COMPLETED: "completed",
    Kind.CHILD_FAILED: "failed",
    Kind.TIMER_CREATED: "set",
    Kind.TIMER_FIRED: "fired",
    Kind.EVENT_RAISED: "raised",
    Kind.EXECUTION_SUSPENDED: "suspended",
    Kind.EXECUTION_RESUMED: "resumed",
}
_SUBJECTS: Mapping[int, str] = {
    **dict.fromkeys((Kind.TASK_SCHEDULED, Kind.TASK_COMPLETED, Kind.TASK_FAILED), "activity"),
    **dict.fromkeys((Kind.CHILD_CREATED, Kind.CHILD_COMPLETED, Kind.CHILD_FAILED), "child"),
    **dict.fromkeys((Kind.TIMER_CREATED, Kind.TIMER_FIRED), "timer"),
    Kind.EVENT_RAISED: "event",
}
_SCHEDULES = {
    Kind.TASK_SCHEDULED: "calls {Name}#{EventId}",
    Kind.CHILD_CREATED: "starts {Name}#{EventId}",
    Kind.TIMER_CREATED: "sets timer#{EventId}",
}
_COMES = {
    Kind.EXECUTION_STARTED: "start",
    Kind.TASK_COMPLETED: "#{TaskScheduledId} completed",
    Kind.TASK_FAILED: "#{TaskScheduledId} failed",
    Kind.CHILD_COMPLETED: "#{TaskScheduledId} completed",
    Kind.CHILD_FAILED: "#{TaskScheduledId} failed",
    Kind.TIMER_FIRED: "timer#{TimerId} fired",
    Kind.EVENT_RAISED: "event {Name}",
    Kind.EXECUTION_TERMINATED: "terminate",
    Kind.EXECUTION_SUSPENDED: "suspend",
    Kind.EXECUTION_RESUMED: "resume",
}


def told_episode(commit: Commit) -> str:
    """Return the line of an episode: what came, what it schedules, how the instance stands."""
    one = commit.execution
    came = _listed(_COMES, commit.history)
    scheduled = _listed(_SCHEDULES, commit.history)
    steps = " -> ".join(part for part in (came, scheduled, _ending(commit)) if part)
    return f"{one.name} {one.instance_id}: {steps}"


def _ending(commit: Commit) -> str:
    if commit.continues_as:
        return "continues as new"
    if commit.status in _TOLD_WITH_REASON and commit.output:
        said_already = failures.of_orchestrator(commit.execution.name, "")
        return f"{commit.status}: {_short(commit.output.removeprefix(said_already))}"
    if commit.awaited:
        return f"{commit.status}, waits for {', '.join(commit.awaited)}"
    return str(commit.status)


def told_activity(work: Work, outcome: Event) -> str:
    """Return the line of an activity that has run."""
    line = f"{work.name}#{work.event_id} of {work.instance_id}: {_WORDS[outcome['EventType']]}"
    reason = outcome.get("Reason")
    return f"{line}: {_short(reason)}" if reason else line


def told_history(record: InstanceRecord, events: Sequence[Event]) -> str:
    """Return a table with a row for each event that says something, times from the first on.

    Texts are cut after 100 characters, and long names are not.
    """
    rows = list(_rows(events))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [
        "  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[3]]).rstrip()
        for row in rows
    ]
    head = f"{record.name} {record.instance_id}: {record.status}"
    output = f", output {_short(record.output)}" if record.output is not None else ""
    return "\n".join([head + output, *(f"  {line}" for line in lines)])


def _listed(forms: Mapping[Kind, str], events: Iterable[Event]) -> str:
    found = [forms[e["EventType"]].format_map(e) for e in events if e["EventType"] in forms]
    rest = len(found) - _SHOWN_IN_A_LINE
    shown = found[:_SHOWN_IN_A_LINE] + ([f"{rest} more"] if rest > 0 else [])
    return ", ".join(shown)


def _rows(events: Sequence[Event]) -> Iterator[tuple[str, str, str, str]]:
    """Yield time, subject, what happened, and more about it."""
    names = {e["EventId"]: e["Name"] for e in events if e["EventId"] >= 0 and e.get("Name")}
    first = parse_timestamp(events[0]["Timestamp"]) if events else None
    for one in events:
        word = _WORDS.get(one["EventType"])
        if word is not None and first is not None:
            yield _since(first, one), _subject(one, names), word, _more(one)


def _since(first: datetime, one: Event) -> str:
    return f"+{parse_timestamp(one['Timestamp']) - first}"


def _subject(one: Event, names: Mapping[int, str]) -> str:
    subject = _SUBJECTS.get(one["EventType"])
    if subject is None:
        return "instance"
    if one["EventType"] == Kind.EVENT_RAISED:
        return f"{subject} {one['Name']}"
    ended = ended_id(one)
    event_id = one["EventId"] if ended is None else ended
    name = names.get(event_id)
    return f"{subject} {name}#{event_id}" if name else f"{subject}#{event_id}"


def _more(one: Event) -> str:
    match one["EventType"]:
        case Kind.TIMER_CREATED:
            return f"until {one['FireAt'][:19]}Z"
        case Kind.CHILD_CREATED:
            return f"as {one['InstanceId']}"
        case Kind.TIMER_FIRED | Kind.TASK_SCHEDULED:
            return ""
        case _:
            return _short(next((one[k] for k in ("Reason", "Result", "Input") if one.get(k)), None))


def _short(value: Any) -> str:  # noqa: ANN401  a text, or nothing
    text = " ".join(_unwrapped(value).split())
    return text if len(text) <= _LONGEST_TEXT else f"{text[: _LONGEST_TEXT - 3]}..."


def _unwrapped(value: object) -> str:
    """Return a text without the second encoding that the SDK's inputs have."""
    text = "" if value is None else str(value)
    if not text.startswith('"'):
        return text
    try:
        return str(json.loads(text))
    except ValueError:
        return text
