"""Whether an activity may continue: its run is current, not suspended, its needs answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gather_once.gathers import control
from gather_once.gathers.control import State
from gather_once.inputs.scope import InTheWay, scope_of
from gather_once.model.media import view
from gather_once.model.outcome import missing
from gather_once.model.wire import Json, ended, moment_from_wire
from gather_once.plans.plan import Plan
from gather_once.storage.blobs import Blobs


@dataclass(frozen=True, slots=True)
class Ready:
    """An ask that nothing stands in the way of: its plan, and what its expressions see."""

    plan: Plan
    scope: Mapping[str, Any]


async def admitted(given: Json, blobs: Blobs, now: datetime) -> Plan | Json:
    """Return the plan, or the answer of an activity that may not go on; one request.

    A hold stops no clock: what is open at the deadline is missing, held or not.
    """
    found = await control.read_with_plan(blobs, given["id"])
    if found is None or not found[0].carries(given["run"]):
        return {"status": "stopped"}
    if found[0].state is State.HOLD and now < moment_from_wire(given["deadline"]):
        return {"status": "look_again", "waits_for": "the hold to end"}
    return control.stored_plan(given["id"], found[1])


async def ready(given: Json, blobs: Blobs, now: datetime) -> Ready | Json:
    """Return what the ask that is given works with, or the answer of an activity that waits.

    A need that is missing ends the ask: `{"status": "ended", "outcome"}`.
    """
    plan = await admitted(given, blobs, now)
    if not isinstance(plan, Plan):
        return plan
    scope = await scope_of(blobs, given["id"], given["run"], plan, given["ask"], view)
    return _in_the_way(given["ask"], scope) if isinstance(scope, InTheWay) else Ready(plan, scope)


def _in_the_way(ask: str, needs: InTheWay) -> Json:
    if needs.missing:
        outcome = missing(ask, f"needs {', '.join(needs.missing)}")
        return ended(outcome)
    return {"status": "look_again", "waits_for": f"needs {', '.join(needs.open)}"}
