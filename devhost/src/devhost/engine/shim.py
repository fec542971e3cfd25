"""The extension's side of a replay: re-executes the SDK's list of actions against the history.

The SDK never sends event ids. The extension invokes the actions one after the other, each after the
one before has ended, and numbers what they schedule in the order of invocation; the SDK numbers the
same things by processing the same events. This is that re-execution, with the extension's own
semantics even where they differ from Python's: a compound of all waits for every child, a failed
last attempt of a retry costs one more timer, waiters for one event name are a stack.
"""

import json
from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from devhost.clock import parse_timestamp
from devhost.engine.history import SCHEDULINGS, Event, Kind, ended_id
from devhost.engine.promises import Promise, ended_promise, when_all, when_any

Action = Mapping[str, Any]
"""One action as the SDK sends it; `actionType` says which other keys there are."""

_NOT_BUILT = {7: "call_entity", 8: "call_http", 9: "signal_entity"}
_CALL_HTTP = 8
_FAILURES = frozenset({Kind.TASK_FAILED, Kind.CHILD_FAILED})


class ReplayFailed(Exception):
    """The actions cannot be carried out; the instance fails with this text."""


class CallHttpUsed(ReplayFailed):
    """devhost does not run it, and the host runs it in a way of its own."""


@dataclass(frozen=True)
class Scheduled:
    """Something an action scheduled under an event id: an activity, a child or a timer."""

    event_id: int
    kind: Kind
    name: str | None = None
    input: str | None = None
    instance_id: str | None = None
    version: str | None = None
    fire_at: datetime | None = None
    is_cancelled: bool = False


