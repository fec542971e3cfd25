"""One episode: new messages are appended, the SDK replays, the shim decides what is scheduled.

Pure but for the call of the worker: what comes out is a `Commit`, written by the store in one
transaction. The order of a history is the extension's: EpisodeStarted, the messages as they
arrived, what was newly scheduled by rising id, EpisodeCompleted.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from devhost.engine import failures
from devhost.engine.divergence import Case, Divergence, cases_in
from devhost.engine.effects import Effects
from devhost.engine.history import Event, Kind, ended_id, event, open_ids
from devhost.engine.messages import Commit, Message
from devhost.engine.records import Execution, Status
from devhost.engine.shim import Action, CallHttpUsed, ReplayFailed, Shim

CUSTOM_STATUS_LIMIT = 16 * 1024
"""The longest custom status the extension takes, in bytes of UTF-16."""

Orchestrate = Callable[[str, str], Awaitable["Answer"]]
"""Calls the orchestrator function of a name with the context JSON."""


@dataclass(frozen=True)
class Answer:
    """What the SDK returned: the state JSON, and the error text when it raised instead."""

    state: Mapping[str, Any] | None
    error: str | None = None


@dataclass(frozen=True)
class Episode:
    """Everything one episode starts from."""

    execution: Execution
    history: list[Event]
    arrived: tuple[tuple[int, Message], ...]
    moment: datetime
    is_known: Callable[[Kind, str], bool]
    new_id: Callable[[], str]
    default_version: str | None = None
    stores_inputs: bool = False
    report: Callable[[Divergence], bool] = lambda _: False
    """Takes a divergence; True makes it the end of the instance."""


async def run(episode: Episode, orchestrate: Orchestrate) -> Commit:
    """Run the episode and return all that it changes."""
    fresh = [event(Kind.EPISODE_STARTED, episode.moment), *_accepted(episode)]
    consumed = tuple(number for number, _ in episode.arrived)
    draft = Commit(episode.execution, consumed, tuple(fresh), Status.RUNNING, episode.moment)
    terminated = [one for one in fresh if one["EventType"] == Kind.EXECUTION_TERMINATED]
    if terminated:
        return _end(draft, Status.TERMINATED, terminated[0]["Input"])
    whole = [{**one, "IsPlayed": True} for one in episode.history] + fresh
    answer = await orchestrate(
        episode.execution.name, json.dumps(_context(episode.execution, whole))
    )
    try:
        return _decide(episode, draft, whole, answer)
    except ReplayFailed as failed:
        return _end(draft, Status.FAILED, str(failed))


def broken(episode: Episode, text: str) -> Commit:
    """Return the commit that fails an instance whose episode could not be run at all."""
    opening = event(Kind.EPISODE_STARTED, episode.moment)
    consumed = tuple(number for number, _ in episode.arrived)
    draft = Commit(episode.execution, consumed, (opening,), Status.RUNNING, episode.moment)
    return _end(draft, Status.FAILED, text)


def _accepted(episode: Episode) -> list[Event]:
    """Return the events to append: of this execution, and no end of what has ended already."""
    waiting = open_ids(episode.history)
    accepted = []
    for _, message in episode.arrived:
        ended = ended_id(message.event)
        if message.execution_id not in {None, episode.execution.execution_id}:
            continue
        if ended is not None:
            if ended not in waiting:
                continue
            waiting.discard(ended)
        accepted.append(message.event)
    return accepted


def _decide(episode: Episode, draft: Commit, whole: list[Event], answer: Answer) -> Commit:
    if answer.state is None:
        text = failures.of_orchestrator(episode.execution.name, answer.error or "")
        return _end(draft, Status.FAILED, text)
    draft = replace(draft, custom_status=_custom_status(answer.state))
    shim = _replayed(episode, answer.state["actions"][0], whole)
    if shim.is_suspended:  # the SDK is ahead then, as it is of the host: nothing to be told
        return _close(replace(draft, status=Status.SUSPENDED))
    _report_divergences(episode, shim, answer.state)
    effects = Effects(
        episode.execution,
        episode.moment,
        episode.is_known,
        episode.new_id,
        episode.default_version,
        episode.stores_inputs,
    )
    for event_id in sorted(shim.pending):
        effects.add(shim.pending[event_id])
    draft = effects.put_into(draft)
    if not shim.is_finished or shim.open:
        return _close(replace(draft, awaited=shim.awaited))
    return _finish(episode, draft, shim, answer)


def _replayed(episode: Episode, actions: Sequence[Action], whole: list[Event]) -> Shim:
    shim = Shim(actions)
    try:
        for one in whole:
            shim.process(one)
    except CallHttpUsed:
        execution = episode.execution
        episode.report(Divergence(Case.CALL_HTTP, execution.name, execution.instance_id))
        raise
    return shim


def _report_divergences(episode: Episode, shim: Shim, state: Mapping[str, Any]) -> None:
    """Tell where host and SDK go different ways; raises ReplayFailed where that is an error."""
    execution = episode.execution
    for case, detail in cases_in(shim, state["actions"][0], state):
        found = Divergence(case, execution.name, execution.instance_id, detail)
        if episode.report(found):
            raise ReplayFailed(str(found))


def _finish(episode: Episode, draft: Commit, shim: Shim, answer: Answer) -> Commit:
    """End the execution if the function has ended: only now, when nothing is open any more."""
    state = answer.state or {}
    if state.get("error"):
        text = failures.of_orchestrator(episode.execution.name, state["error"])
        return _end(draft, Status.FAILED, text)
    if not state.get("isDone"):
        return _close(draft)
    if shim.continues_with is not None:
        successor = replace(
            episode.execution, execution_id=episode.new_id(), input=shim.continues_with
        )
        return _close(replace(draft, continues_as=successor))
    output = state.get("output")
    return _end(draft, Status.COMPLETED, None if output is None else json.dumps(output))


def _close(draft: Commit) -> Commit:
    closing = event(Kind.EPISODE_COMPLETED, draft.moment)
    return replace(draft, history=(*draft.history, closing))


def _end(draft: Commit, status: Status, output: str | None) -> Commit:
    """End the execution and tell the parent, if there is one."""
    ended = event(
        Kind.EXECUTION_COMPLETED, draft.moment, OrchestrationStatus=status.value, Result=output
    )
    draft = replace(draft, history=(*draft.history, ended), status=status, output=output)
    parent = draft.execution.parent
    if parent is not None:
        told = Message(
            parent.instance_id, parent.execution_id, draft.moment, _word_to_parent(draft)
        )
        draft = replace(draft, messages=(*draft.messages, told))
    return _close(draft)


def _word_to_parent(draft: Commit) -> Event:
    parent, output = draft.execution.parent, draft.output
    event_id = parent.event_id if parent else -1
    if draft.status is Status.COMPLETED:
        return event(Kind.CHILD_COMPLETED, draft.moment, TaskScheduledId=event_id, Result=output)
    details = f"Message: {output}, StackTrace: " if draft.status is Status.FAILED else None
    return event(
        Kind.CHILD_FAILED,
        draft.moment,
        TaskScheduledId=event_id,
        Reason=output,
        Details=details,
        FailureDetails=None,
    )


def _custom_status(state: Mapping[str, Any]) -> str | None:
    value = state.get("customStatus")
    if value is None:
        return None
    text = json.dumps(value)
    size = len(text.encode("utf-16-le"))
    if size > CUSTOM_STATUS_LIMIT:
        raise ReplayFailed(
            f"The custom status has {size} bytes in UTF-16; at most {CUSTOM_STATUS_LIMIT} are"
            " allowed. Keep details in a blob and its link in the status."
        )
    return text


def _context(execution: Execution, history: list[Event]) -> dict[str, Any]:
    return {
        "history": history,
        "input": _parsed(execution.input),
        "instanceId": execution.instance_id,
        "isReplaying": False,
        "parentInstanceId": execution.parent and execution.parent.instance_id,
        "upperSchemaVersion": 1,
        "upperSchemaVersionNew": 2,
        "longRunningTimerIntervalDuration": "3.00:00:00",
        "maximumShortTimerDuration": "6.00:00:00",
        "defaultHttpAsyncRequestSleepTimeMillseconds": 30000,
    }


def _parsed(text: str | None) -> Any:  # noqa: ANN401  any JSON value
    return None if text is None else json.loads(text)
