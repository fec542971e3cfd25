"""The plan as it is stored: in the control blob, and in a copy once that is a tombstone."""

import json
from functools import lru_cache
from typing import Final

from gather_once.gathers import control
from gather_once.plans.plan import Plan, trusted_plan
from gather_once.storage import paths
from gather_once.storage.blobs import Blobs, Container

_REMEMBERED: Final = 32
"""Plans that a process remembers: every activity of a gather needs the same one."""


def write(plan: Plan) -> bytes:
    """Return a plan as it is stored: the JSON object as it came, in its order, without its id."""
    return json.dumps(plan.sent, separators=(",", ":"), ensure_ascii=False).encode()


@lru_cache(maxsize=_REMEMBERED)
def read(gather: str, content: bytes) -> Plan:
    """Return the plan that was stored; it was checked at the door, not again here."""
    return trusted_plan(json.loads(content), gather)


async def plan_of(blobs: Blobs, gather: str) -> Plan | None:
    """Return the plan of a gather, also of a deleted one until what it owned is erased."""
    found = await control.read_with_plan(blobs, gather)
    if found is None:
        return None
    if found[1]:
        return read(gather, found[1])
    left = await blobs.read(Container.GATHERS, paths.last_plan(gather))
    return read(gather, left.content) if left else None
