"""Small gathers to work on: plans in shorthand, outcomes, a host that only remembers."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from gather_once.gathers.host import LIVE, HostOutOfReach, Instance
from gather_once.model.outcome import Outcome, OutcomeStatus, missing
from gather_once.model.receipt import ReceiptSummary
from gather_once.model.settings import Settings
from gather_once.plans.plan import Plan, parse_plan

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def plan_json(shorthand: str, **more: Any) -> dict[str, Any]:
    """Return a plan of `a b? s:ab`: s needs a and b, of which b is optional."""
    asks = {}
    for said in shorthand.split():
        name, _, needs = said.partition(":")
        asks[name.rstrip("?")] = {
            "from": "blob",
            "container": "inputs",
            "name": f"{name[0]}.json",
            "needs": list(needs),
            "optional": name.endswith("?"),
        }
    return {"asks": asks, **more}


def a_plan(shorthand: str = "a", **more: Any) -> Plan:
    return parse_plan(plan_json(shorthand, **more), Settings())


@cache
def validated(content: bytes) -> Plan:
    return parse_plan(content, Settings())


def kept(ask: str, key: str = "ab12") -> Outcome:
    return Outcome(
        ask,
        OutcomeStatus.KEPT,
        receipt=ReceiptSummary(key, "cd" * 32, 7, "application/json", NOON),
    )


def lost(ask: str, reason: str = "nobody knows") -> Outcome:
    return missing(ask, reason)


async def at_once(_: str) -> None:
    """Nothing comes between the operations of a host."""


class HostTwin:
    """A durable host that starts and ends instances on paper; `before` comes before each call."""

    def __init__(
        self, hub: str = "Hub", before: Callable[[str], Awaitable[None]] = at_once
    ) -> None:
        self.hub = hub
        self.instances: dict[str, str] = {}
        self.started: list[tuple[str, str, Mapping[str, Any]]] = []
        self.terminated: list[str] = []
        self.resumed: list[str] = []
        self.purged: list[str] = []
        self.raised: list[tuple[str, str]] = []
        self.is_down = False
        self.is_silent_about: set[str] = set()
        self._before = before

    def lets(self, instance: str, status: str | None) -> None:
        """Let an instance be in this state, or (None) be unknown."""
        self.instances.pop(instance, None)
        if status is not None:
            self.instances[instance] = status

    async def look(self, instance: str) -> Instance | None:
        status = await self.status(instance)
        return Instance(status, NOON, NOON) if status else None

    async def status(self, instance: str) -> str | None:
        await self._reach("status")
        if instance in self.is_silent_about:
            raise HostOutOfReach(f"nothing is said of {instance}")
        return self.instances.get(instance)

    async def start(self, orchestrator: str, instance: str, given: Mapping[str, Any]) -> None:
        await self._reach("start")
        if self.instances.get(instance) not in LIVE:
            self.instances[instance] = "Pending"
            self.started.append((orchestrator, instance, given))

    async def terminate(self, instance: str, reason: str) -> None:
        assert reason
        await self._reach("terminate")
        self.terminated.append(instance)
        if self.instances.get(instance) in LIVE:
            self.instances[instance] = "Terminated"

    async def resume(self, instance: str, reason: str) -> None:
        assert reason
        await self._reach("resume")
        self.resumed.append(instance)
        if self.instances.get(instance) == "Suspended":
            self.instances[instance] = "Running"

    async def raise_event(self, instance: str, event: str) -> None:
        await self._reach("raise_event")
        if self.instances.get(instance) in LIVE:
            self.raised.append((instance, event))

    async def purge(self, instance: str) -> None:
        await self._reach("purge")
        self.purged.append(instance)
        self.instances.pop(instance, None)

    async def _reach(self, verb: str) -> None:
        await self._before(verb)
        if self.is_down:
            raise HostOutOfReach("the host twin is down")
