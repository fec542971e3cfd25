"""Runs what is due: one episode at a time per instance, activities side by side.

Everything here happens on the host's event loop. The store is the only memory: what is running is
forgotten by a crash, and found again because its messages and work are still in the store.
"""

import asyncio
import itertools
import json
import logging
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import uuid4

from devhost.call import FunctionFailed
from devhost.clock import Clock
from devhost.engine import episode, failures
from devhost.engine.history import Event, Kind, event
from devhost.engine.messages import Commit, Message, Work
from devhost.engine.records import Execution, Parent
from devhost.engine.store import Store

_log = logging.getLogger("devhost.engine")


class Worker(Protocol):
    """What runs the app's functions."""

    async def orchestrate(self, name: str, context_json: str) -> str:
        """Run one episode of an orchestrator and return the state JSON."""
        ...

    async def run_activity(
        self, name: str, input_text: str | None, invocation_id: str
    ) -> str | None:
        """Run an activity and return the JSON text of its result."""
        ...


class Functions(Protocol):
    """The names of the durable functions that are loaded."""

    def knows(self, kind: Kind, name: str) -> bool:
        """Whether a function can be scheduled by this kind of event."""
        ...


@dataclass(frozen=True)
class EngineOptions:
    """What host.json says: how much runs at the same time, and the version of new instances."""

    activities: int = 20
    orchestrators: int = 20
    default_version: str | None = None


class Scheduler:
    """Starts episodes and activities as they become due, until it is stopped."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        worker: Worker,
        functions: Functions,
        options: EngineOptions,
    ) -> None:
        self.one_message_per_episode = False
        self._store, self._clock, self._worker = store, clock, worker
        self._functions, self._options = functions, options
        self._busy: set[str] = set()
        self._working: set[int] = set()
        self._last_work = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._at_rest = asyncio.Event()

    def wake(self) -> None:
        """Look again: something was sent, or the clock was moved."""
        self._at_rest.clear()
        self._wake.set()

    async def rest(self) -> None:
        """Return when no episode and no activity runs and no message is due."""
        await self._at_rest.wait()

    def next_due(self) -> datetime | None:
        """Return when the next hidden message becomes visible, or None."""
        return self._store.next_due(self._clock.now())

    async def run(self) -> None:
        """Run what is due, for ever; cancelling it drops what has not been committed."""
        try:
            while True:
                self._wake.clear()
                self._begin_due()
                if not self._tasks:
                    self._at_rest.set()
                await self._pause()
        finally:
            for task in self._tasks:
                task.cancel()

    async def _pause(self) -> None:
        seconds = self._clock.seconds_until(self._store.next_due(self._clock.now()))
        try:
            await asyncio.wait_for(self._wake.wait(), seconds)
        except TimeoutError:
            self._at_rest.clear()

    def _begin_due(self) -> None:
        ready = (i for i in self._store.instances_due(self._clock.now()) if i not in self._busy)
        free = self._options.orchestrators - len(self._busy)
        for instance_id in itertools.islice(ready, max(free, 0)):
            self._busy.add(instance_id)
            self._start(self._run_episode(instance_id))
        free = self._options.activities - len(self._working)
        for number, work in self._store.work_after(self._last_work, max(free, 0)):
            self._last_work = number
            self._working.add(number)
            self._start(self._run_activity(number, work))

    def _start(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(doing)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()
        if not task.cancelled() and (error := task.exception()):
            _log.error("devhost lost a piece of work; a restart finds it.", exc_info=error)

    async def _run_episode(self, instance_id: str) -> None:
        try:
            record = self._store.instance(instance_id)
            execution = self._store.execution(instance_id)
            arrived = self._store.due_messages(instance_id, self._clock.now())
            if self.one_message_per_episode:
                arrived = arrived[:1]
            if record is None or execution is None or record.status.is_final:
                self._store.discard(tuple(number for number, _ in arrived))
                return
            commit = await self._episode(execution, tuple(arrived))
            self._store.commit(self._refuse_live_children(commit))
        finally:
            self._busy.discard(instance_id)

    async def _episode(
        self, execution: Execution, arrived: tuple[tuple[int, Message], ...]
    ) -> Commit:
        begun = episode.Episode(
            execution,
            self._store.history(execution.instance_id),
            arrived,
            self._clock.now(),
            self._functions.knows,
            lambda: uuid4().hex,
            self._options.default_version,
        )
        try:
            return await episode.run(begun, self._orchestrate)
        except Exception as error:  # noqa: BLE001  the host's outermost loop: it must go on
            _log.exception("The episode of %s broke.", execution.instance_id)
            return episode.broken(begun, f"devhost could not run the episode: {error!r}")

    async def _orchestrate(self, name: str, context_json: str) -> episode.Answer:
        try:
            text = await self._worker.orchestrate(name, context_json)
        except FunctionFailed as failed:
            _, state = failures.split_state(failed.message)
            return episode.Answer(json.loads(state) if state else None, failed.text)
        return episode.Answer(json.loads(text))

    def _refuse_live_children(self, commit: Commit) -> Commit:
        """Answer for children whose id is taken by a live instance; they are not started."""
        taken = [child for child in commit.children if self._is_live(child.instance_id)]
        kept = tuple(child for child in commit.children if child not in taken)
        answers = [_refusal(c, c.parent, commit.moment) for c in taken if c.parent is not None]
        return replace(commit, children=kept, messages=(*commit.messages, *answers))

    def _is_live(self, instance_id: str) -> bool:
        record = self._store.instance(instance_id)
        return record is not None and not record.status.is_final

    async def _run_activity(self, number: int, work: Work) -> None:
        try:
            outcome = await self._outcome_of(work)
            answer = Message(work.instance_id, work.execution_id, self._clock.now(), outcome)
            self._store.finish_work(number, answer)
        finally:
            self._working.discard(number)

    async def _outcome_of(self, work: Work) -> Event:
        try:
            result = await self._worker.run_activity(work.name, work.input, uuid4().hex)
        except FunctionFailed as failed:
            failure = failures.of_activity(work.name, failed.text, failed.stack)
            return _failed(Kind.TASK_FAILED, work.event_id, failure, self._clock.now())
        return event(
            Kind.TASK_COMPLETED, self._clock.now(), TaskScheduledId=work.event_id, Result=result
        )


def _failed(kind: Kind, event_id: int, failure: failures.Failure, moment: datetime) -> Event:
    return event(
        kind,
        moment,
        TaskScheduledId=event_id,
        Reason=failure.reason,
        Details=failure.details,
        FailureDetails=None,
    )


def _refusal(child: Execution, parent: Parent, moment: datetime) -> Message:
    text = f"An Orchestration instance with the id '{child.instance_id}' is already running."
    told = _failed(Kind.CHILD_FAILED, parent.event_id, failures.Failure(text, text), moment)
    return Message(parent.instance_id, parent.execution_id, moment, told)
