"""One gather in memory, driven step by step by the names of what happens to it."""

import asyncio
from collections.abc import Coroutine
from datetime import datetime
from typing import Any, TypeVar

from gather_once.executor.old.concluding import conclude
from gather_once.gathers import commands, control, start
from gather_once.gathers import dossier as dossiers
from gather_once.gathers.control import Control
from gather_once.gathers.dossier import Dossier, assemble
from gather_once.gathers.opening import Opened, Over, open_run
from gather_once.gathers.reconcile import Standing, settle
from gather_once.gathers.start import Begun, New
from gather_once.model.names import root_id
from gather_once.plans.plan import Plan
from support.gathers import NOON, HostTwin, a_plan, kept, lost, validated
from support.memory_blobs import MemoryBlobs

T = TypeVar("T")


class AGather:
    """The gather `g`, its storage and its host; `now` is what every step is told."""

    id = "g"

    def __init__(self, shorthand: str = "a", **more: Any) -> None:
        self.blobs = MemoryBlobs()
        self.host = HostTwin()
        self.plan = a_plan(shorthand, **more)
        self.now: datetime = NOON

    def does(self, step: Coroutine[Any, Any, T]) -> T:
        return asyncio.run(step)

    def begins(self, plan: Plan | None = None) -> Begun:
        return self.does(
            start.begin(self.blobs, self.host, self.id, plan or self.plan, now=self.now)
        )

    def claimed(self) -> Control:
        begun = self.begins()
        assert isinstance(begun, New)
        return begun.control

    def opens(self, execution: str = "e1", run: int = 1) -> Opened | Over:
        self.host.lets(root_id(self.id, run), "Running")
        return self.does(
            open_run(self.blobs, self.id, run, execution, now=self.now, validate=validated)
        )

    def opened(self, execution: str = "e1", run: int = 1) -> Opened:
        opened = self.opens(execution, run)
        assert isinstance(opened, Opened)
        return opened

    def keeps(self, ask: str, run: int = 1) -> tuple[str, ...]:
        return self.does(conclude(self.blobs, self.id, run, kept(ask)))

    def loses(self, ask: str, run: int = 1) -> tuple[str, ...]:
        return self.does(conclude(self.blobs, self.id, run, lost(ask)))

    def assembles(self, run: int = 1) -> Dossier | None:
        return self.does(assemble(self.blobs, self.id, run, now=self.now))

    def ends(self, run: int = 1, status: str = "Completed") -> Dossier:
        """Let the root write the dossier and end."""
        dossier = self.assembles(run)
        assert dossier is not None
        self.host.lets(root_id(self.id, run), status)
        return dossier

    def settles(self) -> Standing | None:
        return self.does(settle(self.blobs, self.host, self.id, now=self.now))

    def suspends(self) -> commands.Steered | None:
        return self.does(commands.suspend(self.blobs, self.id))

    def resumes(self) -> commands.Steered | None:
        return self.does(commands.resume(self.blobs, self.host, self.id))

    def terminates(self) -> commands.Steered | None:
        return self.does(commands.terminate(self.blobs, self.host, self.id, now=self.now))

    def runs_again(self) -> Any:
        return self.does(commands.rerun(self.blobs, self.host, self.id, now=self.now))

    def is_forgotten(self) -> Any:
        return self.does(commands.forget(self.blobs, self.host, self.id, now=self.now))

    @property
    def control(self) -> Control:
        found = self.does(control.read(self.blobs, self.id))
        assert found is not None
        return found

    def dossier(self, run: int = 1) -> Dossier | None:
        return self.does(dossiers.read(self.blobs, self.id, run))
