"""What newly scheduled things become: events in the history, and messages, work and children."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from devhost.clock import timestamp
from devhost.engine.errors import BadInstanceId
from devhost.engine.history import Event, Kind, event
from devhost.engine.ids import check_instance_id
from devhost.engine.messages import Commit, Message, Work
from devhost.engine.records import Execution, Parent
from devhost.engine.shim import ReplayFailed, Scheduled


@dataclass
class Effects:
    """Collects what an execution schedules at a moment.

    An activity or child whose function does not exist fails the instance; on the real host the
    call is swallowed and the instance hangs.
    """

    execution: Execution
    moment: datetime
    is_known: Callable[[Kind, str], bool]
    new_id: Callable[[], str]
    default_version: str | None = None
    stores_inputs: bool = False
    """Whether the history keeps the inputs of activities and children, to be looked at."""
    events: list[Event] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    work: list[Work] = field(default_factory=list)
    children: list[Execution] = field(default_factory=list)

    def add(self, scheduled: Scheduled) -> None:
        """Take one more, in the order of the event ids.

        Raises:
            ReplayFailed: its function does not exist, or its instance id is not allowed.
        """
        if scheduled.name is not None and not self.is_known(scheduled.kind, scheduled.name):
            raise ReplayFailed(_unknown(scheduled))
        match scheduled.kind:
            case Kind.TASK_SCHEDULED:
                self._add_work(scheduled)
            case Kind.CHILD_CREATED:
                self._add_child(scheduled)
            case _:
                self._add_timer(scheduled)

    def put_into(self, commit: Commit) -> Commit:
        """Return the commit with everything collected."""
        return replace(
            commit,
            history=(*commit.history, *self.events),
            messages=(*commit.messages, *self.messages),
            work=(*commit.work, *self.work),
            children=(*commit.children, *self.children),
        )

    def _add_work(self, scheduled: Scheduled) -> None:
        name, one = scheduled.name or "", self.execution
        arguments = json.dumps([scheduled.input]) if self.stores_inputs else None
        self._record(scheduled, Name=name, Version=None, Input=arguments, Tags=None)
        self.work.append(
            Work(one.instance_id, one.execution_id, scheduled.event_id, name, scheduled.input)
        )

    def _add_child(self, scheduled: Scheduled) -> None:
        name, one = scheduled.name or "", self.execution
        instance_id = scheduled.instance_id or f"{one.execution_id}:{scheduled.event_id}"
        try:
            check_instance_id(instance_id)
        except BadInstanceId as error:
            raise ReplayFailed(str(error)) from error
        version = scheduled.version or self.default_version
        parent = Parent(one.instance_id, one.execution_id, one.name, scheduled.event_id)
        # The extension takes the SDK's JSON text for a value and encodes it once more.
        text = json.dumps(scheduled.input)
        shown = text if self.stores_inputs else None
        self._record(scheduled, Name=name, Version=version, InstanceId=instance_id, Input=shown)
        child = Execution(instance_id, self.new_id(), name, version, text, parent)
        self.children.append(child)

    def _add_timer(self, scheduled: Scheduled) -> None:
        fire_at = scheduled.fire_at or self.moment
        self._record(scheduled, FireAt=timestamp(fire_at))
        if not scheduled.is_cancelled:
            one, text = self.execution, timestamp(fire_at)
            fired = event(Kind.TIMER_FIRED, fire_at, TimerId=scheduled.event_id, FireAt=text)
            self.messages.append(Message(one.instance_id, one.execution_id, fire_at, fired))

    def _record(self, scheduled: Scheduled, **fields: object) -> None:
        self.events.append(event(scheduled.kind, self.moment, scheduled.event_id, **fields))


def _unknown(scheduled: Scheduled) -> str:
    kind = "activity" if scheduled.kind is Kind.TASK_SCHEDULED else "orchestrator"
    return (
        f"The function '{scheduled.name}' doesn't exist, is disabled, or is not an {kind} function."
    )
