"""A run's beginning and end: open it for one execution, assemble its dossier, notify.

Each function returns the answer of the activity of that name. A run's output names outcomes and
the dossier's path, never an answer: payloads do not belong into orchestration history.
"""

from datetime import datetime
from functools import partial

from gather_once.gathers import control, dossier
from gather_once.gathers.dossier import Dossier
from gather_once.gathers.notifications import Send, TellAgain, tell
from gather_once.gathers.opening import Over, open_run
from gather_once.model.errors import InvalidPlan
from gather_once.model.settings import Settings
from gather_once.model.wire import Json, moment_to_wire
from gather_once.plans.plan import Plan
from gather_once.sources.registry import read_plan
from gather_once.storage.blobs import Blobs


async def opened(given: Json, blobs: Blobs, settings: Settings, moment: datetime) -> Json:
    """Open the run and return `go`, `over`, or `refused` if today's limits forbid the plan."""
    gather, run = given["id"], given["run"]
    validate = partial(read_plan, settings=settings, id=gather)
    try:
        opened = await open_run(
            blobs, gather, run, given["execution"], now=moment, validate=validate
        )
    except InvalidPlan as error:
        return {"status": "refused", "why": str(error)}
    if isinstance(opened, Over):
        output = output_of(opened.dossier, None) if opened.dossier else None
        return {"status": "over", "output": output}
    return {
        "status": "go",
        "start_at": moment_to_wire(opened.start_at),
        "deadline": moment_to_wire(opened.deadline),
        "asks": list(opened.ready),
    }


async def assembled(given: Json, blobs: Blobs, moment: datetime) -> Json:
    """Create the dossier unless it exists, and return the run's output."""
    ended = await dossier.assemble(blobs, given["id"], given["run"], now=moment)
    if ended is None:
        return {"status": "over"}
    return output_of(ended, await control.plan_of(blobs, given["id"]))


async def delivered(given: Json, blobs: Blobs, send: Send, done: str, moment: datetime) -> Json:
    """Notify all receivers of the run's end once, and return `told`, or `pause` and until when."""
    told = await tell(
        blobs, given["id"], given["run"], send, attempt=given["attempt"], done=done, now=moment
    )
    if isinstance(told, TellAgain):
        return {"status": "pause", "until": moment_to_wire(told.at)}
    return {"status": "told", "mark": told.mark and told.mark.value}


def output_of(dossier: Dossier, plan: Plan | None) -> Json:
    """Return the root's output; `missing` has the asks without an answer that the plan requires.

    Without a plan every ask counts as required.
    """
    required = {name for name, ask in plan.asks.items() if not ask.optional} if plan else None
    missing = {
        ask: outcome.reason or outcome.status.value
        for ask, outcome in dossier.outcomes.items()
        if not outcome.status.has_answer and (required is None or ask in required)
    }
    return {
        "id": dossier.gather,
        "run": dossier.run,
        "status": dossier.status.value,
        "outcomes": {ask: o.status.value for ask, o in dossier.outcomes.items()},
        "missing": missing,
        "dossier_url": f"/api/gathers/{dossier.gather}/dossier",
    }
