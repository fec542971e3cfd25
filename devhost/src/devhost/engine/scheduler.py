"""Runs what is due: one episode at a time per instance, activities side by side.

Everything here happens on the host's event loop. The store is the only memory: what is running is
forgotten by a crash, and found again because its messages and work are still in the store.
"""

import asyncio
import itertools
import json
import logging
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from devhost.call import FunctionFailed
from devhost.clock import Clock
from devhost.engine import episode, failures
from devhost.engine.awaited import Awaited
from devhost.engine.divergence import Divergence
from devhost.engine.faults import Crashed, Faults, Point
from devhost.engine.history import Event, Kind, event
from devhost.engine.messages import Commit, Message, Work
from devhost.engine.records import Execution, Parent
from devhost.engine.store import Store
from devhost.engine.telling import told_activity, told_episode, told_history
from devhost.engine.versions import Versioning

_log = logging.getLogger("devhost.engine")

_LONGEST_REJECTION = 600  # seconds
_VERSION_MISMATCH = "Orchestration version did not comply with Worker Versioning"


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
    """What host.json says: how much runs at the same time, and which versions run at all."""

    activities: int = 20
    orchestrators: int = 20
    versioning: Versioning = field(default_factory=Versioning)
    is_strict: bool = False
    """Whether an instance fails where the real host would not do what its code says."""
    replaces_live: bool = False
    """Whether a start with the id of a living instance takes its place (`AnyState`)."""
    stores_inputs: bool = False


class Scheduler:
    """Starts episodes and activities as they become due, until it is stopped."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        worker: Worker,
        functions: Functions,
        options: EngineOptions,
        faults: Faults | None = None,
    ) -> None:
        self.one_message_per_episode = False
        self.divergences: list[Divergence] = []
        self.awaited = Awaited()
        self.faults = faults or Faults()
        self._store, self._clock, self._worker = store, clock, worker
        self._functions, self._options = functions, options
        self._busy: set[str] = set()
        self._working: set[int] = set()
        self._last_work = 0
        self._rejections: Counter[str] = Counter()
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
        error = None if task.cancelled() else task.exception()
        if isinstance(error, Crashed):
            self._forget_what_runs()
        elif error:
            _log.error("devhost lost a piece of work; a restart finds it.", exc_info=error)

    def _forget_what_runs(self) -> None:
        """Do to everything that runs what the death of the process would do."""
        for task in self._tasks:
            task.cancel()
        self._busy, self._working, self._last_work = set(), set(), 0

    async def _run_episode(self, instance_id: str) -> None:
        busy = self._busy  # a crash makes another set: what it has killed must not touch that
        try:
            record = self._store.instance(instance_id)
            execution = self._store.execution(instance_id)
            arrived = self._store.due_messages(instance_id, self._clock.now())
            if self.one_message_per_episode:
                arrived = arrived[:1]
            numbers = tuple(number for number, _ in arrived)
            if record is None or execution is None or record.status.is_final:
                self._store.discard(numbers)
            elif self._may_run(execution, numbers):
                commit = await self._episode(execution, tuple(arrived))
                self.faults.crash_at(Point.EPISODE_BEFORE_COMMIT)
                self._store.commit(self._refuse_live_children(commit))
                self.awaited.note(commit)
                self._tell(commit)
                self.faults.crash_at(Point.EPISODE_AFTER_COMMIT)
        finally:
            busy.discard(instance_id)

    def _tell(self, commit: Commit) -> None:
        """Log one line, and where details are wanted the history of what has ended."""
        if _log.isEnabledFor(logging.INFO):
            _log.info("%s", told_episode(commit))
        if commit.status.is_final and _log.isEnabledFor(logging.DEBUG):
            record = self._store.instance(commit.execution.instance_id)
            if record is not None:
                _log.debug("%s", told_history(record, self._store.history(record.instance_id)))

    def _may_run(self, execution: Execution, numbers: tuple[int, ...]) -> bool:
        """Look at the version; what is not for this app is shown again later, for ever."""
        versioning = self._options.versioning
        if versioning.on_mismatch == "Fail" or versioning.accepts(execution.version):
            return True
        self._rejections[execution.instance_id] += 1
        pause = min(2 ** self._rejections[execution.instance_id], _LONGEST_REJECTION)
        self._store.postpone(numbers, self._clock.now() + timedelta(seconds=pause))
        _log.warning(
            "%s has version %s, which this app (defaultVersion %s) does not run.",
            *(execution.instance_id, execution.version, versioning.default),
        )
        return False

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
            self._options.versioning.default,
            self._options.stores_inputs,
            self._report,
        )
        if not self._options.versioning.accepts(execution.version):
            return episode.broken(begun, _VERSION_MISMATCH)
        try:
            return await episode.run(begun, self._orchestrate)
        except Exception as error:  # noqa: BLE001  the host's outermost loop: it must go on
            _log.exception("The episode of %s broke.", execution.instance_id)
            return episode.broken(begun, f"devhost could not run the episode: {error!r}")

    def _report(self, found: Divergence) -> bool:
        if found not in self.divergences:
            self.divergences.append(found)
            _log.warning("%s", found)
        return self._options.is_strict

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
        working = self._working
        try:
            answer = await self._answer_of(work)
            self.faults.crash_at(Point.ACTIVITY_BEFORE_COMMIT)
            self._store.finish_work(number, answer)
            if _log.isEnabledFor(logging.INFO):
                _log.info("%s", told_activity(work, answer.event))
            self.faults.crash_at(Point.ACTIVITY_AFTER_COMMIT)
            if self.faults.strikes(Point.ACTIVITY_TWICE):
                self.wake()
                self._store.send(await self._answer_of(work))
        finally:
            working.discard(number)

    async def _answer_of(self, work: Work) -> Message:
        outcome = await self._outcome_of(work)
        due = self._clock.now() + self.faults.delay()
        return Message(work.instance_id, work.execution_id, due, outcome)

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
