"""Opens a run: makes one execution of its root the owner, and lays out what the asks will need."""

import os
from datetime import datetime
from functools import partial

import azure.durable_functions as df

from activities.shell import Json, in_reach
from gather_once.executor.run import output_of
from gather_once.gathers.opening import Over, open_run
from gather_once.model.clock import now
from gather_once.model.errors import InvalidPlan
from gather_once.model.names import OPEN
from gather_once.model.settings import Settings
from gather_once.model.wire import moment_to_wire
from gather_once.sources.registry import read_plan
from gather_once.storage.blobs import Blobs
from gather_once.storage.clients import open_blobs

blueprint = df.Blueprint()


@blueprint.function_name(OPEN)
@blueprint.activity_trigger(input_name="given")
async def open_gather(given: Json) -> Json:
    """Take `{"id", "run", "execution"}`; return whether, when and with which asks to go on."""
    settings = Settings.of(os.environ)
    return await in_reach(opened(given, open_blobs(os.environ), settings, now()))


async def opened(given: Json, blobs: Blobs, settings: Settings, moment: datetime) -> Json:
    """Open the run and say so: `go`, `over`, or `refused` where today's limits forbid the plan."""
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