class Shim:
    """One re-execution of an action list; feed it the whole history, then read the result.

    After the last event: `pending` holds what has no event in the history yet, `open` what was
    scheduled and has not ended, `is_finished` says whether every action has been invoked and has
    ended, `continues_with` is the stored input of a continue-as-new. `position` is how many actions
    were invoked, `children` are the parts of the last one, `early` counts the events by name that
    came before their wait, `misspelt` names events that only the host's comparison matched.
    `awaited` names the events that the last action invoked waits for.
    """

    def __init__(self, actions: Sequence[Action]) -> None:
        self.pending: dict[int, Scheduled] = {}
        self.open: dict[int, Promise] = {}
        self.is_finished = False
        self.is_suspended = False
        self.continues_with: str | None = None
        self.position = 0
        self.children: list[Promise] = []
        self.early: defaultdict[str, int] = defaultdict(int)
        self.misspelt: list[tuple[str, str]] = []
        self._actions = actions
        self._waits: list[tuple[str, Promise]] = []
        self._now = datetime.min.replace(tzinfo=UTC)
        self._next_id = 0
        self._waiting: defaultdict[str, list[tuple[str, Promise]]] = defaultdict(list)
        self._held: deque[Event] = deque()
        self._invokers: dict[int, Callable[[Action], Promise]] = {
            0: lambda action: self._call(Kind.TASK_SCHEDULED, action),
            1: lambda action: self._retry(Kind.TASK_SCHEDULED, action),
            2: lambda action: self._call(Kind.CHILD_CREATED, action),
            3: lambda action: self._retry(Kind.CHILD_CREATED, action),
            4: self._continue_as_new,
            5: self._create_timer,
            6: self._wait_for_event,
            11: lambda action: when_any(self._invoke_parts(action)),
            12: lambda action: when_all(self._invoke_parts(action)),
        }

    @property
    def awaited(self) -> tuple[str, ...]:
        """The events that would let the instance go on, in the order of the code."""
        return () if self.is_finished else tuple(n for n, one in self._waits if not one.ended)

    def process(self, event: Event) -> None:
        """Take one event of the history, and everything that follows from it.

        Raises:
            ReplayFailed: the history does not fit the actions, or an action is not supported.
        """
        kind = event["EventType"]
        if kind == Kind.EPISODE_STARTED:
            self._now = parse_timestamp(event["Timestamp"])
        elif kind == Kind.EXECUTION_SUSPENDED:
            self.is_suspended = True
        elif kind == Kind.EXECUTION_RESUMED:
            self._resume()
        elif self.is_suspended:
            self._held.append(event)
        else:
            self._act_on(event)

    def _resume(self) -> None:
        self.is_suspended = False
        while self._held:
            self._act_on(self._held.popleft())

    def _act_on(self, event: Event) -> None:
        kind = event["EventType"]
        ended = ended_id(event)
        if kind == Kind.EXECUTION_STARTED:
            self._step()
        elif kind in SCHEDULINGS:
            self._match(event)
        elif kind == Kind.EVENT_RAISED:
            self._raise_event(event["Name"])
        elif ended is not None and ended in self.open:
            self.open.pop(ended).end(failed=kind in _FAILURES)

    def _step(self) -> None:
        while self.position < len(self._actions):
            self.children, self._waits = [], []
            promise = self._invoke(self._actions[self.position])
            self.position += 1
            if not promise.ended:
                promise.then(self._step)
                return
        self.is_finished = True

    def _invoke(self, action: Action) -> Promise:
        kind = int(action["actionType"])
        if kind in self._invokers:
            return self._invokers[kind](action)
        api = _NOT_BUILT.get(kind, f"action type {kind}")
        refusal = CallHttpUsed if kind == _CALL_HTTP else ReplayFailed
        raise refusal(
            f"devhost does not run {api}. Call the outside world from an activity instead."
        )

    def _invoke_parts(self, action: Action) -> list[Promise]:
        parts = [self._invoke(one) for one in action["compoundActions"]]
        self.children = parts  # the outermost compound is the last to be assigned
        return parts

    def _match(self, event: Event) -> None:
        event_id, kind, name = event["EventId"], event["EventType"], event.get("Name")
        ours = self.pending.pop(event_id, None)
        if ours is None or ours.kind != kind or ours.name != name:
            recorded = f"{Kind(kind).name} {name or ''}".strip()
            replayed = f"{ours.kind.name} {ours.name or ''}".strip() if ours else "nothing"
            raise ReplayFailed(
                f"Non-Deterministic workflow detected: the history has {recorded} with the id "
                f"{event_id}, the replay has {replayed} there."
            )

    def _take_id(self) -> int:
        self._next_id += 1
        return self._next_id - 1

    def _call(self, kind: Kind, action: Action) -> Promise:
        event_id = self._take_id()
        self.pending[event_id] = Scheduled(
            event_id,
            kind,
            name=action["functionName"],
            input=action.get("input"),
            instance_id=action.get("instanceId"),
            version=action.get("version"),
        )
        self.open[event_id] = Promise()
        return self.open[event_id]

    def _timer(self, fire_at: datetime, *, is_cancelled: bool = False) -> Promise:
        event_id = self._take_id()
        self.pending[event_id] = Scheduled(
            event_id, Kind.TIMER_CREATED, fire_at=fire_at, is_cancelled=is_cancelled
        )
        if is_cancelled:
            return ended_promise()
        self.open[event_id] = Promise()
        return self.open[event_id]

    def _create_timer(self, action: Action) -> Promise:
        fire_at = parse_timestamp(action["fireAt"])
        return self._timer(fire_at, is_cancelled=bool(action.get("isCanceled")))

    def _retry(self, kind: Kind, action: Action) -> Promise:
        """Call, wait, call again; after the last failure one more timer, which fires at once."""
        whole, options = Promise(), action["retryOptions"]

        def attempt(number: int) -> None:
            call = self._call(kind, action)
            call.then(lambda: pause(number) if call.failed else whole.end())

        def pause(number: int) -> None:
            is_last = number >= int(options["maxNumberOfAttempts"])
            timer = self._timer(self._now + (timedelta(0) if is_last else _delay(options, number)))
            timer.then(lambda: whole.end(failed=True) if is_last else attempt(number + 1))

        attempt(1)
        return whole

    def _wait_for_event(self, action: Action) -> Promise:
        name = action["externalEventName"]
        if self.early[name.lower()]:
            self.early[name.lower()] -= 1
            return ended_promise()
        promise = Promise()
        self._waits.append((name, promise))
        self._waiting[name.lower()].append((name, promise))
        return promise

    def _raise_event(self, name: str) -> None:
        waiting = self._waiting[name.lower()]
        if not waiting:
            self.early[name.lower()] += 1
            return
        awaited, promise = waiting.pop()
        if awaited != name:
            self.misspelt.append((name, awaited))
        promise.end()

    def _continue_as_new(self, action: Action) -> Promise:
        self.continues_with = json.dumps(action.get("input"))
        return ended_promise()


def _delay(options: Mapping[str, Any], attempt: int) -> timedelta:
    """Return the pause after a failed attempt (1 for the first), as the extension computes it."""
    first = float(options["firstRetryIntervalInMilliseconds"])
    delay = first * float(options.get("backoffCoefficient") or 1) ** (attempt - 1)
    longest = options.get("maxRetryIntervalInMilliseconds")
    return timedelta(milliseconds=min(delay, float(longest)) if longest else delay)
