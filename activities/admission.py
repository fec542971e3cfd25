"""Whether an activity may go on: its run has to be wanted still, and not be held."""

from activities.shell import Json
from activities.surroundings import Surroundings
from ledger import control, plans
from ledger.control import State
from model.plan import Plan
from model.wire import moment_from_wire


async def admitted(given: Json, around: Surroundings) -> Plan | Json:
    """Return the plan, or the answer of an activity that may not go on; one request.

    A hold stops no clock: what is open at the deadline is missing, held or not.
    """
    found = await control.read_with_plan(around.blobs, given["id"])
    if found is None or not found[0].carries(given["run"]):
        return {"status": "stopped"}
    if found[0].state is State.HOLD and around.now() < moment_from_wire(given["deadline"]):
        return {"status": "look_again", "waits_for": "the hold to end"}
    return plans.read(given["id"], found[1])
