"""The plain functions under the decorators, and orchestrators driven one step after the other."""

import json
from collections.abc import Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import azure.durable_functions as df
from azure.durable_functions.models.Task import RetryAbleTask, TaskBase, WhenAllTask


def user_function(decorated: Any) -> Any:
    """Return what its author wrote: a decorated function is a FunctionBuilder."""
    function = decorated.build().get_user_function()
    for wrapped in ("orchestrator_function", "client_function"):
        function = getattr(function, wrapped, function)
    return function


@dataclass(frozen=True)
class Call:
    """An activity or a child that an orchestrator asked for."""

    name: str
    input: Any
    attempts: int = 1
    first_pause_ms: int = 0
    instance_id: str | None = None


@dataclass(frozen=True)
class Timer:
    """A moment that an orchestrator wants to be woken at."""

    fire_at: datetime


@dataclass(frozen=True)
class Event:
    """An external event that an orchestrator waits for."""

    name: str


Wanted = Call | Timer | Event | list["Wanted"]
"""What one `yield` asks for; a list is a `task_all`."""


class Steps:
    """Drives an orchestrator generator with the SDK's own context, but without a host."""

    def __init__(
        self,
        orchestrator: Any,
        given: Any = None,
        *,
        instance_id: str = "i",
        now: datetime = datetime(2026, 1, 1, tzinfo=UTC),
    ) -> None:
        self.context = df.DurableOrchestrationContext.from_json(
            json.dumps(_first_episode(given, instance_id, now))
        )
        self._generator: Generator[Any, Any, Any] = user_function(orchestrator)(self.context)
        self.output: Any = None
        self.is_over = False

    @property
    def status(self) -> Any:
        """The custom status as it stands now."""
        return self.context.custom_status

    @property
    def continued_with(self) -> Any:
        """The input of the execution that follows this one; None if none does."""
        if not self.context.will_continue_as_new:
            return None
        return json.loads(self.context._action_payload_v2[-1].to_json()["input"])

    def begin(self) -> Wanted | None:
        """Run to the first `yield`; None at the end."""
        return self.answer(None)

    def answer(self, result: Any) -> Wanted | None:
        """Give the last `yield` its result and run to the next; None at the end."""
        return self._advance(lambda: self._generator.send(result))

    def fail(self, error: Exception) -> Wanted | None:
        """Raise at the last `yield` and run to the next; None at the end."""
        return self._advance(lambda: self._generator.throw(error))

    def move_to(self, moment: datetime) -> None:
        """Set what the orchestrator sees as the time."""
        self.context.current_utc_datetime = moment

    def _advance(self, step: Any) -> Wanted | None:
        try:
            return _wanted(step())
        except StopIteration as end:
            self.output, self.is_over = end.value, True
            return None


def _first_episode(given: Any, instance_id: str, now: datetime) -> dict[str, Any]:
    started = {"EventId": -1, "IsPlayed": False, "Timestamp": now.isoformat()}
    return {
        "history": [
            {"EventType": 12, **started},
            {"EventType": 0, "Name": "o", "Input": None, "Version": "1.0", **started},
        ],
        "instanceId": instance_id,
        "isReplaying": False,
        "parentInstanceId": None,
        "input": None if given is None else json.dumps(given),
        "upperSchemaVersion": 2,
    }


def _wanted(task: TaskBase) -> Wanted:
    if isinstance(task, WhenAllTask) and not isinstance(task, RetryAbleTask):
        return [_wanted(child) for child in task.children]
    action = task.actions if isinstance(task, RetryAbleTask) else task.action_repr
    if hasattr(action, "fire_at"):
        return Timer(action.fire_at)
    if hasattr(action, "external_event_name"):
        return Event(action.external_event_name)
    return _call(action)


def _call(action: Any) -> Call:
    retry = getattr(action, "retry_options", None)
    given = action.input_ if hasattr(action, "input_") else action._input
    return Call(
        action.function_name,
        json.loads(given),
        attempts=retry.max_number_of_attempts if retry else 1,
        first_pause_ms=retry.first_retry_interval_in_milliseconds if retry else 0,
        instance_id=getattr(action, "instance_id", None),
    )
