"""A list on its way through expand, its lanes and the joining, over storage in memory."""

import asyncio
import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from gather_once.executor.context import Surroundings
from gather_once.executor.old.concluding import conclude
from gather_once.executor.old.expanding import expanded
from gather_once.executor.old.obtaining import obtained
from gather_once.executor.old.sharing import share_obtained
from gather_once.gathers import control, start
from gather_once.gathers.dossier import assemble
from gather_once.gathers.opening import open_run
from gather_once.http_client.call import Answer, Call
from gather_once.http_client.secrets import Secrets
from gather_once.inputs.scope import InTheWay, scope_of
from gather_once.model.fault import Fault, SourceFailed
from gather_once.model.media import view
from gather_once.model.settings import Settings
from gather_once.model.wire import moment_from_wire, moment_to_wire, outcome_from_wire
from gather_once.plans.plan import Plan, parse_plan
from support.gathers import HostTwin
from support.memory_blobs import Fate, MemoryBlobs, Operation

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
ALLOWED = {"GATHER_ALLOW_LOOPBACK": "1"}
RUN_LASTS = timedelta(days=1)

Says = Callable[[int, int], Any]
"""What an item is answered, by its number and how often it was asked before: JSON or a fault."""


class Teller:
    """A source of items, known by the number at the end of their URL (of blobs: of their name)."""

    def __init__(self, says: Says) -> None:
        self.says = says
        self.calls: list[Call] = []
        self.attempts: Counter[int] = Counter()
        self.most_at_once = self.at_once = self._begun = 0
        self.takes: Callable[[int], int] = lambda _: 0
        self.kind = "http"

    def fetch(self, call: Call) -> Answer:
        item = int(re.findall(r"\d+", call.request.get("url") or call.request["name"])[-1])
        before = self.attempts[item]
        self.attempts[item] += 1
        self.calls.append(call)
        said = self.says(item, before)
        if isinstance(said, Fault):
            raise SourceFailed(said)
        if isinstance(said, Exception):
            raise said
        if isinstance(said, Answer):
            return said
        return Answer(json.dumps(said).encode(), "application/json")

    async def in_pool(self, call: Callable[[], Answer]) -> Answer:
        """Run a call as if in a thread: others go on before it has ended."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self._begun += 1
        for _ in range(1 + self.takes(self._begun)):
            await asyncio.sleep(0)
        try:
            return call()
        finally:
            self.at_once -= 1


class Listed:
    """A gather with one ask over a list, called `a`, and a clock."""

    def __init__(
        self, says: Says, items: Any, *, settings: dict[str, str] | None = None, **fields: Any
    ) -> None:
        self.now, self.run = NOON, 1
        self.settings = Settings.of(ALLOWED | (settings or {}))
        self.operations: list[Operation] = []
        self.fate: Callable[[Operation], Fate] = lambda _: Fate.CARRIED_OUT
        self.blobs = MemoryBlobs(self._befall)
        self.source, self.host = Teller(says), HostTwin()
        self._numbers = count(1)
        whole = {"from": "http", "each": items, "retry": {"jitter": 0.0}, **fields}
        if whole["from"] == "http":
            whole = {"url": "http://127.0.0.1/${each}", **whole}
        self._plan = {
            "asks": {
                "a": whole,
                "c": {"from": "http", "url": "http://127.0.0.1/0", "optional": True},
                "b": {"from": "http", "url": "http://127.0.0.1/${a[0]}"},
            }
        }
        asyncio.run(self._begin())

    @property
    def plan(self) -> Plan:
        return parse_plan(self._plan, self.settings, id="g")

    async def _befall(self, operation: Operation) -> Fate:
        self.operations.append(operation)
        return self.fate(operation)

    async def _begin(self) -> None:
        plan = self.plan
        await start.begin(self.blobs, self.host, "g", plan, now=self.now)
        await self._opens()

    async def _opens(self) -> None:
        def validate(raw: bytes) -> Any:
            return parse_plan(raw, self.settings)

        name = f"root-{next(self._numbers)}"
        await open_run(self.blobs, "g", self.run, name, now=self.now, validate=validate)

    def given(self, **more: Any) -> dict[str, Any]:
        deadline = moment_to_wire(NOON + RUN_LASTS)
        return {"id": "g", "run": self.run, "ask": "a", "deadline": deadline, **more}

    def around(self) -> Surroundings:
        return Surroundings(
            self.blobs,
            self.settings,
            Secrets({}),
            lambda _: self.source,
            f"execution-{next(self._numbers)}",
            lambda: self.now,
            self.source.in_pool,
        )

    def answers(self, ask: str, value: Any) -> None:
        """Let an ask that the list needs be answered."""
        before, self.source.says = self.source.says, lambda *_: value
        told = asyncio.run(obtained({**self.given(), "ask": ask}, self.around()))
        self.source.says = before
        self.source.calls.clear()
        self.source.attempts.clear()
        self.concludes(told["outcome"])

    def expands(self) -> dict[str, Any]:
        return asyncio.run(expanded(self.given(), self.around()))

    def shares(self, part: int = 0) -> dict[str, Any]:
        return asyncio.run(share_obtained(self.given(part=part), self.around()))

    def joins(self) -> dict[str, Any]:
        told = asyncio.run(obtained(self.given(after="lanes"), self.around()))
        assert told["status"] == "ended", told
        outcome: dict[str, Any] = told["outcome"]
        return outcome

    def concludes(self, outcome: dict[str, Any]) -> None:
        asyncio.run(conclude(self.blobs, "g", self.run, outcome_from_wire(outcome)))

    def lane(self, part: int = 0) -> list[dict[str, Any]]:
        """Work through a lane as its orchestrator does; return what its activities said."""
        said = [self.shares(part)]
        while said[-1]["status"] in {"pause", "look_again"}:
            until = said[-1].get("until")
            self.now = max(moment_from_wire(until) if until else self.now, self.now)
            if not until:
                self.now += timedelta(seconds=2)
            said.append(self.shares(part))
        return said

    def goes(self) -> dict[str, Any]:
        """Go all the way; return the outcome."""
        told = self.expands()
        if told["status"] == "ended":
            outcome: dict[str, Any] = told["outcome"]
            return outcome
        for part in range(told["lanes"]):
            self.lane(part)
        return self.joins()

    def seen(self, outcome: dict[str, Any]) -> Any:
        """Conclude the list, and return what its dependants see of it."""
        self.concludes(outcome)
        plan = self.plan
        found = asyncio.run(scope_of(self.blobs, "g", self.run, plan, "b", view))
        return found if isinstance(found, InTheWay) else found["a"]

    def again(self) -> None:
        """Begin the next run, whatever became of this one."""

        async def next_run() -> None:
            await assemble(self.blobs, "g", self.run, now=self.now)
            found = await control.read(self.blobs, "g")
            assert found
            self.run += 1
            await control.write(self.blobs, replace(found, run=self.run, owner=None))
            await self._opens()

        asyncio.run(next_run())
