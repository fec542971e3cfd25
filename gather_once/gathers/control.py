"""A gather's control blob: claim, control and tombstone in one, written conditionally only.

The blob is never deleted, so an id is taken once and for all. Its content is the plan, its metadata
everything that changes; a reader requests the metadata alone.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from gather_once.plans.plan import Plan, trusted_plan
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Conflict, Container


class State(StrEnum):
    """What is wanted of a gather now."""

    GO = "go"
    HOLD = "hold"
    STOP = "stop"
    """Final for the run."""
    GONE = "gone"
    """Final for the gather: this is its tombstone."""


class HeldBy(StrEnum):
    """Who wanted the hold; the host's is lifted when the host lets the root go on."""

    CALLER = "caller"
    HOST = "host"


@dataclass(frozen=True, slots=True)
class Control:
    """What a control blob says, at the version that was read.

    `owner` is the execution of the run's root that registered itself, `digest` the fingerprint of
    the plan as it was sent, `hub` the task hub that carries the gather out, `index` the name of its
    index blob, `by_queue` says that the plan came in by the queue. A tombstone also has the `end`
    that its run had and the moment when it was written.
    """

    gather: str
    digest: str
    hub: str
    index: str
    claimed_at: datetime
    state: State = State.GO
    run: int = 1
    owner: str | None = None
    held: HeldBy | None = None
    final_status: str | None = None
    gone_at: datetime | None = None
    by_queue: bool = False
    version: str = ""

    @property
    def may_go_on(self) -> bool:
        """Whether the run is wanted, now or after a hold."""
        return self.state in {State.GO, State.HOLD}

    def carries(self, run: int) -> bool:
        """Say whether this run is the one that may go on."""
        return self.may_go_on and self.run == run


Decide = Callable[[Control], Control | None]
"""What is to stand instead of what was read; None leaves it as it is."""


async def claim(blobs: Blobs, wanted: Control, plan: bytes) -> Control:
    """Take an id for a plan; raises `Conflict` where the id is taken, be it by a tombstone."""
    name = paths.control(wanted.gather)
    version = await blobs.create(Container.GATHERS, name, plan, metadata=_to_metadata(wanted))
    return replace(wanted, version=version)


async def read(blobs: Blobs, gather: str) -> Control | None:
    """Return what the control blob says now, without the plan; None: no such gather."""
    found = await blobs.look(Container.GATHERS, paths.control(gather))
    return of_metadata(gather, found.metadata, found.version) if found else None


async def read_with_plan(blobs: Blobs, gather: str) -> tuple[Control, bytes] | None:
    """Return what the control blob says now and the plan, which is empty in a tombstone."""
    found = await blobs.read(Container.GATHERS, paths.control(gather))
    if found is None:
        return None
    return of_metadata(gather, found.metadata, found.version), found.content


async def write(blobs: Blobs, wanted: Control) -> Control:
    """Write over the version `wanted` was made from, else `Conflict`; return it as it stands."""
    name = paths.control(wanted.gather)
    version = await blobs.mark(
        Container.GATHERS, name, _to_metadata(wanted), version=wanted.version
    )
    return replace(wanted, version=version)


async def bury(blobs: Blobs, tombstone: Control) -> Control:
    """Write the tombstone over the version it was made from, plan and all, else `Conflict`."""
    name = paths.control(tombstone.gather)
    version = await blobs.replace(
        Container.GATHERS, name, b"", version=tombstone.version, metadata=_to_metadata(tombstone)
    )
    return replace(tombstone, version=version)


async def change(blobs: Blobs, found: Control, decide: Decide) -> Control | None:
    """Write what `decide` makes of the control blob, deciding anew whenever somebody was faster.

    Returns what stands at the end, written or left; None where there is no such gather. A write
    whose reply was lost is read back here, so `decide` must leave alone what it wanted itself.
    """
    current: Control | None = found
    while current is not None:
        wanted = decide(current)
        if wanted is None:
            return current
        try:
            return await write(blobs, wanted)
        except Conflict:
            current = await read(blobs, found.gather)
    return None


def _to_metadata(control: Control) -> dict[str, str]:
    values = {
        "state": control.state,
        "run": str(control.run),
        "digest": control.digest,
        "hub": control.hub,
        "index": control.index,
        "claimed_at": control.claimed_at.isoformat(),
        "owner": control.owner,
        "held": control.held,
        "final_status": control.final_status,
        "gone_at": control.gone_at and control.gone_at.isoformat(),
        "by_queue": "yes" if control.by_queue else None,
    }
    return {name: str(value) for name, value in values.items() if value is not None}


def of_metadata(gather: str, said: Mapping[str, str], version: str) -> Control:
    """Read the metadata of a control blob at a version."""
    given: dict[str, Any] = {name: said[name] for name in ("digest", "hub", "index")}
    return Control(
        gather=gather,
        claimed_at=datetime.fromisoformat(said["claimed_at"]),
        state=State(said["state"]),
        run=int(said["run"]),
        owner=said.get("owner"),
        held=HeldBy(said["held"]) if "held" in said else None,
        final_status=said.get("final_status"),
        gone_at=datetime.fromisoformat(said["gone_at"]) if "gone_at" in said else None,
        by_queue="by_queue" in said,
        version=version,
        **given,
    )


_REMEMBERED: Final = 32
"""Plans that a process remembers: every activity of a gather needs the same one."""


def plan_text(plan: Plan) -> bytes:
    """Return a plan as it is stored: the JSON object as it came, in its order, without its id."""
    return json.dumps(plan.sent, separators=(",", ":"), ensure_ascii=False).encode()


@lru_cache(maxsize=_REMEMBERED)
def stored_plan(gather: str, content: bytes) -> Plan:
    """Return the plan that was stored; it was checked at the door, not again here."""
    return trusted_plan(json.loads(content), gather)


async def plan_of(blobs: Blobs, gather: str) -> Plan | None:
    """Return the plan of a gather, also of a deleted one until what it owned is erased."""
    found = await read_with_plan(blobs, gather)
    if found is None:
        return None
    if found[1]:
        return stored_plan(gather, found[1])
    left = await blobs.read(Container.GATHERS, paths.last_plan(gather))
    return stored_plan(gather, left.content) if left else None
